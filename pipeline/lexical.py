"""Texts come in; how much the rare words of one stand in another goes out.

Words are hashed character n-grams, weighed by how rare they are in Chinese posts (``models.ngrams``): no word
list is needed, and typos cost little.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from heapq import nlargest

import numpy as np
from scipy import sparse

from models.clean import for_model
from models.ngrams import Floats, NGrams, buckets_of, count, weigh
from models.weights import SHIPPED

GRAMS_A_TEXT = 24  # the rarest, under which a text is found
KEYS_A_TOKEN = 100  # texts kept under one n-gram or pair of matters: a commoner one tells nothing apart
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
    """One text's n-grams: weights (of unit length together) and rarities by bucket.

    ``rarest`` are the buckets under which a text is found, the rarest first.
    """

    unit: Mapping[int, float]
    worth: Mapping[int, float]
    total: float
    rarest: tuple[int, ...]


def grams_of(text: str) -> Grams:
    """Return the weighed n-grams of one folded text."""
    found, times = np.unique(buckets_of(for_model(text)), return_counts=True)
    rarity = _rarity()[found]
    weights = (1 + np.log(times)) * rarity
    weights /= max(float(np.sqrt(weights @ weights)), 1e-9)
    buckets: list[int] = found.tolist()
    rarest = np.lexsort((found, -rarity))[:GRAMS_A_TEXT]
    return Grams(
        dict(zip(buckets, weights.tolist(), strict=True)),
        dict(zip(buckets, rarity.tolist(), strict=True)),
        float(rarity.sum()),
        tuple(found[rarest].tolist()),
    )


def shared_words(one: Grams, other: Grams) -> float:
    """Return how alike two texts are in words, in [0, 1].

    The mean of the TF-IDF cosine and of the share of the poorer text's rarity that stands in the other: a
    short post and a long one on the same matter are alike by the second.
    """
    shared = one.unit.keys() & other.unit.keys()
    cosine = sum(one.unit[bucket] * other.unit[bucket] for bucket in shared)
    poorer = max(min(one.total, other.total), 1e-9)
    return min(1.0, 0.5 * cosine + 0.5 * sum(one.worth[bucket] for bucket in shared) / poorer)


class SharedIndex:
    """Texts by key, found by the tokens they share; of a token, only the newest texts are kept.

    So a look-up costs the same however many texts there are.
    """

    def __init__(self) -> None:
        self._keys: dict[Hashable, dict[int, None]] = {}
        self._tokens: dict[int, list[Hashable]] = {}

    def add(self, key: int, tokens: Sequence[Hashable]) -> None:
        """Add one text under its tokens."""
        self._tokens[key] = list(tokens)
        for token in tokens:
            keys = self._keys.setdefault(token, {})
            keys[key] = None
            if len(keys) > KEYS_A_TOKEN:
                del keys[next(iter(keys))]

    def remove(self, key: int) -> None:
        """Forget one text."""
        for token in self._tokens.pop(key, []):
            keys = self._keys.get(token, {})
            keys.pop(key, None)
            if not keys:
                self._keys.pop(token, None)

    def nearest(self, tokens: Sequence[Hashable], most: int) -> list[int]:
        """Return at most ``most`` keys that share most tokens, the best first, the newest of equals."""
        found: Counter[int] = Counter()
        for token in tokens:
            found.update(self._keys.get(token, {}).keys())
        return nlargest(most, found, key=lambda key: (found[key], key))


class WordIndex(SharedIndex):
    """Texts by key, found by the rarest n-grams that they share."""

    def add_text(self, key: int, grams: Grams) -> None:
        """Add one text under its rarest n-grams."""
        self.add(key, grams.rarest)

    def nearest_texts(self, grams: Grams, most: int) -> list[int]:
        """Return at most ``most`` keys that share most of the rarest n-grams, the best first."""
        return self.nearest(grams.rarest, most)
