"""Two models' values come in; what they say together, and how sure they are, goes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from models.runtime import Floats, head_slices, log_softmax


def blended(logits: Floats, scores: Floats, blend: Mapping[str, Sequence[float]]) -> Floats:
    """Return (n, 24) values whose softmax within a head is its calibrated probabilities.

    ``logits`` are the network's and ``scores`` the n-gram branch's, both (n, 24); ``blend`` has each head's
    two factors.
    """
    mixed = np.zeros_like(logits)
    for head, part in head_slices().items():
        network, branch = blend[head]
        mixed[:, part] = network * log_softmax(logits[:, part]) + branch * scores[:, part]
    return mixed


def alone(scores: Floats, factors: Mapping[str, float]) -> Floats:
    """Return (n, 24) values of the n-gram branch by itself, calibrated by one factor a head."""
    found = scores.copy()
    for head, part in head_slices().items():
        found[:, part] *= factors[head]
    return found


def doubt(values: Floats) -> Floats:
    """Return how unsure the heads are, (n,) in [0, 1): 1 minus the mean of their top probabilities."""
    tops = [np.exp(log_softmax(values[:, part])).max(axis=1) for part in head_slices().values()]
    result: Floats = (1 - np.mean(tops, axis=0)).astype(np.float32)
    return result
