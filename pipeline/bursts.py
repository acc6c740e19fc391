"""The burst detector: counts of many series, one time step after the other, come in; those above their
range go out.

Two statistics on one learnt baseline: a negative-binomial tail test over windows of 15 minutes to 8
hours, which is calibrated by itself, and a negative-binomial Shiryaev-Roberts statistic with forgetting,
which gathers slow growth. The baseline is a discounted level times an hour-of-week profile shrunk to that
of all series, times the level of the day; what exceeds the range is cut before it is learnt. Nothing
later than a step is used in it.

Sources: Shin, Ramdas and Rinaldo 2024 (e-detectors, NEJSDS 59) for Shiryaev-Roberts; Noufaily et al. 2013
(doi:10.1002/sim.5595) for negative-binomial thresholds; constants tuned on simulated and real cascades, see
``benchmarks/spikes``.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from scipy.special import betainc

from pipeline.burst_state import ALTERNATIVES, HOURS, ROWS, DetectorState
from pipeline.negative_binomial import Floats, log_likelihood, size_and_chance, upper_bound

WINDOWS = (15, 60, 180, 480)  # minutes
PRIOR_DISPERSION = np.array([1.3, 1.5, 1.8, 2.2])  # variance over mean, by window
QUIET_RATE = 0.1  # posts an hour at which half of the quiet series' surplus applies
BASE_STEP = 15.0  # minutes: the step that the constants below are written for
SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorSettings:
    """What may be set. Thresholds: ``tail`` is -log10 of a p-value, ``evidence`` a natural logarithm.

    A series of few posts must show more: its thresholds are higher by ``quiet_tail`` and ``quiet_evidence``
    at a level of 0, by half of them at 0.1 posts an hour. Without that, series of 0.1 posts an hour gave 0.09
    false alarms a week where those of 0.5 to 10 gave 0.05 (``benchmarks/spikes/cascades.py``).
    """

    step_minutes: int = 15
    tail: float = 4.5
    evidence: float = 12.5
    quiet_tail: float = 0.8
    quiet_evidence: float = 4.0
    least_posts: int = 3
    level_half_life_days: float = 10.0
    profile_half_life_days: float = 28.0
    dispersion_half_life_days: float = 14.0
    profile_prior: float = 8.0  # posts
    level_prior_bins: float = 300.0
    close_after_hours: float = 6.0
    freeze_hours: float = 24.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Exceeding:
    """One series above its range at the end of a step; ``score`` is 1 at the threshold, ``opened`` on its
    first step.
    """

    series: str
    window_minutes: int
    observed: int
    expected: float
    upper: float
    score: float
    opened: bool
    age_days: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One step of all series, in the order of ``keys``: arrays of shape (series,).

    ``expected`` posts of the step, ``dispersion`` its variance over mean, ``score`` 1 at the threshold,
    ``window`` the number of the window that says most, ``opened`` whether the series rose above its range
    now.
    """

    expected: Floats
    dispersion: Floats
    score: Floats
    window: npt.NDArray[np.int64]
    opened: npt.NDArray[np.bool_]


class BurstDetector:
    """Follows any number of series; a series that is new starts from a quiet prior and says how young it
    is.
    """

    def __init__(self, settings: DetectorSettings | None = None) -> None:
        self.settings = settings or DetectorSettings()
        self._state = DetectorState()
        step = self.settings.step_minutes
        self._lengths = [max(1, round(minutes / step)) for minutes in WINDOWS]
        self._ring = max(self._lengths)
        self._state.counts = self._state.means = np.zeros((0, self._ring))
        self._hours = step / 60
        self._keep = {
            name: 0.5 ** (self._hours / 24 / days)
            for name, days in {
                "level": self.settings.level_half_life_days,
                "profile": self.settings.profile_half_life_days,
                "spread": self.settings.dispersion_half_life_days,
                "day": 16 / 24,
                "common": 3 / 24,
            }.items()
        }
        self._index: dict[str, int] = {}

    @property
    def keys(self) -> list[str]:
        """The series that are followed."""
        return self._state.keys

    @property
    def is_open(self) -> npt.NDArray[np.bool_]:
        """Which series are above their range, or were within the hours after which they close: (series,)."""
        opened: npt.NDArray[np.bool_] = self._state.open_for >= 0
        return opened

    def follow(self, keys: Sequence[str], prior_per_hour: float | Mapping[str, float] = 0.02) -> None:
        """Add series that are not followed yet; ``prior_per_hour`` is what is expected of them (of each)
        until they are known.
        """
        fresh = [key for key in dict.fromkeys(keys) if key not in self._index]
        if not fresh:
            return
        state, rows = self._state, len(fresh)
        prior = self.settings.level_prior_bins * BASE_STEP / self.settings.step_minutes
        rates = [
            prior_per_hour[key] if isinstance(prior_per_hour, Mapping) else prior_per_hour for key in fresh
        ]
        start = {
            "level": np.array([[rate * self._hours * prior, prior] for rate in rates]),
            "seen": np.zeros((rows, HOURS)), "hoped": np.zeros((rows, HOURS)),
            "counts": np.zeros((rows, self._ring)), "means": np.zeros((rows, self._ring)),
            "day": np.zeros((rows, 2)), "spread": np.zeros((rows, 4, 2)),
            "evidence": np.zeros((rows, len(ALTERNATIVES))), "open_for": np.full(rows, -1.0),
            "quiet_for": np.zeros(rows), "bins": np.zeros(rows),
        }  # fmt: skip
        for name in ROWS:
            old: Floats = getattr(state, name)
            setattr(state, name, np.concatenate([old, start[name]]) if state.keys else start[name])
        self._index.update({key: len(state.keys) + place for place, key in enumerate(fresh)})
        state.keys += fresh

    def drop(self, keys: Sequence[str]) -> None:
        """Forget series, as those of claims that are retired."""
        gone = {self._index[key] for key in keys if key in self._index}
        kept = [place for place in range(len(self._state.keys)) if place not in gone]
        for name in ROWS:
            setattr(self._state, name, getattr(self._state, name)[kept])
        self._state.keys = [self._state.keys[place] for place in kept]
        self._index = {key: place for place, key in enumerate(self._state.keys)}

    def step(self, begin: datetime, counts: Floats) -> list[Exceeding]:
        """Take the counts of one step that begins at ``begin`` (aware), in the order of ``keys``; return
        what exceeds.

        Raises:
            ValueError: there are not as many counts as series, or one is negative, fractional or NaN.
        """
        found = self.measure(begin, counts)
        above = np.flatnonzero((self._state.open_for >= 0) & (found.score >= 1))
        return [
            self._exceeding(row, int(found.window[row]), float(found.score[row]), bool(found.opened[row]))
            for row in above.tolist()
        ]

    def measure(self, begin: datetime, counts: Floats) -> Measured:
        """Take the counts of one step as ``step`` does; return what is expected and seen of every series.

        Raises:
            ValueError: as ``step``.
        """
        state = self._state
        counts = _checked(counts, len(state.keys))
        hour = _hour_of_week(begin)
        mean = self._expected(hour)
        tail, window = self._tail_test(counts, mean)
        evidence = self._gather_evidence(counts, mean)
        score = self._score(tail, evidence)
        opened = self._open_and_close(score)
        dispersion = self._dispersion(np.arange(len(counts)), 0, mean)
        self._learn(hour, counts, mean)
        return Measured(expected=mean, dispersion=dispersion, score=score, window=window, opened=opened)

    def dump(self) -> bytes:
        """Return everything learnt; ``load`` restores it bit for bit."""
        state, target = self._state, io.BytesIO()
        arrays = {name: getattr(state, name) for name in (*ROWS, "profile", "common")}
        np.savez(target, keys=np.array(state.keys, dtype=np.str_), place=np.array(state.place), **arrays)
        return target.getvalue()

    def load(self, kept: bytes) -> None:
        """Restore what ``dump`` gave.

        Raises:
            ValueError: it was made with another step length.
        """
        with np.load(io.BytesIO(kept), allow_pickle=False) as arrays:
            if arrays["counts"].shape[1] not in {self._ring, 0}:
                raise ValueError("the detector's state was made with another step length")
            for name in (*ROWS, "profile", "common"):
                setattr(self._state, name, arrays[name])
            self._state.keys = [str(key) for key in arrays["keys"]]
            self._state.place = int(arrays["place"])
        self._index = {key: place for place, key in enumerate(self._state.keys)}

    def _score(self, tail: Floats, evidence: Floats) -> Floats:
        """Return how far each series is towards its threshold, (series,); 1 is at it."""
        chosen, level = self.settings, self._state.level[:, 0] / self._state.level[:, 1]
        quiet = 1 / (1 + level / self._hours / QUIET_RATE)
        result: Floats = np.maximum(
            tail / (chosen.tail + chosen.quiet_tail * quiet),
            evidence / (chosen.evidence + chosen.quiet_evidence * quiet),
        )
        return result

    def _frozen(self) -> npt.NDArray[np.bool_]:
        """Which series opened less than a day ago: a burst teaches neither usual level nor usual scatter."""
        frozen: npt.NDArray[np.bool_] = (self._state.open_for >= 0) & (
            self._state.open_for < self.settings.freeze_hours
        )
        return frozen

    def _expected(self, hour: int) -> Floats:
        state, prior = self._state, self.settings.profile_prior
        shared = (state.profile[0] + 24.0) / (state.profile[1] + 24.0)
        shared = shared / max(shared.mean(), 1e-9)
        own = (state.seen[:, hour] + prior) / (state.hoped[:, hour] * shared[hour] + prior)
        day = np.clip((state.day[:, 0] + 8) / (state.day[:, 1] + 8), 0.8, 1.6)
        result: Floats = state.level[:, 0] / state.level[:, 1] * shared[hour] * own * day * self._loudness()
        return np.maximum(result, 1e-6)

    def _loudness(self) -> float:
        """Return how much louder than usual all series together are, in [1, 4]."""
        return float(np.clip(self._state.common[0] / self._state.common[1], 1.0, 4.0))

    def _tail_test(self, counts: Floats, mean: Floats) -> tuple[Floats, npt.NDArray[np.int64]]:
        """Return the largest -log10 p over the windows, and which window it was."""
        state = self._state
        place = state.place % self._ring
        state.counts[:, place], state.means[:, place] = counts, mean
        best, window = np.zeros(len(counts)), np.zeros(len(counts), np.int64)
        for number, length in enumerate(self._lengths):
            recent = [(place - back) % self._ring for back in range(length)]
            seen, hoped = state.counts[:, recent].sum(axis=1), state.means[:, recent].sum(axis=1)
            found = np.zeros(len(counts))
            rows = np.flatnonzero((seen >= self.settings.least_posts) & (seen > hoped))
            if len(rows):
                found[rows] = -np.log10(np.maximum(self._tail(rows, number, seen[rows], hoped[rows]), 1e-300))
            better = found > best
            best[better], window[better] = found[better], number
            if state.place % length == 0:
                self._note_spread(number, seen, hoped)
        state.place += 1
        return best, window

    def _tail(self, rows: npt.NDArray[np.int64], number: int, seen: Floats, hoped: Floats) -> Floats:
        """P(at least ``seen``) under a negative binomial with the learnt dispersion and the baseline's
        own error.
        """
        size, chance = size_and_chance(hoped, self._dispersion(rows, number, hoped))
        return np.asarray(betainc(seen, size, 1 - chance), np.float64)

    def _dispersion(self, rows: npt.NDArray[np.int64], number: int, hoped: Floats) -> Floats:
        """Return variance over mean of a window's count."""
        spread = self._state.spread[rows, number]
        prior = PRIOR_DISPERSION[number]
        own = (spread[:, 0] + prior * 20) / (spread[:, 1] + 20)
        learnt = np.maximum(self._state.level[rows, 0], 0.5)
        result: Floats = np.maximum(own, 1.05) + hoped * (0.03 + 1 / (learnt + 10))
        return result

    def _note_spread(self, number: int, seen: Floats, hoped: Floats) -> None:
        """Learn how far counts scatter. What rises is cut at four standard deviations, and a burst that is
        on teaches nothing: counted as scatter, it hid the next one (median delay 27 minutes against 15).
        """
        limit = hoped + 4 * np.sqrt(hoped * PRIOR_DISPERSION[number]) + 1
        learning = np.flatnonzero(~self._frozen())
        spread = self._state.spread[:, number]
        spread[learning] *= self._keep["spread"] ** self._lengths[number]
        spread[learning, 0] += (np.minimum(seen, limit) - hoped)[learning] ** 2
        spread[learning, 1] += hoped[learning]

    def _gather_evidence(self, counts: Floats, mean: Floats) -> Floats:
        """Update the Shiryaev-Roberts statistic and return the log of its mean over the alternatives."""
        state = self._state
        scale = self.settings.step_minutes / BASE_STEP
        variance = PRIOR_DISPERSION[0] + mean * 0.03
        usual = log_likelihood(counts, mean, variance)
        for number, (factor, more) in enumerate(ALTERNATIVES):
            higher = np.maximum(factor * mean, mean + more * scale)
            gain = log_likelihood(counts, higher, variance) - usual
            known = np.logaddexp(0.0, state.evidence[:, number]) * (0.97**scale)
            state.evidence[:, number] = np.clip(known + gain, -50.0, 120.0)
        top = state.evidence.max(axis=1, initial=-50.0)
        total: Floats = top + np.log(np.exp(state.evidence - top[:, None]).mean(axis=1))
        recent = state.counts[
            :, [(state.place - 1 - back) % self._ring for back in range(min(self._ring, self._lengths[2]))]
        ]
        return np.where(recent.sum(axis=1) >= self.settings.least_posts, total, 0.0)

    def _open_and_close(self, score: Floats) -> npt.NDArray[np.bool_]:
        """Open a series above 1; close it after six hours below. Return which were opened by this step."""
        state = self._state
        above = score >= 1
        opened = above & (state.open_for < 0)
        state.open_for = np.where(
            opened, 0.0, np.where(state.open_for >= 0, state.open_for + self._hours, -1.0)
        )
        state.quiet_for = np.where(above, 0.0, state.quiet_for + self._hours)
        closing = (state.open_for >= 0) & (state.quiet_for >= self.settings.close_after_hours)
        state.open_for[closing] = -1.0
        state.evidence[closing] = 0.0
        return opened

    def _learn(self, hour: int, counts: Floats, mean: Floats) -> None:
        state = self._state
        deviation = np.sqrt(mean * PRIOR_DISPERSION[0])
        cut = np.minimum(counts, mean + np.where(self._frozen(), 0.3 * deviation, 3 * deviation + 1))
        level = state.level[:, 0] / state.level[:, 1]
        flat = mean / np.maximum(level, 1e-9)
        state.level *= self._keep["level"]
        state.level[:, 0] += cut
        state.level[:, 1] += flat
        state.seen *= self._keep["profile"]
        state.hoped *= self._keep["profile"]
        state.seen[:, hour] += cut
        state.hoped[:, hour] += level
        state.day *= self._keep["day"]
        state.day += np.stack([cut, mean], axis=1)
        weight = 1 / np.sqrt(np.maximum(level, 0.01))
        state.profile *= self._keep["profile"]
        state.profile[:, hour] += (float((cut * weight).sum()), float((level * weight).sum()))
        loudness = self._loudness()
        state.common *= self._keep["common"]
        usual = state.bins * self._hours > 24
        if usual.sum() >= 5:
            capped = np.minimum(counts, mean + 6 * deviation + 2)[usual]
            state.common += (float(capped.sum()), float(mean[usual].sum()) / loudness)
        state.common += 0.05
        state.bins += 1

    def _exceeding(self, row: int, window: int, score: float, opened: bool) -> Exceeding:
        state = self._state
        place = (state.place - 1) % self._ring
        recent = [(place - back) % self._ring for back in range(self._lengths[window])]
        expected = float(state.means[row, recent].sum())
        rows = np.array([row])
        ratio = float(self._dispersion(rows, window, np.array([expected]))[0])
        return Exceeding(
            series=state.keys[row], window_minutes=WINDOWS[window], observed=int(state.counts[row,
            recent].sum()), expected=expected, upper=upper_bound(expected, ratio), score=score, opened=opened,
            age_days=float(state.bins[row]) * self._hours / 24,
        )  # fmt: skip


def _checked(counts: Floats, series: int) -> Floats:
    values = np.asarray(counts, np.float64)
    if values.shape != (series,):
        raise ValueError(f"expected {series} counts, got {values.shape}")
    wrong = ~np.isfinite(values) | (values < 0) | (values != np.floor(values))
    if wrong.any():
        raise ValueError(f"a count must be a whole number of 0 or more, got {values[wrong][0]!r}")
    return values


def _hour_of_week(moment: datetime) -> int:
    if moment.tzinfo is None:
        raise ValueError(f"a step's begin must be an aware time, got {moment!r}")
    local = moment.astimezone(UTC).astimezone(SHANGHAI)
    return local.weekday() * 24 + local.hour
