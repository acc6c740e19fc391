"""Evaluation: a tagger and labelled rows come in; figures by head and set, beside baselines, go out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from models.baselines import Answers, Fit
from models.corpus import Corpus, Example
from models.figures import Remembering, Result, Scorer, judge, judged_sets
from models.labels import HEADS
from models.metrics import Interval, Ints, bootstrap, macro_f1

BASELINE_ROWS = 8000  # of training, so that an evaluation takes minutes


def evaluate(
    scorer: Scorer, corpus: Corpus, fits: Mapping[str, Fit], heads: Sequence[str], answers: Answers
) -> Iterator[Result]:
    """Yield one result for every head and every set with enough dev rows, with the baselines' figures.

    ``answers`` keeps what baselines said, so that a second evaluation need not train them.

    Raises:
        ValueError: a head that does not exist.
    """
    scorer = Remembering(scorer)
    for head, name, rows in judged_sets(corpus, heads):
        train = [e for e in corpus.split("train") if e.set == name and head in e.labels]
        beside = compare(fits, head, rows, train, answers)
        yield replace(judge(scorer, head, name, rows), baselines=beside)


def compare(
    fits: Mapping[str, Fit],
    head: str,
    rows: Sequence[Example],
    train: Sequence[Example],
    answers: Answers,
) -> dict[str, Interval]:
    """Return macro-F1 on ``rows`` of each baseline trained on ``train``; none where a class is all there is.

    Of more than ``BASELINE_ROWS`` training rows, that many are drawn with a fixed seed.
    """
    kept = sample(train, BASELINE_ROWS)
    classes: Ints = np.array([row.labels[head] for row in kept], np.int64)
    if len(set(classes.tolist())) < 2:
        return {}
    truth: Ints = np.array([row.labels[head] for row in rows], np.int64)
    texts, test = [row.text for row in kept], [row.text for row in rows]
    found = {}
    for name, fit in fits.items():
        if name == "SnowNLP" and head != "sentiment":
            continue
        guess = answers.of(name, fit, texts, classes, test)
        found[name] = interval(truth, guess, head)
    return found


def interval(truth: Ints, guess: Ints, head: str) -> Interval:
    """Return macro-F1 of predicted classes with its bootstrap interval."""
    return bootstrap(lambda at: macro_f1(truth[at], guess[at], len(HEADS[head])), len(truth))


def sample(rows: Sequence[Example], most: int, seed: int = 7) -> list[Example]:
    """Return all rows, or ``most`` of them drawn with a seed, in their order."""
    if len(rows) <= most:
        return list(rows)
    chosen = np.random.default_rng(seed).choice(len(rows), most, replace=False)
    return [rows[at] for at in sorted(chosen)]
