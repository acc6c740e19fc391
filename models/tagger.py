"""The tagger: posts come in, calibrated tags and sentence embeddings go out, in one forward pass a post.

Two models speak for every head: the network, and a linear model on character n-grams that knows words the
network has no room for. ``quality="fast"`` asks the n-grams and a tiny network first, the network only where
they are in doubt.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.blend import blended, doubt
from models.clean import for_model
from models.labels import EMBEDDING_WIDTH, HEADS
from models.ngrams import NGrams
from models.plugged import PLUGIN_FILE, Plugged, read_plugins
from models.runtime import Floats, Network, log_softmax
from models.weights import SHIPPED, TINY_FILE, Manifest, WeightsError, read_manifest

LABELLED = ("sentiment", "emotion", "need", "stance")  # heads that give a label and its probability
SCORED = ("rumor", "checkworthy")  # yes/no heads that give the probability of yes
COLUMNS = (
    *(column for head in LABELLED for column in (head, f"{head}_score")),
    *(f"{head}_score" for head in SCORED),
    "model_version",
)
Quality = Literal["fast", "balanced"]
TINY = 1e-9  # in place of probability 0, whose logarithm is not finite
ROWS_AT_ONCE = 4096  # bounds memory: logits and embeddings of this many texts


class Tagger:
    """Tags Chinese posts. ``Tagger.load().tag(texts)``."""

    def __init__(
        self,
        network: Network,
        branch: NGrams,
        manifest: Manifest,
        quality: Quality = "balanced",
        plugins: Mapping[str, Plugged] | None = None,
    ) -> None:
        self._network = network
        self._branch = branch
        self._manifest = manifest
        self._quality = quality
        self._plugins = plugins or {}

    @classmethod
    def load(
        cls, path: Path | None = None, threads: int | None = None, quality: Quality = "balanced"
    ) -> Self:
        """Load the shipped weights, or those of another folder.

        ``quality`` is ``balanced`` (both models read every text) or ``fast`` (the n-grams and a tiny network
        read every text, the network those that leave them in doubt). A ``plugins.toml`` in the folder names
        classifiers from elsewhere that speak for a head instead (``models.plugged``).

        Raises:
            WeightsError: the folder has no manifest, a file differs from its hash, a plugged classifier
                cannot be used, or there is no fast tier and it was asked for.
        """
        folder = path or SHIPPED
        manifest = read_manifest(folder)
        if quality == "fast" and not manifest.quick:
            raise WeightsError(f"{folder}: these weights have no fast tier ({TINY_FILE})")
        network = Network(folder, manifest.max_tokens, threads)
        return cls(network, NGrams.load(folder), manifest, quality, read_plugins(folder / PLUGIN_FILE))

    @property
    def version(self) -> str:
        """Which weights these are, ``+fast`` for the fast tier, and what is plugged; every row says so."""
        tier = "+fast" if self._quality == "fast" else ""
        plugged = "".join(f"+{head}:{plugin.name}" for head, plugin in self._plugins.items())
        return self._manifest.version + tier + plugged

    def tag(self, texts: Sequence[str]) -> pd.DataFrame:
        """Return one row of tags a text, in order, with the columns of ``COLUMNS``.

        A score is the calibrated probability of the label beside it (rumor, checkworthy: of yes). A text
        without a letter, figure or emoji was not scored: its labels and scores are null.
        """
        if self._quality == "balanced":
            return self.analyse(texts)[0]
        frames = []
        for start in range(0, len(texts), ROWS_AT_ONCE):
            folded = [for_model(text) for text in texts[start : start + ROWS_AT_ONCE]]
            known = [at for at, text in enumerate(folded) if scorable(text)]
            values = self._fast([folded[at] for at in known])
            frames.append(self._frame(self._columns(values, known, len(folded)), folded))
        return pd.concat(frames, ignore_index=True) if frames else self._frame({}, [])

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
        scored = [folded[at] for at in known]
        mixed = self._fast(scored) if self._quality == "fast" else self._both(scored)[0]
        for head, values in self._probabilities(mixed):
            found[head][known] = values
        return found

    def _analyse(self, folded: list[str]) -> tuple[pd.DataFrame, Floats]:
        known = [at for at, text in enumerate(folded) if scorable(text)]
        vectors = np.zeros((len(folded), EMBEDDING_WIDTH), np.float32)
        mixed, embedded = self._both([folded[at] for at in known])
        vectors[known] = self._centred(embedded)
        return self._frame(self._columns(mixed, known, len(folded)), folded), vectors

    def _both(self, scored: list[str]) -> tuple[Floats, Floats]:
        """Return blended values (n, 24) and embeddings as they are (n, 384)."""
        logits, embedded = self._network.run(scored)
        mixed = blended(logits, self._branch.scores(scored), self._manifest.blend)
        return self._with_plugins(scored, mixed), embedded

    def _fast(self, scored: list[str]) -> Floats:
        scores = self._branch.scores(scored)
        values = blended(self._network.quick(scored), scores, self._manifest.quick)
        passed = np.flatnonzero(doubt(values) > self._manifest.thresholds["fast_doubt"])
        if len(passed):
            logits = self._network.run([scored[at] for at in passed])[0]
            values[passed] = blended(logits, scores[passed], self._manifest.blend)
        return self._with_plugins(scored, values)

    def _with_plugins(self, scored: list[str], values: Floats) -> Floats:
        """Put the log probabilities of plugged classifiers in place of our own values."""
        for head, plugged in self._plugins.items() if scored else ():
            values[:, self._network.slices[head]] = np.log(np.maximum(plugged.probabilities(scored), TINY))
        return values

    def _columns(self, mixed: Floats, known: list[int], texts: int) -> dict[str, npt.NDArray[np.object_]]:
        columns: dict[str, npt.NDArray[np.object_]] = {}
        for head, values in self._probabilities(mixed):
            for column, cells in _columns_of(head, values).items():
                columns[column] = np.full(texts, None, object)
                columns[column][known] = cells
        return columns

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

    def _probabilities(self, mixed: Floats) -> Iterator[tuple[str, Floats]]:
        for head, part in self._network.slices.items():
            # Beyond four decimals is noise of the arithmetic, which differs with the length of a batch.
            yield head, np.exp(log_softmax(mixed[:, part])).round(4)

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
