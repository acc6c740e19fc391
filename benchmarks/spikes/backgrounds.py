"""The times of real cascades come in; invented seasonal counts of 15 minutes, with and without cascades in
them, go out.

The set-up is that of the research note on spikes: hour-of-week profile of the real posts (one vote a thread),
four rates, log-normal effects of days, a diurnal tilt of each series, micro-cascades, and one benign burst a
series in the warm-up, which is a real cascade that was no rumor.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

DAY, WEEK = 96, 672  # steps of 15 minutes
STEP_S = 900
HOURS = 168
LOCAL_S = 8 * 3600  # Asia/Shanghai has no summer time
MONDAY_S = 4 * 86400  # 1970-01-05 was a Monday
COVERAGES = (1.0, 0.2, 0.05)  # of a cascade's posts that are monitored
FEWEST = 3  # monitored posts of an injected cascade
BENIGN = (20, 100)  # posts of the benign burst
FIRST_DAY_S = 86400

Floats = npt.NDArray[np.float64]
Injected = tuple[int, int, Floats]  # row, first step, offsets in seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Cascade:
    """One thread: the hour of the week of its first post, and its later posts in seconds after it."""

    hour_of_week: int
    offsets: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Real:
    """What is taken from real threads: rumors, others, and the profile of a week, shape (672,), mean 1."""

    rumors: list[Cascade]
    others: list[Cascade]
    profile: Floats

    @classmethod
    def read(cls, path: Path) -> Real:
        """Read ``ced_events.parquet``."""
        events = pd.read_parquet(path).query("kind == 'repost'")
        rumors, others, votes = [], [], np.zeros(HOURS)
        for row in events.itertuples():
            offsets = np.sort(np.asarray(row.offset_s, np.float64))
            hours = _hours_of_week(int(row.t0_epoch) + offsets)
            if len(hours):
                votes += np.bincount(hours, minlength=HOURS) / len(hours)
            found = Cascade(hour_of_week=int(_hours_of_week(np.array([row.t0_epoch]))[0]), offsets=offsets)
            (rumors if row.label == 1 else others).append(found)
        smooth = 0.25 * np.roll(votes, 1) + 0.5 * votes + 0.25 * np.roll(votes, -1)
        return cls(rumors=rumors, others=others, profile=np.repeat(smooth / smooth.mean(), 4))


def _hours_of_week(seconds: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    return ((seconds + LOCAL_S - MONDAY_S) // 3600 % HOURS).astype(np.int64)


def background(
    random: np.random.Generator, real: Real, rate: float, warm: int, judged: int, loud: slice | None = None
) -> Floats:
    """Draw one series of ``rate`` posts an hour, shape (warm + judged,); ``loud`` steps at three times it."""
    bins = warm + judged
    mean = rate / 4 / 1.3 * np.tile(_tilted(random, real.profile), bins // WEEK + 1)[:bins]
    mean *= np.repeat(_day_levels(random, bins // DAY + 1), DAY)[:bins]
    if loud:
        mean[loud] *= 3
    counts = random.poisson(mean)
    _add_micro_cascades(random, counts)
    _add_benign_burst(random, real, counts, warm)
    return counts.astype(float)


def inject(
    random: np.random.Generator, counts: Floats, found: list[Cascade], warm: int, apart_days: float
) -> list[Injected]:
    """Add cascades to (series, steps) in place, each at its own hour of the week; return what was added.

    ``apart_days`` of 7: one a week and series. Fewer days: at a random hour of a day, that often.
    """
    added: list[Injected] = []
    waiting = iter(found)
    slots = range(warm, counts.shape[1] - 2 * DAY, round(apart_days * DAY))
    for slot in slots:  # slots outside, so that every rate gets as many
        for row in range(len(counts)):
            cascade = next(waiting, None)
            if cascade is None:
                return added
            start = slot + _place(random, cascade, apart_days)
            at = start + (cascade.offsets // STEP_S).astype(int)
            np.add.at(counts[row], at[at < counts.shape[1]], 1)
            added.append((row, start, cascade.offsets))
    return added


def _place(random: np.random.Generator, cascade: Cascade, apart_days: float) -> int:
    if apart_days < 7:
        return int(random.integers(0, DAY))
    return cascade.hour_of_week * 4 + int(random.integers(0, 4))


def thinned(random: np.random.Generator, rumors: list[Cascade]) -> list[Cascade]:
    """Return the first day of every rumor at three coverages, shuffled, where enough posts are left."""
    found = []
    for rumor in rumors:
        for share in COVERAGES:
            kept = rumor.offsets[random.random(len(rumor.offsets)) < share]
            kept = kept[(kept >= 0) & (kept < FIRST_DAY_S)]
            if len(kept) >= FEWEST:
                found.append(Cascade(hour_of_week=rumor.hour_of_week, offsets=kept))
    random.shuffle(found)  # type: ignore[arg-type]
    return found


def _day_levels(random: np.random.Generator, days: int) -> Floats:
    """Draw log-normal effects of days (sd 0.25, autocorrelation 0.6) on a weekly random walk (sd 0.1)."""
    effect, fresh = np.zeros(days), random.standard_normal(days) * 0.25
    effect[0] = fresh[0]
    for day in range(1, days):
        effect[day] = 0.6 * effect[day - 1] + 0.8 * fresh[day]
    walk = np.repeat(np.cumsum(random.standard_normal(days // 7 + 1) * 0.1), 7)[:days]
    return np.exp(effect + walk - 0.03)


def _tilted(random: np.random.Generator, profile: Floats) -> Floats:
    """Move the shared profile towards some hours of the day, for one series (sd 0.35)."""
    hour = np.arange(WEEK) / 4 % 24
    wave = np.cos(2 * np.pi * (hour - random.uniform(0, 24)) / 24)
    found = profile * np.exp(0.35 * random.standard_normal() * wave)
    return found / found.mean()


def _add_micro_cascades(random: np.random.Generator, counts: npt.NDArray[np.int64]) -> None:
    """Let 15 % of the posts bring further ones: geometric, mean 2, median delay 20 minutes."""
    bins = len(counts)
    for start in np.repeat(np.arange(bins), random.binomial(counts, 0.15)):
        delays = random.lognormal(np.log(20), 1.0, random.geometric(0.5)) / 15
        later = start + np.ceil(delays).astype(int)
        np.add.at(counts, later[later < bins], 1)


def _add_benign_burst(
    random: np.random.Generator, real: Real, counts: npt.NDArray[np.int64], warm: int
) -> None:
    cascade = real.others[int(random.integers(len(real.others)))]
    early = cascade.offsets[(cascade.offsets >= 0) & (cascade.offsets < FIRST_DAY_S)]
    size = min(int(random.integers(*BENIGN)), len(early))
    kept = random.choice(early, size, replace=False) if size else early
    at = int(random.integers(WEEK, warm - DAY)) + (kept // STEP_S).astype(int)
    np.add.at(counts, at, 1)
