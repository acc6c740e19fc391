"""A deadline that passes is escalated by itself: once, in the ledger and to who is in charge, never twice."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from test_pipeline_ledger import BOSS, DUTY, HOUR, SEEN, add_claim

from pipeline.config import ConfigError, Home, Settings
from pipeline.handover import handover
from pipeline.ledger import Ledger, LedgerStage
from pipeline.ledger_chain import verify
from pipeline.ledger_events import Assigned, Cited, Declined, Escalated, Extended, Graded, encode
from pipeline.ledger_records import ReviewRules
from pipeline.notify_text import digest_message
from pipeline.overdue import OverdueStage
from pipeline.rules import Rules
from pipeline.triage import TriageStage

OFFICE = """
[channels.ding]
kind = "dingtalk"
[recipients."值班"]
channels = ["ding"]
[recipients."带班"]
channels = ["ding"]
[[rota.shifts]]
from = "00:00"
to = "24:00"
people = ["值班", "带班"]
[notify]
address = "https://pages.example/"
"""
DUE = SEEN + 48 * HOUR  # Wednesday 09:00 in Asia/Shanghai
AFTER = DUE + timedelta(minutes=20)


@pytest.fixture
def store(store):
    add_claim(store, "c1")
    return store


def settings_of(tmp_path, text=OFFICE):
    home = Home(root=tmp_path)
    home.config_file.write_text(text, "utf-8")
    return Settings.load(home)


def step(store, settings, now):
    """One pass of the owner over the ledger and the queue."""
    rules = Rules.load(settings)
    LedgerStage(store, rules, ReviewRules()).run(now)
    TriageStage(store, rules, settings).run(now)
    LedgerStage(store, rules, ReviewRules()).run(now)
    return OverdueStage(store, settings).run(now)


def escalations(store):
    rows = store.rows("events_of_claims", claims=["c1"])
    return [row for row in rows if row["kind"] == "escalated"]


def outbox(store):
    rows = store.connection.execute("select * from notifications where kind = 'overdue' order by decided_at")
    names = [column[0] for column in rows.description]
    return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]


def test_a_missed_deadline_is_escalated_once_and_told_to_the_last_of_the_rota(store, tmp_path):
    settings = settings_of(tmp_path)
    assert step(store, settings, DUE - HOUR) == 0
    assert [step(store, settings, AFTER + n * HOUR) for n in range(3)] == [1, 0, 0]
    [event] = escalations(store)
    assert (event["actor"], json.loads(event["body"])["to"]) == ("系统", "带班")
    [told] = outbox(store)
    assert told["recipient"] == "带班"
    assert (told["mode"], told["why"]) == ("now", "紧急事项超时:立即推送")
    assert "已超 20 分钟" in told["body"]
    assert "尚未交办" in told["body"]
    assert "https://pages.example/claim?claim=c1" in told["body"]
    assert "已提请:带班" in handover(Ledger.open(store, settings), DUE, AFTER + HOUR).text()
    found = Ledger.open(store, settings).response("c1", AFTER + HOUR)
    assert (found.escalated_to, found.ignored) == ("带班", ())
    assert verify(store).holds


def test_what_is_not_urgent_is_gathered_to_the_full_hour(store, tmp_path):
    add_claim(store, "c2", text="独山县城路灯不亮", rumor=0.3)
    step(store, settings_of(tmp_path), AFTER)
    modes = {row["title"][-4:]: (row["mode"], row["due_at"]) for row in outbox(store)}
    assert modes == {"停水三天": ("now", AFTER), "路灯不亮": ("digest", DUE + HOUR)}


def test_after_an_extension_only_the_new_end_is_escalated(store, tmp_path):
    settings = settings_of(tmp_path)
    step(store, settings, DUE - HOUR)
    until = DUE + 6 * HOUR
    more = Extended(until=until, reason="水样要复检", approved_by="王主任")
    Ledger.open(store, settings).record(BOSS, "c1", more, DUE - HOUR / 2)
    assert step(store, settings, AFTER) == 0
    assert step(store, settings, until + HOUR / 2) == 1
    assert json.loads(escalations(store)[0]["body"])["due_at"] == until.isoformat()


@pytest.mark.parametrize(
    "done",
    [
        Declined(reason="no_need"),
        Cited(url="https://gov.example/1", issuer="水务局", published_at=SEEN + HOUR),
    ],
)
def test_what_is_answered_or_declined_in_time_is_never_escalated(store, tmp_path, done):
    settings = settings_of(tmp_path)
    step(store, settings, DUE - HOUR)
    Ledger.open(store, settings).record(DUTY, "c1", done, DUE - HOUR / 2)
    assert step(store, settings, AFTER) == 0


def test_an_answer_takes_the_escalation_off_the_matter(store, tmp_path):
    settings = settings_of(tmp_path)
    step(store, settings, AFTER)
    late = Cited(url="https://gov.example/1", issuer="水务局", published_at=AFTER)
    ledger = Ledger.open(store, settings)
    ledger.record(DUTY, "c1", late, AFTER + HOUR)
    assert ledger.response("c1", AFTER + HOUR).escalated_to == ""


def test_an_escalation_that_comes_after_the_end_changes_nothing(store, tmp_path):
    settings = settings_of(tmp_path)
    ledger = Ledger.open(store, settings)
    ledger.record(DUTY, "c1", Declined(reason="no_need"), AFTER)
    body = encode(Escalated(to="带班", due_at=DUE))
    row = {"event_id": "e", "claim_id": "c1", "kind": "escalated", "actor": "系统", "body": body}
    store.append("ledger_events", {**row, "recorded_at": AFTER})
    found = ledger.response("c1", AFTER)
    assert found.escalated_to == ""
    assert len(found.ignored) == 1


def test_at_night_only_an_emergency_rings(store, tmp_path):
    settings = settings_of(tmp_path)
    ledger = Ledger.open(store, settings)
    ledger.record(BOSS, "c1", Graded(emergency=True, reason="重大突发事件"), SEEN + HOUR)
    step(store, settings, SEEN + 6 * HOUR)  # five hours after it was seen
    assert [row["mode"] for row in outbox(store)] == ["now"]
    add_claim(store, "c2", text="独山县城昨夜停电")
    night = datetime(2026, 3, 4, 18, 0, tzinfo=UTC)  # 02:00 in Asia/Shanghai
    step(store, settings, night)
    [told] = [row for row in outbox(store) if "停电" in row["title"]]
    assert told["mode"] == "digest"
    assert told["due_at"] == night + 5 * HOUR  # 07:00, when the quiet hours end


def test_where_nobody_is_set_up_the_ledger_still_says_it(store, tmp_path):
    assert step(store, settings_of(tmp_path, ""), AFTER) == 1
    assert json.loads(escalations(store)[0]["body"])["to"] == "带班领导"
    assert outbox(store) == []


def test_what_was_missed_long_ago_rings_nobody(store, tmp_path):
    assert step(store, settings_of(tmp_path), DUE + timedelta(days=4)) == 0


def test_a_crash_before_the_end_leaves_neither_event_nor_message(store, tmp_path, monkeypatch):
    settings = settings_of(tmp_path)
    insert = store.insert

    def dies(table, *args, **more):
        if table == "notifications":
            raise RuntimeError("killed")
        return insert(table, *args, **more)

    monkeypatch.setattr(store, "insert", dies)
    with pytest.raises(RuntimeError):
        step(store, settings, AFTER)
    monkeypatch.undo()
    assert escalations(store) == []
    assert step(store, settings, AFTER) == 1
    assert len(outbox(store)) == 1


def test_a_supervisor_can_be_named_and_a_wrong_name_is_refused(store, tmp_path):
    named = settings_of(tmp_path, OFFICE + '[overdue]\nto = ["值班"]\n')
    step(store, named, AFTER)
    assert [row["recipient"] for row in outbox(store)] == ["值班"]
    for wrong, says in (('to = ["局长"]', "局长"), ('who = "a"', "who")):
        with pytest.raises(ConfigError, match=says):
            OverdueStage(store, settings_of(tmp_path, f"{OFFICE}[overdue]\n{wrong}\n"))


def test_one_message_lists_all_that_is_overdue(store, tmp_path):
    add_claim(store, "c2", text="独山县城昨夜停电")
    step(store, settings_of(tmp_path), AFTER)
    rows = outbox(store)
    title, text = digest_message(rows, AFTER)
    assert title.startswith("超时汇总")
    assert "停电" in text
    assert "停水" in text


def test_assigning_does_not_take_back_what_was_escalated(store, tmp_path):
    settings = settings_of(tmp_path)
    step(store, settings, AFTER)
    ledger = Ledger.open(store, settings)
    ledger.record(DUTY, "c1", Assigned(county="都匀市", department="水务局"), AFTER + HOUR)
    assert ledger.response("c1", AFTER + HOUR).escalated_to == "带班"
    assert step(store, settings, AFTER + 2 * HOUR) == 0
