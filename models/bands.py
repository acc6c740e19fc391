"""Probabilities come in; the label that may be said, or that it is doubtful, goes out.

A score in the band is an answer of its own, ``doubtful``: never a guess. The manifest of the weights may set
each head's band (``need_low``, ``rumor_low`` and ``rumor_high`` in its thresholds); an office may, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from models.labels import HEADS

DOUBTFUL: Final = "doubtful"
YES_NO: Final = ("rumor", "checkworthy")

# Scores are calibrated, so a label of less than one half is more likely wrong than right. On dev, labels
# below it were right in 39 % (sentiment, 7 % of the rows), 42 % (emotion, 20 %) and 33 % (stance, 4 %).
LEAST = 0.5
# Within 0.1 of the toss of a coin yes/no heads were right in 63 % (rumor, 6 % of the rows) and 58 %
# (check-worthiness, 5 %), against 90 % and 92 % outside.
LOW, HIGH = 0.4, 0.6


class BandError(ValueError):
    """A band is none; the message names the head and the values."""


@dataclass(frozen=True, slots=True)
class Band:
    """What is doubtful: of a yes/no head a probability of yes in [low, high), else a top one below low."""

    low: float
    high: float


def bands_of(thresholds: Mapping[str, float]) -> dict[str, Band]:
    """Return the band of every head: what the thresholds set, else the default.

    Raises:
        BandError: a band's ends are not in order or not probabilities.
    """
    found = {}
    for head in HEADS:
        low, high = (LOW, HIGH) if head in YES_NO else (LEAST, 1.0)
        band = Band(float(thresholds.get(f"{head}_low", low)), float(thresholds.get(f"{head}_high", high)))
        if not 0 <= band.low <= band.high <= 1:
            raise BandError(f"{head}: the band must be 0 <= low <= high <= 1, got {band.low} and {band.high}")
        found[head] = band
    return found


def no_bands() -> dict[str, Band]:
    """Return bands in which nothing lies: the likeliest label is always said."""
    return {head: Band(0.5, 0.5) if head in YES_NO else Band(0.0, 1.0) for head in HEADS}


def said(head: str, label: str | None, score: float | None, band: Band) -> str | None:
    """Return what may be said of a text: a label, ``doubtful``, or None where it was not scored.

    ``score`` is the probability of ``label``, or of yes for a yes/no head, whose ``label`` is not used.
    """
    if score is None:
        return None
    if not is_sure(head, score, band):
        return DOUBTFUL
    if head in YES_NO:
        return "yes" if score >= band.high else "no"
    return label


def is_sure(head: str, scores: Any, band: Band) -> Any:
    """Return whether a score is outside the doubtful band; of an array of scores, an array of bool."""
    if head in YES_NO:
        return (scores < band.low) | (scores >= band.high)
    return scores >= band.low
