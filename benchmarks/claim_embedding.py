"""Whether embeddings tell one claim from another: weights come in; areas under the curve go out as JSON.

``python -m benchmarks.claim_embedding --data DIR [--weights BEFORE --weights AFTER]`` on the dev split of
``claim_pairs``, whose train split the embedding learned from, by kind of pair and for the hard ones.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from models import Tagger
from models.corpus import read_lines
from models.metrics import auc
from models.weights import SHIPPED

RESULT = Path(__file__).parent / "results" / "claim_embedding.json"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--weights", type=Path, action="append", default=[])
    given = parser.parse_args(arguments)
    rows = [row for _, row in read_lines(given.data / "claim_pairs" / "dev.jsonl.gz")]
    found = [_areas(folder, rows) for folder in given.weights or [SHIPPED]]
    RESULT.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _areas(folder: Path, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    tagger = Tagger.load(folder)
    left, right = (tagger.embed([row[name] for row in rows]) for name in ("text_a", "text_b"))
    cosine = (left * right).sum(axis=1).astype(np.float64)
    same = np.array([int(row["label"]) for row in rows])
    groups = {"all": np.ones(len(rows), bool), "hard": np.array([bool(row.get("hard")) for row in rows])}
    for kind in sorted({row["pair_type"] for row in rows}):
        groups[kind] = np.array([row["pair_type"] == kind for row in rows])
    areas = {
        name: {
            "pairs": int(at.sum()),
            "same": int(same[at].sum()),
            "auc": round(auc(same[at], cosine[at]), 3),
        }
        for name, at in groups.items()
        if 0 < same[at].sum() < at.sum()
    }
    return {"version": tagger.version, "split": "dev", "areas": areas}


if __name__ == "__main__":
    main()
