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
    """Train each method on the rumor rows of all other sets and test it on the whole of one.

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
    """Return (all rows of one rumor set, the rumor rows of the others that repeat none of its texts).

    A group of near copies that has a row in the set left out is dropped from training whole.

    Raises:
        ValueError: there is no such rumor set in the corpus.
    """
    rows = [example for example in corpus.examples if "rumor" in example.labels]
    test = [row for row in rows if row.set == name]
    if not test or name not in RUMOR_SETS:
        there = ", ".join(sorted({row.set for row in rows} & set(RUMOR_SETS))) or "none (give --data)"
        raise ValueError(f"no rumor set {name!r}; there are {there}")
    texts = {row.text for row in test}
    groups = {row.group for row in test if row.group}
    train = [r for r in rows if r.set != name and r.text not in texts and r.group not in groups]
    return test, train


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
