"""Two models' values come in; what they say together, and how sure they are, goes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from models.runtime import Floats, head_slices, log_softmax


def blended(logits: Floats, scores: Floats, blend: Mapping[str, Sequence[float]]) -> Floats:
    """Return (n, 24) values whose softmax within a head is its calibrated probabilities.

    ``logits`` are a network's and ``scores`` the n-gram branch's, both (n, 24); ``blend`` has each head's
    two factors.
    """
    mixed = np.zeros_like(logits)
    for head, part in head_slices().items():
        network, branch = blend[head]
        mixed[:, part] = network * log_softmax(logits[:, part]) + branch * scores[:, part]
    return mixed


def doubt(values: Floats) -> Floats:
    """Return how unsure the least sure head is, (n,) in [0, 1): 1 minus the least of the top probabilities.

    Where a tenth of dev was passed on, it lost a point of macro-F1 less on emotion than the heads' mean did.
    """
    tops = [np.exp(log_softmax(values[:, part])).max(axis=1) for part in head_slices().values()]
    result: Floats = (1 - np.min(tops, axis=0)).astype(np.float32)
    return result
