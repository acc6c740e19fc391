"""What weak labels are worth: own posts and replies in five folds, trained with and without them; macro-F1 on
the held-out fold, for several caps. Writes ``results/weak_labels.json``.

    python benchmarks/weak_labels.py --data DIR
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline

from models import corpus
from models.labels import HEADS
from models.metrics import bootstrap, macro_f1

RESULT = Path(__file__).parent / "results" / "weak_labels.json"
PAIRS = (("need", "own_need", "weak_need"), ("stance", "own_stance", "weak_stance"))


def main() -> None:
    """Print and write one figure a head and cap."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    data = parser.parse_args().data
    found = []
    for cap in (0, 20, 60):
        rows = [*corpus.own_examples(), *corpus.weak_examples(data, cap, cap)]
        for head, own, weak in PAIRS:
            found.append({"head": head, "cap": cap, **_measure(rows, head, own, weak)})
            print(found[-1])
    setup = {"method": "character 1-3-gram TF-IDF, logistic regression C=30", "folds": 5, "seed": 7}
    RESULT.write_text(json.dumps({"setup": setup, "results": found}, indent=1) + "\n", "utf-8")


def _measure(rows: list[corpus.Example], head: str, own: str, weak: str) -> dict[str, float]:
    ours = [row for row in rows if row.set == own and head in row.labels]
    extra = [row for row in rows if row.set == weak]
    texts, classes = np.array([row.text for row in ours], object), np.array([r.labels[head] for r in ours])
    guess = np.zeros(len(ours), np.int64)
    for train, test in StratifiedKFold(5, shuffle=True, random_state=7).split(texts, classes):
        model = make_pipeline(
            TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True),
            LogisticRegression(C=30, max_iter=400, class_weight="balanced"),
        )
        model.fit(
            [*texts[train], *(row.text for row in extra)],
            [*classes[train], *(row.labels[head] for row in extra)],
        )
        guess[test] = model.predict(texts[test])
    figure = bootstrap(lambda at: macro_f1(classes[at], guess[at], len(HEADS[head])), len(ours))
    return {
        "rows": len(ours),
        "weak_rows": len(extra),
        "macro_f1": round(figure.value, 4),
        "low": round(figure.low, 4),
        "high": round(figure.high, 4),
    }


if __name__ == "__main__":
    main()
