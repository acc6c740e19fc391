"""A claim and the time of its answer come in; what people said before and after it goes out.

A comparison of before and after is no proof: a claim dies down by itself, and other news, warnings or offices
speak at the same time. Every result carries its numbers of posts and says so in words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pipeline.store import Reader

HOUR = timedelta(hours=1)
LONGEST_HOURS = 72  # compared on each side; longer, other matters weigh more than the answer
RATE_HOURS = 3  # over which a rate is taken: single hours of small claims jump
QUIET_HOURS = 24  # without a post, after which a new one is a return
FEW_POSTS = 10  # before the answer: from fewer, a fall says nothing
QUESTIONS = 5
DOUBTING = frozenset({"deny", "query"})

CONFOUNDED = "前后对比不等于因果:说法会自然平息,同期的其他消息、媒体报道和有关部门的工作也会使帖文减少。"
TOO_FEW = "帖文太少(发布前 {before} 条、发布后 {after} 条),不足以判断。"
TOO_EARLY = "发布不足 1 小时,暂不比较。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of an answer: hours looked at, posts, and how many of them by stance."""

    hours: int
    posts: int
    deny: int
    query: int

    @property
    def rate(self) -> float:
        """Posts an hour."""
        return self.posts / self.hours if self.hours else 0.0

    def share(self, stance: str) -> float | None:
        """Return the share of ``deny`` or ``query`` among the posts; None without posts."""
        return getattr(self, stance) / self.posts if self.posts else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What was said before and after an answer.

    ``half_after`` is the hour after the answer by which the rate over ``RATE_HOURS`` fell to half of the rate
    before it, None if it did not (yet). ``returned`` counts posts after a quiet day; ``recurring`` are rows
    of ``effect_recurrence``, ``asking`` of ``effect_questions``.
    """

    claim_id: str
    answered_at: datetime
    until: datetime
    before: Side
    after: Side
    half_after: int | None
    returned: int
    asking: tuple[Mapping[str, Any], ...]
    recurring: tuple[Mapping[str, Any], ...]

    @property
    def enough(self) -> bool:
        """Whether there were posts enough before the answer to compare with."""
        return self.before.posts >= FEW_POSTS

    @property
    def caveat(self) -> str:
        """What limits this comparison, in Chinese."""
        if not self.after.hours:
            return TOO_EARLY
        few = "" if self.enough else TOO_FEW.format(before=self.before.posts, after=self.after.posts)
        return few + CONFOUNDED


def effect_of(
    store: Reader, claim_id: str, first_seen: datetime, answered: datetime, now: datetime
) -> Effect:
    """Compare equally long stretches before and after an answer, ``LONGEST_HOURS`` at most.

    The stretch before is shorter where the claim itself is younger. Only whole hours are counted.
    """
    after = min(int((now - answered) / HOUR), LONGEST_HOURS)
    before = min(max(int((answered - first_seen) / HOUR), 1), LONGEST_HOURS)
    since, until = answered - before * HOUR, answered + max(after, 0) * HOUR
    rows = store.rows("effect_hours", claim=claim_id, answered=answered, since=since, until=max(now, until))
    return Effect(
        claim_id=claim_id,
        answered_at=answered,
        until=until,
        before=_side(rows, -before, 0),
        after=_side(rows, 0, max(after, 0)),
        half_after=_half_after(rows, before, after),
        returned=_returned(rows),
        asking=tuple(
            store.rows("effect_questions", claim=claim_id, answered=answered, until=now, most=QUESTIONS)
        ),
        recurring=tuple(store.rows("effect_recurrence", claim=claim_id, until=now)),
    )


def _side(rows: Sequence[Mapping[str, Any]], start: int, end: int) -> Side:
    inside = [row for row in rows if start <= row["hour"] < end]
    return Side(
        hours=end - start,
        posts=sum(row["posts"] for row in inside),
        deny=sum(row["posts"] for row in inside if row["relation"] == "deny"),
        query=sum(row["posts"] for row in inside if row["relation"] == "query"),
    )


def _half_after(rows: Sequence[Mapping[str, Any]], before: int, after: int) -> int | None:
    span = min(RATE_HOURS, before)
    start = _side(rows, -span, 0).rate
    if not start:
        return None
    for end in range(RATE_HOURS, after + 1):
        if _side(rows, end - RATE_HOURS, end).rate <= start / 2:
            return end
    return None


def _returned(rows: Sequence[Mapping[str, Any]]) -> int:
    """Return the posts after the first quiet day that followed the answer."""
    hours = sorted({row["hour"] for row in rows if row["hour"] >= 0})
    last = 0
    for hour in hours:
        if hour - last > QUIET_HOURS:
            return sum(row["posts"] for row in rows if row["hour"] >= hour)
        last = hour
    return 0
