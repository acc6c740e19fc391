"""The detector for coarse steps (a day to a week): counts of many series come in; what was expected and what
exceeds it go out, step by step, from what lay before each step only.

A log-linear model with trend and seasons, fitted by reweighted Poisson regression; past outbreaks are
weighed down, recent weeks left out. A step is above its range when the tail of one step or of three
together is improbable. Sources: Farrington et al. 1996 and Noufaily et al. 2013 (doi:10.1002/sim.5595) for
the regression, its Anscombe residuals and weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betainc

from pipeline.negative_binomial import Floats, upper_bounds

WEEK_HOURS = 168.0
YEAR_WEEKS = 52.18


@dataclass(frozen=True, slots=True, kw_only=True)
class CoarseSettings:
    """Chances below which one step, or three together, are above the range; the rest in steps.

    The two chances are the strictest at which half of the outbreaks are found, over three draws of the 42
    scenarios (``benchmarks/spikes/scenarios.py``): specificity 0.9920, PPV 0.74, F1 0.48; 0.0075 and 0.002
    gave 0.9912, 0.73 and 0.49.
    """

    one_tail: float = 0.007
    three_tail: float = 0.0015
    half_life: float = 156.0
    longest: int = 520  # steps of the past that are read
    left_out: int = 4  # latest steps not learnt from: an outbreak that is on would hide itself
    refit_every: int = 4
    least_history: int = 26
    least_count: int = 2
    ridge: float = 0.05
    rounds: int = 3


@dataclass(frozen=True, slots=True)
class CoarseResult:
    """Arrays of shape (series, steps); all but ``alarm`` are NaN before there is a model."""

    expected: Floats
    upper: Floats
    score: Floats
    alarm: npt.NDArray[np.bool_]


@dataclass(slots=True)
class _Fit:
    coefficients: Floats  # (series, terms)
    covariance: Floats  # (series, terms, terms)
    dispersion: Floats  # (series,)


def detect_coarse(counts: Floats, step_hours: float, settings: CoarseSettings | None = None) -> CoarseResult:
    """Go through ``counts`` (series, steps), whole numbers of one regular step of 24 to 168 hours."""
    chosen = settings or CoarseSettings()
    series, steps = counts.shape
    means = np.full((series, steps), np.nan)
    spread = np.full((series, steps), np.nan)  # variance over mean
    terms = _terms(steps, step_hours)
    fit: _Fit | None = None
    for now in range(chosen.least_history, steps):
        if fit is None or (now - chosen.least_history) % chosen.refit_every == 0:
            fit = _fitted(counts[:, :now], terms[:now], now, chosen, fit)
        means[:, now], spread[:, now] = _foretold(fit, terms[now])
    return _judged(counts, means, spread, chosen)


def _terms(steps: int, step_hours: float) -> Floats:
    """Return (steps, terms): one, trend, and two harmonics of the year or, for days, three of the week."""
    at = np.arange(steps, dtype=np.float64)
    weekly = step_hours < WEEK_HOURS
    period = WEEK_HOURS / step_hours if weekly else YEAR_WEEKS
    waves = [2 * np.pi * number * at / period for number in range(1, 4 if weekly else 3)]
    columns = [np.ones(steps), at / 100, *(np.cos(wave) for wave in waves), *(np.sin(wave) for wave in waves)]
    return np.stack(columns, axis=1)


def _fitted(counts: Floats, terms: Floats, now: int, settings: CoarseSettings, last: _Fit | None) -> _Fit:
    first = max(0, now - settings.longest)
    until = max(first + settings.least_history // 2, now - settings.left_out)
    seen, shape = counts[:, first:until], terms[first:until].copy()
    shape[:, 1] -= terms[now - 1, 1] if now else 0.0
    age = (now - np.arange(first, until)) / settings.half_life
    base = np.tile(0.5**age, (len(seen), 1))
    weights, dispersion = base, np.ones(len(seen))
    if last is None:
        coefficients = np.zeros((len(seen), shape.shape[1]))
        coefficients[:, 0] = np.log(seen.mean(axis=1) + 0.1)
    else:
        coefficients = last.coefficients.copy()
    inverse = np.zeros((len(seen), shape.shape[1], shape.shape[1]))
    for number in range(settings.rounds):
        passes = 5 if last is None else 2
        coefficients, inverse = _regress(seen, shape, weights, coefficients, settings.ridge, passes)
        mean = np.exp(np.clip(coefficients @ shape.T, -12, 15))
        free = np.maximum(weights.sum(axis=1) - shape.shape[1], 1.0)
        dispersion = np.maximum((weights * (seen - mean) ** 2 / mean).sum(axis=1) / free, 1.0)
        if number < settings.rounds - 1:
            weights = base * _trust(seen, mean, dispersion)
    return _Fit(coefficients, inverse * dispersion[:, None, None], dispersion)


def _regress(
    seen: Floats, shape: Floats, weights: Floats, start: Floats, ridge: float, passes: int
) -> tuple[Floats, Floats]:
    """Return coefficients (series, terms) and inverse information, by penalised Poisson scoring steps."""
    found = start
    penalty = np.diag([1e-6, *[ridge] * (shape.shape[1] - 1)])
    information = np.zeros((len(seen), shape.shape[1], shape.shape[1]))
    for _ in range(passes):
        line = np.clip(found @ shape.T, -12, 15)
        mean = np.exp(line)
        pull = weights * mean
        information = (pull[:, :, None] * shape).transpose(0, 2, 1) @ shape + penalty
        target = (pull * (line + (seen - mean) / np.maximum(mean, 1e-6))) @ shape
        step = np.linalg.solve(information, target[:, :, None])[:, :, 0] - found
        found = found + np.clip(step, -3, 3)
    return found, np.asarray(np.linalg.inv(information), np.float64)


def _trust(seen: Floats, mean: Floats, dispersion: Floats) -> Floats:
    """Return weights in (0, 1]: small where the Anscombe residual is high, outbreaks coming in runs."""
    residual = 1.5 * (seen ** (2 / 3) - mean ** (2 / 3)) / (mean ** (1 / 6) * np.sqrt(dispersion)[:, None])
    beside = np.zeros_like(residual)
    beside[:, 1:] = residual[:, :-1]
    beside[:, :-1] = np.maximum(beside[:, :-1], residual[:, 1:])
    high = np.maximum(residual, 0.6 * beside)
    found: Floats = np.minimum(1.0, (2 / np.maximum(high, 0.1)) ** 2)
    return found


def _foretold(fit: _Fit, terms: Floats) -> tuple[Floats, Floats]:
    shape = terms.copy()
    shape[1] = 0.01  # the trend is counted from the fit's own end; at most a few steps lie between
    mean = np.exp(np.clip(fit.coefficients @ shape, -12, 15))
    doubt = np.einsum("i,sij,j->s", shape, fit.covariance, shape)
    return np.maximum(mean, 1e-3), fit.dispersion + mean * np.minimum(doubt, 2.0)


def _judged(counts: Floats, means: Floats, spread: Floats, settings: CoarseSettings) -> CoarseResult:
    one = _surprise(counts, means, spread) / -np.log10(settings.one_tail)
    three = _surprise(_last_three(counts), _last_three(means), _last_three(spread) / 3)
    score = np.fmax(one, three / -np.log10(settings.three_tail))
    with np.errstate(invalid="ignore"):
        alarm = (score > 1) & (counts >= settings.least_count) & (counts > means)
    known = np.isfinite(means)
    upper = np.full_like(means, np.nan)
    upper[known] = upper_bounds(means[known], spread[known], settings.one_tail)
    return CoarseResult(means, upper, np.where(known, score, np.nan), alarm)


def _last_three(values: Floats) -> Floats:
    total = values.copy()
    total[:, 1:] += values[:, :-1]
    total[:, 2:] += values[:, :-2]
    total[:, :2] = np.nan
    return total


def _surprise(counts: Floats, means: Floats, spread: Floats) -> Floats:
    """Return -log10 of the chance of at least ``counts`` under negative binomials; NaN without a mean."""
    known = np.isfinite(means) & (counts > 0)
    ratio = np.maximum(spread[known], 1.01)
    chance = betainc(counts[known], means[known] / (ratio - 1), 1 - 1 / ratio)
    found = np.where(np.isfinite(means), 0.0, np.nan)
    found[known] = -np.log10(np.maximum(chance, 1e-300))
    return found
