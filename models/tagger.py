"""The tagger: posts come in, calibrated tags and sentence embeddings go out, in one forward pass a post."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.clean import for_model
from models.labels import EMBEDDING_WIDTH, HEADS
from models.runtime import Floats, Network, log_softmax
from models.weights import SHIPPED, Manifest, read_manifest

LABELLED = ("sentiment", "emotion", "need", "stance")  # heads that give a label and its probability
SCORED = ("rumor", "checkworthy")  # yes/no heads that give the probability of yes
COLUMNS = (
    *(column for head in LABELLED for column in (head, f"{head}_score")),
    *(f"{head}_score" for head in SCORED),
    "model_version",
)
ROWS_AT_ONCE = 4096  # bounds memory: logits and embeddings of this many texts


class Tagger:
    """Tags Chinese posts. ``Tagger.load().tag(texts)``."""

    def __init__(self, network: Network, manifest: Manifest) -> None:
        self._network = network
        self._manifest = manifest

    @classmethod
    def load(cls, path: Path | None = None, threads: int | None = None) -> Self:
        """Load the shipped weights, or those of another folder.

        Raises:
            WeightsError: the folder has no manifest, or a file differs from its hash.
        """
        folder = path or SHIPPED
        manifest = read_manifest(folder)
        return cls(Network(folder, manifest.max_tokens, threads), manifest)

    @property
    def version(self) -> str:
        """Which weights these are; every row of tags says so."""
        return self._manifest.version

    def tag(self, texts: Sequence[str]) -> pd.DataFrame:
        """Return one row of tags a text, in order, with the columns of ``COLUMNS``.

        A score is the calibrated probability of the label beside it (rumor, checkworthy: of yes). A text
        without a letter, figure or emoji was not scored: its labels and scores are null.
        """
        return self.analyse(texts)[0]

    def embed(self, texts: Sequence[str]) -> Floats:
        """Return sentence embeddings (n, 384) of unit length; of a text that cannot be scored, zeros."""
        return self.analyse(texts)[1]

    def analyse(self, texts: Sequence[str]) -> tuple[pd.DataFrame, Floats]:
        """Return tags and embeddings of texts in one forward pass; see ``tag`` and ``embed``."""
        frames, vectors = [], []
        for start in range(0, len(texts), ROWS_AT_ONCE):
            tags, found = self._analyse([for_model(text) for text in texts[start : start + ROWS_AT_ONCE]])
            frames.append(tags)
            vectors.append(found)
        if not frames:
            return self._frame({}, []), np.zeros((0, EMBEDDING_WIDTH), np.float32)
        return pd.concat(frames, ignore_index=True), np.concatenate(vectors)

    def probabilities(self, texts: Sequence[str]) -> dict[str, Floats]:
        """Return every head's calibrated probabilities (n, classes); NaN where a text cannot be scored."""
        folded = [for_model(text) for text in texts]
        known = [at for at, text in enumerate(folded) if scorable(text)]
        found = {
            head: np.full((len(folded), len(labels)), np.nan, np.float32) for head, labels in HEADS.items()
        }
        for head, values in self._probabilities(self._network.run([folded[at] for at in known])[0]):
            found[head][known] = values
        return found

    def _analyse(self, folded: list[str]) -> tuple[pd.DataFrame, Floats]:
        known = [at for at, text in enumerate(folded) if scorable(text)]
        vectors = np.zeros((len(folded), EMBEDDING_WIDTH), np.float32)
        columns: dict[str, npt.NDArray[np.object_]] = {}
        logits, embedded = self._network.run([folded[at] for at in known])
        vectors[known] = self._centred(embedded)
        for head, values in self._probabilities(logits):
            for column, cells in _columns_of(head, values).items():
                columns[column] = np.full(len(folded), None, object)
                columns[column][known] = cells
        return self._frame(columns, folded), vectors

    def _centred(self, vectors: Floats) -> Floats:
        """Take the mean of unrelated posts away: with it, e5's cosines crowd near 1 (Mu and Viswanath
        2018).
        """
        if not self._manifest.embedding_mean:
            return vectors
        moved = vectors - np.array(self._manifest.embedding_mean, np.float32)
        result: Floats = (moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)).astype(
            np.float32
        )
        return result

    def _probabilities(self, logits: Floats) -> Iterator[tuple[str, Floats]]:
        for head, part in self._network.slices.items():
            values = np.exp(log_softmax(logits[:, part] / self._manifest.temperatures[head]))
            # Beyond four decimals is noise of the arithmetic, which differs with the length of a batch.
            yield head, values.round(4)

    def _frame(self, columns: dict[str, npt.NDArray[np.object_]], texts: Sequence[str]) -> pd.DataFrame:
        frame = pd.DataFrame(columns, index=range(len(texts)), columns=list(COLUMNS))
        scores = [column for column in COLUMNS if column.endswith("_score")]
        frame[scores] = frame[scores].astype("Float64")
        return frame.assign(model_version=self.version)


def scorable(folded: str) -> bool:
    """Whether a folded text says anything: a letter, a figure, or an emoji."""
    return any(unicodedata.category(char)[0] in "LN" or unicodedata.category(char) == "So" for char in folded)


def _columns_of(head: str, values: Floats) -> dict[str, npt.NDArray[np.object_]]:
    scores = values.max(axis=1) if head in LABELLED else values[:, 1]
    cells = {f"{head}_score": scores.astype(np.float64).astype(object)}
    if head in LABELLED:
        cells[head] = np.array(HEADS[head], dtype=object)[values.argmax(axis=1)]
    return cells
