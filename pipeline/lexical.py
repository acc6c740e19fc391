"""Texts come in; how much the rare words of one stand in another goes out.

Words are hashed character n-grams, weighed by how rare they are in Chinese posts (``models.ngrams``): no word
list is needed, and typos cost little.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from scipy import sparse

from models.clean import for_model
from models.ngrams import Floats, NGrams, count, weigh
from models.weights import SHIPPED

LARGEST_RARITY = 12.0  # of n-grams that the training posts never had: names, most of them


class Words:
    """The weighed n-grams of texts: ``unit`` rows of unit length, ``seen`` ones and ``worth`` rarities."""

    def __init__(self, texts: Sequence[str]) -> None:
        counts = count([for_model(text) for text in texts])
        counts.sum_duplicates()
        rarity = _rarity()
        self.unit = weigh(counts, rarity)
        parts = (counts.indices, counts.indptr)
        self.seen = sparse.csr_matrix((np.ones_like(counts.data), *parts), shape=counts.shape)
        self.worth = sparse.csr_matrix((rarity[counts.indices], *parts), shape=counts.shape)


def alike(one: Words, other: Words) -> Floats:
    """Return TF-IDF cosines (n, m) of all pairs."""
    return np.asarray((one.unit @ other.unit.T).toarray(), np.float32)


def covered(one: Words, other: Words) -> Floats:
    """Return (n, m): the share of the rarity of one's n-grams that stands in the other."""
    total = np.maximum(np.asarray(one.worth.sum(axis=1)), 1e-9)
    return np.asarray((one.worth @ other.seen.T).toarray() / total, np.float32)


@cache
def _rarity() -> Floats:
    known = NGrams.load(SHIPPED).rarity
    return np.where(known > 0, known, LARGEST_RARITY).astype(np.float32)
