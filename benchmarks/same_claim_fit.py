"""Fits the same-claim scorer of ``pipeline/pair_scorer.py`` and prints how well it tells pairs apart.

``python -m benchmarks.same_claim_fit --data DIR [--network] [--write]``. Fitted on pairs of the half ``tune``
of the invented wordings, of every other claim in three forms (``models/data/need_f.jsonl``) and of
``claim_pairs`` of DIR (train); reported on the rest of each. ``--network`` lets the cosine of the tagger's
embeddings speak too; it got no weight from the network of 24 November 2026, so it is left out.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from models import Tagger
from models.metrics import auc
from pipeline.config import region_path
from pipeline.pair_scorer import FEATURES, FREE, UNLIKE, features
from pipeline.places import Region
from pipeline.stance import stance_of
from pipeline.wordings import Wording, wording_of

WORDINGS = Path(__file__).parents[1] / "tests" / "fixtures" / "claims" / "wordings.jsonl"
FORMS = Path(__file__).parents[1] / "models" / "data" / "need_f.jsonl"
WEIGHTS = Path(__file__).parents[1] / "pipeline" / "same_claim_weights.json"
FAR = 0.05  # share of the pairs from two counties that are kept: the place alone tells them apart
PUBLIC = 0.1  # weight of a public pair: health claims of one epidemic, where no place is named; more of it
# costs local claims of one county what it gains there (area on near pairs 0.897 against 0.894 with 0.3)
FORMED = 4.0  # weight of a claim's three forms: they are few, and without a known place
STRENGTH = 1.0  # of the fit, C: chosen among 0.3 and 1 by the area on near pairs of the held half

BEFORE = ("", "转:", "快看!", "听说", "朋友圈看到的,", "家人们,", "//", "【扩散】", "我的天,", "都在说")
AFTER = (
    "",
    "。。。",
    "!!!",
    ",大家注意",
    ",转给需要的人",
    ",心好慌",
    "[流泪]",
    "啊",
    ",有点害怕",
    ",你们那边呢",
)

Pairs = list[tuple[Wording, Wording, int, str]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--network", action="store_true", help="use the cosine of the tagger's embeddings")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    tagger = Tagger.load() if asked.network else None
    own = {half: own_pairs(half, tagger) for half in ("tune", "held")}
    public = {split: public_pairs(asked.data, split, tagger) for split in ("train", "dev")}
    copies = copied_pairs(tagger)
    forms = [form_pairs(odd, tagger) for odd in (0, 1)]
    known = own["tune"] + copies + forms[0]
    formed = np.where([same for *_, same, _ in forms[0]], FORMED, 1.0)
    worth = np.r_[np.ones(len(known) - len(forms[0])), formed, np.full(len(public["train"]), PUBLIC)]
    weights, bias = fit(known + public["train"], worth)
    kinds = {"tune": own["tune"], "held": own["held"], "forms": forms[1], "claim_pairs dev": public["dev"]}
    for name, pairs in kinds.items():
        report(name, pairs, weights, bias)
    if asked.write:
        kept = {
            "weights": dict(zip(FEATURES, weights.round(4).tolist(), strict=True)),
            "bias": round(bias, 4),
        }
        WEIGHTS.write_text(
            json.dumps(kept | {"network": tagger.version if tagger else None}, indent=1) + "\n"
        )


def fit(pairs: Pairs, worth: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the weights of ``FEATURES`` and the bias; what is alike never counts against, nor the other
    way.
    """
    values, truth = matrix(pairs), np.array([same for *_, same, _ in pairs])
    scale = values.std(axis=0) + 1e-9
    scaled = values / scale

    def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        line = scaled @ parameters[:-1] + parameters[-1]
        error = worth * (1 / (1 + np.exp(-line)) - truth)
        cost = (worth * (np.logaddexp(0, line) - truth * line)).sum() + (
            parameters[:-1] ** 2
        ).sum() / 2 / STRENGTH
        return cost, np.r_[scaled.T @ error + parameters[:-1] / STRENGTH, error.sum()]

    bounds = [_bounds(name) for name in FEATURES]
    start = np.zeros(len(FEATURES) + 1)
    found = minimize(loss, start, jac=True, bounds=[*bounds, (None, None)], method="L-BFGS-B").x
    return found[:-1] / scale, float(found[-1])


def _bounds(name: str) -> tuple[float | None, float | None]:
    if name in FREE:
        return None, None
    return (None, 0) if name in UNLIKE else (0, None)


def copied_pairs(tagger: Tagger | None) -> Pairs:
    """Return wordings of the tune half with copies of them as people make them: a word before or after, a
    slip.
    """
    chance = random.Random(2)
    texts = [
        row["text"]
        for row in map(json.loads, WORDINGS.open(encoding="utf-8"))
        if row["half"] == "tune" and row["claim"]
    ]
    copies = [_copy(text, chance) for text in texts]
    return [
        (*pair, 1, "copy") for pair in zip(wordings(texts, tagger), wordings(copies, tagger), strict=True)
    ]


def _copy(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text) - 1)
    kept = chance.choice((text, text[:at] + text[at + 1 :], text[:-1] + "了"))
    return chance.choice(BEFORE) + kept + chance.choice(AFTER)


def own_pairs(half: str, tagger: Tagger | None) -> Pairs:
    """Return pairs of invented wordings, with their kind: same, near (hard negatives), county, far."""
    rows = [
        row
        for row in map(json.loads, WORDINGS.open(encoding="utf-8"))
        if row["half"] == half and row["claim"]
    ]
    read = wordings([row["text"] for row in rows], tagger)
    chance, found = random.Random(1), []
    for one, other in itertools.combinations(range(len(rows)), 2):
        kind = _kind(rows[one], rows[other], read[one], read[other])
        if kind != "far" or chance.random() < FAR:
            found.append((read[one], read[other], int(kind == "same"), kind))
    return found


def form_pairs(odd: int, tagger: Tagger | None) -> Pairs:
    """Return pairs of every other claim that is told, asked about and debunked in three rows."""
    texts = [row["text"] for row in map(json.loads, FORMS.open(encoding="utf-8"))]
    claims = [at // 3 for at in range(len(texts))]
    chosen = [at for at in range(len(texts)) if claims[at] % 2 == odd]
    read = dict(zip(chosen, wordings([texts[at] for at in chosen], tagger), strict=True))
    return [
        (
            read[one],
            read[other],
            int(claims[one] == claims[other]),
            "same" if claims[one] == claims[other] else "far",
        )
        for one, other in itertools.combinations(chosen, 2)
    ]


def public_pairs(data: Path, split: str, tagger: Tagger | None) -> Pairs:
    """Return the pairs of ``claim_pairs`` that are two claims or posts, with their kind."""
    with gzip.open(data / "claim_pairs" / f"{split}.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [row for row in map(json.loads, file) if row["pair_type"] != "claim_answer"]
    sides = [wordings([row[side] for row in rows], tagger) for side in ("text_a", "text_b")]
    return [
        (one, other, int(row["label"]), row["pair_type"])
        for one, other, row in zip(*sides, rows, strict=True)
    ]


def wordings(texts: list[str], tagger: Tagger | None) -> list[Wording]:
    """Read texts as the engine does."""
    region = Region.load(region_path("qiannan"))
    vectors = tagger.embed(texts) if tagger else [None] * len(texts)
    return [
        wording_of(text, region.places_of(text), stance_of(text, None, None), vector)
        for text, vector in zip(texts, vectors, strict=True)
    ]


def matrix(pairs: Pairs) -> np.ndarray:
    """Return features (n, len(FEATURES))."""
    return np.array([features(one, other) for one, other, *_ in pairs])


def report(name: str, pairs: Pairs, weights: np.ndarray, bias: float) -> None:
    """Print the area under the curve of all pairs and of each kind of negative against the positives."""
    scores = matrix(pairs) @ weights + bias
    truth, kinds = np.array([same for *_, same, _ in pairs]), np.array([kind for *_, kind in pairs])
    print(f"{name}: {len(pairs)} pairs, AUC {auc(truth, scores):.3f}")
    for kind in sorted(set(kinds[truth == 0])):
        at = ((truth == 1) & ((kinds == kind) | (kinds == "same"))) | ((truth == 0) & (kinds == kind))
        if truth[at].any():
            print(f"  {kind:<12} {at.sum():>6} pairs, AUC {auc(truth[at], scores[at]):.3f}")


def _kind(row: dict[str, Any], other: dict[str, Any], read: Wording, also: Wording) -> str:
    if row["claim"] == other["claim"]:
        return "same"
    if row.get("near", row["claim"]) == other.get("near", other["claim"]):
        return "near"
    return "county" if read.facts.places & also.facts.places else "far"


if __name__ == "__main__":
    main()
