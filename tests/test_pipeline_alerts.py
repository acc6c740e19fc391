"""Alerts: one a claim, what they say, their state as events, and what closes, mutes and re-opens them."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from alert_world import NOW, WATER, add_claim, event
from hypothesis import given
from hypothesis import strategies as st

from pipeline.alert_rules import AlertRules, vote_offset
from pipeline.alert_text import first_sentence
from pipeline.alerts import AlertStage
from pipeline.config import Settings
from pipeline.records import Burst
from pipeline.rules import Rules

RULES = Rules.load(Settings())


@pytest.fixture
def stage(store):
    return AlertStage(store, Settings(), RULES)


def burst(claim_id="c1", observed=14, at=NOW, series="", **more):
    values = {
        "window_minutes": 60,
        "expected": 0.6,
        "upper": 3.0,
        "score": 1.4,
        "baseline_days": 40.0,
        **more,
    }
    return Burst(series=series or f"claim:{claim_id}", at=at, observed=observed, **values)


def state(store, alert_id=None):
    rows = store.connection.execute("select * from alert_states order by raised_at").df().to_dict("records")
    return next((row for row in rows if alert_id in (None, row["alert_id"])), None)


def alerts(store):
    return store.rows("alert_list", since=NOW - timedelta(days=30), most=100)


def test_an_alert_says_everything_a_woken_person_asks(store, stage):
    ids = add_claim(store, posts=14, asking=3)
    assert stage.run([burst()], NOW) == 1
    row = alerts(store)[0]
    said = "\n".join(row["reasons"])
    assert row["reasons"][0] == "过去28天同一时段 0–3 条，本小时 14 条"
    for part in (
        "等级理由",
        "增长：",
        "首次出现",
        "14 个不同发言者",
        "地域：都匀市 14 条",
        "渠道：",
        "待核实",
        "3 条在求证",
        "新说法",
        "把握：基线 40 天",
        "还不知道：是否属实",
        "没有找到能答复",
    ):
        assert part in said, part
    samples = store.rows("alert_one", alert=row["alert_id"])[0]["post_ids"]
    assert 3 <= len(samples) <= 5
    assert set(samples) <= set(ids)


def test_a_young_baseline_is_said_in_the_sentence():
    assert first_sentence(burst(baseline_days=9.2), 0, 9.0) == "过去9天同一时段 0–3 条，本小时 14 条"
    assert first_sentence(burst(baseline_days=0.25), 0, 1.0) == "过去6小时同一时段 0–3 条，本小时 14 条"
    assert first_sentence(burst(baseline_days=0.0), 0, 1.0) == "此前没有可比的记录，本小时 14 条"
    assert first_sentence(None, 4, 0.0) == "此前没有可比的记录，本小时 4 条"
    assert first_sentence(None, 4, 60.0) == "过去28天同一时段 0 条，本小时 4 条"


def test_growth_is_not_estimable_under_eight_posts(store, stage):
    add_claim(store, posts=5)
    stage.run([burst(observed=5)], NOW)
    assert any("不可估计" in reason for reason in alerts(store)[0]["reasons"])


def test_a_claim_is_one_alert_that_rises_in_place(store, stage):
    add_claim(store, posts=6)
    assert stage.run([burst(observed=6)], NOW) == 1
    later = NOW + timedelta(minutes=30)
    add_claim(store, posts=30, now=later)
    assert stage.run([burst(observed=30, at=later)], later) == 0
    add_claim(store, posts=2, now=later + timedelta(minutes=5))
    assert stage.run([burst(observed=31, at=later)], later + timedelta(minutes=5)) == 0
    assert len(alerts(store)) == 1
    now = state(store)
    assert (now["level"], now["updates"]) == ("orange", 1)
    assert alerts(store)[0]["level"] == "orange"


def test_the_same_round_twice_changes_nothing(store, stage):
    add_claim(store, posts=14)
    stage.run([burst()], NOW)
    again = AlertStage(store, Settings(), RULES)
    assert again.run([burst()], NOW) == 0
    assert len(alerts(store)) == 1


@pytest.mark.parametrize("series", ["county:都匀市", "need:unverified_claim@都匀市", "channel:论坛", "all:"])
def test_a_place_that_bursts_because_of_one_claim_is_that_claims_alert(store, stage, series):
    add_claim(store, posts=14)
    raised = stage.run([burst(), burst(series=series, observed=20)], NOW)
    assert raised == 1
    kept = store.connection.execute("select series, claim_id, share from bursts order by series").fetchall()
    assert {claim for _, claim, _ in kept} == {"c1"}
    assert all(share >= 0.5 for _, _, share in kept)


def test_a_place_that_bursts_of_many_small_matters_alerts_nobody(store, stage):
    for n in range(6):
        add_claim(store, f"c{n}", text=f"第{n}号路口今天很热闹", posts=3, need="none", rumor=0.05, stake=0.0)
    assert stage.run([burst(series="county:都匀市", observed=18)], NOW) == 0
    assert store.connection.execute("select claim_id from bursts").fetchone() == ("",)


@pytest.mark.parametrize("checkworthy", [0.05, 0.9])
def test_a_burst_of_talk_is_no_rumor_unless_it_says_something_to_check(store, stage, checkworthy):
    add_claim(store, text="停车停到三公里外，村超现场两万人", posts=14, rumor=0.6, stake=0.0, asking=2)
    store.connection.execute("update tags set checkworthy_score = ?", [checkworthy])
    assert stage.run([burst()], NOW) == (checkworthy > 0.5)


@pytest.mark.parametrize(("posts", "asking", "raised"), [(2, 0, 0), (2, 1, 1), (4, 0, 1), (1, 1, 0)])
def test_a_small_claim_alerts_by_content_when_somebody_asks_or_four_say_it(
    store, stage, posts, asking, raised
):
    add_claim(store, posts=posts, asking=asking)
    assert stage.run([], NOW) == raised


@pytest.mark.parametrize(("said", "raised"), [("气象台发布暴雨橙色预警", 0), ("辟谣：网传水库垮坝不实", 1)])
def test_what_an_official_source_says_itself_is_no_rumor(store, stage, said, raised):
    ids = add_claim(store, text="暴雨预警升级，上游水库要泄洪了", posts=14, rumor=0.8)
    store.connection.execute("update posts set official = true, text = ? where post_id = ?", [said, ids[0]])
    assert stage.run([burst()], NOW) == raised


def test_the_same_story_in_other_words_is_merged_not_told_again(store, stage):
    add_claim(store, posts=14)
    stage.run([burst()], NOW)
    later = NOW + timedelta(minutes=20)
    add_claim(store, "c2", text="都匀二水厂水源被投毒，大家今晚别喝水", posts=8, now=later)
    add_claim(
        store, "c3", text="瓮安村镇银行要倒闭了，存款取不出来", posts=8, counties=("瓮安县",), now=later
    )
    assert stage.run([burst("c2", 8, later), burst("c3", 8, later)], later) == 1
    assert {row["claim_id"] for row in alerts(store)} == {"c1", "c3"}
    assert state(store)["claims"] == 2


def test_after_closing_a_claim_is_quiet_for_the_cool_down(store, stage):
    add_claim(store, posts=14)
    stage.run([burst()], NOW)
    event(store, alerts(store)[0]["alert_id"], "closed")
    for hours, raised in ((1, 0), (7, 1)):
        later = NOW + timedelta(hours=hours)
        add_claim(store, posts=12, now=later)
        assert stage.run([burst(at=later)], later) == raised


def test_quiet_claims_are_closed_by_the_system_and_say_so(store, stage):
    add_claim(store, posts=14)
    stage.run([burst()], NOW)
    stage.run([], NOW + timedelta(hours=49))
    closed = state(store)
    assert (closed["state"], closed["settled_by"]) == ("closed", "系统")


def test_two_people_at_once_the_first_has_it_and_both_are_kept(store, stage):
    add_claim(store, posts=14)
    stage.run([burst()], NOW)
    alert = alerts(store)[0]["alert_id"]
    event(store, alert, "acknowledged", "王芳", NOW + timedelta(seconds=2))
    event(store, alert, "acknowledged", "李明", NOW + timedelta(seconds=1))
    now = state(store)
    assert (now["state"], now["acknowledged_by"], now["acknowledgers"]) == ("acknowledged", "李明", 2)


def test_the_states_in_their_order(store, stage):
    add_claim(store, posts=14)
    stage.run([burst()], NOW)
    alert = alerts(store)[0]["alert_id"]
    seen = [state(store)["state"]]
    store.insert(
        "notifications",
        [
            {
                "notification_id": "n1",
                "kind": "alert",
                "alert_id": alert,
                "level": "orange",
                "recipient": "李明",
                "channels": ["a"],
                "mode": "now",
                "why": "",
                "due_at": NOW,
                "decided_at": NOW,
            }
        ],
    )
    store.append(
        "notification_events",
        {
            "event_id": "e",
            "notification_id": "n1",
            "kind": "sent",
            "channel": "a",
            "body": "{}",
            "actor": "系统",
            "recorded_at": NOW,
        },
    )
    seen.append(state(store)["state"])
    for minute, kind in enumerate(
        ("acknowledged", "escalated", "acknowledged", "closed", "reopened", "known")
    ):
        event(store, alert, kind, f"人{minute}", NOW + timedelta(minutes=minute))
        seen.append(state(store)["state"])
    assert seen == [
        "new",
        "open",
        "acknowledged",
        "escalated",
        "acknowledged",
        "closed",
        "acknowledged",
        "closed",
    ]


def test_a_mute_ends_by_itself_and_can_be_lifted(store, stage):
    add_claim(store, posts=14)
    stage.run([burst()], NOW)
    alert = alerts(store)[0]["alert_id"]
    until = NOW + timedelta(hours=3)
    event(store, alert, "muted", body=json.dumps({"until": until.isoformat()}))
    assert state(store)["muted_until"].to_pydatetime() == until
    event(store, alert, "unmuted", at=NOW + timedelta(minutes=5))
    assert str(state(store)["muted_until"]) == "NaT"


def test_false_alarms_raise_a_sources_threshold_within_bounds_and_back(store, stage):
    rules = AlertRules()
    add_claim(store, posts=3, asking=1, rumor=0.65, stake=1.0)
    assert stage.run([], NOW) == 1
    alert = alerts(store)[0]["alert_id"]
    event(store, alert, "false_alarm")
    assert stage.facts.votes("bbs") == 1 or AlertStage(store, Settings(), RULES).facts.votes("bbs") == 1
    for n in range(20):
        store.insert(
            "alerts",
            [
                {
                    "alert_id": f"old{n}",
                    "claim_id": f"x{n}",
                    "raised_at": NOW,
                    "level": "blue",
                    "observed": 1,
                    "expected": 0.0,
                    "upper": 0.0,
                    "window_minutes": 60,
                    "score": 0.6,
                    "trigger": "content",
                    "reasons": [],
                    "post_ids": [],
                    "source": "bbs",
                }
            ],
        )
        event(store, f"old{n}", "false_alarm")
    fresh = AlertStage(store, Settings(), RULES)
    assert vote_offset(fresh.facts.votes("bbs"), rules) == rules.vote_most
    add_claim(
        store,
        "c9",
        text="瓮安银行今天取不出钱",
        posts=3,
        asking=1,
        rumor=0.65,
        stake=1.0,
        counties=("瓮安县",),
    )
    assert fresh.run([], NOW) == 0
    for n in range(20):
        event(store, f"old{n}", "reopened", at=NOW + timedelta(minutes=1))
    again = AlertStage(store, Settings(), RULES)
    assert again.facts.votes("bbs") == 1
    assert again.run([], NOW) == 1


@given(st.integers(-5, 10_000))
def test_votes_never_leave_their_bounds(votes):
    rules = AlertRules()
    assert 0.0 <= vote_offset(votes, rules) <= rules.vote_most


def test_settings_take_effect_without_a_restart_and_faulty_ones_do_not(store, caplog):
    stage = AlertStage(store, Settings(), RULES)
    add_claim(store, posts=3, asking=1, rumor=0.9)
    store.home.config_file.write_text("[alerts]\ncontent_score = 0.99\n", "utf-8")
    assert stage.run([], NOW) == 0
    store.home.config_file.write_text("[alerts]\ncontent_scroe = 0.1\n", "utf-8")
    add_claim(store, posts=4, asking=1, rumor=0.9, now=NOW + timedelta(minutes=1))
    assert stage.run([], NOW + timedelta(minutes=1)) == 0
    assert "content_scroe" in caplog.text


def test_the_first_sentence_has_its_shape(store, stage):
    add_claim(store, text=WATER, posts=14)
    stage.run([burst()], NOW)
    assert re.fullmatch(
        r"(过去\d+(天|小时)同一时段 (0–)?\d+ 条|此前没有可比的记录)，"
        r"(本小时|近3小时|近8小时|最近15分钟) \d+ 条",
        alerts(store)[0]["reasons"][0],
    )
