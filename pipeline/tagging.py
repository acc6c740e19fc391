"""Texts come in; what may be said of each goes out, from one tagger or from several processes of it."""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any, Literal, Protocol, Self

import numpy as np
import pandas as pd

from models.bands import YES_NO, Band, said

HEADS = ("sentiment", "emotion", "need", "rumor", "checkworthy")
VALUES = tuple(column for head in HEADS for column in (head, f"{head}_score"))
SCORES = tuple(f"{head}_score" for head in HEADS)

# A finer cut would cost more in messages between processes than it evens out.
TEXTS_A_TASK = 250

Quality = Literal["fast", "balanced", "best"]
Values = tuple[str | float | None, ...]
Made = Callable[[], list[Values]]


class TaggingError(ValueError):
    """The model's answer cannot be used; the message is Chinese."""


class Tagging(Protocol):
    """What this module needs of ``models.Tagger``."""

    @property
    def version(self) -> str:
        """Which model this is."""
        ...

    def tag(self, texts: Sequence[str]) -> pd.DataFrame:
        """Return one row of tags a text, in order."""
        ...


class Starter(Protocol):
    """What tags texts, now or meanwhile."""

    @property
    def version(self) -> str:
        """Which model this is."""
        ...

    def start(self, texts: list[str]) -> Made:
        """Begin to tag texts; return how to get the values of ``VALUES`` of each, in order."""
        ...


class OneTagger:
    """Tags in this process."""

    def __init__(self, tagger: Tagging, bands: Mapping[str, Band]) -> None:
        self.tagger, self.bands = tagger, bands

    @property
    def version(self) -> str:
        """Which model this is."""
        return self.tagger.version

    def start(self, texts: list[str]) -> Made:
        """Tag texts at once; see ``Starter``."""
        made = values_of(self.tagger, texts, self.bands)
        return lambda: made


class TaggerPool:
    """Tags in several processes, each with its own model; use it in ``with``."""

    def __init__(self, workers: int, load: Callable[[], Tagging], bands: Mapping[str, Band]) -> None:
        self._pool = ProcessPoolExecutor(
            workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_prepare,
            initargs=(load, dict(bands)),
        )
        self.version = self._pool.submit(_version).result()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *reason: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def start(self, texts: list[str]) -> Made:
        """Give texts to the processes; see ``Starter``."""
        tasks: list[Future[list[Values]]] = [
            self._pool.submit(_tag, texts[at : at + TEXTS_A_TASK])
            for at in range(0, len(texts), TEXTS_A_TASK)
        ]
        return lambda: [row for task in tasks for row in task.result()]


def load_tagger(folder: Path, quality: Quality, threads: int | None) -> Tagging:
    """Load the models of a weights folder; a process of its own can be told to do it.

    Raises:
        WeightsError: the folder has no manifest, or a file differs from its hash.
    """
    from models import Tagger  # here, because it brings onnxruntime

    if quality != "best":
        return Tagger.load(folder, threads, quality)
    from models.careful import CarefulTagger

    return CarefulTagger(Tagger.load(folder, threads))


def values_of(tagger: Tagging, texts: list[str], bands: Mapping[str, Band]) -> list[Values]:
    """Return the values of ``VALUES`` for each text, in order: null for what was not scored.

    Raises:
        TaggingError: the tagger gave another number of rows than it was given texts.
    """
    if not texts:
        return []
    frame = tagger.tag(texts)
    if len(frame) != len(texts):
        raise TaggingError(f"模型对 {len(texts)} 条文本给出了 {len(frame)} 行结果")
    columns = []
    for head in HEADS:
        scores = _plain_scores(frame[f"{head}_score"])
        labels = [None] * len(frame) if head in YES_NO else _plain_labels(frame[head])
        pairs = zip(labels, scores, strict=True)
        columns += [[said(head, label, score, bands[head]) for label, score in pairs], scores]
    return list(zip(*columns, strict=True))


def _plain_labels(column: pd.Series[Any]) -> list[str | None]:
    return [label if isinstance(label, str) else None for label in column]


def _plain_scores(column: pd.Series[Any]) -> list[float | None]:
    scores = column.to_numpy(dtype=np.float64, na_value=math.nan)
    return [round(score, 6) if math.isfinite(score) else None for score in scores.tolist()]


_tagger: Tagging | None = None
_bands: Mapping[str, Band] = {}


def _prepare(load: Callable[[], Tagging], bands: Mapping[str, Band]) -> None:
    """Load a process's own model; Ctrl-C is the parent's, and without a parent there is nothing to do."""
    global _tagger, _bands
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _tagger, _bands = load(), bands


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _tag(texts: list[str]) -> list[Values]:
    return values_of(_loaded(), texts, _bands)


def _version() -> str:
    return _loaded().version


def _loaded() -> Tagging:
    if _tagger is None:
        raise RuntimeError("the process has no model")
    return _tagger
