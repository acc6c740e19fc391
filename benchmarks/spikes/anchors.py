"""Counts of 15-minute steps come in; how far the last hour stands out by three classic methods goes out.

Each method returns scores of shape (series, steps), 0 before it has a past. ``opened`` turns scores into
alarms with the rules that hold for every method: at least three posts in six hours, and an alarm that is open
until six hours below the threshold opens no other.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import betainc

from benchmarks.spikes.backgrounds import DAY, WEEK, Floats

HOUR = 4
CLOSE = 24  # steps below before an alarm may open again
FEWEST = 3
PAST_WEEKS = 5
BUDGET = 0.05  # false alarms a series and week that thresholds are tuned to
ANSCOMBE_HIGH = 2.58  # Noufaily et al. 2013: from this residual on a past value is weighed down


def c2_same_hour(counts: Floats) -> Floats:
    """EARS C2's z of the last hour against the same hour of the seven days before."""
    hour, score = rolling(counts, HOUR), np.zeros(counts.shape)
    for at in range(WEEK, counts.shape[1]):
        past = hour[:, [at - DAY * back for back in range(1, 8)]]
        score[:, at] = (hour[:, at] - past.mean(1)) / np.maximum(past.std(1, ddof=1), 0.3)
    return score


def median_mad(counts: Floats) -> Floats:
    """Return how many median absolute deviations the last hour is above that of the weeks before."""
    hour, score = rolling(counts, HOUR), np.zeros(counts.shape)
    for at in range(PAST_WEEKS * WEEK + HOUR, counts.shape[1]):
        past = _same_hours(hour, at)
        middle = np.median(past, axis=1)
        wide = 1.4826 * np.median(np.abs(past - middle[:, None]), axis=1)
        score[:, at] = (hour[:, at] - middle) / np.maximum(wide, 0.5)
    return score


def farrington_style(counts: Floats) -> Floats:
    """Return -log10 of the chance of the last hour, by a reweighted quasi-Poisson mean of the same hours."""
    hour, score = rolling(counts, HOUR), np.zeros(counts.shape)
    for at in range(PAST_WEEKS * WEEK + HOUR, counts.shape[1]):
        mean, phi = _reweighted(_same_hours(hour, at))
        now = hour[:, at]
        high = np.flatnonzero(now > mean)
        if len(high):
            size = mean[high] / (phi[high] - 1)
            chance = betainc(now[high], size, 1 - 1 / phi[high])
            score[high, at] = -np.log10(np.maximum(chance, 1e-300))
    return score


def _same_hours(hour: Floats, at: int) -> Floats:
    steps = [at - WEEK * back + near for back in range(1, PAST_WEEKS + 1) for near in (-HOUR, 0, HOUR)]
    return hour[:, steps]


def _reweighted(past: Floats) -> tuple[Floats, Floats]:
    """Return mean and variance over mean of (series, values), high past values weighed down."""
    weights = np.ones(past.shape)
    for _ in range(2):
        total = weights.sum(1)
        mean = np.maximum((weights * past).sum(1) / total, 0.05)
        scatter = (weights * (past - mean[:, None]) ** 2).sum(1) / mean / np.maximum(total - 1, 1)
        phi = np.maximum(scatter, 1.01)
        residual = 1.5 * (past ** (2 / 3) - mean[:, None] ** (2 / 3))
        residual /= mean[:, None] ** (1 / 6) * phi[:, None] ** 0.5
        weights = np.where(residual > ANSCOMBE_HIGH, np.maximum(residual, ANSCOMBE_HIGH) ** -2.0, 1.0)
    return mean, phi + mean / past.shape[1]


# Method and its usual threshold: z > 3 and 3.5 MAD as in most rules of thumb, a chance of 0.001.
ANCHORS: dict[str, tuple[Callable[[Floats], Floats], float]] = {
    "EARS C2, same hour": (c2_same_hour, 3.0),
    "Farrington-style": (farrington_style, 3.0),
    "seasonal median/MAD": (median_mad, 3.5),
}


def rolling(counts: Floats, bins: int) -> Floats:
    """Return the sums of the last ``bins`` steps."""
    total = np.cumsum(np.pad(counts, ((0, 0), (bins, 0))), axis=1)
    return total[:, bins:] - total[:, :-bins]


def opened(score: Floats, counts: Floats, threshold: Floats | float) -> np.ndarray:
    """Return at which steps an alarm opens; ``threshold`` is one, or one a series."""
    above = (score > np.reshape(threshold, (-1, 1))) & (rolling(counts, 6 * HOUR) >= FEWEST)
    found, quiet = np.zeros(above.shape, bool), np.full(len(above), CLOSE)
    for at in range(above.shape[1]):
        found[:, at] = above[:, at] & (quiet >= CLOSE)
        quiet = np.where(above[:, at], 0, quiet + 1)
    return found


def tuned(score: Floats, counts: Floats, warm: int) -> float:
    """Return the lowest threshold at which series without a burst raise no more than the budget."""
    weeks = (counts.shape[1] - warm) / WEEK * len(counts)
    low, high = 0.0, float(score[:, warm:].max()) + 1
    for _ in range(14):
        middle = (low + high) / 2
        alarms = opened(score, counts, middle)[:, warm:].sum()
        low, high = (low, middle) if alarms / weeks <= BUDGET else (middle, high)
    return high
