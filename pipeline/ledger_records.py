"""The records that the ledger's events add up to: one response with its drafts, reviews, answers and
deadlines.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pipeline.config import LOCAL_TIME, ConfigError, Settings
from pipeline.ledger_events import VerdictGiven

DEFAULT_LEVELS = ("编辑", "二审", "三审")


class State(StrEnum):
    """Where a response is."""

    PENDING = "pending"
    ASSIGNED = "assigned"
    DRAFTING = "drafting"
    REVIEWING = "reviewing"
    PUBLISHED = "published"
    CLOSED = "closed"
    DECLINED = "declined"


STATE_WORDS: Mapping[State, str] = {
    State.PENDING: "待研判",
    State.ASSIGNED: "已交办",
    State.DRAFTING: "起草",
    State.REVIEWING: "送审",
    State.PUBLISHED: "已发布",
    State.CLOSED: "已销号",
    State.DECLINED: "不需回应",
}
DONE = frozenset({State.CLOSED, State.DECLINED})

BASIS_WORDS: Mapping[str, str] = {
    "happened": "自事发起",
    "first_seen": "自首次发现起",
    "assigned": "自交办起",
    "reopened": "自重新打开起",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRules:
    """The office's review levels in their order; nobody passes two of them for one version.

    ``drafter_may_pass_first`` lets the drafter be the first level (编辑), never a later one.
    """

    levels: tuple[str, ...] = DEFAULT_LEVELS
    drafter_may_pass_first: bool = True

    @classmethod
    def load(cls, settings: Settings) -> ReviewRules:
        """Read ``[review]`` of ``huiying.toml``.

        Raises:
            ConfigError: an unknown key, no levels, or two of one name.
        """
        given = dict(settings.tables.get("review", {}))
        levels = given.pop("levels", list(DEFAULT_LEVELS))
        drafter = given.pop("drafter_may_pass_first", True)
        if given:
            raise ConfigError(f"[review] unknown key {', '.join(given)}")
        named = isinstance(levels, list) and levels and all(isinstance(name, str) and name for name in levels)
        if not named or len(set(levels)) != len(levels):
            raise ConfigError(f"[review] levels must be different names, got {levels!r}")
        if not isinstance(drafter, bool):
            raise ConfigError(f"[review] drafter_may_pass_first must be true or false, got {drafter!r}")
        return cls(levels=tuple(levels), drafter_may_pass_first=drafter)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event as stored: ``position`` in the sealed chain, None while it waits to be sealed."""

    event_id: str
    claim_id: str
    kind: str
    actor: str
    body: str
    recorded_at: datetime
    position: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One version of an answer, counted from 1."""

    version: int
    text: str
    author: str
    machine: bool
    note: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One level's decision on one version."""

    version: int
    level: int
    level_name: str
    passed: bool
    comment: str
    reviewer: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Consultation:
    """A department that was asked; ``agrees`` is None until it answers."""

    department: str
    question: str
    asked_at: datetime
    agrees: bool | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A published answer, our own (with ``version``) or one that was found (with ``issuer``).

    It holds from ``published_at`` until it expires or is replaced or withdrawn, whichever is first.
    """

    answer_id: str
    url: str
    published_at: datetime
    valid_until: datetime | None = None
    version: int | None = None
    issuer: str = ""
    statement_id: str = ""
    original_id: str = ""
    correction: bool = False
    ended_at: datetime | None = None
    ended_by: str = ""

    @property
    def end(self) -> datetime | None:
        """When it stops holding, None if nothing ends it."""
        ends = [moment for moment in (self.valid_until, self.ended_at) if moment is not None]
        return min(ends) if ends else None

    def holds(self, now: datetime) -> bool:
        """Whether it has not ended by ``now``."""
        return self.end is None or now < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictRecord:
    """核查结论: what a named person found, and when."""

    verdict: VerdictGiven
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """One rule's time for one response, with where it comes from; ``due`` is None while its clock stands."""

    rule: str
    name: str
    source: str
    basis: str
    start: datetime | None
    due: datetime | None
    extended_until: datetime | None = None
    extension: str = ""
    met_at: datetime | None = None

    @property
    def ends(self) -> datetime | None:
        """When the time is up, extensions counted."""
        if self.due is None or self.extended_until is None:
            return self.due
        return max(self.due, self.extended_until)

    def overdue(self, now: datetime) -> bool:
        """Whether the time was up before it was met, or is up now."""
        return self.ends is not None and (self.met_at or now) > self.ends

    def words(self) -> str:
        """Say the rule and the start of its clock, for people."""
        said = f"{self.name},{self.source},{BASIS_WORDS[self.basis]}"
        if self.extended_until is not None:
            said += f",延期至 {self.extended_until.astimezone(LOCAL_TIME):%Y-%m-%d %H:%M}({self.extension})"
        return said


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """An event that is on record and changed nothing, and why."""

    entry: Entry
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """回应: what the events of one claim add up to at one moment."""

    claim_id: str
    state: State
    opened_at: datetime
    county: str = ""
    department: str = ""
    emergency: bool = False
    emergency_reason: str = ""
    drafts: tuple[Draft, ...] = ()
    reviews: tuple[Review, ...] = ()
    submitted: int | None = None
    consultations: tuple[Consultation, ...] = ()
    answers: tuple[Answer, ...] = ()
    verdicts: tuple[VerdictRecord, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    reason: str = ""
    duplicate_of: str = ""
    blocked_by: str = ""
    escalated_to: str = ""
    done_at: datetime | None = None
    lapsed_at: datetime | None = None
    history: tuple[Entry, ...] = ()
    ignored: tuple[Ignored, ...] = ()

    @property
    def answer(self) -> Answer | None:
        """The newest answer, whether it still holds or not."""
        return self.answers[-1] if self.answers else None

    @property
    def verdict(self) -> VerdictRecord | None:
        """The newest verdict; earlier ones stay in ``verdicts``."""
        return self.verdicts[-1] if self.verdicts else None

    @property
    def next_deadline(self) -> Deadline | None:
        """The unmet deadline that ends first; of a finished response none."""
        open_ones = [one for one in self.deadlines if one.met_at is None and one.ends is not None]
        if self.state in DONE or not open_ones:
            return None
        return min(open_ones, key=lambda one: (one.ends, one.rule))

    @property
    def next_level(self) -> int | None:
        """The level whose decision is awaited, from 1; None if nothing is under review."""
        if self.state != State.REVIEWING:
            return None
        return 1 + sum(review.passed and review.version == self.submitted for review in self.reviews)

    def overdue(self, now: datetime) -> bool:
        """Whether a deadline is over and not met."""
        deadline = self.next_deadline
        return deadline is not None and deadline.overdue(now)
