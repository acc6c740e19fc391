"""Claims of one story are one alert, two stories of one county are two, and calls for help are one of their
own: with the shipped tagger's embeddings.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from alert_world import NOW, add_claim

from models import Tagger
from pipeline.alerts import AlertStage
from pipeline.config import Home, Settings, region_path
from pipeline.model_versions import active_folder
from pipeline.places import Region
from pipeline.records import Burst
from pipeline.rules import Rules
from pipeline.stories import one_story, place_names, telling_of

RULES = Rules.load(Settings())
# One story told anew, hardly a word in common; and another rumor of the same county and hour.
BRIDGE = (
    ("都匀剑江大桥裂了一条大缝，桥面在往下沉，车还在过", "剑江大桥要塌了，桥墩都歪了，都匀人快绕路"),
    ("听说大桥桥墩断了，都匀交警在封路", "都匀那座桥裂缝有一指宽，随时会垮，别往剑江走"),
)
MILK = ("都匀学生奶喝坏了一个班的娃，全在医院吊水", "学校发的牛奶过期了，都匀好几个孩子食物中毒")
CALLS = (
    "独山有一家人被洪水困在屋顶，求救",
    "独山那边老人断药两天了，谁能送进去",
    "我弟弟被困在独山的车里，电话打不通，快来人",
)
LATE = "独山敬老院停电两天，氧气快用完了，急需发电机"


@pytest.fixture(scope="module")
def tagger(tmp_path_factory):
    return Tagger.load(active_folder(Home(root=tmp_path_factory.mktemp("home"))))


@pytest.fixture
def stage(store):
    return AlertStage(store, Settings(), RULES)


def told(store, tagger, claim_id, texts, posts=3, **more):
    """Write a claim of several texts, with their embeddings."""
    for number, text in enumerate(texts):
        add_claim(
            store, claim_id, text=text, posts=posts, now=NOW - timedelta(minutes=number), asking=1, **more
        )
    rows = store.connection.execute(
        "select post_id, text from posts where post_id not in (select post_id from embeddings)"
    ).fetchall()
    vectors = tagger.embed([text for _, text in rows])
    store.insert(
        "embeddings",
        [
            {"post_id": post_id, "vector": vector.tolist(), "model_version": "t"}
            for (post_id, _), vector in zip(rows, vectors, strict=True)
        ],
    )


def burst(series, observed=8):
    return Burst(
        series=series, at=NOW, observed=observed, window_minutes=180, expected=0.6, upper=3.0, score=1.4,
        baseline_days=40.0,
    )  # fmt: skip


def alerts(store):
    return store.rows("alert_list", since=NOW - timedelta(days=1), most=100)


def claims_of(store, alert_id):
    rows = store.connection.execute("select claim_id from alert_claims where alert_id = ?", [alert_id])
    return {claim_id for (claim_id,) in rows.fetchall()}


def test_one_story_in_other_words_is_more_alike_than_two_stories_of_one_county(tagger):
    places = place_names(Region.load(region_path("qiannan")))

    def tellings(texts):
        return [
            telling_of(text, vector, places) for text, vector in zip(texts, tagger.embed(texts), strict=True)
        ]

    one, other, milk = map(tellings, (BRIDGE[0], BRIDGE[1], MILK))
    assert one_story(one, other) > 0.5 > one_story(one, milk)
    assert one_story(one, other) == pytest.approx(one_story(other, one))
    assert one_story([], one) == 0


def test_two_claims_of_one_story_are_one_alert_at_the_level_of_both(store, stage, tagger):
    told(store, tagger, "c1", BRIDGE[0], posts=8)
    assert stage.run([burst("claim:c1")], NOW) == 1
    told(store, tagger, "c2", BRIDGE[1], posts=12)
    later = NOW + timedelta(minutes=5)
    assert stage.run([burst("claim:c2")], later) == 0
    (row,) = alerts(store)
    assert claims_of(store, row["alert_id"]) == {"c1", "c2"}
    # 8 and 12 voices: neither is 20, both together are.
    assert row["level"] == "orange"
    assert any("20 个不同发言者" in line for line in _latest_reasons(store, row["alert_id"]))
    assert store.connection.execute("select count(*) from alert_updates").fetchone() == (1,)


def test_two_rumors_of_one_county_at_one_time_are_two_alerts(store, stage, tagger):
    told(store, tagger, "c1", BRIDGE[0])
    told(store, tagger, "c2", MILK)
    assert stage.run([burst("claim:c1"), burst("claim:c2")], NOW) == 2
    assert [claims_of(store, row["alert_id"]) for row in alerts(store)] in (
        [{"c1"}, {"c2"}],
        [{"c2"}, {"c1"}],
    )


def test_a_burst_of_calls_for_help_is_one_alert_for_all_of_them(store, stage, tagger):
    for number, text in enumerate(CALLS):
        told(store, tagger, f"h{number}", [text], need="help", rumor=0.05, stake=0.0, counties=("独山县",))
    series = burst("need:help@独山县", observed=9)
    assert stage.run([series], NOW) == 1
    assert stage.run([series, burst("claim:h2")], NOW + timedelta(minutes=5)) == 0
    # Another caller is the loudest now: still the same wave.
    told(store, tagger, "h3", [LATE], posts=8, need="help", rumor=0.05, stake=0.9, counties=("独山县",))
    assert stage.run([series], NOW + timedelta(minutes=10)) == 0
    (row,) = alerts(store)
    assert row["kind"] == "help"
    assert claims_of(store, row["alert_id"]) == {"h0", "h1", "h2", "h3"}
    assert any("9 个不同发言者" in line for line in row["reasons"])


def test_people_who_ask_for_a_car_park_raise_no_alert(store, stage, tagger):
    texts = ("有没有人捡到我的号码布", "找不到存包的地方，谁能指个路")
    told(store, tagger, "h1", texts, posts=6, need="help", rumor=0.1, stake=0.0, counties=("独山县",))
    assert stage.run([burst("need:help@独山县"), burst("claim:h1")], NOW) == 0


def test_a_call_for_help_is_not_merged_into_a_rumor_of_the_same_matter(store, stage, tagger):
    told(store, tagger, "c1", BRIDGE[0])
    told(store, tagger, "h1", BRIDGE[1], posts=5, need="help", rumor=0.05, stake=0.9)
    assert stage.run([burst("claim:c1"), burst("claim:h1")], NOW) == 2
    assert {row["kind"] for row in alerts(store)} == {"rumor", "help"}


def _latest_reasons(store, alert_id):
    return store.rows("alert_one", alert=alert_id)[0]["reasons"]
