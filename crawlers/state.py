"""What earlier runs of a source saw comes in and goes out of one small SQLite file; it survives kill -9.

Marks are written in the transaction that follows the spool file they belong to: after a crash a page is read
again (at least once), and the store knows a post that comes twice (exactly once).
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

SCHEMA = """
create table if not exists items (source text, id text, digest text, counts text, seen_at text, primary
key (source, id)); create table if not exists days (source text, day text, items integer, primary key
(source, day)); create table if not exists pages (source text, url text, etag text, modified text,
primary key (source, url)); create table if not exists threads (
    source text, id text, mark text, last_page text, visited_at text, changed_at text, missing integer
    default 0, missing_since text, primary key (source, id));
create table if not exists owed (source text, id text, mark text, url text, tries integer, primary key
(source, id));
"""
# A thread that was quiet for long is looked at less often: visits at 1/8 of its quiet time, at most a
# week apart.
DECAY = 8
LONGEST_REST = timedelta(days=7)
CONFIRM_AFTER = timedelta(hours=1)  # a post is called deleted only when it was missing twice, this far apart


MOST_TRIES = 20  # visits that a thread is owed: one that fails for longer waits for its next reply


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadMark:
    """What was known of a thread at the last visit."""

    mark: str
    last_page: str
    visited_at: datetime
    changed_at: datetime


class CrawlState:
    """The memory of one source."""

    def __init__(self, connection: sqlite3.Connection, source: str) -> None:
        self.connection = connection
        self.source = source

    @classmethod
    def open(cls, path: Path, source: str) -> Self:
        """Open a home's memory; other sources may use it at the same time."""
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=30)
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = normal")
        connection.executescript(SCHEMA)
        return cls(connection, source)

    def commit(self) -> None:
        """Keep the marks made so far: call it after their spool file is closed."""
        self.connection.commit()

    def close(self) -> None:
        """Forget the marks that were not committed, and let go."""
        self.connection.close()

    def item(self, id: str) -> tuple[str, str] | None:
        """Return an item's digest of words and of counts, or None if it is new."""
        found = self.connection.execute(
            "select digest, counts from items where source = ? and id = ?", (self.source, id)
        ).fetchone()
        return None if found is None else (found[0], found[1])

    def mark_item(self, id: str, digest: str, counts: str) -> None:
        """Remember an item as it is now."""
        self.connection.execute(
            "insert or replace into items values (?, ?, ?, ?, ?)", (self.source, id, digest, counts, _now())
        )

    def note_new(self) -> None:
        """Count one item that was never seen before, by the hour."""
        self.connection.execute(
            "insert into days values (?, ?, 1) on conflict (source, day) do update set items = items + 1",
            (self.source, _now()[:13]),
        )

    def new_since(self, begin: datetime) -> int:
        """Return how many items were new since a moment (aware), by full hours."""
        found = self.connection.execute(
            "select coalesce(sum(items), 0) from days where source = ? and day >= ?",
            (self.source, begin.astimezone(UTC).isoformat()[:13]),
        ).fetchone()
        return int(found[0])

    def known_for(self, length: timedelta) -> bool:
        """Whether the first item was counted at least that long ago."""
        found = self.connection.execute(
            "select min(day) from days where source = ?", (self.source,)
        ).fetchone()
        return bool(found[0]) and found[0] <= (datetime.now(UTC) - length).isoformat()[:13]

    def validators(self, url: str) -> tuple[str, str]:
        """Return a page's ETag and Last-Modified of the last visit, empty if there were none."""
        found = self.connection.execute(
            "select etag, modified from pages where source = ? and url = ?", (self.source, url)
        ).fetchone()
        return ("", "") if found is None else (found[0], found[1])

    def mark_page(self, url: str, etag: str, modified: str) -> None:
        """Remember a page's validators."""
        if etag or modified:
            self.connection.execute(
                "insert or replace into pages values (?, ?, ?, ?)", (self.source, url, etag, modified)
            )

    def forget_page(self, url: str) -> None:
        """Forget a page's validators."""
        self.connection.execute("delete from pages where source = ? and url = ?", (self.source, url))

    def owe(self, id: str, mark: str, url: str) -> None:
        """Remember that a list showed news of a thread, until it was read: a run may end before."""
        self.connection.execute(
            "insert into owed values (?, ?, ?, ?, 0) "
            "on conflict (source, id) do update set mark = excluded.mark, url = excluded.url",
            (self.source, id, mark, url),
        )

    def owed(self) -> list[tuple[str, str, str]]:
        """Return (id, mark, address) of the threads whose news were not read, the least often tried first."""
        return self.connection.execute(
            "select id, mark, url from owed where source = ? order by tries, rowid", (self.source,)
        ).fetchall()

    def count_try(self, id: str) -> None:
        """Note that a thread that is owed a visit is asked for; one that always fails is given up."""
        self.connection.execute(
            "update owed set tries = tries + 1 where source = ? and id = ?", (self.source, id)
        )
        self.connection.execute("delete from owed where source = ? and tries > ?", (self.source, MOST_TRIES))

    def settle(self, id: str) -> None:
        """Forget what a thread is owed: it was read, or it is gone."""
        self.connection.execute("delete from owed where source = ? and id = ?", (self.source, id))

    def thread(self, id: str) -> ThreadMark | None:
        """Return what is known of a thread, or None if it is new."""
        found = self.connection.execute(
            "select mark, last_page, visited_at, changed_at from threads where source = ? and id = ?",
            (self.source, id),
        ).fetchone()
        if found is None:
            return None
        return ThreadMark(
            mark=found[0], last_page=found[1],
            visited_at=datetime.fromisoformat(found[2]), changed_at=datetime.fromisoformat(found[3]),
        )  # fmt: skip

    def mark_thread(self, id: str, mark: str, last_page: str) -> None:
        """Remember a visit to a thread; it changed if its mark did."""
        self.settle(id)
        known = self.thread(id)
        changed = _now() if known is None or known.mark != mark else known.changed_at.isoformat()
        self.connection.execute(
            "insert or replace into threads (source, id, mark, last_page, visited_at, changed_at) "
            "values (?, ?, ?, ?, ?, ?)",
            (self.source, id, mark, last_page, _now(), changed),
        )

    def due_threads(self, now: datetime, most: int) -> list[tuple[str, ThreadMark]]:
        """Return threads to look at again though no list shows news, the longest waiting first."""
        rows = self.connection.execute(
            "select id from threads where source = ? order by visited_at limit 5000", (self.source,)
        ).fetchall()
        due = []
        for (id,) in rows:
            mark = self.thread(id)
            if mark is not None and now >= mark.visited_at + rest_of(mark, now):
                due.append((id, mark))
            if len(due) == most:
                break
        return due

    def confirm_missing(self, id: str, now: datetime) -> bool:
        """Note that a thread is gone; return whether that is now confirmed."""
        found = self.connection.execute(
            "select missing_since from threads where source = ? and id = ?", (self.source, id)
        ).fetchone()
        self.settle(id)
        since = datetime.fromisoformat(found[0]) if found and found[0] else now
        self.connection.execute(
            "update threads set missing_since = ?, visited_at = ? where source = ? and id = ?",
            (since.isoformat(), now.isoformat(), self.source, id),
        )
        return now - since >= CONFIRM_AFTER


def rest_of(mark: ThreadMark, now: datetime) -> timedelta:
    """Return how long a thread is left alone: an eighth of the time it has been quiet, at most a week."""
    return min(max((now - mark.changed_at) / DECAY, timedelta(minutes=10)), LONGEST_REST)


def _now() -> str:
    return datetime.now(UTC).isoformat()
