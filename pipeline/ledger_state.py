"""Ledger events of one claim come in, in order; the response they add up to goes out.

The fold is the only place that knows which event may follow which. An event that may not (two reviewers at
once, a third review by the second's person) stays on record and changes nothing; ``Response.ignored`` says
why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pipeline.config import LOCAL_TIME
from pipeline.ledger_answers import end_answer, ended, recorded_times
from pipeline.ledger_clock import Clock
from pipeline.ledger_consent import asked, replied, still_waiting
from pipeline.ledger_events import (
    DECLINE_REASONS,
    Assigned,
    Blocked,
    Briefed,
    Cited,
    Closed,
    Consented,
    Consulted,
    Declined,
    Drafted,
    Escalated,
    EventError,
    Extended,
    Graded,
    Happened,
    LedgerEvent,
    Published,
    Reopened,
    Reviewed,
    Shelved,
    Submitted,
    Superseded,
    Unblocked,
    VerdictGiven,
    Withdrawn,
    decode,
)
from pipeline.ledger_records import (
    DONE,
    STATE_WORDS,
    Answer,
    Draft,
    Entry,
    Ignored,
    Response,
    Review,
    ReviewRules,
    State,
    VerdictRecord,
)
from pipeline.rules import Rules

SKEW = timedelta(minutes=10)  # how far another machine's clock may run ahead
WRITING = frozenset({State.ASSIGNED, State.DRAFTING, State.REVIEWING, State.PUBLISHED})


def fold(
    claim_id: str,
    first_seen: datetime,
    entries: Iterable[Entry],
    now: datetime,
    rules: Rules,
    review: ReviewRules,
    ended: Mapping[str, datetime] | None = None,
) -> Response:
    """Return the response of one claim as of ``now``.

    ``entries`` are in the order of the ledger; ``ended`` tells when answers and statements that this claim
    cites stopped holding, by their id.
    """
    folding = Fold(claim_id, first_seen, rules, review, ended or {})
    for entry in entries:
        folding.take(entry)
    return folding.response(now)


class Fold:
    """A response while its events are added one by one."""

    def __init__(
        self,
        claim_id: str,
        first_seen: datetime,
        rules: Rules,
        review: ReviewRules,
        ended: Mapping[str, datetime],
    ) -> None:
        self.now = Response(claim_id=claim_id, state=State.PENDING, opened_at=first_seen)
        self.rules, self.review, self.ended = rules, review, ended
        self.clock = Clock(opened_at=first_seen)

    def take(self, entry: Entry) -> None:
        """Add one event, or note why it changes nothing."""
        try:
            self.apply(entry, decode(entry.kind, entry.body))
        except EventError as error:
            self.now = replace(self.now, ignored=(*self.now.ignored, Ignored(entry=entry, reason=str(error))))

    def apply(self, entry: Entry, event: LedgerEvent) -> None:
        """Add one event.

        Raises:
            EventError: it may not follow what was recorded before.
        """
        self._lapse(entry.recorded_at)
        handler = HANDLERS.get(type(event))
        if handler:
            handler(self, entry, event)
        self.now = replace(self.now, history=(*self.now.history, entry))

    def response(self, now: datetime) -> Response:
        """Return the response as of ``now``: answers may have ended since the last event."""
        self._lapse(now)
        answered = (
            recorded_times(self.now.answers, self.now.history)
            if self.clock.restarted_at
            else tuple(answer.published_at for answer in self.now.answers)
        )
        rules = self.rules.due_rules(self.now.emergency)
        return replace(self.now, deadlines=tuple(self.clock.deadline(rule, answered) for rule in rules))

    def _put(self, **changes: Any) -> None:
        self.now = replace(self.now, **changes)

    def _need(self, allowed: Iterable[State], what: str) -> None:
        if self.now.state not in allowed:
            raise EventError(f"现在是“{STATE_WORDS[self.now.state]}”,不能{what}")

    # time

    def _lapse(self, moment: datetime) -> None:
        """Open again what was answered, once no answer to it holds any more."""
        answers = tuple(ended(answer, self.ended) for answer in self.now.answers)
        self._put(answers=answers)
        if self.now.state not in {State.PUBLISHED, State.CLOSED} or not answers:
            return
        if any(answer.holds(moment) for answer in answers):
            return
        lapsed = max(answer.end for answer in answers if answer.end is not None)
        self._restart(lapsed)
        self._put(lapsed_at=lapsed)

    def _restart(self, moment: datetime) -> None:
        self.clock.restart(moment)
        state = State.ASSIGNED if self.now.department else State.PENDING
        self._put(state=state, done_at=None, submitted=None, reason="", duplicate_of="", escalated_to="")

    # what each kind does

    def _assigned(self, entry: Entry, event: Assigned) -> None:
        if self.now.state in DONE:
            raise EventError(f"现在是“{STATE_WORDS[self.now.state]}”,要先重新打开")
        if (event.county, event.department) == (self.now.county, self.now.department):
            raise EventError(f"已经交办给 {event.county}、{event.department}")
        self.clock.assigned_at = self.clock.assigned_at or entry.recorded_at
        state = State.ASSIGNED if self.now.state == State.PENDING else self.now.state
        self._put(county=event.county, department=event.department, state=state)

    def _graded(self, entry: Entry, event: Graded) -> None:
        self._put(emergency=event.emergency, emergency_reason=event.reason)

    def _happened(self, entry: Entry, event: Happened) -> None:
        _not_ahead(event.at, entry, "事发时间")
        self.clock.happened_at = event.at

    def _extended(self, entry: Entry, event: Extended) -> None:
        known = {rule.id for rule in self.rules.due_rules(self.now.emergency)}
        if event.rule and event.rule not in known:
            raise EventError(f"没有时限规则 {event.rule!r},可用的有 {'、'.join(sorted(known))}")
        if event.until <= entry.recorded_at:
            raise EventError("延期要延到以后的时间")
        self._need(set(State) - DONE, "延期")
        self.clock.extensions[event.rule] = event

    def _consulted(self, entry: Entry, event: Consulted) -> None:
        self._put(consultations=asked(self.now.consultations, event, entry.recorded_at))

    def _consented(self, entry: Entry, event: Consented) -> None:
        self._put(consultations=replied(self.now.consultations, event))

    def _drafted(self, entry: Entry, event: Drafted) -> None:
        self._need(WRITING, "起草,要先交办" if self.now.state == State.PENDING else "起草")
        newest = self.now.drafts[-1] if self.now.drafts else None
        if newest and newest.machine and not event.machine and event.text.strip() == newest.text.strip():
            raise EventError("与机器拟稿一字未改,请核对修改后再登记")
        draft = Draft(
            version=len(self.now.drafts) + 1,
            text=event.text,
            author=entry.actor,
            machine=event.machine,
            note=event.note,
            recorded_at=entry.recorded_at,
        )
        self._put(drafts=(*self.now.drafts, draft), state=State.DRAFTING, submitted=None)

    def _submitted(self, entry: Entry, event: Submitted) -> None:
        self._need({State.DRAFTING}, "送审")
        draft = self._draft(event.version)
        if draft.version != len(self.now.drafts):
            raise EventError(f"第 {event.version} 稿已有更新的稿件")
        if draft.machine:
            raise EventError("机器拟稿要先由人修改成新的一稿,才能送审")
        self._put(state=State.REVIEWING, submitted=event.version)

    def _reviewed(self, entry: Entry, event: Reviewed) -> None:
        self._need({State.REVIEWING}, "审核")
        if event.version != self.now.submitted:
            raise EventError(f"送审的是第 {self.now.submitted} 稿,不是第 {event.version} 稿")
        passed = [one for one in self.now.reviews if one.version == event.version and one.passed]
        if event.level != len(passed) + 1 or event.level > len(self.review.levels):
            raise EventError(f"第 {event.level} 级现在不能审,已通过 {len(passed)} 级")
        for one in passed:
            if one.reviewer == entry.actor:
                raise EventError(f"{entry.actor} 已通过{one.level_name},同一人不能通过两级审核")
        first_allowed = event.level == 1 and self.review.drafter_may_pass_first
        if event.passed and entry.actor == self._draft(event.version).author and not first_allowed:
            raise EventError(f"{entry.actor} 是起草人,不能审{self.review.levels[event.level - 1]}")
        review = Review(
            version=event.version,
            level=event.level,
            level_name=self.review.levels[event.level - 1],
            passed=event.passed,
            comment=event.comment,
            reviewer=entry.actor,
            recorded_at=entry.recorded_at,
        )
        self._put(reviews=(*self.now.reviews, review))
        if not event.passed:
            self._put(state=State.DRAFTING, submitted=None)

    def _published(self, entry: Entry, event: Published) -> None:
        self._need({State.REVIEWING}, "登记发布,要先送审并逐级通过")
        passed = sum(one.version == event.version and one.passed for one in self.now.reviews)
        if event.version != self.now.submitted or passed < len(self.review.levels):
            raise EventError(f"第 {event.version} 稿通过 {passed} 级审核,需要 {len(self.review.levels)} 级")
        waiting = still_waiting(self.now.consultations)
        if waiting:
            raise EventError(f"会商单位未同意:{'、'.join(waiting)}")
        _not_ahead(event.published_at, entry, "发布时间")
        if event.replaces:
            self._end_answer(event.replaces, event.published_at, event.url)
        self._answered(
            Answer(
                answer_id=entry.event_id,
                url=event.url,
                published_at=event.published_at,
                valid_until=event.valid_until,
                version=event.version,
                correction=event.correction,
            )
        )

    def _cited(self, entry: Entry, event: Cited) -> None:
        self._need(set(State) - DONE, "引用权威信息")
        _not_ahead(event.published_at, entry, "发布时间")
        found = Answer(
            answer_id=entry.event_id,
            url=event.url,
            published_at=event.published_at,
            valid_until=event.valid_until,
            issuer=event.issuer,
            statement_id=event.statement_id,
            original_id=event.answer_id,
        )
        if not ended(found, self.ended).holds(entry.recorded_at):
            raise EventError("这条权威信息已经失效,不能作为回应")
        self._answered(found)

    def _briefed(self, entry: Entry, event: Briefed) -> None:
        _not_ahead(event.at, entry, "发布会时间")
        self.clock.briefed_at = event.at

    def _superseded(self, entry: Entry, event: Superseded) -> None:
        self._end_answer(event.answer_id, entry.recorded_at, event.by)
        self._lapse(entry.recorded_at)

    def _withdrawn(self, entry: Entry, event: Withdrawn) -> None:
        self._end_answer(event.answer_id, entry.recorded_at, f"撤回:{event.reason}")
        self._lapse(entry.recorded_at)

    def _verdict(self, entry: Entry, event: VerdictGiven) -> None:
        given = VerdictRecord(verdict=event, decided_by=entry.actor, decided_at=entry.recorded_at)
        self._put(verdicts=(*self.now.verdicts, given))

    def _declined(self, entry: Entry, event: Declined) -> None:
        self._need({State.PENDING, State.ASSIGNED, State.DRAFTING}, "改为不需回应")
        if event.duplicate_of == self.now.claim_id:
            raise EventError("不能与自己重复")
        reason = DECLINE_REASONS[event.reason] + (f":{event.note}" if event.note else "")
        self._put(
            state=State.DECLINED, reason=reason, duplicate_of=event.duplicate_of, done_at=entry.recorded_at
        )

    def _closed(self, entry: Entry, event: Closed) -> None:
        self._need(set(State) - DONE - {State.PENDING}, "销号")
        if self.now.state != State.PUBLISHED and not event.note.strip():
            raise EventError("没有发布回应,销号要写明理由")
        self._put(state=State.CLOSED, reason=event.note, done_at=entry.recorded_at)

    def _reopened(self, entry: Entry, event: Reopened) -> None:
        self._need(DONE | {State.PUBLISHED}, "重新打开")
        self._restart(entry.recorded_at)

    def _blocked(self, entry: Entry, event: Blocked) -> None:
        self._put(blocked_by=event.by)

    def _unblocked(self, entry: Entry, event: Unblocked) -> None:
        self._put(blocked_by="")

    def _escalated(self, entry: Entry, event: Escalated) -> None:
        if event.due_at is not None:
            self._need(set(State) - DONE, "提请带班领导")
        self._put(escalated_to=event.to)

    def _shelved(self, entry: Entry, event: Shelved) -> None:
        self._need({State.PENDING}, "自动搁置")

    # helpers

    def _draft(self, version: int) -> Draft:
        if not 1 <= version <= len(self.now.drafts):
            raise EventError(f"没有第 {version} 稿")
        return self.now.drafts[version - 1]

    def _answered(self, answer: Answer) -> None:
        answers = (*self.now.answers, answer)
        self._put(answers=answers, state=State.PUBLISHED, lapsed_at=None, blocked_by="", escalated_to="")

    def _end_answer(self, answer_id: str, moment: datetime, by: str) -> None:
        self._put(answers=end_answer(self.now.answers, answer_id, moment, by))


HANDLERS: Mapping[type[LedgerEvent], Callable[[Fold, Entry, Any], None]] = {
    Assigned: Fold._assigned,
    Graded: Fold._graded,
    Happened: Fold._happened,
    Extended: Fold._extended,
    Consulted: Fold._consulted,
    Consented: Fold._consented,
    Drafted: Fold._drafted,
    Submitted: Fold._submitted,
    Reviewed: Fold._reviewed,
    Published: Fold._published,
    Cited: Fold._cited,
    Briefed: Fold._briefed,
    Superseded: Fold._superseded,
    Withdrawn: Fold._withdrawn,
    VerdictGiven: Fold._verdict,
    Declined: Fold._declined,
    Closed: Fold._closed,
    Reopened: Fold._reopened,
    Blocked: Fold._blocked,
    Unblocked: Fold._unblocked,
    Escalated: Fold._escalated,
    Shelved: Fold._shelved,
}


def _not_ahead(moment: datetime, entry: Entry, what: str) -> None:
    if moment > entry.recorded_at + SKEW:
        raise EventError(f"{what} {moment.astimezone(LOCAL_TIME):%Y-%m-%d %H:%M} 在登记时间之后")
