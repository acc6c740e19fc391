"""The ``best`` tier: texts come in; tags that several readings of each agree on go out.

The models read each text as a whole and, if it is longer than they read at once, in overlapping windows
that leave nothing out: the other tiers read a beginning and evenly spread parts of a long article. A head's
probabilities are the normalised geometric mean of the whole and of the windows.

On dev (posts, few of them long) windows moved macro-F1 by -0.005 to +0.015 by set, so ``best`` is for
articles and letters. Tried and dropped, because each lost on most sets: readings without punctuation and
emoji, of the first and of the last sentence.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.labels import HEADS
from models.runtime import Floats
from models.tagger import COLUMNS, LABELLED, Tagger

WINDOW, STEP = 90, 45  # characters: about the tokens that the network reads at once, half overlapping
LEAST = 1e-6  # probability: one reading's zero is not everybody's
Ints = npt.NDArray[np.int64]
Doubles = npt.NDArray[np.float64]

READINGS_AT_ONCE = 2048  # bounds memory whatever the length of the texts


class CarefulTagger:
    """Tags like ``Tagger``, from several readings of each long text."""

    def __init__(self, tagger: Tagger) -> None:
        self._tagger = tagger

    @property
    def version(self) -> str:
        """Which weights these are, and ``+best``; every row of tags says so."""
        return f"{self._tagger.version}+best"

    def tag(self, texts: Sequence[str]) -> pd.DataFrame:
        """Return one row of tags a text, in order, with the columns of ``models.tagger.COLUMNS``."""
        return self._frame(self.probabilities(texts))

    def probabilities(self, texts: Sequence[str]) -> dict[str, Floats]:
        """Return every head's probabilities (n, classes); NaN where a text cannot be scored."""
        readings, owners, weights = _readings(texts)
        parts = [
            self._tagger.probabilities(readings[at : at + READINGS_AT_ONCE])
            for at in range(0, max(len(readings), 1), READINGS_AT_ONCE)
        ]
        found = {head: np.concatenate([part[head] for part in parts]) for head in HEADS}
        return {head: _agreed(found[head], owners, weights, len(texts)) for head in HEADS}

    def _frame(self, found: dict[str, Floats]) -> pd.DataFrame:
        columns: dict[str, object] = {}
        for head, values in found.items():
            known = ~np.isnan(values[:, 0])
            scores = np.full(len(values), np.nan)
            top = values.max(axis=1) if head in LABELLED else values[:, 1]
            scores[known] = top[known].round(4)
            columns[f"{head}_score"] = pd.array(scores, dtype="Float64")
            if head in LABELLED:
                labels = np.array(HEADS[head], object)[np.nan_to_num(values).argmax(axis=1)]
                columns[head] = np.where(known, labels, None)
        return pd.DataFrame(columns).assign(model_version=self.version)[list(COLUMNS)]


def _readings(texts: Sequence[str]) -> tuple[list[str], Ints, Doubles]:
    """Return all readings, whose each is, and how much it counts."""
    readings: list[str] = []
    owners: list[int] = []
    weights: list[float] = []

    def add(owner: int, found: Sequence[str]) -> None:
        readings.extend(found)
        owners.extend([owner] * len(found))
        weights.extend([1 / len(found)] * len(found))

    for owner, text in enumerate(texts):
        add(owner, [text])
        if len(text) > WINDOW:
            add(owner, [text[at : at + WINDOW] for at in range(0, len(text) - STEP, STEP)])
    return readings, np.array(owners, np.int64), np.array(weights)


def _agreed(found: Floats, owners: Ints, weights: Doubles, texts: int) -> Floats:
    """Return the weighted geometric mean of each text's readings, of those that could be scored."""
    known = ~np.isnan(found[:, 0])
    total = np.zeros((texts, found.shape[1]))
    np.add.at(total, owners[known], np.log(np.maximum(found[known], LEAST)) * weights[known, None])
    counted = np.bincount(owners[known], weights[known], texts)
    mean = np.exp(total / np.maximum(counted, 1e-9)[:, None])
    mean /= mean.sum(axis=1, keepdims=True)
    mean[counted == 0] = np.nan
    return mean.astype(np.float32)
