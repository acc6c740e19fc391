"""The ledger (台账): what people record comes in as events; every response's state, lists of what is due and
the owner's projection of all of it go out.

Events are append-only and sealed into a chain by the owner (``pipeline.ledger_chain``); which event may
follow which is ``pipeline.ledger_state``'s to say, and who may record it ``pipeline.roles``'s.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pipeline.config import Settings
from pipeline.identity import digest
from pipeline.ledger_chain import seal
from pipeline.ledger_events import VERDICT_WORDS, EventError, LedgerEvent, encode
from pipeline.ledger_records import Entry, Response, ReviewRules, State
from pipeline.ledger_state import Fold, fold
from pipeline.roles import User, require
from pipeline.rules import Rules
from pipeline.store import Appender, Reader, Store

PAGE = 100
EVERYTHING = 1_000_000  # more responses than an office will ever have


class LedgerRefusedError(ValueError):
    """The event was not recorded; the message is Chinese and says why."""


class Ledger:
    """The ledger as people use it: to read responses, and to record what they did."""

    def __init__(self, store: Reader, rules: Rules, review: ReviewRules) -> None:
        self.store, self.rules, self.review = store, rules, review

    @classmethod
    def open(cls, store: Reader, settings: Settings) -> Ledger:
        """Use a store with an office's due table and review levels.

        Raises:
            ConfigError: one of them has a fault.
        """
        return cls(store, Rules.load(settings), ReviewRules.load(settings))

    def response(self, claim_id: str, now: datetime) -> Response:
        """Return the response of one claim as of ``now``, from its events, sealed or not.

        Raises:
            LedgerRefusedError: there is no such claim.
        """
        found = self.responses([claim_id], now)
        if claim_id not in found:
            raise LedgerRefusedError(f"没有这个说法:{claim_id}")
        return found[claim_id]

    def responses(self, claim_ids: Iterable[str], now: datetime) -> dict[str, Response]:
        """Return the responses of several claims; an unknown claim is left out."""
        wanted = sorted(set(claim_ids))
        entries, seen = self._entries(wanted), self._first_seen(wanted)
        ended = ended_answers(self.store)
        found = {}
        for claim_id in wanted:
            own = entries.get(claim_id, [])
            if claim_id not in seen and not own:
                continue
            # A claim whose posts have expired keeps its ledger: its first event stands in for its first post.
            opened = seen.get(claim_id) or own[0].recorded_at
            found[claim_id] = fold(claim_id, opened, own, now, self.rules, self.review, ended)
        return found

    def record(self, user: User, claim_id: str, event: LedgerEvent, now: datetime) -> str:
        """Append one event and return its id. The same click twice is one event.

        Raises:
            LedgerRefusedError: no such claim, or the event does not fit the response's state.
            ForbiddenError: the user may not do this, or not in this county.
            TypeError: the store cannot append.
        """
        response = self.response(claim_id, now)
        require(user, event.KIND, self._counties(response))
        before = len(response.history) + len(response.ignored)
        entry = Entry(
            event_id=digest("ledger", claim_id, user.name, event.KIND, encode(event), str(before)),
            claim_id=claim_id,
            kind=event.KIND,
            actor=user.name,
            body=encode(event),
            recorded_at=now,
        )
        self._check(response, entry, event)
        append_entry(_appender(self.store), entry)
        return entry.event_id

    def page(
        self,
        state: State | None = None,
        counties: Collection[str] = (),
        due_after: datetime | None = None,
        due_before: datetime | None = None,
        most: int = PAGE,
        skip: int = 0,
    ) -> list[dict[str, Any]]:
        """Return rows of the table ``responses`` with their claims' texts, what is due first at the top."""
        return self.store.rows(
            "response_page",
            state=str(state or ""),
            counties=sorted(counties),
            due_after=due_after,
            due_before=due_before,
            most=most,
            skip=skip,
        )

    def overdue(self, now: datetime, counties: Collection[str] = ()) -> list[dict[str, Any]]:
        """Return the open responses whose time is up, the longest first."""
        return self.page(counties=counties, due_before=now, most=EVERYTHING)

    def soon(self, now: datetime, hours: float, counties: Collection[str] = ()) -> list[dict[str, Any]]:
        """Return the open responses that are due within so many hours and not overdue yet."""
        return self.page(
            counties=counties, due_after=now, due_before=now + timedelta(hours=hours), most=EVERYTHING
        )

    def _check(self, response: Response, entry: Entry, event: LedgerEvent) -> None:
        folding = Fold(
            response.claim_id, response.opened_at, self.rules, self.review, ended_answers(self.store)
        )
        for earlier in self._entries([response.claim_id]).get(response.claim_id, []):
            folding.take(earlier)
        try:
            folding.apply(entry, event)
        except EventError as error:
            raise LedgerRefusedError(str(error)) from error

    def _entries(self, claim_ids: Sequence[str]) -> dict[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        for row in self.store.rows("events_of_claims", claims=claim_ids):
            found.setdefault(row["claim_id"], []).append(Entry(**row))
        return found

    def _first_seen(self, claim_ids: Sequence[str]) -> dict[str, datetime]:
        return {
            row["claim_id"]: row["first_seen"] for row in self.store.rows("ledger_claims", claims=claim_ids)
        }

    def _counties(self, response: Response) -> set[str]:
        rows = self.store.rows("ledger_claims", claims=[response.claim_id])
        touched = set(rows[0]["counties"]) if rows else set()
        return touched | ({response.county} if response.county else set())


class LedgerStage:
    """The owner's part: seals what was appended and keeps the table ``responses`` in step with it."""

    def __init__(self, store: Store, rules: Rules, review: ReviewRules) -> None:
        self.store = store
        self.ledger = Ledger(store, rules, review)

    def run(self, now: datetime) -> int:
        """Seal new events and derive again every response that may have changed; return how many."""
        touched = set(seal(self.store, now))
        ended = sorted(ended_answers(self.store))
        touched |= {row["claim_id"] for row in self.store.rows("claims_to_project", now=now, ended=ended)}
        return self.project(touched, now)

    def project(self, claim_ids: Iterable[str], now: datetime) -> int:
        """Write the rows of some claims' responses; return how many."""
        found = self.ledger.responses(claim_ids, now)
        rows = [response_row(response, now) for response in found.values()]
        return self.store.insert("responses", rows, on_conflict="replace")

    def project_all(self, now: datetime) -> int:
        """Derive every response again, after a change of the due table or a restored backup."""
        return self.project([row["claim_id"] for row in self.store.rows("all_ledger_claims")], now)


def append_entry(store: Appender, entry: Entry) -> None:
    """Append one event to the ledger."""
    store.append(
        "ledger_events",
        {
            "event_id": entry.event_id,
            "claim_id": entry.claim_id,
            "kind": entry.kind,
            "actor": entry.actor,
            "body": entry.body,
            "recorded_at": entry.recorded_at,
        },
    )


def ended_answers(store: Reader) -> Mapping[str, datetime]:
    """Return when answers and statements were replaced or withdrawn, by their id."""
    ended: dict[str, datetime] = {}
    for row in store.rows("ended_answers"):
        if row["id"]:
            ended[row["id"]] = min(row["ended_at"], ended.get(row["id"], row["ended_at"]))
    return ended


def response_row(response: Response, now: datetime) -> dict[str, Any]:
    """Return the row of the table ``responses`` for one response."""
    due = response.next_deadline
    holding = [answer for answer in response.answers if answer.holds(now)]
    newest, verdict = response.answer, response.verdict
    return {
        "claim_id": response.claim_id,
        "state": str(response.state),
        "county": response.county,
        "department": response.department,
        "emergency": response.emergency,
        "opened_at": response.opened_at,
        "due_at": due.ends if due else None,
        "due_rule": due.words() if due else "",
        "due_basis": due.basis if due else "",
        "met_late": any(one.met_at is not None and one.overdue(now) for one in response.deadlines),
        "published_at": newest.published_at if newest else None,
        "published_url": newest.url if newest else "",
        "holds_until": _last_end([answer.end for answer in holding]),
        "lapsed_at": response.lapsed_at,
        "verdict": VERDICT_WORDS[verdict.verdict.value] if verdict else "",
        "decided_by": verdict.decided_by if verdict else "",
        "reason": response.reason,
        "blocked_by": response.blocked_by,
        "escalated_to": response.escalated_to,
        "next_level": response.next_level,
        "done_at": response.done_at,
        "events": len(response.history),
        "ignored": len(response.ignored),
        "updated_at": now,
    }


def _last_end(ends: Sequence[datetime | None]) -> datetime | None:
    """When the last of several answers lapses: never, if one of them does not."""
    known = [end for end in ends if end is not None]
    return max(known) if known and len(known) == len(ends) else None


def _appender(store: Reader) -> Appender:
    if not isinstance(store, Appender):
        raise TypeError(f"{type(store).__name__} cannot append events")
    return store
