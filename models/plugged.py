"""Other people's classifiers: a TOML file that names one for a head comes in; its probabilities go out.

``plugins.toml`` in a weights folder::

    [sentiment]
    model = "uer/roberta-base-finetuned-jd-binary-chinese"  # a folder, or a hub id
    labels = { "positive (stars 4 and 5)" = "positive", "negative (stars 1, 2 and 3)" = "negative" }

Any Hugging Face sequence classifier will do; it needs the ``train`` extra. Its scores are taken as they are:
whether they are calibrated is for its owner to know.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from models.labels import HEADS
from models.runtime import Floats
from models.weights import WeightsError

PLUGIN_FILE = "plugins.toml"
TEXTS_AT_ONCE = 32


class Plugged:
    """One head's classifier from elsewhere."""

    def __init__(self, head: str, model: str, labels: Mapping[str, str]) -> None:
        self.head = head
        self.name = model
        self._columns = {theirs: HEADS[head].index(ours) for theirs, ours in labels.items()}
        self._ask = _pipeline(model)

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Return probabilities (n, classes) of folded texts; a class of ours that it lacks has 0.

        Raises:
            WeightsError: it answers with a label that the file does not translate.
        """
        found = np.zeros((len(texts), len(HEADS[self.head])), np.float32)
        answers = self._ask(list(texts), top_k=None, truncation=True, batch_size=TEXTS_AT_ONCE)
        for row, answer in enumerate(answers):
            for entry in answer:
                found[row, self._column(entry["label"])] += entry["score"]
        return found

    def _column(self, label: str) -> int:
        if label not in self._columns:
            known = ", ".join(self._columns)
            raise WeightsError(f"{self.name}: answers {label!r} for {self.head}; translated are {known}")
        return self._columns[label]


def read_plugins(path: Path) -> dict[str, Plugged]:
    """Load the classifiers that a file names, by head; no file, none.

    Raises:
        WeightsError: the file is damaged, names a head or label that we do not have, or a model that cannot
            be loaded.
    """
    if not path.exists():
        return {}
    try:
        entries = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise WeightsError(f"{path}: not TOML: {error}") from error
    return {head: _read(path, head, entry) for head, entry in entries.items()}


def _read(path: Path, head: str, entry: Mapping[str, Any]) -> Plugged:
    if head not in HEADS:
        raise WeightsError(f"{path}: no head {head!r}; known are {', '.join(HEADS)}")
    if set(entry) != {"model", "labels"}:
        raise WeightsError(f"{path}: {head} needs model and labels, has {', '.join(entry) or 'nothing'}")
    unknown = [label for label in entry["labels"].values() if label not in HEADS[head]]
    if unknown:
        raise WeightsError(f"{path}: {head} has no label {unknown[0]!r}; known are {', '.join(HEADS[head])}")
    folder = path.parent / entry["model"]
    return Plugged(head, str(folder) if folder.is_dir() else entry["model"], entry["labels"])


def _pipeline(model: str) -> Any:
    try:
        from transformers import pipeline
    except ImportError as error:
        raise WeightsError(f"{model}: a plugged classifier needs the train extra: {error}") from error
    try:
        return pipeline("text-classification", model=model, device=-1)
    except (OSError, ValueError) as error:
        raise WeightsError(f"{model}: cannot be loaded: {error}") from error
