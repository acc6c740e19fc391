"""The burst stage: placed posts come in, counted by their own time step; bursts of claims, counties and
channels go out.

A post counts in the step it was published in, whenever it arrived, once the step is older than the configured
lateness. So back-filled posts after an outage raise nothing by their arrival.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd

from pipeline.bursts import BurstDetector, DetectorSettings, Exceeding
from pipeline.config import ConfigError, Settings
from pipeline.records import Burst
from pipeline.store import Store

STATE = "bursts"
STATE_TIME = "bursts.until"
STEPS_AT_ONCE = 400  # of a long past, so that the other stages get their turn
LONGEST_PAST = timedelta(days=42)  # of an import: older counts would teach little
STALE = timedelta(hours=6)  # a burst that old wakes nobody any more
FEWEST_VOICES = 3  # copies by one author are no burst
RETIRED_AFTER = timedelta(days=7)  # a claim's series is forgotten after this much silence


class BurstStage:
    """Follows the series of one store; its state is kept there, so that a restart goes on at the next
    step.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.step = timedelta(minutes=settings.detector_step_minutes)
        self.lateness = timedelta(minutes=settings.lateness_minutes)
        self.detector = BurstDetector(_detector_settings(settings))
        self.until = self._restored()

    def run(self, now: datetime) -> list[Burst]:
        """Take every step that is over by now; return the bursts in them that are not stale."""
        end = _floor(now - self.lateness, self.step)
        if self.until is None:
            self.until = self._first_step(end)
        if self.until is None or self.until >= end:
            return []
        end = min(end, self.until + STEPS_AT_ONCE * self.step)
        counts = self.store.frame(
            "step_counts", start=self.until, end=end, seconds=int(self.step.total_seconds())
        )
        found = self._take(self.until, end, counts)
        self._forget_retired(end)
        self.until = end
        with self.store.transaction():
            self.store.save_state(STATE, self.detector.dump())
            self.store.save_state(STATE_TIME, json.dumps(end.isoformat()).encode())
        return [burst for burst in found if burst.at >= now - STALE - self.lateness]

    def _take(self, start: datetime, end: datetime, counts: pd.DataFrame) -> list[Burst]:
        table = _by_step(counts)
        found: list[Burst] = []
        begin = start
        while begin < end:
            row = table.get(begin, {})
            self.detector.follow(sorted(row))
            values = np.array([row.get(key, 0.0) for key in self.detector.keys])
            for exceeding in self.detector.step(begin, values):
                burst = self._burst(exceeding, begin + self.step)
                if burst is not None:
                    found.append(burst)
            begin += self.step
        return found

    def _burst(self, exceeding: Exceeding, at: datetime) -> Burst | None:
        """Return a burst if enough different people speak in its window."""
        window = timedelta(minutes=exceeding.window_minutes)
        kind, _, name = exceeding.series.partition(":")
        voices = self.store.rows("voices", kind=kind, series_name=name, start=at - window, end=at)[0][
            "voices"
        ]
        if voices < FEWEST_VOICES:
            return None
        return Burst(
            series=exceeding.series,
            at=at,
            window_minutes=exceeding.window_minutes,
            observed=exceeding.observed,
            expected=exceeding.expected,
            upper=exceeding.upper,
            score=exceeding.score,
            baseline_days=exceeding.age_days,
        )

    def _forget_retired(self, end: datetime) -> None:
        alive = {row["series"] for row in self.store.rows("live_series", since=end - RETIRED_AFTER)}
        self.detector.drop(
            [key for key in self.detector.keys if key.startswith("claim:") and key not in alive]
        )

    def _first_step(self, end: datetime) -> datetime | None:
        first: datetime | None = self.store.rows("first_published", since=end - LONGEST_PAST)[0]["first"]
        return None if first is None else _floor(first, self.step)

    def _restored(self) -> datetime | None:
        kept, until = self.store.load_state(STATE), self.store.load_state(STATE_TIME)
        if kept is None or until is None:
            return None
        try:
            self.detector.load(kept)
        except ValueError:
            return None  # another step length was configured: the past is read again
        return datetime.fromisoformat(json.loads(until))


def _detector_settings(settings: Settings) -> DetectorSettings:
    """Return the detector's settings, the office's ``[detector]`` replacing the shipped ones.

    Raises:
        ConfigError: an unknown key or a value that is no number.
    """
    given: Mapping[str, float] = settings.tables.get("detector", {})
    known = set(DetectorSettings.__dataclass_fields__) - {"step_minutes"}
    for name, value in given.items():
        if name not in known or isinstance(value, bool) or not isinstance(value, int | float):
            raise ConfigError(f"[detector] {name} = {value!r}: known are {', '.join(sorted(known))}")
    return DetectorSettings(step_minutes=settings.detector_step_minutes, **given)  # type: ignore[arg-type]


def _by_step(counts: pd.DataFrame) -> dict[datetime, dict[str, float]]:
    table: dict[datetime, dict[str, float]] = {}
    for step, series, posts in zip(counts["step"], counts["series"], counts["posts"], strict=True):
        table.setdefault(step.to_pydatetime().astimezone(UTC), {})[series] = float(posts)
    return table


def _floor(moment: datetime, step: timedelta) -> datetime:
    seconds = step.total_seconds()
    return datetime.fromtimestamp(moment.timestamp() // seconds * seconds, UTC)
