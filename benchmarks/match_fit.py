"""Fits the pair scorer of ``pipeline/match.py``.

``python -m benchmarks.match_fit --data DIR [--write]``. Claims with the answers to them
(``debunk_answers``, one a claim), letters to mailboxes with the replies (``gov_messages``), and the tuning
half of our own posts and statements (``tests/fixtures/claims``), which alone know places and facts.
Negatives are the nearest wrong pairs and some by chance. ``benchmarks/match.py`` tells how good it is, on
the other half.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from benchmarks.match import Half, own
from models import Tagger
from pipeline.match import FACTS, FEATURES, LIKENESS, Matcher, Scorer, Text

NEAREST, CHANCE, CLAIMS, LETTERS = 6, 20, 150, 100
FALSE_MATCHES = 0.1  # share of statements that answer nothing that may match, rounded up
RELATED = 0.4  # of the score of an answer
# Our own posts name their county nearly always and few counties have two claims, so a free fit would trust
# the place alone; in use a county has many claims.
MOST_BY_PLACE = 2.0
SURELY_OTHER = (-6.0, -1.0)  # log-odds of another place, thing or cause: at least 1 against


@dataclass(frozen=True, slots=True)
class Pairs:
    """Features (posts, statements, 9) and which are right, (posts, statements)."""

    features: np.ndarray
    right: np.ndarray


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    tagger = Tagger.load()
    sets = [_pairs_of(tagger, rows) for rows in (_debunks(given.data), _letters(given.data))]
    tuning = own("tune")
    sets.append(_own(tagger, tuning))
    weights, bias = _fitted(sets)
    none = [at for at, answer in enumerate(tuning.answers) if answer is None]
    limit = _limit(Scorer(weights, bias, 0, 0), sets[-1].features[:, none])
    record = {
        "weights": dict(zip(FEATURES, weights, strict=True)), "bias": bias, "answers": limit,
        "related": round(limit * RELATED, 4), "model_version": tagger.version,
    }  # fmt: skip
    print(json.dumps(record, indent=1))
    if given.write:
        kept = Path(__file__).parent.parent / "pipeline" / "match_weights.json"
        kept.write_text(json.dumps(record, indent=1) + "\n", "utf-8")


def _debunks(data: Path) -> list[tuple[str, str]]:
    """Return (claim, answer), one of each group of the same claim."""
    seen = {}
    with gzip.open(data / "debunk_answers" / "train.jsonl.gz", "rt") as file:
        for row in map(json.loads, file):
            if row.get("answer"):
                seen.setdefault(row["claim_group"], (row["text"], row["answer"][:400]))
    return _some(list(seen.values()), CLAIMS)


def _letters(data: Path) -> list[tuple[str, str]]:
    """Return (the beginning of a letter, the reply without its opening formula)."""
    with gzip.open(data / "gov_messages" / "reply_train.jsonl.gz", "rt") as file:
        read = [row for row in map(json.loads, file) if row.get("answer")]
    return _some([(row["text"][:60], row["answer"][40:440]) for row in read], LETTERS)


def _some(rows: list[tuple[str, str]], most: int) -> list[tuple[str, str]]:
    return [rows[at] for at in sorted(np.random.default_rng(7).permutation(len(rows))[:most])]


def _pairs_of(tagger: Tagger, rows: Sequence[tuple[str, str]]) -> Pairs:
    matcher = Matcher([Text(text_id=str(at), text=answer) for at, (_, answer) in enumerate(rows)], tagger)
    claims = [Text(text_id=str(at), text=claim) for at, (claim, _) in enumerate(rows)]
    return Pairs(matcher.features(claims)[0], np.eye(len(rows), dtype=bool))


def _own(tagger: Tagger, half: Half) -> Pairs:
    return Pairs(Matcher(half.statements, tagger).features(half.posts)[0], half.right())


def _chosen(pairs: Pairs, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the right pairs, the nearest wrong ones by any likeness and chance ones, and which are right."""
    features, right = pairs.features, pairs.right
    taken = right.copy()
    for number in range(len(LIKENESS)):
        likest = np.argsort(-features[:, :, number], axis=1)[:, :NEAREST]
        np.put_along_axis(taken, likest, True, axis=1)
    chance = random.integers(0, right.shape[1], (len(right), min(CHANCE, right.shape[1])))
    np.put_along_axis(taken, chance, True, axis=1)
    return features[taken].astype(np.float64), right[taken].astype(np.float64)


def _fitted(sets: Sequence[Pairs]) -> tuple[tuple[float, ...], float]:
    """Fit by penalised logistic regression; likeness only counts for a pair, other facts only against it."""
    random = np.random.default_rng(7)
    parts = [_chosen(pairs, random) for pairs in sets]
    values, truth = (np.concatenate([part[at] for part in parts]) for at in (0, 1))
    # Each set counts the same, and so do right and wrong pairs of it within a factor of four.
    worth = np.concatenate([_worth(labels) for _, labels in parts])

    def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        line = values @ parameters[:-1] + parameters[-1]
        error = worth * (1 / (1 + np.exp(-line)) - truth)
        cost = (worth * (np.logaddexp(0, line) - truth * line)).sum() + 0.02 * (parameters[:-1] ** 2).sum()
        return cost, np.r_[values.T @ error + 0.04 * parameters[:-1], error.sum()]

    facts = [(0, MOST_BY_PLACE), *[SURELY_OTHER] * (len(FACTS) - 1)]
    bounds = [*[(0, None)] * len(LIKENESS), *facts]
    start = np.array([*(high or 0.0 if low else 0.0 for low, high in bounds), 0.0])
    found = minimize(loss, start, jac=True, bounds=[*bounds, (None, None)], method="L-BFGS-B").x
    return tuple(round(float(value), 4) for value in found[:-1]), round(float(found[-1]), 4)


def _worth(labels: np.ndarray) -> np.ndarray:
    right = labels.sum()
    return np.where(labels == 1, 400 / right, 1600 / (len(labels) - right))


def _limit(scorer: Scorer, features: np.ndarray) -> float:
    """Set the score of an answer so that few statements that answer nothing match; features (n, none, 9)."""
    likest = np.sort(scorer.score(features).max(axis=0))
    allowed = math.ceil(FALSE_MATCHES * len(likest))
    return round(float(likest[-1 - allowed]) + 0.01, 2)


if __name__ == "__main__":
    main()
