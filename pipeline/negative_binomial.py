"""Means and dispersions come in; the chances, ranges and likelihoods of negative binomial counts go out.

Parametrised as in Noufaily et al. 2013 (doi:10.1002/sim.5595): variance is ``dispersion`` times the mean.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, nbdtrik

Floats = npt.NDArray[np.float64]


def upper_bounds(mean: Floats, dispersion: Floats, chance: float = 0.01) -> Floats:
    """Return ``upper_bound`` of many series at once, (series,)."""
    size, success = size_and_chance(mean, dispersion)
    return np.maximum(np.ceil(np.asarray(nbdtrik(1 - chance, size, success), np.float64) - 1e-9), 0.0)


def upper_bound(mean: float, dispersion: float, chance: float = 0.01) -> float:
    """Return the smallest count that a negative binomial reaches with less than ``chance``, less one."""
    return float(upper_bounds(np.array([mean]), np.array([dispersion]), chance)[0])


def size_and_chance(mean: Floats, dispersion: Floats) -> tuple[Floats, Floats]:
    """Return (size, probability) for a mean and variance over mean (at least 1.01)."""
    ratio = np.maximum(dispersion, 1.01)
    return mean / (ratio - 1), 1 / ratio


def log_likelihood(counts: Floats, mean: Floats, dispersion: Floats) -> Floats:
    """Return the log of each count's chance, less the part that depends on the count alone."""
    size, chance = size_and_chance(mean, dispersion)
    result: Floats = (
        gammaln(counts + size) - gammaln(size) + size * np.log(chance) + counts * np.log1p(-chance)
    )
    return result
