"""How well rare words find a known rumor again, and what the threshold of ``pipeline/library.py`` costs.

``python -m benchmarks.library --data DIR [--output FILE]``: pairs of ``claim_pairs`` (a claim and a post or
another claim), by kind of pair. Wrong pairs are close ones: another place, substance or number.
"""

from __future__ import annotations

import argparse
import gzip
import json
from pathlib import Path

import numpy as np

from models.metrics import auc
from pipeline.lexical import grams_of, shared_words
from pipeline.library import ALIKE
from pipeline.normalise import match_text, simplify
from pipeline.same_claim import conflict, facts_of

KINDS = ("claim_claim", "claim_post", "post_post")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--output", type=Path, default=None)
    given = parser.parse_args()
    rows = list(_pairs(given.data))
    score = np.array([_likeness(row["text_a"], row["text_b"]) for row in rows])
    apart = np.array([_apart(row["text_a"], row["text_b"]) for row in rows])
    same, kinds = np.array([int(row["label"]) for row in rows]), np.array([row["pair_type"] for row in rows])
    found = []
    for kind in KINDS:
        at = kinds == kind
        near, right = score[at] >= ALIKE, same[at] == 1
        found.append(
            {
                "kind": kind, "pairs": int(at.sum()), "same": int(right.sum()),
                "auc": round(auc(same[at], score[at]), 4),
                "threshold": ALIKE, "found": round(float(near[right].mean()), 4),
                "wrong_shown": round(float(near[~right].mean()), 4),
                "wrong_shown_as_recurrence": round(float((near & ~apart[at])[~right].mean()), 4),
            }
        )  # fmt: skip
        print(json.dumps(found[-1]))
    if given.output:
        record = {"setup": "claim_pairs, train and dev; rare words only, no model is run", "kinds": found}
        given.output.write_text(json.dumps(record, indent=1) + "\n", "utf-8")


def _pairs(data: Path) -> list[dict[str, str]]:
    found = []
    for split in ("train", "dev"):
        with gzip.open(data / "claim_pairs" / f"{split}.jsonl.gz", "rt") as file:
            found += [row for row in map(json.loads, file) if row["pair_type"] in KINDS]
    return found


def _likeness(one: str, other: str) -> float:
    return shared_words(grams_of(match_text(one)), grams_of(match_text(other)))


def _apart(one: str, other: str) -> bool:
    return conflict(facts_of(simplify(one)), facts_of(simplify(other))) is not None


if __name__ == "__main__":
    main()
