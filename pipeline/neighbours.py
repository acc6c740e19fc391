"""Vectors with keys come in one by one; the keys nearest to a vector go out.

usearch's HNSW graph: a look-up grows with the logarithm of what it holds, where a product with all vectors
(numpy) grows with their number. Measured on two shared cores: 2,400 look-ups a second against numpy's 8,000
among 2,500 vectors, 1,100 against 160 among 21,000. How many true neighbours
the graph misses was not measured.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import onnxruntime  # noqa: F401 - loaded after usearch, onnxruntime 1.32 crashes while it is imported
from usearch.index import Index

Vectors = npt.NDArray[np.float32]


class Neighbours:
    """Unit-length vectors by integer key, searched by cosine."""

    def __init__(self, dimensions: int = 384) -> None:
        self.dimensions = dimensions
        self._index = Index(ndim=dimensions, metric="ip", dtype="f32")

    def __len__(self) -> int:
        return len(self._index)

    def add(self, key: int, vector: Vectors) -> None:
        """Add one vector of shape (dimensions,).

        Raises:
            ValueError: another shape, or the key is known.
        """
        if vector.shape != (self.dimensions,):
            raise ValueError(f"a vector must be ({self.dimensions},), got {vector.shape}")
        if key in self._index:
            raise ValueError(f"key {key} is in the index already")
        self._index.add(key, vector, threads=1)  # one thread: the same order builds the same graph

    def remove(self, key: int) -> None:
        """Forget one vector."""
        self._index.remove(key)

    def nearest(self, vector: Vectors, count: int) -> list[tuple[int, float]]:
        """Return at most ``count`` (key, cosine), best first."""
        if not len(self._index):
            return []
        found = self._index.search(vector, count, threads=1)
        return [
            (int(key), 1.0 - float(distance))
            for key, distance in zip(found.keys, found.distances, strict=True)
        ]
