import json
from datetime import UTC, datetime, timedelta

import pytest
from dashboard_home import fill

from pipeline.claim_decisions import DecisionRefusedError, Decisions
from pipeline.config import Settings
from pipeline.ledger import Ledger
from pipeline.ledger_events import Assigned, Drafted, Submitted
from pipeline.ledger_records import State
from pipeline.roles import ForbiddenError, Role, User
from pipeline.store import Store

NOW = datetime(2026, 11, 25, 13, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
DUTY = User(name="值班甲", roles=frozenset({Role.DUTY}))


@pytest.fixture
def decisions(tmp_path):
    with Store.open(tmp_path) as store:
        fill(store, NOW)
        yield Decisions(store, Ledger.open(store, Settings()))


def state(decisions, claim="c-road"):
    return decisions.ledger.response(claim, LATER).state


def test_a_claim_that_is_merged_away_leaves_with_an_event_and_comes_back_with_one(decisions):
    event = decisions.merge(DUTY, "c-road", "c-idea", "同一个路口", NOW)
    assert state(decisions) == State.DECLINED
    assert decisions.ledger.response("c-road", LATER).duplicate_of == "c-idea"
    assert [(row["kind"], row["undone"]) for row in decisions.of_claim("c-idea")] == [("merged", False)]
    decisions.undo(DUTY, event, LATER)
    assert state(decisions) == State.PENDING
    assert [(row["kind"], row["undone"]) for row in decisions.of_claim("c-road")] == [
        ("undone", False), ("merged", True),
    ]  # fmt: skip
    with pytest.raises(DecisionRefusedError, match="已经撤销过"):
        decisions.undo(DUTY, event, LATER)


def test_what_was_decided_since_is_not_undone_with_a_merge(decisions):
    decisions.ledger.record(DUTY, "c-road", Assigned(county="都匀市", department="交通运输局"), NOW)
    event = decisions.merge(DUTY, "c-road", "c-idea", "同一个路口", NOW)
    assert state(decisions) == State.DECLINED
    decisions.undo(DUTY, event, LATER)
    assert state(decisions) == State.ASSIGNED


def test_a_claim_under_review_is_not_merged_away(decisions):
    decisions.ledger.record(DUTY, "c-road", Assigned(county="都匀市", department="交通运输局"), NOW)
    decisions.ledger.record(DUTY, "c-road", Drafted(text="稿"), NOW)
    decisions.ledger.record(DUTY, "c-road", Submitted(version=1), NOW)
    with pytest.raises(DecisionRefusedError, match="反过来"):
        decisions.merge(DUTY, "c-road", "c-idea", "同", NOW)
    assert decisions.of_claim("c-road") == []


def test_a_split_names_its_posts(decisions):
    decisions.split(DUTY, "c-road", ["c-road-1", "c-road-0"], "另一个路口", NOW)
    [row] = decisions.of_claim("c-road")
    assert json.loads(row["body"])["post_ids"] == ["c-road-0", "c-road-1"]
    assert row["actor"] == "值班甲"


@pytest.mark.parametrize(
    ("posts", "said"),
    [([], "先选择"), (["c-water-1"], "已不在"), ([f"c-road-{n}" for n in range(9)], "全部帖文")],
)
def test_a_split_that_cannot_be_is_refused(decisions, posts, said):
    with pytest.raises(DecisionRefusedError, match=said):
        decisions.split(DUTY, "c-road", posts, "另一个路口", NOW)


@pytest.mark.parametrize(
    ("into", "reason", "said"),
    [("c-road", "同", "与自己"), ("nope", "同", "没有这个说法"), ("c-idea", " ", "理由")],
)
def test_a_merge_that_cannot_be_is_refused(decisions, into, reason, said):
    with pytest.raises(DecisionRefusedError, match=said):
        decisions.merge(DUTY, "c-road", into, reason, NOW)
    assert state(decisions) == State.PENDING


def test_both_counties_must_be_the_officers(decisions):
    officer = User(name="都匀值班", roles=frozenset({Role.DUTY}), counties=frozenset({"都匀市"}))
    with pytest.raises(ForbiddenError):
        decisions.merge(officer, "c-road", "c-help", "同", NOW)
    viewer = User(name="访客", roles=frozenset({Role.VIEWER}))
    with pytest.raises(ForbiddenError):
        decisions.split(viewer, "c-road", ["c-road-1"], "同", NOW)


def test_a_double_click_is_one_event(decisions, monkeypatch):
    before = decisions.of_claim("c-road")
    # Both clicks see the state before the first.
    monkeypatch.setattr(Decisions, "of_claim", lambda self, claim_id: before)
    first = decisions.split(DUTY, "c-road", ["c-road-1"], "另", NOW)
    assert decisions.split(DUTY, "c-road", ["c-road-1"], "另", LATER) == first
    monkeypatch.undo()
    assert len(decisions.of_claim("c-road")) == 1


def test_an_unknown_decision_cannot_be_undone(decisions):
    with pytest.raises(DecisionRefusedError, match="没有这次"):
        decisions.undo(DUTY, "nope", NOW)
