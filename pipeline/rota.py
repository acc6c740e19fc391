"""Who is on call and who may be woken: the office's shifts and quiet hours come in, answers for a moment go
out.

All hours are Asia/Shanghai, which has no summer time; a span whose end is not after its start crosses
midnight and belongs to the day it starts on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pipeline.config import LOCAL_TIME, ConfigError

DAY = 24 * 60  # minutes
WEEK = 7 * DAY
DAYS = "一二三四五六日"
CLOCK = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    """Times of the week as (start, length) in minutes since Monday 00:00."""

    parts: tuple[tuple[int, int], ...] = ()

    def covers(self, moment: datetime) -> bool:
        """Whether a moment is inside."""
        return self._left(_minute(moment)) > 0

    def ends(self, moment: datetime) -> datetime:
        """Return when the span that covers a moment, and those that touch it, are over; else the moment."""
        at, passed = _minute(moment), 0
        while passed < WEEK and (left := self._left((at + passed) % WEEK)):
            passed += left
        whole = moment.replace(second=0, microsecond=0) if passed else moment
        return whole + timedelta(minutes=passed)

    def grid(self) -> list[list[bool]]:
        """Return 7 days x 24 hours: whether any minute of the hour is inside."""
        return [
            [
                any(self._left(day * DAY + hour * 60 + minute) for minute in (0, 15, 30, 45))
                for hour in range(24)
            ]
            for day in range(7)
        ]

    def _left(self, minute: int) -> int:
        return max([0, *(length - (minute - start) % WEEK for start, length in self.parts)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One shift: when it is and who is on call in it, the first one first."""

    name: str
    spans: Spans
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rota:
    """All shifts, who is asked when there is none, and the minutes after which an alert goes to the next."""

    shifts: tuple[Shift, ...] = ()
    otherwise: tuple[str, ...] = ()
    escalate: Mapping[str, tuple[int, ...]]

    def on_call(self, moment: datetime) -> tuple[str, ...]:
        """Return who is on call, the first one first; people of several shifts once each."""
        people = [person for shift in self.shifts if shift.spans.covers(moment) for person in shift.people]
        return tuple(dict.fromkeys(people)) or self.otherwise


# Minutes until the next person is asked. Red and orange: the research note, §3; blue and yellow wait.
ESCALATE: Mapping[str, tuple[int, ...]] = {"red": (10, 20), "orange": (30,), "yellow": (), "blue": ()}


def read_rota(table: Mapping[str, Any], known: Iterable[str]) -> Rota:
    """Read ``[rota]``; ``known`` are the recipients' names.

    Raises:
        ConfigError: an unknown key or person, or a time that is none.
    """
    unknown = set(table) - {"shifts", "otherwise", "escalate"}
    if unknown:
        raise ConfigError(f"[rota] unknown {sorted(unknown)}; known are escalate, otherwise, shifts")
    names = set(known)
    shifts = tuple(_shift(row, names) for row in table.get("shifts", []))
    otherwise = _people("[rota] otherwise", table.get("otherwise", []), names)
    return Rota(shifts=shifts, otherwise=otherwise, escalate=_escalation(table.get("escalate", {})))


def read_spans(where: str, given: object) -> Spans:
    """Read spans: ``"23:00-07:00"``, a list of such, or a table of them by day (一 … 日, 工作日, 周末, 每天).

    Raises:
        ConfigError: a day or a time is none; the message names it.
    """
    table: Mapping[str, Any] = given if isinstance(given, Mapping) else {"每天": given}
    parts: list[tuple[int, int]] = []
    for days, spans in table.items():
        for span in [spans] if isinstance(spans, str) else spans or []:
            start, end = _clocks(where, span)
            length = (end - start) % DAY or DAY
            parts += [(day * DAY + start, length) for day in days_of(where, days)]
    return Spans(parts=tuple(sorted(parts)))


def days_of(where: str, words: str) -> tuple[int, ...]:
    """Return the days of the week that a word names, Monday 0.

    Raises:
        ConfigError: a character is no day.
    """
    named = {"每天": DAYS, "工作日": DAYS[:5], "周末": DAYS[5:]}.get(words, words)
    days = [DAYS.find("日" if letter == "天" else letter) for letter in named if letter not in "周、, "]
    if not days or min(days) < 0:
        raise ConfigError(f"{where}: {words!r} names no days; write 每天, 工作日, 周末 or some of {DAYS}")
    return tuple(days)


def clock(where: str, given: object) -> int:
    """Return minutes after midnight of ``HH:MM``.

    Raises:
        ConfigError: it is no time of day.
    """
    found = CLOCK.fullmatch(str(given).strip())
    minutes = int(found.group(1)) * 60 + int(found.group(2)) if found else DAY + 1
    if minutes > DAY:
        raise ConfigError(f"{where}: {given!r} is no time of day such as 07:00")
    return minutes


def next_time(clocks: Sequence[int], moment: datetime) -> datetime:
    """Return the first of the times of day that is after a moment."""
    local = moment.astimezone(LOCAL_TIME)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    times = [midnight + timedelta(days=day, minutes=minutes) for day in (0, 1) for minutes in clocks]
    return min(time for time in times if time > local).astimezone(moment.tzinfo)


def _clocks(where: str, span: object) -> tuple[int, int]:
    start, dash, end = str(span).partition("-")
    if not dash:
        raise ConfigError(f"{where}: {span!r} is no span such as 23:00-07:00")
    return clock(where, start), clock(where, end)


def _shift(row: Mapping[str, Any], names: set[str]) -> Shift:
    unknown = set(row) - {"name", "days", "from", "to", "people"}
    missing = {"from", "to", "people"} - set(row)
    if unknown or missing:
        raise ConfigError(
            f"[[rota.shifts]] unknown {sorted(unknown)}, missing {sorted(missing)} in {dict(row)}"
        )
    where = f"[[rota.shifts]] {row.get('name', '')}"
    spans = read_spans(where, {str(row.get("days", "每天")): f"{row['from']}-{row['to']}"})
    return Shift(name=str(row.get("name", "")), spans=spans, people=_people(where, row["people"], names))


def _people(where: str, given: object, names: set[str]) -> tuple[str, ...]:
    people = tuple(given) if isinstance(given, list) else ()
    unknown = [person for person in people if person not in names]
    if not isinstance(given, list) or unknown:
        raise ConfigError(f"{where}: {unknown or given!r} is none of [recipients]: {sorted(names)}")
    return people


def _escalation(given: Mapping[str, Any]) -> Mapping[str, tuple[int, ...]]:
    for level, minutes in given.items():
        fits = isinstance(minutes, list) and all(type(one) is int and one > 0 for one in minutes)
        if level not in ESCALATE or not fits or sorted(minutes) != list(minutes):
            raise ConfigError(f"[rota] escalate.{level} = {minutes!r}: a level, and rising minutes")
    return {**ESCALATE, **{level: tuple(minutes) for level, minutes in given.items()}}


def _minute(moment: datetime) -> int:
    local = moment.astimezone(LOCAL_TIME)
    return local.weekday() * DAY + local.hour * 60 + local.minute
