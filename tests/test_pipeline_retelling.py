"""A rumor told anew in other words becomes one claim, with the shipped tagger; what differs in a fact does
not, and a person has the last word.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from models import Tagger
from pipeline.claim_stage import ClaimStage
from pipeline.claims import ClaimEngine, PlacedPost
from pipeline.config import Home
from pipeline.model_versions import active_folder
from pipeline.store import Store

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
HOME = "瓮安县"
# One rumor: the first two and the last are not the same to the same-claim test, all of them together are.
BANK = (
    "瓮安村镇银行资不抵债马上破产，存款不赔，赶快取出来",
    "听说瓮安村镇银行行长跑路了，储户的钱都没了",
    "瓮安的老人都在银行门口排队取钱，说明天就关门破产",
    "瓮安银行挤兑了，大家存款小心，转告亲戚",
    "瓮安那家村镇银行要倒了，存的钱取不出来了，快去取",
)
MILK = ("瓮安学生奶喝坏了一个班的娃，全在医院吊水", "学校发的牛奶过期了，瓮安好几个孩子食物中毒")


@pytest.fixture(scope="module")
def tagger(tmp_path_factory):
    return Tagger.load(active_folder(Home(root=tmp_path_factory.mktemp("home"))))


def posts_of(tagger, texts, first=0, rumor=0.7, hours=0.0):
    return [
        PlacedPost(
            post_id=f"p{first + number}", text=text, channel="forum", vector=vector, places=(HOME,),
            published_at=START + timedelta(hours=hours, minutes=first + number), need="unverified_claim",
            rumor_score=rumor, checkworthy_score=0.8,
        )
        for number, (text, vector) in enumerate(zip(texts, tagger.embed(list(texts)), strict=True))
    ]  # fmt: skip


def claims_of(members):
    return {member.claim_id for member in members if member is not None}


def placed(engine, posts):
    return claims_of(
        [
            member and type(member)(**{**_fields(member), "claim_id": engine.stands_for(member.claim_id)})
            for member in engine.place(posts)
        ]
    )


def _fields(member):
    return {name: getattr(member, name) for name in member.__dataclass_fields__}


def fill(store, posts):
    for entry in posts:
        moment = START + timedelta(seconds=int(entry.post_id[1:]))
        store.insert("posts", [{
            "post_id": entry.post_id, "source": "s", "channel": "forum", "text": entry.text,
            "first_text": entry.text, "match_text": entry.text, "text_hash": entry.text, "county": HOME,
            "published_at": entry.published_at, "collected_at": START, "places": [HOME], "batch": "b",
            "ingested_at": moment,
        }])  # fmt: skip
        store.insert("tags", [{
            "post_id": entry.post_id, "need": entry.need, "rumor_score": entry.rumor_score,
            "checkworthy_score": entry.checkworthy_score, "model_version": "m", "tagged_at": START,
        }])  # fmt: skip
        store.insert("embeddings", [
            {"post_id": entry.post_id, "vector": entry.vector.tolist(), "model_version": "m"}
        ])  # fmt: skip


def sizes(store):
    return {row["claim_id"]: row["size"] for row in store.rows("claim_list", kind="claim", most=99)}


def test_a_rumor_told_in_five_ways_is_one_claim(tagger):
    engine = ClaimEngine()
    assert len(placed(engine, posts_of(tagger, BANK))) == 1
    assert engine.retold
    (claim,) = engine.claims()
    assert claim.size == len(BANK)


def test_two_rumors_of_one_county_and_hour_stay_two(tagger):
    engine = ClaimEngine()
    one = placed(engine, posts_of(tagger, BANK))
    other = placed(engine, posts_of(tagger, MILK, first=10))
    assert one.isdisjoint(other)


def test_the_same_matter_of_another_number_is_another_claim(tagger):
    texts = ("瓮安停水三天，水管爆了", "瓮安要停水三天", "瓮安停水五天，水管爆了", "听说瓮安停水五天")
    engine = ClaimEngine()
    found = [member.claim_id for member in engine.place(posts_of(tagger, texts)) if member]
    assert engine.stands_for(found[0]) == engine.stands_for(found[1])
    assert engine.stands_for(found[0]) != engine.stands_for(found[2])


@pytest.mark.parametrize(("rumor", "hours"), [(0.1, 0.0), (0.7, 72.0)], ids=["no rumor", "three days later"])
def test_only_what_may_be_alerted_is_told_anew_and_within_two_days(tagger, rumor, hours):
    engine = ClaimEngine()
    engine.place(posts_of(tagger, BANK[:1], rumor=rumor))
    engine.place(posts_of(tagger, BANK[2:3], first=1, rumor=rumor, hours=hours))
    before = len(engine.retold)
    engine.place(posts_of(tagger, BANK[1:2], first=2, rumor=rumor, hours=hours))
    assert (before, len(list(engine.claims()))) == (0, len(engine.active))
    assert not any(one.into != engine.stands_for(one.claim_id) for one in engine.retold)


def test_a_claim_that_was_stored_moves_with_an_event_that_a_person_can_take_back(tagger, tmp_path):
    with Store.open(tmp_path) as store:
        stage = ClaimStage(store)
        for number, post in enumerate(posts_of(tagger, BANK)):
            fill(store, [post])
            stage.run(10, START + timedelta(hours=1, minutes=number))
        (whole,) = sizes(store)
        assert sizes(store) == {whole: len(BANK)}
        found = store.select("select event_id, claim_id, actor, body from claim_events order by recorded_at")
        events = found.to_dict("records")
        assert {event["actor"] for event in events} == {"系统"}
        last = events[-1]
        assert "同一件事" in json.loads(last["body"])["reason"]
        store.append("claim_events", {
            "event_id": "undo", "claim_id": last["claim_id"], "kind": "undone", "actor": "值班员",
            "body": json.dumps({"event": last["event_id"]}), "recorded_at": START + timedelta(hours=2),
        })  # fmt: skip
        stage.run(10)
        apart = sizes(store)
        assert len(apart) == 2
        assert sum(apart.values()) == len(BANK)
        # What a person took apart the system leaves apart, also after a restart.
        fill(
            store, posts_of(tagger, ["瓮安银行要破产是真的吗，都在取钱", "瓮安村镇银行取不出钱了"], first=20)
        )
        ClaimStage(store).run(10)
        assert set(apart) <= set(sizes(store))


def test_what_was_alerted_or_taken_up_does_not_go_into_another(tagger, tmp_path):
    with Store.open(tmp_path) as store:
        stage = ClaimStage(store)
        posts = posts_of(tagger, BANK)
        fill(store, posts[:1])
        stage.run(10)
        (first,) = sizes(store)
        fill(store, posts[2:3])
        stage.run(10)
        for number, claim_id in enumerate(sizes(store)):
            store.append("claim_events", {
                "event_id": f"r{number}", "claim_id": claim_id, "kind": "renamed", "actor": "值班员",
                "body": json.dumps({"text": f"改过的文字{number}"}), "recorded_at": START,
            })  # fmt: skip
        known = set(sizes(store))
        fill(store, [posts[1], *posts[3:]])
        stage.run(10)
        assert first in known
        assert known <= set(sizes(store))
