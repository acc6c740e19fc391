from datetime import UTC, datetime, timedelta

import pytest

from pipeline.config import Settings
from pipeline.ledger import Ledger, LedgerRefusedError, LedgerStage
from pipeline.ledger_chain import GENESIS, head, verify
from pipeline.ledger_events import (
    Assigned,
    Blocked,
    Briefed,
    Cited,
    Closed,
    Consented,
    Consulted,
    Declined,
    Drafted,
    EventError,
    Extended,
    Graded,
    Happened,
    Noted,
    Published,
    Reopened,
    Reviewed,
    Submitted,
    Superseded,
    VerdictGiven,
    Withdrawn,
)
from pipeline.ledger_records import ReviewRules, State
from pipeline.records import VerdictValue
from pipeline.roles import ForbiddenError, Role, User
from pipeline.rules import Rules
from pipeline.triage import TriageStage

SEEN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DUTY = User(name="值班甲", roles=frozenset({Role.DUTY}))
BOSS = User(name="带班乙", roles=frozenset({Role.SUPERVISOR}))
REVIEWERS = [User(name=name, roles=frozenset({Role.REVIEWER})) for name in ("编辑丙", "二审丁", "三审戊")]
URL = "https://www.example.gov.cn/1.html"


@pytest.fixture
def store(store):
    add_claim(store, "c1")
    add_claim(store, "c2", counties=["惠水县"])
    return store


@pytest.fixture
def ledger(store):
    return Ledger.open(store, Settings())


def add_claim(store, claim_id, counties=("都匀市",), text="都匀要停水三天", rumor=0.9):
    row = {
        "claim_id": claim_id, "text": text, "first_seen": SEEN, "last_seen": SEEN + HOUR, "size": 5,
        "spreading": 4, "authors": 4, "counties": list(counties), "channels": ["forum"],
        "need": "unverified_claim", "rumor_score": rumor, "kind": "claim", "recurs": None,
        "updated_at": SEEN,
    }  # fmt: skip
    store.insert("claims", [row])


def stage(store):
    return LedgerStage(store, Rules.load(Settings()), ReviewRules())


def publish(ledger, claim_id="c1", start=SEEN, url=URL, **more):
    """Walk one claim from assignment to publication, ten minutes a step; return the answer's id."""
    step = timedelta(minutes=10)
    if not ledger.response(claim_id, start).department:
        ledger.record(DUTY, claim_id, Assigned(county="都匀市", department="水务局"), start + step)
    ledger.record(DUTY, claim_id, Drafted(text="经核实,不停水。"), start + 2 * step)
    version = len(ledger.response(claim_id, start + 2 * step).drafts)
    ledger.record(DUTY, claim_id, Submitted(version=version), start + 3 * step)
    for level, user in enumerate(REVIEWERS, 1):
        moment = start + (3 + level) * step
        ledger.record(user, claim_id, Reviewed(version=version, level=level, passed=True), moment)
    at = start + 7 * step
    return ledger.record(DUTY, claim_id, Published(version=version, url=url, published_at=at, **more), at)


def test_a_response_goes_from_assignment_to_closure(ledger):
    publish(ledger)
    ledger.record(DUTY, "c1", Closed(), SEEN + 2 * HOUR)
    response = ledger.response("c1", SEEN + 3 * HOUR)
    assert response.state == State.CLOSED
    assert (response.county, response.department) == ("都匀市", "水务局")
    assert [one.level_name for one in response.reviews] == ["编辑", "二审", "三审"]
    assert response.answer.url == URL
    assert response.next_deadline is None
    assert [one.met_at for one in response.deadlines] == [SEEN + timedelta(minutes=70)]
    assert not response.ignored


def test_a_deadline_names_its_rule_and_where_its_clock_starts(ledger):
    deadline = ledger.response("c1", SEEN).next_deadline
    assert deadline.words() == "48 小时内回应,国办发〔2016〕61号,自首次发现起"
    assert deadline.ends == SEEN + 48 * HOUR


def test_an_emergency_owes_five_hours_and_a_press_conference(ledger):
    ledger.record(BOSS, "c1", Graded(emergency=True, reason="较多人员被困"), SEEN + HOUR)
    response = ledger.response("c1", SEEN + HOUR)
    assert {one.rule: one.ends for one in response.deadlines} == {
        "80-5h": SEEN + 5 * HOUR,
        "61-24h": SEEN + 24 * HOUR,
    }
    ledger.record(DUTY, "c1", Briefed(at=SEEN + 2 * HOUR), SEEN + 3 * HOUR)
    response = ledger.response("c1", SEEN + 6 * HOUR)
    assert response.next_deadline.rule == "80-5h"
    assert response.overdue(SEEN + 6 * HOUR)
    assert next(one for one in response.deadlines if one.rule == "61-24h").met_at == SEEN + 2 * HOUR


def test_an_extension_is_an_event_and_is_not_overdue(ledger):
    later = SEEN + 47 * HOUR
    with pytest.raises(ForbiddenError, match="带班领导"):
        ledger.record(DUTY, "c1", Extended(until=later, reason="查", approved_by="乙"), later)
    until = SEEN + 72 * HOUR
    ledger.record(BOSS, "c1", Extended(until=until, reason="等检测结果", approved_by="带班乙"), later)
    response = ledger.response("c1", SEEN + 60 * HOUR)
    assert not response.overdue(SEEN + 60 * HOUR)
    assert response.overdue(SEEN + 73 * HOUR)
    assert "延期至 2026-03-05 09:00(带班乙批准:等检测结果)" in response.next_deadline.words()


@pytest.mark.parametrize("rule", ["不存在", "80-5h"])
def test_an_extension_of_a_rule_that_does_not_apply_is_refused(ledger, rule):
    event = Extended(until=SEEN + 90 * HOUR, reason="查", approved_by="乙", rule=rule)
    with pytest.raises(LedgerRefusedError, match="没有时限规则"):
        ledger.record(BOSS, "c1", event, SEEN)


def test_nobody_passes_two_review_levels(ledger):
    ledger.record(DUTY, "c1", Assigned(county="都匀市", department="水务局"), SEEN)
    ledger.record(DUTY, "c1", Drafted(text="稿"), SEEN)
    ledger.record(DUTY, "c1", Submitted(version=1), SEEN)
    ledger.record(REVIEWERS[0], "c1", Reviewed(version=1, level=1, passed=True), SEEN)
    with pytest.raises(LedgerRefusedError, match="同一人不能通过两级"):
        ledger.record(REVIEWERS[0], "c1", Reviewed(version=1, level=2, passed=True), SEEN)


def test_the_drafter_may_be_the_editor_but_no_later_level(ledger):
    author = REVIEWERS[0]
    ledger.record(DUTY, "c1", Assigned(county="都匀市", department="水务局"), SEEN)
    ledger.record(author, "c1", Drafted(text="稿"), SEEN)
    ledger.record(DUTY, "c1", Submitted(version=1), SEEN)
    ledger.record(REVIEWERS[1], "c1", Reviewed(version=1, level=1, passed=True), SEEN)
    with pytest.raises(LedgerRefusedError, match="是起草人"):
        ledger.record(author, "c1", Reviewed(version=1, level=2, passed=True), SEEN)


def test_a_version_sent_back_needs_a_new_round(ledger):
    ledger.record(DUTY, "c1", Assigned(county="都匀市", department="水务局"), SEEN)
    ledger.record(DUTY, "c1", Drafted(text="稿"), SEEN)
    ledger.record(DUTY, "c1", Submitted(version=1), SEEN)
    sent_back = Reviewed(version=1, level=1, passed=False, comment="缺依据")
    ledger.record(REVIEWERS[0], "c1", sent_back, SEEN)
    assert ledger.response("c1", SEEN).state == State.DRAFTING
    ledger.record(DUTY, "c1", Drafted(text="稿,依据见某文"), SEEN)
    with pytest.raises(LedgerRefusedError, match="已有更新的稿件"):
        ledger.record(DUTY, "c1", Submitted(version=1), SEEN)
    ledger.record(DUTY, "c1", Submitted(version=2), SEEN)
    assert ledger.response("c1", SEEN).next_level == 1


def test_machine_text_cannot_go_to_review_unedited(ledger):
    ledger.record(DUTY, "c1", Assigned(county="都匀市", department="水务局"), SEEN)
    ledger.record(DUTY, "c1", Drafted(text="机器写的", machine=True), SEEN)
    with pytest.raises(LedgerRefusedError, match="机器拟稿"):
        ledger.record(DUTY, "c1", Submitted(version=1), SEEN)


def test_machine_text_recorded_unchanged_by_a_person_is_refused(ledger):
    ledger.record(DUTY, "c1", Assigned(county="都匀市", department="水务局"), SEEN)
    ledger.record(DUTY, "c1", Drafted(text="机器写的", machine=True), SEEN)
    with pytest.raises(LedgerRefusedError, match="一字未改"):
        ledger.record(DUTY, "c1", Drafted(text="机器写的 "), SEEN)
    ledger.record(DUTY, "c1", Drafted(text="人改过的"), SEEN)
    ledger.record(DUTY, "c1", Submitted(version=2), SEEN)
    assert ledger.response("c1", SEEN).state == State.REVIEWING


def test_nothing_is_published_without_every_level_and_every_consent(ledger):
    ledger.record(DUTY, "c1", Assigned(county="都匀市", department="水务局"), SEEN)
    ledger.record(DUTY, "c1", Drafted(text="稿"), SEEN)
    ledger.record(DUTY, "c1", Consulted(department="卫健局"), SEEN)
    ledger.record(DUTY, "c1", Submitted(version=1), SEEN)
    answer = Published(version=1, url=URL, published_at=SEEN)
    ledger.record(REVIEWERS[0], "c1", Reviewed(version=1, level=1, passed=True), SEEN)
    with pytest.raises(LedgerRefusedError, match="通过 1 级审核,需要 3 级"):
        ledger.record(DUTY, "c1", answer, SEEN)
    for level, user in enumerate(REVIEWERS[1:], 2):
        ledger.record(user, "c1", Reviewed(version=1, level=level, passed=True), SEEN)
    with pytest.raises(LedgerRefusedError, match="会商单位未同意:卫健局"):
        ledger.record(DUTY, "c1", answer, SEEN)
    ledger.record(DUTY, "c1", Consented(department="卫健局", agrees=True), SEEN)
    ledger.record(DUTY, "c1", answer, SEEN)
    assert ledger.response("c1", SEEN).state == State.PUBLISHED


def test_nothing_closes_without_an_answer_or_a_written_reason(ledger):
    ledger.record(DUTY, "c1", Assigned(county="都匀市", department="水务局"), SEEN)
    with pytest.raises(LedgerRefusedError, match="要写明理由"):
        ledger.record(DUTY, "c1", Closed(), SEEN)
    ledger.record(DUTY, "c1", Closed(note="已当面答复当事人"), SEEN)
    assert ledger.response("c1", SEEN).state == State.CLOSED


def test_deciding_not_to_answer_is_an_outcome_with_a_reason(ledger):
    with pytest.raises(EventError, match="不是 'lazy'"):
        Declined(reason="lazy")
    with pytest.raises(EventError, match="哪一个说法"):
        Declined(reason="duplicate")
    ledger.record(DUTY, "c1", Declined(reason="small", note="仅 2 人转发"), SEEN)
    response = ledger.response("c1", SEEN)
    assert response.state == State.DECLINED
    assert response.reason == "传播很小,回应反而扩散:仅 2 人转发"
    ledger.record(DUTY, "c1", Reopened(reason="又有人问"), SEEN + HOUR)
    again = ledger.response("c1", SEEN + HOUR)
    assert again.state == State.PENDING
    assert again.next_deadline.words().endswith("自重新打开起")
    assert again.next_deadline.ends == SEEN + 49 * HOUR


def test_a_verdict_names_its_source_and_a_rumor_may_turn_out_true(ledger):
    with pytest.raises(EventError, match="出处"):
        VerdictGiven(value=VerdictValue.TRUE, source=" ")
    first = VerdictGiven(value=VerdictValue.UNVERIFIABLE, source="水务局电话答复")
    ledger.record(REVIEWERS[0], "c1", first, SEEN)
    then = VerdictGiven(value=VerdictValue.TRUE, source="水务局通告", source_url=URL)
    ledger.record(BOSS, "c1", then, SEEN + HOUR)
    response = ledger.response("c1", SEEN + HOUR)
    assert [one.verdict.value for one in response.verdicts] == ["unverifiable", "true"]
    assert response.verdict.decided_by == "带班乙"


def test_an_answer_that_expires_opens_its_claim_again(ledger):
    publish(ledger, valid_until=SEEN + 24 * HOUR)
    ledger.record(DUTY, "c1", Closed(), SEEN + 2 * HOUR)
    assert ledger.response("c1", SEEN + 23 * HOUR).state == State.CLOSED
    lapsed = ledger.response("c1", SEEN + 25 * HOUR)
    assert lapsed.state == State.ASSIGNED
    assert lapsed.lapsed_at == SEEN + 24 * HOUR
    assert lapsed.next_deadline.ends == SEEN + 72 * HOUR


def test_a_correction_replaces_our_own_answer_and_both_stay_on_record(ledger):
    wrong = publish(ledger)
    later = SEEN + 5 * HOUR
    publish(ledger, start=later, url=URL + "?2", replaces=wrong, correction=True)
    response = ledger.response("c1", later + 2 * HOUR)
    assert [answer.holds(later + 2 * HOUR) for answer in response.answers] == [False, True]
    assert response.answers[0].ended_by == URL + "?2"
    assert response.answer.correction


def test_a_claim_that_cites_an_answer_opens_again_when_that_is_withdrawn(store, ledger):
    answer_id = publish(ledger)
    cited = Cited(url=URL, issuer="水务局", published_at=SEEN + 2 * HOUR, answer_id=answer_id)
    ledger.record(DUTY, "c2", cited, SEEN + 3 * HOUR)
    ledger.record(DUTY, "c2", Closed(), SEEN + 4 * HOUR)
    stage(store).run(SEEN + 4 * HOUR)
    assert [row["claim_id"] for row in ledger.page(state=State.CLOSED)] == ["c2"]
    ledger.record(BOSS, "c1", Withdrawn(answer_id=answer_id, reason="有误"), SEEN + 5 * HOUR)
    stage(store).run(SEEN + 5 * HOUR)
    assert {row["claim_id"]: row["state"] for row in ledger.page()} == {"c1": "assigned", "c2": "pending"}


def test_superseding_an_answer_that_is_not_there_is_refused(ledger):
    with pytest.raises(LedgerRefusedError, match="没有回应 'x'"):
        ledger.record(DUTY, "c1", Superseded(answer_id="x", by=URL), SEEN)


def test_a_county_user_cannot_touch_another_county(ledger):
    huishui = User(name="惠水己", roles=frozenset({Role.DUTY}), counties=frozenset({"惠水县"}))
    ledger.record(huishui, "c2", Noted(text="已知悉"), SEEN)
    with pytest.raises(ForbiddenError, match="不在范围内"):
        ledger.record(huishui, "c1", Noted(text="已知悉"), SEEN)


def test_a_double_click_is_one_event_and_an_unknown_claim_is_refused(store, ledger):
    event = Blocked(by="水务局")
    before = ledger.response("c1", SEEN)
    racing = Ledger.open(store, Settings())
    racing.response = lambda claim_id, now: before  # a second click that saw the state before the first
    assert ledger.record(DUTY, "c1", event, SEEN) == racing.record(DUTY, "c1", event, SEEN + HOUR)
    assert len(ledger.response("c1", SEEN + HOUR).history) == 1
    with pytest.raises(LedgerRefusedError, match="没有这个说法"):
        ledger.record(DUTY, "nope", event, SEEN)


def test_of_two_reviewers_at_once_the_second_changes_nothing_and_is_on_record(store, ledger):
    ledger.record(DUTY, "c1", Assigned(county="都匀市", department="水务局"), SEEN)
    ledger.record(DUTY, "c1", Drafted(text="稿"), SEEN)
    ledger.record(DUTY, "c1", Submitted(version=1), SEEN)
    both = ('{"version": 1, "level": 1, "passed": true}', '{"version": 1, "level": 1, "passed": true}')
    for number, body in enumerate(both):
        store.append(
            "ledger_events",
            {"event_id": f"e{number}", "claim_id": "c1", "kind": "reviewed", "actor": f"编辑{number}",
             "body": body, "recorded_at": SEEN + HOUR},
        )  # fmt: skip
    response = ledger.response("c1", SEEN + HOUR)
    assert [review.reviewer for review in response.reviews] == ["编辑0"]
    assert [one.reason for one in response.ignored] == ["第 1 级现在不能审,已通过 1 级"]


@pytest.mark.parametrize(
    ("kind", "body"),
    [("hack", "{}"), ("assigned", "{}"), ("assigned", "[1"), ("submitted", '{"version": "1"}')],
)
def test_an_event_that_nobody_can_read_stays_on_record_and_changes_nothing(store, ledger, kind, body):
    store.append(
        "ledger_events",
        {"event_id": "e", "claim_id": "c1", "kind": kind, "actor": "?", "body": body, "recorded_at": SEEN},
    )
    response = ledger.response("c1", SEEN)
    assert response.state == State.PENDING
    assert [one.entry.kind for one in response.ignored] == [kind]


def test_times_ahead_of_the_recording_are_refused(ledger):
    with pytest.raises(LedgerRefusedError, match="在登记时间之后"):
        ledger.record(DUTY, "c1", Happened(at=SEEN + HOUR, source="值班记录"), SEEN)


def test_links_must_be_links():
    for url in ("", "javascript:alert(1)", "www.x.cn", "https://x.cn/a b"):
        with pytest.raises(EventError, match="不是网址"):
            Published(version=1, url=url, published_at=SEEN)


def test_the_chain_holds_until_somebody_changes_an_event(store, ledger):
    publish(ledger)
    assert head(store) == GENESIS
    stage(store).run(SEEN + 2 * HOUR)
    noted = head(store)
    ledger.record(DUTY, "c1", Closed(), SEEN + 3 * HOUR)
    found = verify(store, noted)
    assert found.holds
    assert (found.sealed, found.waiting) == (7, 1)
    stage(store).run(SEEN + 3 * HOUR)
    store.connection.execute("update ledger_events set actor = '别人' where kind = 'published'")
    assert [problem.split(":")[-1] for problem in verify(store).problems] == ["内容被改动过"]


@pytest.mark.parametrize(
    ("tampering", "said"),
    [
        ("delete from ledger_events where kind = 'drafted'", "事件已被删除"),
        ("delete from ledger_chain where position = 3", "前面缺 1 环"),
        ("update ledger_chain set hash = repeat('0', 64) where position = 2", "内容被改动过"),
    ],
)
def test_every_other_way_to_tamper_shows(store, ledger, tampering, said):
    publish(ledger)
    stage(store).run(SEEN + 2 * HOUR)
    store.connection.execute(tampering)
    assert said in verify(store).problems[0]


def test_a_cut_off_end_shows_against_a_noted_head(store, ledger):
    publish(ledger)
    stage(store).run(SEEN + 2 * HOUR)
    noted = head(store)
    store.connection.execute("delete from ledger_chain where position = 7")
    store.connection.execute("delete from ledger_events where kind = 'published'")
    assert verify(store).holds
    assert "末尾可能被截掉" in verify(store, noted).problems[0]


def test_overdue_and_soon_lists_hold_what_is_owed_and_nothing_else(store, ledger):
    triage = TriageStage(store, Rules.load(Settings()), Settings())
    triage.run(SEEN)
    stage(store).run(SEEN)
    assert {row["claim_id"] for row in ledger.soon(SEEN + 46 * HOUR, 5)} == {"c1", "c2"}
    assert {row["claim_id"] for row in ledger.overdue(SEEN + 49 * HOUR)} == {"c1", "c2"}
    assert [row["claim_id"] for row in ledger.overdue(SEEN + 49 * HOUR, ["惠水县"])] == ["c2"]
    ledger.record(DUTY, "c2", Declined(reason="no_need"), SEEN + 2 * HOUR)
    stage(store).run(SEEN + 2 * HOUR)
    triage.run(SEEN + 2 * HOUR)
    assert [row["claim_id"] for row in ledger.overdue(SEEN + 49 * HOUR)] == ["c1"]
    assert store.connection.execute("select claim_id from queue").fetchall() == [("c1",)]


def test_nothing_leaves_the_queue_without_an_event(store, ledger):
    triage = TriageStage(store, Rules.load(Settings()), Settings())
    triage.run(SEEN)
    ledger.record(DUTY, "c1", Assigned(county="都匀市", department="水务局"), SEEN)
    stage(store).run(SEEN)
    store.connection.execute("update claims set need = 'none'")
    triage.run(SEEN + HOUR)
    stage(store).run(SEEN + HOUR)
    assert store.connection.execute("select claim_id from queue").fetchall() == [("c1",)]
    assert [entry.kind for entry in ledger.response("c2", SEEN + HOUR).history] == ["shelved"]
    assert [row["claim_id"] for row in ledger.overdue(SEEN + 49 * HOUR)] == ["c1"]


def test_the_queue_shows_the_extended_deadline(store, ledger):
    until = SEEN + 72 * HOUR
    ledger.record(BOSS, "c1", Extended(until=until, reason="等结果", approved_by="乙"), SEEN)
    stage(store).run(SEEN)
    TriageStage(store, Rules.load(Settings()), Settings()).run(SEEN)
    found = store.connection.execute("select deadline from queue where claim_id = 'c1'").fetchone()
    assert found[0] == until
