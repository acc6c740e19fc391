"""Rumor across sets and across time: a corpus comes in; what training on other posts is worth goes out.

In-set figures mostly measure who posted: fakes of one set come from citizens, its real posts from newspapers.
So rumor is judged on a set none of whose rows was trained on, and on posts later than all that were.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from models.baselines import Answers, Fit
from models.corpus import RUMOR_SETS, Corpus, Example
from models.evaluation import compare
from models.figures import Result
from models.metrics import Interval

EARLY = 0.7  # share of the dated posts that is trained on; the latest 30 % are tested


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """What was tested, on how many rows after training on how many, with macro-F1 of each method."""

    kind: str  # leave-out or time
    set: str
    rows: int
    positive: int
    trained_on: int
    cut: str  # the moment between training and test, or ""
    methods: Mapping[str, Interval]
    model: Result | None = None

    def record(self) -> dict[str, Any]:
        """Return the figures as JSON can say them."""
        return {
            "kind": self.kind,
            "head": "rumor",
            "set": self.set,
            "rows": self.rows,
            "positive": self.positive,
            "trained_on": self.trained_on,
            "cut": self.cut,
            "methods": {
                name: {"macro_f1": round(f.value, 4), "low": round(f.low, 4), "high": round(f.high, 4)}
                for name, f in self.methods.items()
            },
            "model": None if self.model is None else self.model.record(),
        }


def leave_out(corpus: Corpus, name: str, fits: Mapping[str, Fit], answers: Answers) -> Transfer:
    """Train each method on the other rumor sets and test it on one, both of its splits.

    Raises:
        ValueError: there is no such rumor set in the corpus.
    """
    test, train = leave_out_rows(corpus, name)
    return Transfer(
        kind="leave-out",
        set=name,
        rows=len(test),
        positive=_positive(test),
        trained_on=len(train),
        cut="",
        methods=compare(fits, "rumor", test, train, answers),
    )


def leave_out_rows(corpus: Corpus, name: str) -> tuple[list[Example], list[Example]]:
    """Return (rows of one rumor set, the train rows of the other rumor sets).

    Sets repeat each other's rumors, so rows of which a near copy is in any other set's train split are not
    tested; nothing is taken from training, so that a model trained without the set can be judged on the same.

    Raises:
        ValueError: there is no such rumor set in the corpus.
    """
    rows = [example for example in corpus.examples if "rumor" in example.labels]
    if name not in RUMOR_SETS or not any(row.set == name for row in rows):
        there = ", ".join(sorted({row.set for row in rows} & set(RUMOR_SETS))) or "none (give --data)"
        raise ValueError(f"no rumor set {name!r}; there are {there}")
    others = [row for row in rows if row.set != name and row.split == "train"]
    texts = {row.text for row in others}
    groups = {row.group for row in others if row.group}
    test = [r for r in rows if r.set == name and r.text not in texts and r.group not in groups]
    return test, [row for row in others if row.set in RUMOR_SETS]


def across_time(corpus: Corpus, name: str, fits: Mapping[str, Fit], answers: Answers) -> Transfer:
    """Train each method on the earlier posts of a dated set and test it on the later ones.

    Raises:
        ValueError: the set has no dated rows.
    """
    dated = sorted(
        (row for row in corpus.examples if row.set == name and row.published_at),
        key=lambda row: row.published_at,
    )
    if not dated:
        raise ValueError(f"{name}: no dated rumor rows")
    at = round(len(dated) * EARLY)
    seen = {row.group for row in dated[:at] if row.group}
    test = [row for row in dated[at:] if row.group not in seen]
    return Transfer(
        kind="time",
        set=name,
        rows=len(test),
        positive=_positive(test),
        trained_on=at,
        cut=dated[at].published_at,
        methods=compare(fits, "rumor", test, dated[:at], answers),
    )


def with_model(found: Transfer, result: Result) -> Transfer:
    """Add the figures of a model that was trained without the set."""
    return replace(found, model=result)


def _positive(rows: Sequence[Example]) -> int:
    return int(np.sum([row.labels["rumor"] for row in rows]))
