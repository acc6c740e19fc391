"""Bursts of claims, counties, channels and needs come in; each with the claim that its posts belong to goes
out.

A place's series that bursts because of one claim is that claim's burst: where at least half of the window's
posts are of one claim they are one alert (research note, §3). A burst of many small matters, as of a
festival, belongs to no claim and is only kept. Calls for help are the exception: each caller tells of another
car and another grandmother, so a county's burst of them is of its largest claim and stands for all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from pipeline.records import Burst, Need
from pipeline.store import Store

SHARED = 0.5  # of the posts in the window


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributed:
    """A burst, the claim it is about (or none), and that claim's share of the window's posts.

    ``kin``: the other claims of a burst of calls for help, with their texts by id.
    """

    burst: Burst
    claim_id: str
    share: float
    kin: Mapping[str, str] = field(default_factory=dict)

    def rank(self) -> tuple[bool, float]:
        """Return what orders bursts of one claim: its own series first, then the score."""
        return self.burst.series.startswith("claim:"), self.burst.score

    def row(self) -> dict[str, Any]:
        """Return the row that is kept of it."""
        burst = self.burst
        return {
            "series": burst.series, "ended_at": burst.at, "window_minutes": burst.window_minutes,
            "observed": burst.observed, "expected": burst.expected, "upper": burst.upper,
            "score": burst.score,             "baseline_days": burst.baseline_days,
            "claim_id": self.claim_id, "share": self.share,
        }  # fmt: skip


def attribute(store: Store, bursts: Sequence[Burst]) -> list[Attributed]:
    """Return every burst with its claim."""
    return [_attributed(store, burst) for burst in bursts]


def _attributed(store: Store, burst: Burst) -> Attributed:
    kind, _, name = burst.series.partition(":")
    if kind == "claim":
        return Attributed(burst=burst, claim_id=name, share=1.0)
    start = burst.at - timedelta(minutes=burst.window_minutes)
    rows = store.rows("claims_in_window", kind=kind, series_name=name, start=start, end=burst.at)
    total = sum(row["posts"] for row in rows)
    if kind == "need" and name.startswith(f"{Need.HELP}@"):
        return _calls_for_help(burst, rows, total)
    top = next((row for row in rows if row["claim_id"]), None)
    if top is None or top["posts"] < SHARED * total:
        return Attributed(burst=burst, claim_id="", share=top["posts"] / total if top else 0.0)
    return Attributed(burst=burst, claim_id=top["claim_id"], share=top["posts"] / total)


def _calls_for_help(burst: Burst, rows: Sequence[Mapping[str, Any]], total: int) -> Attributed:
    calls = [row for row in rows if row["claim_id"] and row["need"] == Need.HELP]
    share = sum(row["posts"] for row in calls) / total if total else 0.0
    if share < SHARED:
        return Attributed(burst=burst, claim_id="", share=share)
    kin = {row["claim_id"]: row["text"] for row in calls[1:]}
    return Attributed(burst=burst, claim_id=calls[0]["claim_id"], share=share, kin=kin)
