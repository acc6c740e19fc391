"""Counts come in; shares with the interval in which the true share lies go out."""

from __future__ import annotations

import math
from dataclasses import dataclass

Z = 1.959964  # of a two-sided 95 % interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Proportion:
    """A share with its base and 95 % interval; the share of nothing is NaN and may be anything."""

    part: float
    whole: float
    share: float
    low: float
    high: float


def proportion(part: float, whole: float) -> Proportion:
    """Return a share with Wilson's score interval (Wilson 1927), which holds for small counts too.

    Raises:
        ValueError: a part that is negative or larger than its whole.
    """
    if not 0 <= part <= whole:
        raise ValueError(f"a part must lie within its whole, got {part} of {whole}")
    if whole == 0:
        return Proportion(part=0, whole=0, share=math.nan, low=0.0, high=1.0)
    share = part / whole
    spread = Z * Z / whole
    middle = (share + spread / 2) / (1 + spread)
    reach = Z / (1 + spread) * math.sqrt(share * (1 - share) / whole + spread / (4 * whole))
    return Proportion(
        part=part, whole=whole, share=share, low=max(0.0, middle - reach), high=min(1.0, middle + reach)
    )
