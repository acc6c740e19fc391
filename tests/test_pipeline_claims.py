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

ALL_NOISE = {
    "kind": "", "scope": [], "words": "", "since": datetime(2026, 1, 1, tzinfo=UTC), "sort": "newest",
    "most": 9, "skip": 0,
}  # fmt: skip
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


def test_who_asks_about_a_claim_makes_it_no_less_doubtful() -> None:
    engine = ClaimEngine()
    engine.place([post(1, "罗甸要停水三天，是真的吗？", rumor_score=0.1)])
    assert [claim.rumor_score for claim in engine.claims()] == [0.1]  # nobody tells it yet
    engine.place([post(2, "罗甸要停水三天，大家快接水", rumor_score=0.8)])
    engine.place([post(3, "罗甸真的要停水三天吗？", rumor_score=0.1)])
    (claim,) = engine.claims()
    assert (claim.size, claim.rumor_score) == (3, 0.8)


def test_replies_that_ask_make_a_call_for_help_no_question() -> None:
    engine = ClaimEngine()
    engine.place([post(1, "车困在贵定云雾山上了，求救援", need="help")])
    asked = [post(at, f"有人在现场吗{at}", need="question", parent_id="p1") for at in range(2, 6)]
    engine.place(asked)
    (claim,) = engine.claims()
    assert (claim.size, claim.need) == (5, "help")


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


def claim_of(store: Store, post_id: str) -> str:
    found = store.connection.execute(
        "select claim_id from claim_members where post_id = ?", [post_id]
    ).fetchone()
    assert found, post_id
    return str(found[0])


def say(store: Store, kind: str, claim_id: str, **body: Any) -> str:
    event = (
        f"e{len(store.rows('undecided_claim_events')) + len(store.select('select 1 from claim_decisions'))}"
    )
    store.append("claim_events", {
        "event_id": event, "claim_id": claim_id, "kind": kind, "actor": "值班员",
        "body": json.dumps(body), "recorded_at": START,
    })  # fmt: skip
    return event


def sizes(store: Store) -> dict[str, int]:
    return {row["claim_id"]: row["size"] for row in store.rows("claim_list", kind="claim", most=99)}


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
        one, other = claim_of(store, "p1"), claim_of(store, "p2")
        assert one != other
        store.append("claim_events", {
            "event_id": "e", "claim_id": other, "kind": "merged", "actor": "值班员",
            "body": json.dumps({"into": one}), "recorded_at": START,
        })  # fmt: skip
        fill(store, [post(3, "荔波景区关门了", seed=7)])
        stage.run(10)
        assert {claim_of(store, name) for name in ("p1", "p2", "p3")} == {one}
        assert [row["size"] for row in store.rows("claim_list", kind="claim", most=9)] == [3]


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


def test_a_split_binds_and_can_be_taken_back(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        stage = ClaimStage(store)
        fill(
            store, [post(1, "罗甸停水三天"), post(2, "听说罗甸停水三天"), post(3, "罗甸停水三天,我家没水了")]
        )
        stage.run(10)
        whole = claim_of(store, "p1")
        assert sizes(store) == {whole: 3}
        split = say(store, "split", whole, post_ids=["p3"])
        stage.run(10)
        alone = claim_of(store, "p3")
        assert sizes(store) == {whole: 2, alone: 1}
        fill(store, [post(4, "罗甸停水三天,我家没水了")])
        assert run_claims(store) == 1  # another stage: what was decided is in the store
        assert claim_of(store, "p4") == alone
        say(store, "undone", whole, event=split)
        stage.run(10)
        assert claim_of(store, "p3") == whole


def test_a_merge_can_be_taken_back(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        stage = ClaimStage(store)
        fill(store, [post(1, "罗甸停水三天"), post(2, "荔波景区关门", seed=7)])
        stage.run(10)
        before = sizes(store)
        one, other = claim_of(store, "p1"), claim_of(store, "p2")
        say(store, "merged", other, into=one)
        stage.run(10)
        assert sizes(store) == {one: 2}
        say(store, "detached", other)
        stage.run(10)
        assert sizes(store) == before


def test_two_claims_merged_into_each_other_stay_one(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        fill(store, [post(1, "罗甸停水三天"), post(2, "荔波景区关门", seed=7)])
        run_claims(store)
        one, other = claim_of(store, "p1"), claim_of(store, "p2")
        say(store, "merged", other, into=one)
        say(store, "merged", one, into=other)
        run_claims(store)
        assert list(sizes(store).values()) == [2]


def test_an_event_that_says_nothing_stops_nobody(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        fill(store, [post(1, "罗甸停水三天")])
        run_claims(store)
        say(store, "merged", claim_of(store, "p1"))
        say(store, "renamed", claim_of(store, "p1"), text="罗甸县停水三天")
        run_claims(store)
        assert [row["text"] for row in store.rows("claim_list", kind="claim", most=9)] == ["罗甸县停水三天"]
        fill(store, [post(2, "听说罗甸停水三天")])
        run_claims(store)
        assert [row["text"] for row in store.rows("claim_list", kind="claim", most=9)] == ["罗甸县停水三天"]


def test_noise_is_listed_with_its_reason_until_a_person_releases_it(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        fill(store, [post(1, "低息贷款加微信,扫码办理,罗甸可上门")])
        run_claims(store)
        (cluster,) = store.rows("page_noise", **ALL_NOISE)
        assert "广告" in cluster["reason"]
        members = store.rows("page_noise_members", claim=cluster["claim_id"], most=9)
        assert [row["post_id"] for row in members] == ["p1"]
        say(store, "released", cluster["claim_id"])
        run_claims(store)
        assert store.rows("page_noise", **ALL_NOISE) == []
        fill(store, [post(2, "低息贷款加微信,扫码办理,罗甸可上门")])
        run_claims(store)
        assert sizes(store) == {cluster["claim_id"]: 2}


def test_a_rumor_that_comes_back_is_linked_to_the_old_one(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        fill(store, [post(1, "罗甸停水三天"), post(2, "荔波景区关门", seed=7)])
        run_claims(store)
        late = {"published_at": START + timedelta(days=40)}
        fill(store, [post(3, "惠水化肥厂爆炸", seed=8, **late)])  # time goes on
        run_claims(store)
        fill(store, [post(4, "罗甸又要停水三天", **late)])
        run_claims(store)
        rows = store.connection.execute("select claim_id, recurs from claims").fetchall()
        assert dict(rows)[claim_of(store, "p4")] == claim_of(store, "p1") != claim_of(store, "p4")


def test_times_out_of_order_move_the_beginning_of_a_claim() -> None:
    engine = ClaimEngine()
    engine.place([post(30, "罗甸停水三天"), post(1, "听说罗甸停水三天"), post(60, "罗甸停水三天啊")])
    (claim,) = engine.claims()
    assert (claim.first_seen, claim.last_seen) == (
        START + timedelta(minutes=1),
        START + timedelta(minutes=60),
    )


def test_a_claims_text_stays_when_a_wording_is_a_little_shorter() -> None:
    engine = ClaimEngine()
    engine.place([post(1, "罗甸县城要停水三天了哦"), post(2, "罗甸县城要停水三天")])
    assert [claim.text for claim in engine.claims()] == ["罗甸县城要停水三天了哦"]


def test_a_forwarding_chain_is_one_claim() -> None:
    chain = ["罗甸停水三天", "//@某人:罗甸停水三天", "转发微博 //@某人:快接水//@别人:罗甸停水三天"]
    assert len(set(ids_of(ClaimEngine(), [post(n, text) for n, text in enumerate(chain)]))) == 1


def test_what_models_do_not_find_worth_checking_joins_but_does_not_start() -> None:
    quiet = {"need": "none", "checkworthy_score": 0.1, "rumor_score": 0.1}
    engine = ClaimEngine()
    alone, said, joined = ids_of(
        engine,
        [post(1, "罗甸停水三天", **quiet), post(2, "罗甸停水三天"), post(3, "罗甸哪里停水三天哦", **quiet)],
    )
    assert alone is None
    assert said == joined


ARTICLE = """近期网络谣言盘点,请大家看看:
一、罗甸县城从明天起停水三天,大家赶快接水。
二、惠水涟江捞起三具尸体,都是外地游客。
三、独山麻万镇发生非洲猪瘟,死了两百头猪。"""
COUNTIES = ("罗甸县", "惠水县", "独山县")


def test_an_article_of_three_claims_speaks_of_all_three_and_counts_for_one(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        fill(store, [post(1, "惠水涟江捞起三具尸体", places=("惠水县",)), post(2, ARTICLE, places=COUNTIES)])
        run_claims(store)
        assert claim_of(store, "p2") == claim_of(store, "p1")
        told = store.select("select claim_id, sentence from claim_mentions order by part")
        assert list(told["sentence"].str[:2]) == ["罗甸", "惠水", "独山"]
        assert told["claim_id"].nunique() == 3
        fill(store, [post(3, "听说罗甸要停水三天", places=("罗甸县",))])
        run_claims(store)  # a new stage: the parts are read from the store
        assert claim_of(store, "p3") == told["claim_id"][0]


def test_a_story_through_two_counties_is_one_text() -> None:
    text = "昨天从罗甸出发去惠水看亲戚,路上遇到大雾,车开得很慢。到了惠水天都黑了,高速口堵了两个小时。" * 2
    engine = ClaimEngine()
    engine.place([post(1, text, places=("罗甸县", "惠水县"))])
    assert engine.mentions == {}


def test_a_text_nearly_like_an_advert_is_noise_by_likeness() -> None:
    engine = ClaimEngine()
    quiet = {"need": "none", "checkworthy_score": 0.0, "rumor_score": 0.0}
    engine.place([post(1, "都匀万达旁边精装公寓首付三万起,咨询电话随时联系,看房有礼", **quiet)])
    (like,) = engine.place([post(2, "都匀万达旁边精装公寓三万起,随时联系,看房有礼哦", **quiet)])
    assert like
    assert "相似" in like.reason
    assert list(engine.claims()) == []


def test_who_warns_of_a_fraud_is_no_advert() -> None:
    engine = ClaimEngine()
    engine.place([post(1, "都匀有人打着低息贷款的旗号加微信骗钱,大家小心")])
    assert [claim.size for claim in engine.claims()] == [1]
