"""The counts stage: newly placed posts come in, hourly counts per claim, county, channel and need go out.

A post counts in one county (the first it names, else its source's), so that counts add up. An hour that
got a new post is counted again as a whole, which is why running the stage twice changes nothing.
"""

from __future__ import annotations

from datetime import timedelta

from pipeline.store import Store
from pipeline.tag import EPOCH


class CountStage:
    """Counts the hours that new posts fell into."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._since = EPOCH

    def run(self) -> int:
        """Recount every hour touched since the last run; return how many hours that were."""
        newest = self.store.rows("newest_ingested")[0]["newest"]
        if newest is None:
            return 0
        hours = [row["hour"] for row in self.store.rows("touched_hours", since=self._since)]
        if hours:
            with self.store.transaction():
                self.store.run("forget_hours", hours=hours)
                self.store.run(
                    "count_hours", hours=hours, first=min(hours), last=max(hours) + timedelta(hours=1)
                )
        self._since = newest
        return len(hours)
