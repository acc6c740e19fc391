from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config import Settings
from pipeline.silence import SilenceStage, chance_of_none, expected_since

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def store(store):
    source = {
        "source": "bbs",
        "name": "匀城论坛",
        "kind": "forum",
        "url": "http://127.0.0.1/",
        "channel": "论坛",
    }
    store.insert("sources", [{**source, "every_minutes": 15.0, "updated_at": NOW}])
    return store


def say(store, moments, ingested_after=HOUR / 4):
    rows = [
        {
            "post_id": f"{moment.isoformat()}-{number}", "source": "bbs", "channel": "论坛", "text": "停水了",
            "first_text": "停水了", "match_text": "停水了", "text_hash": "h", "published_at": moment,
            "collected_at": moment + ingested_after, "places": [], "batch": "b",
            "ingested_at": moment + ingested_after,
        }
        for moment in moments for number in range(2)
    ]  # fmt: skip
    store.insert("posts", rows)


def ran(store, at, status="green"):
    store.insert(
        "runs",
        [{
            "run_id": at.isoformat(), "source": "bbs", "started_at": at, "finished_at": at, "items": 0,
            "new_items": 0, "requests": 1, "errors": 0, "status": status, "reasons": [],
        }],
    )  # fmt: skip


def every_hour_until(last, days=28):
    return [last - HOUR * back for back in range(24 * days)]


def notices(store):
    return store.rows("notice_list", since=NOW - timedelta(days=60), most=50)


def test_a_source_that_speaks_every_hour_and_stopped_is_silent_said_once_and_over_when_it_speaks(store):
    say(store, every_hour_until(NOW - 9 * HOUR))
    ran(store, NOW - HOUR / 4)
    stage = SilenceStage(store, Settings())
    assert stage.run(NOW) == 1
    assert stage.run(NOW + HOUR / 4) == 0
    found = notices(store)
    assert [(row["kind"], row["ended_at"]) for row in found] == [("silence", None)]
    assert "匀城论坛" in found[0]["words"]
    say(store, [NOW + HOUR / 3])
    ran(store, NOW + HOUR / 3)
    stage.run(NOW + HOUR)
    assert notices(store)[0]["ended_at"] is not None


def test_a_source_whose_runs_fail_has_a_gap_not_a_silence(store):
    say(store, every_hour_until(NOW - 9 * HOUR))
    ran(store, NOW - HOUR / 4, status="red")
    SilenceStage(store, Settings()).run(NOW)
    assert sorted(row["kind"] for row in notices(store)) == ["breakage", "gap"]


def test_a_source_that_never_speaks_at_night_is_not_silent_at_night(store):
    day = [
        moment for moment in every_hour_until(NOW) if 1 <= moment.hour < 12
    ]  # 09 to 20 o'clock in Shanghai
    say(store, day)
    night = NOW.replace(hour=22)
    ran(store, night)
    assert SilenceStage(store, Settings()).run(night) == 0


def test_a_source_known_for_a_week_or_paused_says_nothing_by_its_silence(store):
    say(store, every_hour_until(NOW - 9 * HOUR, days=7))
    ran(store, NOW)
    assert SilenceStage(store, Settings()).run(NOW) == 0
    say(store, every_hour_until(NOW - 8 * 24 * HOUR, days=21))
    event = {"event_id": "e", "source": "bbs", "kind": "paused", "actor": "管理员", "recorded_at": NOW}
    store.append("source_events", event)
    assert SilenceStage(store, Settings()).run(NOW) == 0


def test_a_source_that_turns_red_is_said_once_with_its_reasons_and_over_when_it_is_green(store):
    ran(store, NOW - HOUR)
    ran(store, NOW - HOUR / 2, status="red")
    stage = SilenceStage(store, Settings())
    stage.run(NOW)
    ran(store, NOW, status="red")
    stage.run(NOW + HOUR)
    assert [(row["kind"], row["ended_at"]) for row in notices(store)] == [("breakage", None)]
    ran(store, NOW + HOUR, status="green")
    stage.run(NOW + 2 * HOUR)
    assert notices(store)[0]["ended_at"] is not None


def test_one_amber_run_is_borne_three_are_said(store):
    stage = SilenceStage(store, Settings())
    for number in range(3):
        ran(store, NOW + HOUR * number, status="amber")
        stage.run(NOW + HOUR * number)
        assert len(notices(store)) == (number == 2)


def test_posts_that_come_after_an_outage_are_said_to_be_late(store):
    say(store, every_hour_until(NOW - 9 * HOUR))
    ran(store, NOW)
    stage = SilenceStage(store, Settings())
    stage.run(NOW)
    outage = [NOW - HOUR * back for back in range(2, 9)]
    say(store, outage, ingested_after=11 * HOUR)
    stage.run(NOW + 10 * HOUR)
    late = [row for row in notices(store) if row["kind"] == "late"]
    assert len(late) == 1
    assert "补采 14 条" in late[0]["words"]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 24 * 40), min_size=1, max_size=200), st.integers(0, 400))
def test_what_is_expected_is_never_negative_and_grows_with_the_silence(back, hours):
    said = {NOW - HOUR * at: 1 for at in back}
    last = max(said)
    less, more = (expected_since(said, last, last + HOUR * span) for span in (hours // 2, hours))
    assert less >= 0
    assert less <= more or hours > 24 * 7
    assert 0 < chance_of_none(more) <= 1
