"""Fits the pair scorer of ``pipeline/match.py`` and prints its figures beside plain methods.

``python -m benchmarks.match_fit --data DIR [--write]``. Claims with the answers to them
(``debunk_answers``, one a claim) and letters to mailboxes with the replies (``gov_messages``): four fifths
fit, one fifth is reported. Negatives are the nearest wrong pairs and some by chance.
"""

from __future__ import annotations

import argparse
import gzip
import json
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from models import Tagger
from pipeline.match import FEATURES, Matcher, Scorer, Text

NEAREST, CHANCE, LETTERS, CLAIMS = 6, 20, 600, 120
FALSE_MATCHES = 0.05  # share of statements without a claim that may answer one


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    tagger, fit, test = Tagger.load(), [], []
    for rows in (_debunks(given.data), _letters(given.data)):
        kept = set(np.random.default_rng(7).permutation(len(rows))[: len(rows) // 5])
        fit.append([row for at, row in enumerate(rows) if at not in kept])
        test.append([row for at, row in enumerate(rows) if at in kept])
    features = [_features(tagger, rows) for rows in fit]
    weights, bias = _fitted(features)
    found = _limits(weights, bias, features)
    print("weights", dict(zip(FEATURES, weights, strict=True)), bias, found.answers)
    for name, rows in zip(("debunked claims", "letters"), test, strict=True):
        _report(name, _features(tagger, rows), found)
    if given.write:
        kept_file = Path(__file__).parent.parent / "pipeline" / "match_weights.json"
        record = {
            "weights": dict(zip(FEATURES, weights, strict=True)), "bias": bias, "answers": found.answers,
            "related": found.related,
        }  # fmt: skip
        kept_file.write_text(json.dumps(record, indent=1) + "\n")


def _debunks(data: Path) -> list[tuple[str, str]]:
    """Return (claim, answer), one of each group of the same claim."""
    seen = {}
    with gzip.open(data / "debunk_answers" / "train.jsonl.gz", "rt") as file:
        for row in map(json.loads, file):
            if row.get("answer"):
                seen.setdefault(row["claim_group"], (row["text"], row["answer"]))
    return list(seen.values())


def _letters(data: Path) -> list[tuple[str, str]]:
    """Return (the beginning of a letter, the reply without its opening formula)."""
    with gzip.open(data / "gov_messages" / "reply_train.jsonl.gz", "rt") as file:
        read = [row for row in map(json.loads, file) if row.get("answer")]
    rows = [(row["text"][:60], row["answer"][40:]) for row in read]
    chosen = np.random.default_rng(7).permutation(len(rows))[:LETTERS]
    return [rows[at] for at in sorted(chosen)]


def _pairs(features: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return each claim's answer, its nearest wrong ones and chance ones, and which is right."""
    own, wrong = np.arange(len(features)), set()
    for at in own:
        for number in range(len(FEATURES)):
            wrong |= {(at, int(other)) for other in np.argsort(-features[at, :, number])[:NEAREST]}
            wrong |= {(int(other), at) for other in np.argsort(-features[:, at, number])[:NEAREST]}
        wrong |= {(at, int(other)) for other in random.integers(0, len(own), CHANCE)}
    rows, columns = np.array(sorted(pair for pair in wrong if pair[0] != pair[1])).T
    values = np.concatenate([features[own, own], features[rows, columns]])
    return values.astype(np.float64), np.r_[np.ones(len(own)), np.zeros(len(rows))]


def _fitted(sets: list[np.ndarray]) -> tuple[tuple[float, ...], float]:
    """Fit weights of 0 or more by penalised logistic regression on all sets."""
    random = np.random.default_rng(7)
    parts = [_pairs(features, random) for features in sets]
    values, truth = np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])
    worth = np.where(truth == 1, (truth == 0).sum() / truth.sum() / 4, 1.0)

    def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        line = values @ parameters[:-1] + parameters[-1]
        chance_of = 1 / (1 + np.exp(-line))
        error = worth * (chance_of - truth)
        cost = (worth * (np.logaddexp(0, line) - truth * line)).sum() + 0.01 * (parameters[:-1] ** 2).sum()
        return cost, np.r_[values.T @ error + 0.02 * parameters[:-1], error.sum()]

    bounds = [(0, None)] * len(FEATURES) + [(None, None)]
    found = minimize(loss, np.zeros(len(FEATURES) + 1), jac=True, bounds=bounds, method="L-BFGS-B").x
    return tuple(round(float(value), 4) for value in found[:-1]), round(float(found[-1]), 4)


def _limits(weights: tuple[float, ...], bias: float, sets: list[np.ndarray]) -> Scorer:
    """Set the score of an answer so that few answers match a claim when theirs is taken away."""
    scorer = Scorer(weights, bias, 0, 0)
    wrong = [
        np.where(np.eye(len(features), dtype=bool), 0, scorer.score(features))[:CLAIMS].max(axis=0)
        for features in sets
    ]
    answers = float(np.quantile(np.concatenate(wrong), 1 - FALSE_MATCHES))
    return Scorer(weights, bias, round(answers, 4), round(answers * 0.45, 4))


def _features(tagger: Tagger, rows: list[tuple[str, str]]) -> np.ndarray:
    matcher = Matcher(tagger, [Text(text_id=str(at), text=answer) for at, (_, answer) in enumerate(rows)])
    return matcher.features([claim for claim, _ in rows])[0]


def _report(name: str, features: np.ndarray, found: Scorer) -> None:
    right = np.arange(len(features))
    print(name)
    ways = {
        "scorer": found.score(features),
        "words only": features[:, :, 3],
        "embedding only": features[:, :, 1],
    }
    for way, scores in ways.items():
        order = np.argsort(-scores, axis=0)
        first, third = (order[0] == right).mean(), (order[:3] == right).any(axis=0).mean()
        print(f"  {way:<15} statement -> claim: recall@1 {first:.3f}  @3 {third:.3f}  of {len(right)}")
    scores = ways["scorer"]
    wrong = np.where(np.eye(len(features), dtype=bool), 0, scores).max(axis=0)
    print(
        f"  at {found.answers}: answers found {(np.diag(scores) >= found.answers).mean():.3f}, "
        f"false matches without the claim {(wrong >= found.answers).mean():.3f}"
    )


if __name__ == "__main__":
    main()
