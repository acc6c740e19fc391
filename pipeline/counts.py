"""The counts stage: newly placed posts come in, hourly counts per claim, county, channel and need go out, and
hourly counts of all posts by county, channel, need and sentiment.

A post counts in one county (the first it names, else its source's), so that counts add up. An hour that
got a new post is counted again as a whole, which is why running the stage twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from pipeline.store import Store
from pipeline.tag import EPOCH

STATE = "counts"


class CountStage:
    """Counts the hours that new posts fell into, and again those of posts placed since."""

    def __init__(self, store: Store) -> None:
        self.store = store
        saved = store.load_state(STATE)
        # Up to where posts were counted when they came, and up to where when they were placed.
        self._seen, self._settled = _marks(saved) if saved else (EPOCH, EPOCH)

    def run(self) -> int:
        """Recount every hour touched since the last run; return how many hours that were."""
        marks = self.store.rows("counting_marks", settled=self._settled)[0]
        if marks["seen"] is None:
            return 0
        touched = self.store.rows(
            "touched_hours", seen=self._seen, settled=self._settled, settled_now=marks["settled"]
        )
        with self.store.transaction():
            if touched:
                count_hours(self.store, [row["hour"] for row in touched])
            words = f"{marks['seen'].isoformat()} {marks['settled'].isoformat()}"
            self.store.save_state(STATE, words.encode())
        self._seen, self._settled = marks["seen"], marks["settled"]
        return len(touched)


def count_hours(store: Store, hours: Sequence[datetime]) -> None:
    """Count some hours again as a whole; in the caller's transaction."""
    edges = {"first": min(hours), "last": max(hours) + timedelta(hours=1)}
    for kind in ("", "_of_posts"):
        store.run(f"forget_hours{kind}", hours=hours)
        store.run(f"count_hours{kind}", hours=hours, **edges)


def _marks(saved: bytes) -> tuple[datetime, datetime]:
    seen, settled = saved.decode().split()
    return datetime.fromisoformat(seen), datetime.fromisoformat(settled)
