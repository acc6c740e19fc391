"""Posts with their reply threads come in; at each look, how likely a rumor each is, and why, goes out.

The looks are fixed: after 0, 10, 30, 60 minutes, 6 and 24 hours, at 5, 10, 50 replies, and all there is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from models.metrics import calibration_error, macro_f1
from models.threads import ThreadScorer, probability
from pipeline.normalise import clean
from pipeline.privacy import mask
from pipeline.reactions import Reactions, reactions_of
from pipeline.readers import Line
from pipeline.times import TimeError, parse_time

COLUMNS = ("id", "look", "score", "label", "text_score", "replies", "evidence")
SUSPECTED, NOT_SUSPECTED = "rumor", "non_rumor"
MINUTES = (0, 10, 30, 60, 360, 1440)
COUNTS = (5, 10, 50)
FULL = "full"
LABEL_FIELDS = ("label", "event_label")
THREAD_FIELDS = ("thread_id", "event_id", "parent_id", "id")  # which thread a row of a reply file belongs to
THREADS_AT_ONCE = 256

SetAside = Callable[[Line, str], None]


class ThreadError(ValueError):
    """A row cannot be scored; the message is Chinese and names the line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadRow:
    """A post and its replies by time, each (seconds after the post, or None if not known, and its text).

    ``label`` is 1 for a rumor, 0 for none, None where the file does not say; it is used for figures only.
    """

    thread_id: str
    text: str
    replies: tuple[tuple[float | None, str], ...] = ()
    label: int | None = None

    def at(self, look: Look) -> list[tuple[float | None, str]]:
        """Return the replies that were there at a look."""
        if look.minutes is not None:
            end = look.minutes * 60
            return [reply for reply in self.replies if end and reply[0] is not None and reply[0] <= end]
        return list(self.replies[: look.count])


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A moment at which a thread is scored: minutes after the post, a count of replies, or all there is."""

    name: str
    minutes: int | None = None
    count: int | None = None


LOOKS = (
    *(Look(name=f"{minutes}min", minutes=minutes) for minutes in MINUTES),
    *(Look(name=f"{count}replies", count=count) for count in COUNTS),
    Look(name=FULL),
)


def score_threads(
    rows: Iterable[ThreadRow], scorer: ThreadScorer
) -> Iterator[tuple[ThreadRow, dict[str, Any]]]:
    """Yield each thread with one row of ``COLUMNS`` a look, thread by thread."""
    waiting: list[ThreadRow] = []
    for row in rows:
        waiting.append(row)
        if len(waiting) == THREADS_AT_ONCE:
            yield from _scored(waiting, scorer)
            waiting = []
    yield from _scored(waiting, scorer)


def read_threads(
    lines: Iterable[Line],
    replies: Mapping[str, Sequence[Any]] | None = None,
    aside: SetAside | None = None,
) -> Iterator[ThreadRow]:
    """Yield the threads of a file: rows of id, text, published_at and replies.

    ``replies`` are those of a second file, by thread; they come after the row's own. ``aside`` is called with
    every row that cannot be used (unreadable, without id, an id that came before, replies that are no list, a
    time that is none) and why; the others go on.

    Raises:
        ThreadError: such a row, where there is no ``aside``.
    """
    seen: set[str] = set()
    for line in lines:
        try:
            thread_id = _new_id(line, seen)
            yield _thread(thread_id, line.row or {}, (replies or {}).get(thread_id, ()))
        except (TimeError, TypeError, ValueError) as error:
            _set_aside(line, str(error), aside)


def read_replies(lines: Iterable[Line], aside: SetAside | None = None) -> dict[str, list[Mapping[str, Any]]]:
    """Return the rows of a file of replies by the thread that each belongs to; ``aside`` as above.

    Raises:
        ThreadError: an unreadable line, or one that names no thread, where there is no ``aside``.
    """
    found: dict[str, list[Mapping[str, Any]]] = {}
    for line in lines:
        row = line.row or {}
        thread = next((str(row[name]) for name in THREAD_FIELDS[:-1] if row.get(name)), "")
        if thread:
            found.setdefault(thread, []).append(row)
            continue
        nameless = f"没有说明是谁的回复（{'、'.join(THREAD_FIELDS[:-1])}）"
        _set_aside(line, nameless if line.row is not None else f"读不出：{line.reason}", aside)
    return found


def _new_id(line: Line, seen: set[str]) -> str:
    if line.row is None:
        raise ThreadError(f"读不出：{line.reason}")
    thread_id = str(line.row.get("id") or line.row.get("event_id") or "")
    if not thread_id:
        raise ThreadError("没有 id")
    if thread_id in seen:
        raise ThreadError(f"id 重复：{thread_id}")
    seen.add(thread_id)
    return thread_id


def _set_aside(line: Line, reason: str, aside: SetAside | None) -> None:
    if aside is None:
        raise ThreadError(f"第 {line.number} 行：{reason}")
    aside(line, reason)


def figures(scores: Mapping[str, Sequence[tuple[int, float, float]]]) -> list[dict[str, Any]]:
    """Return macro-F1 and calibration error of each look, beside text only.

    ``scores`` has, by look, (true label, score, score of the text) of each labelled thread.
    """
    found = []
    for look, rows in scores.items():
        truth = np.array([label for label, _, _ in rows], np.int64)
        chances = np.array([[score, text] for _, score, text in rows], np.float64)
        guess = (chances >= 0.5).astype(np.int64)
        found.append(
            {
                "look": look,
                "threads": len(rows),
                "macro_f1": round(macro_f1(truth, guess[:, 0], 2), 4),
                "text_only": round(macro_f1(truth, guess[:, 1], 2), 4),
                "ece": round(calibration_error(truth == 1, chances[:, 0]), 4),
            }
        )
    return found


def _scored(rows: Sequence[ThreadRow], scorer: ThreadScorer) -> Iterator[tuple[ThreadRow, dict[str, Any]]]:
    if not rows:
        return
    text = scorer.text_odds([row.text for row in rows])
    at = {look.name: [row.at(look) for row in rows] for look in LOOKS}
    odds = {
        name: text + scorer.reply_odds([[reply for _, reply in thread] for thread in threads])
        for name, threads in at.items()
    }
    alone = probability(text)
    chances = {name: probability(found) for name, found in odds.items()}
    for number, row in enumerate(rows):
        for look in LOOKS:
            score = float(chances[look.name][number])
            found: Reactions = reactions_of(at[look.name][number])
            yield (
                row,
                {
                    "id": row.thread_id,
                    "look": look.name,
                    "score": round(score, 4),
                    "label": SUSPECTED if score >= 0.5 else NOT_SUSPECTED,
                    "text_score": round(float(alone[number]), 4),
                    "replies": found.replies,
                    "evidence": found.words(),
                },
            )


def _thread(thread_id: str, row: Mapping[str, Any], more: Sequence[Any]) -> ThreadRow:
    given = row.get("replies")
    own = json.loads(given) if isinstance(given, str) and given.strip().startswith("[") else given
    # A count of replies, as files of posts have it, is not the replies.
    replies = own if isinstance(own, list) else []
    posted = parse_time(row["published_at"])[0] if row.get("published_at") else None
    read = [_reply(reply, posted) for reply in (*replies, *more)]
    # Replies without a time keep their place after those with one.
    read.sort(key=lambda reply: (reply[0] is None, reply[0] or 0.0))
    label = next((row[name] for name in LABEL_FIELDS if row.get(name) not in (None, "")), None)
    return ThreadRow(
        thread_id=thread_id,
        text=mask(clean(str(row.get("text") or ""))),
        replies=tuple(reply for reply in read if reply[1]),
        label=_label(label),
    )


def _reply(reply: Any, posted: datetime | None) -> tuple[float | None, str]:
    if isinstance(reply, str):
        return None, mask(clean(reply))
    if not isinstance(reply, Mapping):
        raise ThreadError(f"回复不是对象：{str(reply)[:40]}")
    text = mask(clean(str(reply.get("text") or "")))
    if reply.get("offset_s") not in (None, ""):
        return max(float(reply["offset_s"]), 0.0), text
    if reply.get("published_at") and posted is not None:
        return max((parse_time(reply["published_at"])[0] - posted).total_seconds(), 0.0), text
    return None, text


def _label(value: object) -> int | None:
    known = {"1": 1, "0": 0, "1.0": 1, "0.0": 0, SUSPECTED: 1, NOT_SUSPECTED: 0, "true": 1, "false": 0}
    return None if value is None else known.get(str(value).lower())
