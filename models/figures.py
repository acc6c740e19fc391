"""Figures of one head on one set: probabilities and true classes come in; macro-F1, per-class figures,
confusion and calibration go out. Needs numpy only, so that the gate runs wherever the tagger does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from models.bands import bands_of, is_sure
from models.corpus import Corpus, Example
from models.labels import HEADS
from models.metrics import (
    Floats,
    Interval,
    Ints,
    accuracy,
    auc,
    bootstrap,
    calibration_bins,
    calibration_error,
    confusion,
    macro_f1,
    precision_recall,
)

SMALLEST = 20  # rows: below this a figure says nothing


class Scorer(Protocol):
    """What can be judged: ``models.Tagger``, or anything that gives every head's probabilities."""

    def probabilities(self, texts: Sequence[str]) -> Mapping[str, npt.NDArray[np.float32]]:
        """Return (n, classes) by head; NaN where a text cannot be scored."""
        ...


class Remembering:
    """A scorer that reads every text once, though several heads are judged on it."""

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer
        self._known: dict[str, dict[str, npt.NDArray[np.float32]]] = {}

    def probabilities(self, texts: Sequence[str]) -> Mapping[str, npt.NDArray[np.float32]]:
        """Return (n, classes) by head, asking the scorer for new texts only."""
        new = list(dict.fromkeys(text for text in texts if text not in self._known))
        if new:
            found = self._scorer.probabilities(new)
            for at, text in enumerate(new):
                self._known[text] = {head: values[at] for head, values in found.items()}
        return {head: np.stack([self._known[text][head] for text in texts]) for head in HEADS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One head on one set: the figures, and macro-F1 of the baselines trained on the same split.

    ``rows`` were scored and judged; ``unscored`` could not be scored and are in no figure. ``said`` is the
    share of rows outside the doubtful band (``models.bands``), ``said_right`` the share of those that are
    right: the precision of what is said.
    """

    head: str
    set: str
    rows: int
    unscored: int
    macro_f1: Interval
    accuracy: float
    ece: float
    auc: Interval | None
    classes: dict[str, dict[str, float]]
    confusion: list[list[int]]
    reliability: list[dict[str, float]]
    said: float = 1.0
    said_right: float = 0.0
    baselines: dict[str, Interval] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        """Return the result as JSON can say it, figures to four decimals."""
        rounded: dict[str, Any] = _rounded(asdict(self))
        return rounded


def judged_sets(corpus: Corpus, heads: Sequence[str]) -> Iterator[tuple[str, str, list[Example]]]:
    """Yield (head, set, its dev rows) wherever there are enough of them.

    Raises:
        ValueError: a head that does not exist.
    """
    for head in heads:
        if head not in HEADS:
            raise ValueError(f"no head {head!r}; known are {', '.join(HEADS)}")
        dev = [example for example in corpus.split("dev") if head in example.labels]
        for name in sorted({example.set for example in dev}):
            rows = [example for example in dev if example.set == name]
            if len(rows) >= SMALLEST:
                yield head, name, rows


def judge(scorer: Scorer, head: str, name: str, rows: Sequence[Example]) -> Result:
    """Return a scorer's figures on labelled rows.

    Raises:
        ValueError: none of the rows could be scored.
    """
    scores = scorer.probabilities([row.text for row in rows])[head]
    truth = np.array([row.labels[head] for row in rows], np.int64)
    return figures(head, name, truth, scores)


def figures(head: str, name: str, truth: Ints, scores: npt.NDArray[Any]) -> Result:
    """Return the figures of probabilities (n, classes) against classes (n,); NaN rows are left out, counted.

    Raises:
        ValueError: no row has probabilities.
    """
    known = ~np.isnan(scores[:, 0])
    if not known.any():
        raise ValueError(f"{head} on {name}: none of {len(truth)} rows could be scored")
    classes = len(HEADS[head])
    truth, probabilities = truth[known], scores[known].astype(np.float64)
    guess: Ints = probabilities.argmax(axis=1).astype(np.int64)
    confidence: Floats = probabilities[:, 1] if classes == 2 else probabilities.max(axis=1)
    right = truth == 1 if classes == 2 else truth == guess
    table = confusion(truth, guess, classes)
    said: npt.NDArray[np.bool_] = is_sure(head, confidence, bands_of({})[head])
    return Result(
        head=head,
        set=name,
        rows=len(truth),
        unscored=int((~known).sum()),
        macro_f1=bootstrap(lambda at: macro_f1(truth[at], guess[at], classes), len(truth)),
        accuracy=accuracy(truth, guess),
        ece=calibration_error(right, confidence),
        auc=_auc(truth, probabilities[:, 1]) if classes == 2 else None,
        classes=_by_class(head, table),
        confusion=table.tolist(),
        reliability=calibration_bins(right, confidence),
        said=float(said.mean()),
        said_right=accuracy(truth[said], guess[said]) if said.any() else 0.0,
    )


def _auc(truth: Ints, score: Floats) -> Interval | None:
    if len(set(truth.tolist())) < 2:
        return None
    return bootstrap(lambda at: auc(truth[at], score[at]), len(truth))


def _by_class(head: str, table: Ints) -> dict[str, dict[str, float]]:
    precision, recall, f1 = precision_recall(table)
    return {
        label: {
            "precision": float(precision[at]),
            "recall": float(recall[at]),
            "f1": float(f1[at]),
            "rows": int(table[at].sum()),
        }
        for at, label in enumerate(HEADS[head])
    }


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_rounded(inner) for inner in value]
    return value
