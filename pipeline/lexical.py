"""Texts come in; how much the rare words of one stand in another goes out.

Words are hashed character n-grams, weighed by how rare they are in Chinese posts (``models.ngrams``): no word
list is needed, and typos cost little.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from scipy import sparse

from models.clean import for_model
from models.ngrams import Floats, NGrams, count, weigh
from models.weights import SHIPPED

Ints = npt.NDArray[np.int64]

GRAMS_A_TEXT = 48  # the rarest, under which a text is found
KEYS_A_GRAM = 300  # texts kept under one n-gram: a commoner one tells nothing apart
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


@dataclass(frozen=True, slots=True)
class Grams:
    """One text's n-grams: sorted bucket numbers, unit-length weights and rarities, each (k,)."""

    buckets: Ints
    unit: Floats
    worth: Floats


def grams_of(text: str) -> Grams:
    """Return the weighed n-grams of one folded text."""
    words = Words([text])
    order = np.argsort(words.unit.indices)
    return Grams(words.unit.indices[order].astype(np.int64), words.unit.data[order], words.worth.data[order])


def shared_words(one: Grams, other: Grams) -> float:
    """Return how alike two texts are in words, in [0, 1].

    The mean of the TF-IDF cosine and of the share of the poorer text's rarity that stands in the other: a
    short post and a long one on the same matter are alike by the second.
    """
    _, mine, theirs = np.intersect1d(one.buckets, other.buckets, assume_unique=True, return_indices=True)
    cosine = float(one.unit[mine] @ other.unit[theirs])
    poorer = max(min(float(one.worth.sum()), float(other.worth.sum())), 1e-9)
    return min(1.0, 0.5 * cosine + 0.5 * float(one.worth[mine].sum()) / poorer)


class WordIndex:
    """Texts by key, found by the rare n-grams they share: a look-up grows with the texts that share them."""

    def __init__(self) -> None:
        self._keys: dict[int, list[int]] = {}
        self._grams: dict[int, list[int]] = {}

    def add(self, key: int, grams: Grams) -> None:
        """Add one text under its rarest n-grams; of an n-gram, the newest texts are kept."""
        kept = _rarest(grams)
        self._grams[key] = kept
        for bucket in kept:
            keys = self._keys.setdefault(bucket, [])
            keys.append(key)
            del keys[:-KEYS_A_GRAM]

    def remove(self, key: int) -> None:
        """Forget one text."""
        for bucket in self._grams.pop(key, []):
            keys = [other for other in self._keys.get(bucket, []) if other != key]
            if keys:
                self._keys[bucket] = keys
            else:
                self._keys.pop(bucket, None)

    def nearest(self, grams: Grams, count: int) -> list[int]:
        """Return at most ``count`` keys that share most of the rarest n-grams, the best first."""
        found: Counter[int] = Counter()
        for bucket in _rarest(grams):
            found.update(self._keys.get(bucket, ()))
        return [key for key, _ in sorted(found.items(), key=lambda item: (-item[1], item[0]))[:count]]


def _rarest(grams: Grams) -> list[int]:
    order = np.argsort(-grams.worth, kind="stable")[:GRAMS_A_TEXT]
    return [int(bucket) for bucket in grams.buckets[order]]
