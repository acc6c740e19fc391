"""Measures: true classes and predictions come in; figures with intervals go out. Only numpy is needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

BINS = 10
RESAMPLES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A figure and its 95 % interval over bootstrap resamples of the rows (Efron and Tibshirani 1993)."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def confusion(truth: Ints, guess: Ints, classes: int) -> Ints:
    """Count rows by true class (first axis) and predicted class (second): shape (classes, classes)."""
    return np.bincount(truth * classes + guess, minlength=classes * classes).reshape(classes, classes)


def precision_recall(table: Ints) -> tuple[Floats, Floats, Floats]:
    """Return precision, recall and F1 of each class; 0 where a class was never predicted or never there."""
    hits = np.diag(table).astype(np.float64)
    precision = hits / np.maximum(table.sum(axis=0), 1)
    recall = hits / np.maximum(table.sum(axis=1), 1)
    both = precision + recall
    return precision, recall, np.where(both > 0, 2 * precision * recall / np.where(both > 0, both, 1), 0.0)


def macro_f1(truth: Ints, guess: Ints, classes: int) -> float:
    """Average the F1 of the classes that occur in the truth or in the predictions."""
    table = confusion(truth, guess, classes)
    present = (table.sum(axis=0) + table.sum(axis=1)) > 0
    return float(precision_recall(table)[2][present].mean()) if present.any() else 0.0


def accuracy(truth: Ints, guess: Ints) -> float:
    """Return the share of rows that are right."""
    return float((truth == guess).mean())


def auc(truth: Ints, score: Floats) -> float:
    """Return the chance that a positive row scores above a negative one, ties counting half."""
    ranks = _average_ranks(score)
    positive = int(truth.sum())
    negative = len(truth) - positive
    if not positive or not negative:
        return float("nan")
    return float((ranks[truth == 1].sum() - positive * (positive + 1) / 2) / (positive * negative))


def calibration_bins(
    right: npt.NDArray[np.bool_], confidence: Floats, bins: int = BINS
) -> list[dict[str, float]]:
    """Group rows by stated probability; return each bin's mean stated probability, share right and size."""
    at = np.minimum((confidence * bins).astype(int), bins - 1)
    return [
        {
            "stated": float(confidence[at == number].mean()),
            "observed": float(right[at == number].mean()),
            "rows": int((at == number).sum()),
        }
        for number in range(bins)
        if (at == number).any()
    ]


def calibration_error(right: npt.NDArray[np.bool_], confidence: Floats, bins: int = BINS) -> float:
    """Return the expected calibration error (Naeini et al. 2015; Guo et al. 2017), in [0, 1]."""
    found = calibration_bins(right, confidence, bins)
    rows = sum(entry["rows"] for entry in found)
    return sum(abs(entry["stated"] - entry["observed"]) * entry["rows"] for entry in found) / max(rows, 1)


def bootstrap(measure: Callable[[Ints], float], rows: int, seed: int = 7) -> Interval:
    """Return a measure over all rows and its interval; ``measure`` takes row numbers."""
    random = np.random.default_rng(seed)
    values = [measure(random.integers(0, rows, rows)) for _ in range(RESAMPLES)]
    low, high = np.nanquantile(values, [0.025, 0.975])  # a resample may lack a class: no AUC there
    return Interval(value=measure(np.arange(rows)), low=float(low), high=float(high))


def _average_ranks(values: Floats) -> Floats:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    average: Floats = (last - (counts - 1) / 2).astype(np.float64)
    return average[inverse]
