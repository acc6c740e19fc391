"""The world's messages come in as JSON lines; what a visitor may see at a given moment goes out.

A line of ``world/*.jsonl`` has ``at_s`` (seconds after the site's start), ``where`` (forum, news or feed),
``board`` (forum: the board's id; else a column's name), ``thread`` (key of the thread or article), ``text``
and ``author``; and optionally ``title``, ``parent`` (key of the thread it answers), ``county``,
``official``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import groupby
from typing import Any, Literal, cast

from pipeline.config import LOCAL_TIME

Where = Literal["forum", "news", "feed"]

PLACES_OF_POSTS = ("forum", "news", "feed")
HISTORY = timedelta(days=14)  # history repeats with this period, see World.publish
REQUIRED = {"at_s": (int, float), "where": str, "board": str, "thread": str, "text": str, "author": str}
OPTIONAL = {"parent": str, "title": str, "county": str, "official": bool}


class WorldError(ValueError):
    """A line of the world's files cannot be used; the message names file, line and value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One message as written: when it comes, counted in seconds from the start of the site."""

    at_s: float
    where: Where
    board: str
    thread: str
    text: str
    author: str
    parent: str = ""
    title: str = ""
    county: str = ""
    official: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One published message; ``number`` is its identity and does not depend on the start of the site."""

    number: int
    published: datetime
    line: Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A forum thread, an article or a feed item: its opening message and the replies, oldest first."""

    opener: Message
    replies: tuple[Message, ...]

    @property
    def number(self) -> int:
        """The thread's number, that of its opening message."""
        return self.opener.number

    @property
    def last(self) -> Message:
        """The newest message."""
        return self.replies[-1] if self.replies else self.opener

    def until(self, now: datetime) -> Thread:
        """Return the thread with the replies published so far."""
        shown = tuple(reply for reply in self.replies if reply.published <= now)
        return Thread(opener=self.opener, replies=shown)


@dataclass(frozen=True)
class World:
    """All threads with their publication times, and the moment the site started."""

    started_at: datetime
    all_threads: tuple[Thread, ...]

    @classmethod
    def publish(cls, lines: Sequence[Line], started_at: datetime, speed: float = 1.0) -> World:
        """Give every message its time.

        What comes after the start is ``speed`` times as fast as written. History keeps the hour of the day
        it was written for (written as if the site started at noon): its threads are shifted by whole periods
        of 14 days until their newest message lies in the 14 days before the start.

        Raises:
            WorldError: the start has no time zone, or the speed is not above zero.
        """
        if started_at.tzinfo is None:
            raise WorldError(f"the start needs a time zone, got {started_at.isoformat()}")
        if not speed > 0:
            raise WorldError(f"speed must be above 0, got {speed}")
        numbered = sorted(enumerate(lines), key=lambda pair: (pair[1].at_s, pair[0]))
        ordered = [(number, line) for number, (_, line) in enumerate(numbered, start=1)]
        by_key = sorted(ordered, key=lambda pair: (pair[1].thread, pair[0]))
        threads = [
            _thread(list(members), started_at, speed)
            for _, members in groupby(by_key, key=lambda pair: pair[1].thread)
        ]
        return cls(started_at, tuple(sorted(threads, key=lambda thread: thread.opener.published)))

    def threads(self, where: Where, now: datetime, board: str | None = None) -> list[Thread]:
        """Return the threads that may be seen now, newest opening first, each with its visible replies."""
        return [
            thread.until(now)
            for thread in reversed(self.all_threads)
            if thread.opener.published <= now
            and thread.opener.line.where == where
            and board in (None, thread.opener.line.board)
        ]

    def thread(self, where: Where, number: int, now: datetime) -> Thread | None:
        """Return one thread, or None if there is none of this number, or not yet."""
        found = self._by_number.get(number)
        if found is None or found.opener.line.where != where or found.opener.published > now:
            return None
        return found.until(now)

    @cached_property
    def _by_number(self) -> dict[int, Thread]:
        return {thread.number: thread for thread in self.all_threads}


def read_world(folder: Traversable | None = None) -> list[Line]:
    """Read every ``*.jsonl`` of a folder (default: the demo's own world), in the order of the file names.

    Raises:
        WorldError: a line is not JSON, has unknown, missing or ill-typed keys, or a reply has no opening
            message before it; the message names file, line and value.
    """
    folder = folder or files("pipeline.demo") / "world"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".jsonl"))
    lines = [line for name in names for line in _read_file(folder / name)]
    _check_threads(lines)
    return lines


def _read_file(file: Traversable) -> Iterator[Line]:
    for number, raw in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        at = f"{file.name}:{number}"
        try:
            row = json.loads(raw)
        except json.JSONDecodeError as error:
            raise WorldError(f"{at}: not JSON ({error.msg}): {raw[:60]!r}") from error
        yield _line(row, at)


def _line(row: Any, at: str) -> Line:
    if not isinstance(row, Mapping):
        raise WorldError(f"{at}: must be an object, got {row!r}")
    unknown = set(row) - set(REQUIRED) - set(OPTIONAL)
    missing = set(REQUIRED) - set(row)
    if unknown or missing:
        raise WorldError(f"{at}: unknown keys {sorted(unknown)}, missing keys {sorted(missing)}")
    for key, kind in {**REQUIRED, **OPTIONAL}.items():
        if key in row and not isinstance(row[key], cast(type, kind)):
            raise WorldError(f"{at}: {key} has the wrong type: {row[key]!r}")
    if row["where"] not in PLACES_OF_POSTS or not row["text"].strip():
        raise WorldError(f"{at}: where={row['where']!r}, text={row['text'][:40]!r}")
    return Line(**row)


def _check_threads(lines: Sequence[Line]) -> None:
    openers = {line.thread: line for line in reversed(lines) if not line.parent}
    count = sum(1 for line in lines if not line.parent)
    if count != len(openers):
        raise WorldError(f"{count} opening messages for {len(openers)} thread keys: a key is used twice")
    for line in lines:
        opener = openers.get(line.thread)
        if line.parent not in ("", line.thread) or opener is None:
            raise WorldError(f"a reply answers {line.parent!r} in thread {line.thread!r}: {line.text[:40]!r}")
        if opener.at_s > line.at_s or (opener.where, opener.board) != (line.where, line.board):
            raise WorldError(
                f"a reply comes before or outside its thread {line.thread!r}: {line.text[:40]!r}"
            )


def _thread(members: Sequence[tuple[int, Line]], started_at: datetime, speed: float) -> Thread:
    """Build a thread from its members, which are in the order of their time."""
    history = [line.at_s for _, line in members if line.at_s < 0]
    shift = _history_shift(history[-1], started_at) if history else timedelta()
    noon = _noon(started_at)
    messages = [
        Message(
            number=number,
            published=(
                noon + timedelta(seconds=line.at_s) + shift
                if line.at_s < 0
                else started_at + timedelta(seconds=line.at_s / speed)
            ).astimezone(UTC),
            line=line,
        )
        for number, line in members
    ]
    return Thread(opener=messages[0], replies=tuple(messages[1:]))


def _noon(started_at: datetime) -> datetime:
    return started_at.astimezone(LOCAL_TIME).replace(hour=12, minute=0, second=0, microsecond=0)


def _history_shift(newest_s: float, started_at: datetime) -> timedelta:
    newest = _noon(started_at) + timedelta(seconds=newest_s)
    periods = (started_at - timedelta(seconds=1) - newest) // HISTORY
    return periods * HISTORY
