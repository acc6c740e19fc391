"""Tells pairs of texts on the same claim from others: ways of comparing two wordings, beside each other.

``python -m benchmarks.claim_pairs --data DIR``: area under the curve by kind of pair on ``claim_pairs``,
and what the engine's likeness joins at several thresholds.
"""

from __future__ import annotations

import argparse
import gzip
import json
from pathlib import Path

import numpy as np

from models import Tagger
from models.metrics import auc
from pipeline.claims import likeness
from pipeline.lexical import grams_of, shared_words
from pipeline.normalise import match_text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    rows = []
    for split in ("train", "dev"):
        with gzip.open(parser.parse_args().data / "claim_pairs" / f"{split}.jsonl.gz", "rt") as file:
            rows += [row for row in map(json.loads, file) if row["pair_type"] != "claim_answer"]
    tagger = Tagger.load()
    vectors = [tagger.embed([row[name] for row in rows]) for name in ("text_a", "text_b")]
    cosine = (vectors[0] * vectors[1]).sum(axis=1)
    grams = [[grams_of(match_text(row[name])) for row in rows] for name in ("text_a", "text_b")]
    pairs = list(zip(*grams, strict=True))
    ways = {
        "embedding": cosine,
        "shared words": np.array([shared_words(one, other) for one, other in pairs]),
        "likeness": np.array([likeness(c, *pair) for c, pair in zip(cosine, pairs, strict=True)]),
    }
    same = np.array([int(row["label"]) for row in rows])
    kinds = np.array([row["pair_type"] for row in rows])
    for kind in sorted(set(kinds)):
        at = kinds == kind
        print(kind, int(at.sum()), {name: round(auc(same[at], way[at]), 3) for name, way in ways.items()})
    for limit in (0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55):
        joined = ways["likeness"] >= limit
        print(
            f"at {limit}: right {same[joined].mean():.3f} of the joined, "
            f"{joined[same == 1].mean():.3f} of the same joined"
        )


if __name__ == "__main__":
    main()
