"""What replies do with a claim comes in; how many ask, doubt and deny, in words for people, goes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.records import Stance
from pipeline.stance import stance_of

NO_REPLY = "还没有回复，只看文字"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reactions:
    """Replies so far: how many, how many of them ask or deny, and when the first of those came.

    ``doubt_minutes`` is counted from the first post; None where nobody doubts or the time is not known.
    """

    replies: int = 0
    asking: int = 0
    denying: int = 0
    doubt_minutes: float | None = None

    def words(self) -> str:
        """Return the reactions as one Chinese sentence: 30 条回复中 12 条在求证."""
        if not self.replies:
            return NO_REPLY
        done = [f"{self.asking} 条在求证"] if self.asking else []
        done += [f"{self.denying} 条说不实"] if self.denying else []
        if not done:
            return f"{self.replies} 条回复中没有人求证或说不实"
        return f"{self.replies} 条回复中 {'、'.join(done)}{self._since()}"

    def _since(self) -> str:
        if self.doubt_minutes is None:
            return ""
        minutes = max(self.doubt_minutes, 0.0)
        when = f"{minutes:.0f} 分钟" if minutes < 120 else f"{minutes / 60:.0f} 小时"
        return f"，首条质疑在发出后 {when}"


def reactions_of(replies: Sequence[tuple[float | None, str]]) -> Reactions:
    """Return what replies do, by their explicit words; each is (seconds after the post or None, text)."""
    stances = [stance_of(text, None, None) for _, text in replies]
    doubts = [
        offset
        for (offset, _), stance in zip(replies, stances, strict=True)
        if stance in (Stance.QUERY, Stance.DENY) and offset is not None
    ]
    return Reactions(
        replies=len(replies),
        asking=sum(stance == Stance.QUERY for stance in stances),
        denying=sum(stance == Stance.DENY for stance in stances),
        doubt_minutes=min(doubts) / 60 if doubts else None,
    )
