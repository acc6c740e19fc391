from datetime import UTC, datetime, timedelta

import pytest

from pipeline.config import ConfigError, Settings
from pipeline.ranking import Ranking, rank
from pipeline.rules import Rules
from pipeline.store import Store
from pipeline.triage import TriageStage

NOW = datetime(2026, 3, 5, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
RULES = Rules.load(Settings())


def claim(**changes):
    row = {
        "claim_id": "c", "text": "都匀二水厂被投毒", "need": "unverified_claim", "rumor_score": 0.9,
        "first_seen": NOW - 2 * HOUR, "last_seen": NOW, "authors": 8, "last_hour": 6, "asking": 3,
        "counties": ["都匀市"], "channels": ["论坛"], "answered": False,
    }  # fmt: skip
    return row | changes


def priority(**changes):
    row = claim(**changes)
    return rank(row, row["first_seen"] + 48 * HOUR, NOW, RULES, Ranking()).priority


def test_every_reason_has_words_and_the_shares_add_up_to_the_priority():
    found = rank(claim(), NOW + 46 * HOUR, NOW, RULES, Ranking())
    assert all(0 <= one.share <= 1 and one.word for one in found.reasons)
    assert found.priority == pytest.approx(sum(one.share * one.weight for one in found.reasons))
    assert {"诉求类别", "疑似不实", "利害", "增长", "参与人数", "求证", "时限"} <= {
        one.word for one in found.reasons
    }


@pytest.mark.parametrize(
    "weaker",
    [
        {"need": "suggestion"}, {"rumor_score": 0.1}, {"text": "听说要修路"}, {"last_hour": 0},
        {"authors": 1},
        {"asking": 0}, {"channels": []}, {"first_seen": NOW - HOUR}, {"answered": True},
        {"last_seen": NOW - 60 * HOUR},
    ],
)  # fmt: skip
def test_each_thing_that_matters_less_lowers_the_rank(weaker):
    assert priority(**weaker) < priority()


def test_a_plea_for_help_stands_above_one_doubtful_sentence_of_one_voice():
    help_ = priority(
        text="路断了,孩子被困,断药两天", need="help", rumor_score=0.05, authors=3, asking=0, last_hour=2
    )
    chatter = priority(text="打了电话,来了已经跑了", rumor_score=0.97, authors=1, last_hour=1, asking=0)
    assert help_ > chatter


def test_what_nobody_is_owed_an_answer_for_has_no_priority():
    assert priority(need="none") == 0


def test_a_factor_says_that_it_lowered_the_rank():
    found = rank(claim(last_seen=NOW - 96 * HOUR, answered=True), NOW, NOW, RULES, Ranking())
    assert [(one.word, one.seen) for one in found.reasons if one.weight == 0] == [
        ("已有答复,后移", ""), ("久无新帖,后移", "4 天没有新帖"),
    ]  # fmt: skip


@pytest.mark.parametrize("table", [{"need": -1}, {"mood": 1}, {"urgent": "much"}, {"need": True}])
def test_weights_that_cannot_be_used_are_named(table):
    with pytest.raises(ConfigError, match=next(iter(table))):
        Ranking.load(Settings(tables={"triage": table}))


def test_an_office_sets_weights_and_limits():
    found = Ranking.load(Settings(tables={"triage": {"need": 1, "urgent": 0.6, "quiet_days": 0}}))
    assert (found.weights["need"], found.urgent, found.quiet_days) == (1, 0.6, 0)
    row = claim(last_seen=NOW - 96 * HOUR)
    lasting = rank(row, NOW, NOW, RULES, Ranking(quiet_days=0))
    assert all(one.weight > 0 for one in lasting.reasons)


def claim_row(claim_id, **changes):
    more = {"size": 8, "spreading": 8, "kind": "claim", "recurs": None, "updated_at": NOW}
    known = {key: value for key, value in claim().items() if key not in {"last_hour", "asking", "answered"}}
    return {**known, **more, "claim_id": claim_id, **changes}


def test_a_fresh_grave_claim_stands_above_a_pile_of_overdue_small_ones(tmp_path):
    old = {
        "text": "路灯不亮",
        "need": "problem",
        "rumor_score": 0.0,
        "first_seen": NOW - 90 * HOUR,
        "authors": 2,
    }
    with Store.open(tmp_path) as store:
        store.insert("claims", [claim_row(f"old{n}", **old) for n in range(30)])
        store.insert("claims", [claim_row("fresh", authors=20, channels=["论坛", "微博", "贴吧"])])
        TriageStage(store, RULES, Settings()).run(NOW)
        top = store.rows("top_of_queue", now=NOW, most=3)
    assert [row["claim_id"] for row in top] == ["fresh", "old0", "old1"]
    assert [row["urgent"] for row in top] == [True, False, False]


@pytest.mark.parametrize("level", ["blue", "red"])
def test_an_alert_makes_a_claim_urgent_whatever_its_priority(tmp_path, level):
    with Store.open(tmp_path) as store:
        store.insert("claims", [claim_row("c", text="听说要修路", rumor_score=0.3, authors=2)])
        alert = {
            "alert_id": "a", "claim_id": "c", "raised_at": NOW - HOUR, "level": level, "observed": 9,
            "expected": 1.0, "upper": 3.0, "window_minutes": 60, "score": 2.0, "trigger": "burst",
            "reasons": [], "post_ids": [],
        }  # fmt: skip
        store.insert("alerts", [alert])
        TriageStage(store, RULES, Settings()).run(NOW)
        assert store.rows("top_of_queue", now=NOW, most=1)[0]["urgent"]
        TriageStage(store, RULES, Settings()).run(NOW + 60 * HOUR)
        assert not store.rows("top_of_queue", now=NOW, most=1)[0]["urgent"]


def test_a_false_alarm_keeps_no_claim_at_the_top(tmp_path):
    with Store.open(tmp_path) as store:
        store.insert("claims", [claim_row("c", text="听说要修路", rumor_score=0.3, authors=2)])
        alert = {
            "alert_id": "a", "claim_id": "c", "raised_at": NOW - HOUR, "level": "orange", "observed": 9,
            "expected": 1.0, "upper": 3.0, "window_minutes": 60, "score": 2.0, "trigger": "burst",
            "reasons": [], "post_ids": [],
        }  # fmt: skip
        vote = {
            "event_id": "v", "alert_id": "a", "kind": "false_alarm", "actor": "值班", "body": "{}",
            "recorded_at": NOW,
        }  # fmt: skip
        store.insert("alerts", [alert])
        store.insert("alert_events", [vote])
        TriageStage(store, RULES, Settings()).run(NOW)
        assert not store.rows("top_of_queue", now=NOW, most=1)[0]["urgent"]


def test_a_complaint_is_no_rumor_by_an_even_score():
    def doubt(need, score):
        ranked = rank(claim(need=need, rumor_score=score, authors=1), NOW + HOUR, NOW, RULES, Ranking())
        return next(reason.share for reason in ranked.reasons if reason.key == "rumor")

    assert doubt("problem", 0.5) == doubt("help", 0.5) == 0
    assert doubt("unverified_claim", 0.5) > 0.3
    assert doubt("problem", 1.0) < doubt("unverified_claim", 1.0)


@pytest.mark.parametrize(
    ("text", "stake"),
    [
        ("大十字堵死了，今天热死了", 0.0),
        ("西苑的卤肉是死猪做的，别买", 0.9),
        ("热死了，水库要垮了", 1.0),
        ("加油站没油了，油库空了", 0.8),
        ("医保卡余额年底清零", 0.6),
    ],
)
def test_sayings_are_no_stake_and_food_fuel_and_savings_are(text, stake):
    assert RULES.stake(text)[0] == stake
    assert "口头语" not in RULES.stake(text)[1]
