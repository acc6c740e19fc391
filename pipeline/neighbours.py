"""Vectors with keys come in one by one; the keys nearest to a vector go out.

usearch's HNSW graph (Malkov and Yashunin 2018): a look-up grows with the logarithm of what it holds, where a
product with all vectors (numpy) grows with their number. Kept in bytes, because at hundreds of thousands of
vectors fetching them is what a look-up costs. Measured on 20,000 vectors drawn as the tagger's embeddings
lie, two shared cores, processor time: 0.24 ms a look-up and 0.13 ms an addition, 0.935 of the twelve true
neighbours and 0.993 of the nearest found; in 32-bit numbers with usearch's own settings 0.60 ms, 0.75 ms,
0.991 and 0.992.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import onnxruntime  # noqa: F401 - loaded after usearch, onnxruntime 1.32 crashes while it is imported
from usearch.index import Index

Vectors = npt.NDArray[np.float32]

LINKS = 16  # of a vector in the graph, usearch's own number
EFFORT = 64  # vectors looked at for an addition or a look-up; fewer lost neighbours, more found no more
WAITING = 256  # newest vectors that are compared one by one; added to the graph together it costs half


class Neighbours:
    """Unit-length vectors by integer key, searched by cosine."""

    def __init__(self, dimensions: int = 384) -> None:
        self.dimensions = dimensions
        self._index = Index(
            ndim=dimensions, metric="cos", dtype="i8",
            connectivity=LINKS, expansion_add=EFFORT, expansion_search=EFFORT,
        )  # fmt: skip
        self._waiting: dict[int, int] = {}  # key -> its row
        self._rows = np.zeros((WAITING, dimensions), np.float32)
        self._keys = np.zeros(WAITING, np.int64)
        self._filled = 0  # rows, those of keys that were removed too

    def __len__(self) -> int:
        return len(self._index) + len(self._waiting)

    def add(self, key: int, vector: Vectors) -> None:
        """Add one vector of shape (dimensions,).

        Raises:
            ValueError: another shape, or the key is known.
        """
        if vector.shape != (self.dimensions,):
            raise ValueError(f"a vector must be ({self.dimensions},), got {vector.shape}")
        if key in self._waiting or key in self._index:
            raise ValueError(f"key {key} is in the index already")
        if self._filled == WAITING:
            self._settle()
        self._rows[self._filled], self._keys[self._filled] = vector, key
        self._waiting[key] = self._filled
        self._filled += 1

    def remove(self, key: int) -> None:
        """Forget one vector."""
        if self._waiting.pop(key, None) is None:
            self._index.remove(key)

    def nearest(self, vector: Vectors, count: int) -> list[tuple[int, float]]:
        """Return at most ``count`` (key, cosine), best first."""
        found = self._nearest_waiting(vector, count)
        if len(self._index):
            settled = self._index.search(vector, count, threads=1)
            pairs = zip(settled.keys.tolist(), settled.distances.tolist(), strict=True)
            found += [(key, 1.0 - distance) for key, distance in pairs]
        return sorted(found, key=lambda pair: -pair[1])[:count]

    def _nearest_waiting(self, vector: Vectors, count: int) -> list[tuple[int, float]]:
        cosines = self._rows[: self._filled] @ vector
        removed = self._filled - len(self._waiting)
        order = np.argsort(-cosines)[: count + removed]
        pairs = zip(self._keys[order].tolist(), cosines[order].tolist(), strict=True)
        return [(key, cosine) for key, cosine in pairs if key in self._waiting]

    def _settle(self) -> None:
        """Move the waiting vectors into the graph."""
        rows = list(self._waiting.values())
        # One thread: the same order builds the same graph.
        self._index.add(self._keys[rows].astype(np.uint64), self._rows[rows], threads=1)
        self._waiting.clear()
        self._filled = 0
