"""Evaluation: a tagger and labelled rows come in; figures by head and set, beside baselines, go out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from models.baselines import methods
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
from models.tagger import Tagger

SMALLEST = 20  # rows: below this a figure says nothing
BASELINE_ROWS = 8000  # of training, so that an evaluation takes minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One head on one set: the model's figures, and macro-F1 of the baselines trained on the same split."""

    head: str
    set: str
    rows: int
    macro_f1: Interval
    accuracy: float
    ece: float
    auc: float | None
    classes: dict[str, dict[str, float]]
    confusion: list[list[int]]
    reliability: list[dict[str, float]]
    baselines: dict[str, float] = field(default_factory=dict)


def evaluate(
    tagger: Tagger, corpus: Corpus, heads: Sequence[str] = tuple(HEADS), baselines: bool = True
) -> Iterator[Result]:
    """Yield one result for every head and every set with enough dev rows.

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
                train = [e for e in corpus.split("train") if e.set == name and head in e.labels]
                yield judge(tagger, head, name, rows, train if baselines else [])


def judge(tagger: Tagger, head: str, name: str, rows: Sequence[Example], train: Sequence[Example]) -> Result:
    """Return a tagger's figures on labelled rows; baselines are fitted where there are training rows."""
    scores = tagger.probabilities([row.text for row in rows])[head]
    known = ~np.isnan(scores[:, 0])
    probabilities: Floats = scores[known].astype(np.float64)
    truth: Ints = np.array([row.labels[head] for row in rows], np.int64)[known]
    guess: Ints = probabilities.argmax(axis=1).astype(np.int64)
    confidence: Floats = probabilities[:, 1] if len(HEADS[head]) == 2 else probabilities.max(axis=1)
    right = truth == 1 if len(HEADS[head]) == 2 else truth == guess
    table = confusion(truth, guess, len(HEADS[head]))
    return Result(
        head=head,
        set=name,
        rows=len(truth),
        macro_f1=bootstrap(lambda at: macro_f1(truth[at], guess[at], len(HEADS[head])), len(truth)),
        accuracy=accuracy(truth, guess),
        ece=calibration_error(right, confidence),
        auc=auc(truth, probabilities[:, 1]) if len(HEADS[head]) == 2 else None,
        classes=_by_class(head, table),
        confusion=table.tolist(),
        reliability=calibration_bins(right, confidence),
        baselines=_baselines(tagger, head, rows, train) if train else {},
    )


def _by_class(head: str, table: Ints) -> dict[str, dict[str, float]]:
    precision, recall, f1 = precision_recall(table)
    return {
        label: {
            "precision": round(float(precision[at]), 4),
            "recall": round(float(recall[at]), 4),
            "f1": round(float(f1[at]), 4),
            "rows": int(table[at].sum()),
        }
        for at, label in enumerate(HEADS[head])
    }


def _baselines(
    tagger: Tagger, head: str, rows: Sequence[Example], train: Sequence[Example]
) -> dict[str, float]:
    kept = list(train)
    if len(kept) > BASELINE_ROWS:
        chosen = np.random.default_rng(7).choice(len(kept), BASELINE_ROWS, replace=False)
        kept = [kept[at] for at in sorted(chosen)]
    texts, classes = [row.text for row in kept], np.array([row.labels[head] for row in kept], np.int64)
    test, truth = [row.text for row in rows], np.array([row.labels[head] for row in rows], np.int64)
    if len(set(classes.tolist())) < 2:
        return {}
    return {
        name: macro_f1(truth, fit(texts, classes, test), len(HEADS[head]))
        for name, fit in methods(head, tagger.embed).items()
    }


def leave_out_split(corpus: Corpus, name: str) -> Corpus:
    """Return a corpus that tests on the whole of one set and trains baselines on the other sets of its heads.

    Rows of other sets whose text also occurs in the set left out are dropped.

    Raises:
        ValueError: there is no such set.
    """
    out = [example for example in corpus.examples if example.set == name]
    if not out:
        raise ValueError(f"no set {name!r}; there are {', '.join(sorted({e.set for e in corpus.examples}))}")
    texts = {example.text for example in out}
    heads = {head for example in out for head in example.labels}
    rest = [e for e in corpus.examples if e.set != name and e.text not in texts and heads & set(e.labels)]
    return Corpus(
        [replace(e, split="dev") for e in out] + [replace(e, split="train", set=name) for e in rest]
    )


def as_record(result: Result) -> dict[str, Any]:
    """Return a result as JSON can say it."""
    return {
        "head": result.head,
        "set": result.set,
        "rows": result.rows,
        "macro_f1": round(result.macro_f1.value, 4),
        "macro_f1_low": round(result.macro_f1.low, 4),
        "macro_f1_high": round(result.macro_f1.high, 4),
        "accuracy": round(result.accuracy, 4),
        "ece": round(result.ece, 4),
        "auc": None if result.auc is None else round(result.auc, 4),
        "classes": result.classes,
        "confusion": result.confusion,
        "reliability": result.reliability,
        "baselines": {name: round(value, 4) for name, value in result.baselines.items()},
    }
