"""A linear classifier on sparse features: rows and wanted probabilities come in, weights and bias go out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import minimize

from models.runtime import Floats

Doubles = npt.NDArray[np.float64]

STEPS = 60  # of L-BFGS: the problem is convex, and stopping early is a penalty too


def fit_linear(
    features: sparse.csr_matrix, wanted: Doubles, weights: Doubles, looseness: float
) -> tuple[Doubles, Floats]:
    """Fit multinomial logistic regression to probabilities: hard labels are rows of one 1.

    ``features`` (n, buckets), ``wanted`` (n, classes), ``weights`` (n,) of the rows; ``looseness`` is the
    inverse of the penalty on squared weights. Returns weights (buckets, classes) and bias (classes,).
    """
    used = np.unique(features.indices)
    seen = features[:, used].tocsr()
    turned = seen.T.tocsr()
    classes = wanted.shape[1]

    def loss(flat: Doubles) -> tuple[float, Doubles]:
        table = flat.reshape(-1, classes)
        values = seen @ table[:-1] + table[-1]
        values -= values.max(axis=1, keepdims=True)
        said = values - np.log(np.exp(values).sum(axis=1, keepdims=True))
        error = (np.exp(said) - wanted) * weights[:, None]
        slope = np.concatenate([turned @ error + table[:-1] / looseness, error.sum(axis=0, keepdims=True)])
        value = (table[:-1] ** 2).sum() / looseness / 2 - (said * wanted * weights[:, None]).sum()
        return float(value), slope.ravel()

    start = np.zeros((len(used) + 1) * classes)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": STEPS, "maxcor": 5})
    table = found.x.reshape(-1, classes)
    whole = np.zeros((features.shape[1], classes))
    whole[used] = table[:-1]
    return whole, table[-1].astype(np.float32)
