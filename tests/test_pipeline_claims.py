"""The claims engine on worded examples, and the stage on a real store."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.claim_stage import ClaimStage, run_claims
from pipeline.claims import ClaimEngine, PlacedPost
from pipeline.records import Stance
from pipeline.store import Store

START = datetime(2026, 3, 1, 8, tzinfo=UTC)


def vector_of(seed: int, drift: float = 0.0) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return a unit vector; ``drift`` moves it a little, as another wording would."""
    base = np.random.default_rng(seed).normal(size=384)
    moved = base + drift * np.random.default_rng(seed + 999).normal(size=384)
    return (moved / np.linalg.norm(moved)).astype(np.float32)


def post(number: int, text: str, seed: int = 1, **more: Any) -> PlacedPost:
    values: dict[str, Any] = {
        "post_id": f"p{number}", "text": text, "published_at": START + timedelta(minutes=number),
        "channel": "forum", "vector": vector_of(seed, 0.1 * (number % 3)), "need": "unverified_claim",
        "rumor_score": 0.7, "checkworthy_score": 0.9,
    }  # fmt: skip
    return PlacedPost(**values | more)


def ids_of(engine: ClaimEngine, posts: list[PlacedPost]) -> list[str | None]:
    return [member and member.claim_id for member in engine.place(posts)]


def test_two_counties_without_water_are_two_claims() -> None:
    one, other = ids_of(
        ClaimEngine(),
        [post(1, "罗甸停水三天", places=("罗甸县",)), post(2, "惠水停水三天", places=("惠水县",))],
    )
    assert one
    assert other
    assert one != other


def test_a_denial_joins_the_claim_and_does_not_spread_it() -> None:
    engine = ClaimEngine()
    said, denied = engine.place(
        [post(1, "都匀要封城", places=("都匀市",)), post(2, "都匀不封城", places=("都匀市",))]
    )
    assert said
    assert denied
    assert said.claim_id == denied.claim_id
    assert denied.relation is Stance.DENY
    assert [claim.spreading for claim in engine.claims()] == [1]


def test_deaths_that_grow_are_one_claim_and_its_text_has_the_newest_number() -> None:
    engine = ClaimEngine()
    ids = ids_of(engine, [post(n, f"都匀工厂爆炸死了{deaths}人") for n, deaths in enumerate((3, 5, 10))])
    assert len(set(ids)) == 1
    assert next(iter(engine.claims())).text == "都匀工厂爆炸死了10人"


def test_other_days_of_water_are_another_claim() -> None:
    one, other = ids_of(ClaimEngine(), [post(1, "罗甸要停水三天"), post(2, "罗甸要停水五天")])
    assert one != other


def test_chat_short_texts_and_unscored_texts_belong_to_no_claim() -> None:
    chat = post(1, "今天天气真好,出去走走", need="none", checkworthy_score=0.1)
    posts = [chat, post(2, "啊啊"), post(3, "😀😀"), post(4, "罗甸停水", vector=None)]
    assert ids_of(ClaimEngine(), posts) == [
        None, None, None, None,
    ]  # fmt: skip


def test_a_reply_joins_its_parents_claim_with_its_stance() -> None:
    engine = ClaimEngine()
    parent, reply = engine.place(
        [post(1, "福泉化工厂泄漏了"), post(2, "真的假的?", parent_id="p1", vector=None)]
    )
    assert parent
    assert reply
    assert reply.claim_id == parent.claim_id
    assert reply.relation is Stance.QUERY


def test_five_thousand_equal_posts_are_one_claim_with_one_wording() -> None:
    engine = ClaimEngine()
    assert len(set(ids_of(engine, [post(n, "都匀自来水有毒不能喝") for n in range(5000)]))) == 1
    claim = next(iter(engine.active.values()))
    assert (claim.size, len(claim.wordings)) == (5000, 1)


def test_adverts_are_kept_apart_from_claims_with_their_reason() -> None:
    engine = ClaimEngine()
    (advert,) = engine.place([post(1, "低息贷款加微信,扫码办理", need="none", checkworthy_score=0.0)])
    assert advert
    assert "广告" in advert.reason
    assert list(engine.claims()) == []


def test_idle_claims_retire() -> None:
    engine = ClaimEngine()
    (first,) = ids_of(engine, [post(1, "罗甸停水三天")])
    assert engine.retire(START + timedelta(days=30)) == [first]
    assert engine.place([post(2, "罗甸停水三天")])[0] is not None


def test_a_merge_by_a_person_binds_later_posts() -> None:
    engine = ClaimEngine()
    one, other = ids_of(engine, [post(1, "罗甸停水三天"), post(2, "荔波景区关门", seed=7)])
    assert one
    assert other
    engine.merge(other, one)
    assert ids_of(engine, [post(3, "荔波景区关门", seed=7)]) == [one]


def fill(store: Store, posts: list[PlacedPost]) -> None:
    for number, entry in enumerate(posts):
        assert entry.vector is not None
        store.insert("posts", [{
            "post_id": entry.post_id, "source": "s", "channel": entry.channel, "text": entry.text,
            "first_text": entry.text, "match_text": entry.text, "text_hash": entry.text, "county": "罗甸县",
            "published_at": entry.published_at, "collected_at": START, "places": list(entry.places),
            "batch": "b", "ingested_at": START + timedelta(seconds=number),
        }])  # fmt: skip
        store.insert("tags", [{
            "post_id": entry.post_id, "need": entry.need, "rumor_score": entry.rumor_score,
            "checkworthy_score": entry.checkworthy_score, "model_version": "m", "tagged_at": START,
        }])  # fmt: skip
        store.insert(
            "embeddings", [{"post_id": entry.post_id, "vector": entry.vector.tolist(), "model_version": "m"}]
        )


def test_the_stage_writes_members_and_claims_once_and_goes_on_after_a_restart(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        fill(store, [post(1, "罗甸停水三天"), post(2, "罗甸要停水三天啊")])
        assert run_claims(store) == 2
        assert run_claims(store) == 0
        fill(store, [post(3, "听说罗甸停水三天")])
        assert run_claims(store, batch=1) == 1
        (claim,) = store.rows("claim_list", kind="claim", most=9)
        assert (claim["size"], claim["counties"]) == (3, ["罗甸县"])


def test_the_stage_obeys_people(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        stage = ClaimStage(store)
        fill(store, [post(1, "罗甸停水三天"), post(2, "荔波景区关门", seed=7)])
        stage.run(10)
        one, other = (row["claim_id"] for row in store.rows("placed_posts"))
        assert one != other
        store.append("claim_events", {
            "event_id": "e", "claim_id": other, "kind": "merged", "actor": "值班员",
            "body": json.dumps({"into": one}), "recorded_at": START,
        })  # fmt: skip
        fill(store, [post(3, "荔波景区关门了", seed=7)])
        stage.run(10)
        assert {row["post_id"]: row["claim_id"] for row in store.rows("placed_posts")}["p3"] == one


def test_what_two_models_doubt_is_a_claim_though_the_third_sees_no_need() -> None:
    engine = ClaimEngine()
    engine.place([post(1, "听说罗甸要停水三天", need="none", checkworthy_score=0.9, rumor_score=0.5)])
    engine.place(
        [post(2, "今天罗甸的粉真好吃啊", seed=7, need="none", checkworthy_score=0.9, rumor_score=0.1)]
    )
    assert [claim.need for claim in engine.claims()] == ["unverified_claim", "none"]


def test_the_same_rumor_in_other_words_is_one_claim() -> None:
    said = (
        "听说青溪水厂被人投毒了,要停水三天",
        "水厂有人下毒,全市停水三天,快去抢水",
        "都说水厂投毒停水三天,水都抢空了",
    )
    ids = ids_of(ClaimEngine(), [post(n, text, seed=n + 40) for n, text in enumerate(said)])
    assert len(set(ids)) == 1
