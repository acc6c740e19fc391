"""The 42 weekly scenarios of Noufaily et al. 2013 and Bedubourg and Le Strat 2017, one row a method.

Our coarse detector stands beside EARS C2, a Farrington-style threshold and seasonal median/MAD on the same
series. ``python -m benchmarks.spikes.scenarios [--series 20]``. Generator: mean exp(theta + beta t +
harmonics), negative binomial with variance phi times the mean; outbreaks of Poisson(k sd) cases (at least 2)
spread by LogNormal(0, 0.5) weeks; 4 past ones in weeks 313-575, one in the 49 weeks 576-624 that are judged.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.stats import nbinom

from pipeline.weekly import CoarseSettings, detect_coarse

SETS = (
    (0.1, 0.0025, 0.6, 0.6, 1.5), (-2, 0.005, 0.1, 0.3, 2), (1.5, 0.003, 0.2, -0.4, 1),
    (0.5, 0.002, 0.5, 0.5, 5),
    (2.5, 0.001, 1, 0.1, 3), (3.75, 0.001, 0.1, -0.1, 1.1), (5, 0.0001, 0.05, 0.01, 1.2),
)  # fmt: skip
WEEKS, BASELINE, JUDGED = 624, 312, 575


def scenario(number: int) -> tuple[np.ndarray, float]:
    theta, beta, one, two, phi = SETS[number // 6]
    trend, waves = (number % 6) // 3, number % 3
    week = np.arange(1, WEEKS + 1)
    season = sum(
        (one * np.cos(2 * np.pi * j * week / 52) + two * np.sin(2 * np.pi * j * week / 52)
         for j in range(1, waves + 1)), np.zeros(WEEKS),
    )  # fmt: skip
    return np.exp(theta + trend * beta * week + season), phi


def draw(random: np.random.Generator, mean: np.ndarray, phi: float) -> np.ndarray:
    if phi == 1:
        return random.poisson(mean).astype(float)
    return random.negative_binomial(mean / (phi - 1), 1 / phi).astype(float)


def outbreak(
    random: np.random.Generator, mean: np.ndarray, phi: float, start: int, size: float
) -> np.ndarray:
    cases = 0
    for _ in range(200):
        cases = random.poisson(size * np.sqrt(phi * mean[start]))
        if cases >= 2:
            break
    extra = np.zeros(WEEKS)
    at = start + np.floor(random.lognormal(0, 0.5, max(cases, 2))).astype(int)
    np.add.at(extra, at[at < WEEKS], 1)
    return extra


def ears_c2(counts: np.ndarray) -> np.ndarray:
    alarm = np.zeros(counts.shape, bool)
    for t in range(10, WEEKS):
        past = counts[:, t - 9 : t - 2]
        alarm[:, t] = counts[:, t] > past.mean(1) + 2.326 * np.maximum(past.std(1, ddof=1), 0.01)
    return alarm


def _seasonal(counts: np.ndarray, t: int) -> np.ndarray:
    back = [t - 52 * year + near for year in range(1, 6) for near in range(-3, 4)]
    return counts[:, [week for week in back if 0 <= week < t]]


def farrington_style(counts: np.ndarray) -> np.ndarray:
    """Compare with the same weeks of five years; past outbreaks weighed down; NB 99 % quantile."""
    alarm = np.zeros(counts.shape, bool)
    for t in range(BASELINE, WEEKS):
        past = _seasonal(counts, t)
        weights = np.ones(past.shape)
        for _ in range(2):
            mean = np.maximum((weights * past).sum(1) / weights.sum(1), 0.05)
            phi = np.maximum(
                (weights * (past - mean[:, None]) ** 2).sum(1) / mean / (weights.sum(1) - 1), 1.01
            )
            spread = (
                1.5
                * (past ** (2 / 3) - mean[:, None] ** (2 / 3))
                / (mean[:, None] ** (1 / 6) * phi[:, None] ** 0.5)
            )
            weights = np.where(spread > 2.58, np.maximum(spread, 2.58) ** -2.0, 1.0)
        phi = phi + mean / past.shape[1]
        limit = nbinom.ppf(0.99, mean / (phi - 1), 1 / phi)
        alarm[:, t] = (counts[:, t] > limit) & (counts[:, max(0, t - 3) : t + 1].sum(1) >= 5)
    return alarm


def median_mad(counts: np.ndarray) -> np.ndarray:
    alarm = np.zeros(counts.shape, bool)
    for t in range(BASELINE, WEEKS):
        past = _seasonal(counts, t)
        middle = np.median(past, axis=1)
        wide = 1.4826 * np.median(np.abs(past - middle[:, None]), axis=1)
        alarm[:, t] = counts[:, t] > middle + 3.5 * np.maximum(wide, 0.5)
    return alarm


METHODS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "EARS C2": ears_c2,
    "Farrington-style": farrington_style,
    "seasonal median/MAD": median_mad,
    "huiying": lambda counts: detect_coarse(counts, 168.0, CoarseSettings()).alarm,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--series",
        type=int,
        default=50,
        help="series a scenario; 50 cross every size of past and current outbreaks",
    )
    parser.add_argument("--output", type=Path, default=None)
    given = parser.parse_args()
    totals = {name: np.zeros(6) for name in METHODS}  # tp, fp, fn, tn, outbreaks found, outbreaks
    for number in range(42):
        mean, phi = scenario(number)
        random = np.random.default_rng(1000 + number)
        counts, extra = [], []
        for at in range(given.series):
            series = draw(random, mean, phi)
            for _ in range(4):
                start = int(random.integers(BASELINE, JUDGED))
                series += outbreak(random, mean, phi, start, float((0, 2, 3, 5, 10)[at % 5]) or 1e-9) * (
                    at % 5 > 0
                )
            size = (at + at // 10) % 10 + 1  # every size by ten series, with every past one by fifty
            now = outbreak(random, mean, phi, int(random.integers(JUDGED, WEEKS)), float(size))
            counts.append(series + now)
            extra.append(now)
        seen, true = np.array(counts), np.array(extra)[:, JUDGED:] > 0
        for name, method in METHODS.items():
            alarm = method(seen)[:, JUDGED:]
            span = np.array([_span(row) for row in true])
            found = (alarm & span).any(1).sum()
            totals[name] += [
                (alarm & true).sum(), (alarm & ~span).sum(), (~alarm & true).sum(),
                (~alarm & ~span).sum(), found, len(true),
            ]  # fmt: skip
    rows = {name: figures(total) for name, total in totals.items()}
    for name, row in rows.items():
        print(f"{name:<22}" + "  ".join(f"{key} {value:.3f}" for key, value in row.items()))
    if given.output:
        given.output.write_text(
            json.dumps({"series a scenario": given.series, "rows": rows}, indent=1) + "\n"
        )


def _span(row: np.ndarray) -> np.ndarray:
    at = np.flatnonzero(row)
    span = np.zeros(len(row), bool)
    if len(at):
        span[at[0] : at[-1] + 1] = True
    return span


def figures(total: np.ndarray) -> dict[str, float]:
    tp, fp, fn, tn, found, outbreaks = total
    return {
        "specificity": tn / (tn + fp), "POD": found / outbreaks, "sensitivity": tp / (tp + fn),
        "PPV": tp / max(tp + fp, 1), "F1": 2 * tp / max(2 * tp + fp + fn, 1),
    }  # fmt: skip


if __name__ == "__main__":
    main()
