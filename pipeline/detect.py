"""``huiying detect``: a table of counts by series and time comes in; what was expected of each, and whether
it was above its range, goes out.

Steps below a day run through the burst detector of the live system, coarser ones through ``weekly``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from math import gcd
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.bursts import BurstDetector, DetectorSettings
from pipeline.negative_binomial import upper_bounds
from pipeline.readers import Line
from pipeline.times import TimeError, parse_time
from pipeline.weekly import CoarseSettings, detect_coarse

COLUMNS = ("series", "time", "count", "expected", "upper", "score", "alarm", "open")
DAY = timedelta(days=1)
SHORTEST, LONGEST = timedelta(minutes=15), timedelta(days=7)
WARM_UP = timedelta(days=7)  # from which the first level is taken; nothing is alarmed in it
LARGEST_INDEX = 10_000_000  # smaller whole numbers in the time column are step numbers
ORIGIN = datetime(2001, 1, 1, tzinfo=UTC)  # a Monday, for step numbers
SERIES_AT_ONCE = 200  # of the coarse detector, which keeps the whole past of a series in memory


class DetectError(ValueError):
    """The counts cannot be used; the message is Chinese and names the line and the value."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts: ``rows`` (series, moment, count, time as it was written) in the order of the file."""

    rows: list[tuple[str, datetime, float, str]]
    step: timedelta
    disordered: int


def read_counts(lines: Iterable[Line], step: timedelta | None = None) -> Counts:
    """Read and check ``series, time, count``; the step is found from the times unless given.

    Raises:
        DetectError: a line that cannot be read, a count that is negative, fractional or no number, a time
            twice in a series, or steps that are not regular.
    """
    rows: list[tuple[str, datetime, float, str]] = []
    seen: dict[tuple[str, datetime], int] = {}
    last: dict[str, datetime] = {}
    disordered = 0
    for line in lines:
        series, moment, count, written = _row(line, step)
        if (series, moment) in seen:
            raise DetectError(
                f"第 {line.number} 行:{series} 的时间 {written} 与第 {seen[series, moment]} 行重复"
            )
        seen[series, moment] = line.number
        disordered += series in last and moment < last[series]
        last[series] = max(moment, last.get(series, moment))
        rows.append((series, moment, count, written))
    if not rows:
        raise DetectError("没有数据行")
    return Counts(rows, _checked_step(rows, step), disordered)


def _row(line: Line, step: timedelta | None) -> tuple[str, datetime, float, str]:
    if line.row is None:
        raise DetectError(f"第 {line.number} 行读不出:{line.reason}")
    series, written = str(line.row.get("series") or ""), str(line.row.get("time") or "")
    if not series or not written:
        raise DetectError(f"第 {line.number} 行:series 或 time 为空")
    return series, _moment(written, line.number, step), _count(line.row.get("count"), line.number), written


def _count(value: object, number: int) -> float:
    try:
        count = float(str(value))
    except ValueError as error:
        raise DetectError(f"第 {number} 行:count 不是数:{value!r}") from error
    if not np.isfinite(count) or count < 0 or count != int(count):
        raise DetectError(f"第 {number} 行:count 须为 0 或正整数,实为 {value!r}")
    return count


def _moment(written: str, number: int, step: timedelta | None) -> datetime:
    whole = written.removesuffix(".0")
    if whole.isdecimal() and len(whole) != 8 and int(whole) < LARGEST_INDEX:  # 20240101 is a date
        return ORIGIN + (step or timedelta(days=7)) * int(whole)
    try:
        return parse_time(written)[0].astimezone(UTC)
    except TimeError as error:
        raise DetectError(f"第 {number} 行:{error}") from error


def _checked_step(rows: Iterable[tuple[str, datetime, float, str]], given: timedelta | None) -> timedelta:
    """Return the step: the given one, or the largest that all times of all series are a multiple apart of."""
    moments: dict[str, list[int]] = {}
    for series, moment, _, _ in rows:
        moments.setdefault(series, []).append(round(moment.timestamp()))
    apart = {
        later - earlier
        for times in moments.values()
        for earlier, later in zip(sorted(times), sorted(times)[1:], strict=False)
    }
    if given is None and not apart:
        raise DetectError("每个序列只有一行,看不出步长;请用 --step 指定")
    step = given or timedelta(seconds=reduce(gcd, apart))
    wrong = next((seconds for seconds in sorted(apart) if seconds % step.total_seconds()), None)
    if wrong is not None or not SHORTEST <= step <= LONGEST:
        shown = f"{(wrong or step.total_seconds()) / 60:g} 分钟"
        raise DetectError(f"时间步长不规则或不在 15 分钟到一周之间:{shown}")
    return step


def detect(
    counts: Counts,
    settings: DetectorSettings | None = None,
    coarse: CoarseSettings | None = None,
    warm_up: timedelta = WARM_UP,
) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of ``COLUMNS`` in the order of the file; a step without a row counts as 0.

    ``alarm`` is true at the step where a series rises above its range and, for coarse steps, at every step
    above it; ``open`` stays true until the series has been below for six hours; ``score`` is 1 at the
    threshold.
    """
    grid = _Grid(counts)
    found = _fine(grid, settings, warm_up) if counts.step < DAY else _coarse(grid, coarse)
    for series, moment, count, written in counts.rows:
        at = (grid.series[series], grid.place(moment))
        values = [float(found[name][at]) for name in ("expected", "upper", "score")]
        shown = [None if np.isnan(value) else round(value, 4) for value in values]
        flags = (bool(found["alarm"][at]), bool(found["open"][at]))
        yield dict(zip(COLUMNS, (series, written, int(count), *shown, *flags), strict=True))


class _Grid:
    """Counts as an array (series, steps), with each series' first and last step."""

    def __init__(self, counts: Counts) -> None:
        self.step = counts.step
        self.begin = min(moment for _, moment, _, _ in counts.rows)
        self.series = {name: at for at, name in enumerate(dict.fromkeys(row[0] for row in counts.rows))}
        steps = self.place(max(moment for _, moment, _, _ in counts.rows)) + 1
        self.counts = np.zeros((len(self.series), steps))
        self.first = np.full(len(self.series), steps)
        self.last = np.zeros(len(self.series), np.int64)
        for name, moment, count, _ in counts.rows:
            at, place = self.series[name], self.place(moment)
            self.counts[at, place] = count
            self.first[at] = min(self.first[at], place)
            self.last[at] = max(self.last[at], place)

    def place(self, moment: datetime) -> int:
        """Return the number of the step that begins at ``moment``."""
        return round((moment - self.begin) / self.step)


Arrays = dict[str, npt.NDArray[Any]]


def _empty(shape: tuple[int, int]) -> Arrays:
    numbers: Arrays = {name: np.full(shape, np.nan) for name in ("expected", "upper", "score")}
    return numbers | {name: np.zeros(shape, np.bool_) for name in ("alarm", "open")}


def _fine(grid: _Grid, settings: DetectorSettings | None, warm_up: timedelta) -> Arrays:
    minutes = round(grid.step.total_seconds() / 60)
    detector = BurstDetector(settings or DetectorSettings(step_minutes=minutes))
    found, names = _empty(grid.counts.shape), list(grid.series)
    warm = max(1, round(warm_up / grid.step))
    for now in range(grid.counts.shape[1]):
        begins, ended = np.flatnonzero(grid.first == now), np.flatnonzero(grid.last == now - 1)
        detector.follow([names[at] for at in begins], _first_levels(grid, begins, warm, names))
        if len(ended):
            detector.drop([names[at] for at in ended])
        rows = np.array([grid.series[key] for key in detector.keys], np.int64)
        if not len(rows):
            continue
        measured = detector.measure(grid.begin + grid.step * now, grid.counts[rows, now])
        known = now - grid.first[rows] >= np.where(_warms(grid, warm)[rows], warm, 0)
        found["expected"][rows, now] = measured.expected
        found["upper"][rows, now] = upper_bounds(measured.expected, measured.dispersion)
        found["score"][rows, now] = measured.score
        found["alarm"][rows, now] = measured.opened & known
        found["open"][rows, now] = detector.is_open & known
    return found


def _warms(grid: _Grid, warm: int) -> npt.NDArray[np.bool_]:
    """Whether a series is at least twice as long as the warm-up; a shorter one starts from a quiet prior."""
    found: npt.NDArray[np.bool_] = grid.last - grid.first + 1 >= 2 * warm
    return found


def _first_levels(
    grid: _Grid, begins: npt.NDArray[np.int64], warm: int, names: list[str]
) -> dict[str, float]:
    """Return posts an hour in the warm-up, what exceeds the 98th percentile cut to it."""
    levels = {}
    hours = grid.step.total_seconds() / 3600
    for at in begins:
        levels[names[at]] = 0.02
        if _warms(grid, warm)[at]:
            part = grid.counts[at, grid.first[at] : grid.first[at] + warm]
            limit = max(float(np.quantile(part, 0.98)), 1.0)
            levels[names[at]] = max(float(np.minimum(part, limit).mean()) / hours, 0.005)
    return levels


def _coarse(grid: _Grid, settings: CoarseSettings | None) -> Arrays:
    found = _empty(grid.counts.shape)
    hours = grid.step.total_seconds() / 3600
    spans = sorted(set(zip(grid.first.tolist(), grid.last.tolist(), strict=True)))
    for first, last in spans:
        alike = np.flatnonzero((grid.first == first) & (grid.last == last))
        for start in range(0, len(alike), SERIES_AT_ONCE):
            rows = alike[start : start + SERIES_AT_ONCE]
            result = detect_coarse(grid.counts[rows, first : last + 1], hours, settings)
            for name in ("expected", "upper", "score", "alarm"):
                found[name][rows, first : last + 1] = getattr(result, name)
    found["open"] = found["alarm"]
    return found
