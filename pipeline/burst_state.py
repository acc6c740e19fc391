"""What the burst detector has learnt: arrays with one row a series, saved and restored bit for bit."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from pipeline.negative_binomial import Floats

HOURS = 168
# Factor, and posts added a 15-minute bin: from a slow rise to a sudden one.
ALTERNATIVES = (
    (1.5, 0.25),
    (2.0, 0.5),
    (2.0, 1.0),
    (3.0, 2.0),
    (4.0, 5.0),
    (6.0, 15.0),
)


@dataclass(slots=True)
class DetectorState:
    """Everything learnt, one row a series; saved and restored bit for bit."""

    keys: list[str] = field(default_factory=list)
    level: Floats = field(default_factory=lambda: np.zeros((0, 2)))  # discounted posts, discounted exposure
    seen: Floats = field(default_factory=lambda: np.zeros((0, HOURS)))  # discounted posts by hour of week
    hoped: Floats = field(
        default_factory=lambda: np.zeros((0, HOURS))
    )  # discounted expectation, flat profile
    counts: Floats = field(default_factory=lambda: np.zeros((0, 0)))  # ring of the last bins, as counted
    means: Floats = field(default_factory=lambda: np.zeros((0, 0)))  # ring of the last bins, as expected
    day: Floats = field(default_factory=lambda: np.zeros((0, 2)))  # slow sums for the level of the day
    spread: Floats = field(default_factory=lambda: np.zeros((0, 4, 2)))
    evidence: Floats = field(default_factory=lambda: np.zeros((0, len(ALTERNATIVES))))
    open_for: Floats = field(
        default_factory=lambda: np.zeros(0)
    )  # hours since it opened; negative while closed
    quiet_for: Floats = field(default_factory=lambda: np.zeros(0))  # hours since it was last above
    bins: Floats = field(default_factory=lambda: np.zeros(0))  # steps seen
    profile: Floats = field(default_factory=lambda: np.ones((2, HOURS)))  # of all series: posts, expectation
    common: Floats = field(default_factory=lambda: np.array([1.0, 1.0]))  # observed, expected over all series
    place: int = 0


ROWS = (
    "level",
    "seen",
    "hoped",
    "counts",
    "means",
    "day",
    "spread",
    "evidence",
    "open_for",
    "quiet_for",
    "bins",
)
