"""Retention: a store comes in; posts older than the office keeps texts are gone, counts and claims stay.

The time is the office's (``retention_days``); personal information is kept no longer than its purpose needs
(个人信息保护法 art. 19).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.config import Settings
from pipeline.store import Store

EVERY = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """How many rows a purge removed, by table."""

    posts: int
    embeddings: int
    rejects: int


class Retention:
    """Purges a few times a day, in the pipeline process."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.days = settings.retention_days
        self._last: datetime | None = None

    def run(self, now: datetime) -> Purged | None:
        """Purge if it is due."""
        if self._last is not None and now - self._last < EVERY:
            return None
        self._last = now
        return purge(self.store, now - timedelta(days=self.days))


def purge(store: Store, before: datetime) -> Purged:
    """Remove texts published (rejects: refused) before a time; tags, counts and claims stay without them."""
    with store.transaction():
        store.run("purge_messages", before=before)
        store.run("purge_versions", before=before)
        return Purged(
            embeddings=store.run("purge_embeddings", before=before),
            posts=store.run("purge_posts", before=before),
            rejects=store.run("purge_rejects", before=before),
        )
