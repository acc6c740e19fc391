"""The n-gram branch: texts come in, one score a class for every head goes out, from hashed character n-grams.

A linear model beside the network. It knows words that the small network has no room for, costs a
fraction of it, and is the ``fast`` tier by itself. Character 1- to 3-grams are hashed into buckets
(Weinberger et al. 2009, feature hashing), weighed by 1 + log(count) and inverse document frequency, and
scaled to unit length.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file
from scipy import sparse

from models.weights import NGRAM_FILE, WeightsError

Floats = npt.NDArray[np.float32]

LENGTHS = (1, 2, 3)
BITS = 17  # 131,072 buckets: 2^18 gained nothing on dev
LONGEST = 2000  # characters read of a text
BEGIN, END = "\x02", "\x03"
MIX = np.uint64(0xBF58476D1CE4E5B9)  # odd constants of SplitMix64 (Steele et al. 2014) and FNV-1a
STEP = np.uint64(0x100000001B3)


class NGrams:
    """The branch as it is shipped: weights (buckets, 24) in int8 with one scale a class."""

    def __init__(self, weights: npt.NDArray[np.int8], scales: Floats, bias: Floats, rarity: Floats) -> None:
        self.rarity = rarity
        self.bias = bias
        self._weights: Floats = weights.astype(np.float32) * scales

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the branch of a weights folder.

        Raises:
            WeightsError: the file cannot be read or lacks a tensor.
        """
        try:
            kept = load_file(folder / NGRAM_FILE)
            return cls(kept["weights"], kept["scales"], kept["bias"], kept["rarity"].astype(np.float32))
        except (SafetensorError, KeyError, OSError) as error:
            raise WeightsError(f"{folder / NGRAM_FILE}: not readable: {error}") from error

    @property
    def weights(self) -> Floats:
        """The weights, (buckets, 24)."""
        return self._weights

    def scores(self, texts: Sequence[str]) -> Floats:
        """Return decision values (n, 24) of folded texts, heads side by side as in the network."""
        if not texts:
            return np.zeros((0, len(self.bias)), np.float32)
        found: Floats = (weigh(count(texts), self.rarity) @ self._weights + self.bias).astype(np.float32)
        return found


def count(texts: Sequence[str]) -> sparse.csr_matrix:
    """Count the hashed n-grams of texts: shape (n, 2 ** BITS)."""
    framed = [f"{BEGIN}{text[:LONGEST]}{END}" for text in texts]
    letters = np.frombuffer("".join(framed).encode("utf-32-le", "replace"), np.uint32).astype(np.uint64)
    letters = np.where((letters >= ord("A")) & (letters <= ord("Z")), letters + 32, letters)
    owners = np.repeat(np.arange(len(framed)), [len(text) for text in framed])
    buckets, rows = zip(*(_hashed(letters, owners, length) for length in LENGTHS), strict=True)
    ones = np.ones(sum(len(part) for part in rows), np.float32)
    places = (np.concatenate(rows), np.concatenate(buckets))
    return sparse.csr_matrix((ones, places), shape=(len(texts), 1 << BITS))


def buckets_of(text: str) -> npt.NDArray[np.int64]:
    """Return the buckets of all n-grams of one text, a bucket as often as it occurs."""
    letters = np.frombuffer(f"{BEGIN}{text[:LONGEST]}{END}".lower().encode("utf-32-le", "replace"), np.uint32)
    framed = letters.astype(np.uint64)
    owners = np.zeros(len(framed), np.int64)
    return np.concatenate([_hashed(framed, owners, length)[0] for length in LENGTHS])


def weigh(counts: sparse.csr_matrix, rarity: Floats) -> sparse.csr_matrix:
    """Return 1 + log(count), times ``rarity`` (buckets,), each row of unit length."""
    data = ((1 + np.log(counts.data)) * rarity[counts.indices]).astype(np.float32)
    weighed = sparse.csr_matrix((data, counts.indices, counts.indptr), shape=counts.shape)
    lengths = np.sqrt(np.asarray(weighed.multiply(weighed).sum(axis=1)).ravel())
    return sparse.csr_matrix(sparse.diags_array(1 / np.maximum(lengths, 1e-9)) @ weighed, dtype=np.float32)


def rarity_of(counts: sparse.csr_matrix) -> Floats:
    """Return smoothed inverse document frequency by bucket; 0 for what occurs in fewer than two texts."""
    texts = np.bincount(counts.indices, minlength=counts.shape[1])
    found: Floats = np.where(texts > 1, np.log((1 + counts.shape[0]) / (1 + texts)) + 1, 0).astype(np.float32)
    return found


def save(folder: Path, weights: npt.NDArray[np.float64], bias: Floats, rarity: Floats) -> None:
    """Write weights (buckets, 24) in int8, one scale a class, with the rest of the branch."""
    scales = np.maximum(np.abs(weights).max(axis=0), 1e-9) / 127
    save_file(
        {
            "weights": np.rint(weights / scales).astype(np.int8),
            "scales": scales.astype(np.float32),
            "bias": bias.astype(np.float32),
            "rarity": rarity.astype(np.float16),
        },
        folder / NGRAM_FILE,
    )


def _hashed(
    letters: npt.NDArray[np.uint64], owners: npt.NDArray[np.int64], length: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the bucket of every n-gram that lies within one text, and whose it is."""
    grams = max(0, len(letters) - length + 1)
    mixed = np.full(grams, length, np.uint64)
    for at in range(length):
        mixed = (mixed ^ letters[at : at + grams]) * STEP
        mixed ^= mixed >> np.uint64(29)
    within = owners[:grams] == owners[length - 1 :]
    return ((mixed * MIX)[within] >> np.uint64(64 - BITS)).astype(np.int64), owners[:grams][within]
