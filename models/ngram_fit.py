"""Fitting the n-gram branch: a corpus comes in; the branch and how to blend it with the network go out.

``python -m models.ngram_fit --data DIR --weights models/weights``: minutes on two cores, no torch. The blend
has two numbers a head, fitted on dev by likelihood, which also calibrates the scores (Platt 1999; Guo et
al. 2017).
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from models.blend import alone as by_itself
from models.blend import doubt
from models.corpus import Corpus, Example, load_corpus
from models.gate import fingerprints
from models.labels import HEADS
from models.left_out import without
from models.ngrams import BITS, NGrams, count, rarity_of, save, weigh
from models.runtime import Floats, Network, head_slices, log_softmax
from models.weights import NGRAM_FILE, Manifest, digest, read_manifest, write_manifest

log = logging.getLogger("models.ngram_fit")

PASSED_ON = 0.10  # share of dev that the fast tier passes on to the network
LOOSENESS = 30.0  # of the logistic regression; 5 and a support vector machine were worse on dev when blended


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit the branch of a weights folder from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--weights", type=Path, default=Path("models/weights"))
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    manifest = add_branch(given.weights, given.data)
    log.info("%s: %s", manifest.version, manifest.blend)


def add_branch(folder: Path, data: Path | None, leave_out: str = "") -> Manifest:
    """Fit the branch on the train split and the blend on dev; write both and a manifest that lists them.

    ``leave_out`` names a data set to do without.
    """
    corpus = Corpus(without(load_corpus(data).examples, leave_out))
    fit(corpus.split("train"), folder)
    manifest = read_manifest(folder, ignore=(NGRAM_FILE,))
    branch, network = NGrams.load(folder), Network(folder, manifest.max_tokens)
    dev = corpus.split("dev")
    texts = [example.text for example in dev]
    scores = branch.scores(texts)
    alone, blend = fit_blend(network.run(texts)[0], scores, dev)
    limit = float(np.quantile(doubt(by_itself(scores, alone)), 1 - PASSED_ON))
    files = {**manifest.files, NGRAM_FILE: digest(folder / NGRAM_FILE)}
    manifest = replace(
        manifest,
        version=f"hy-{datetime.now(UTC):%Y%m%d}-{''.join(files[name][:4] for name in sorted(files))}",
        files=files,
        alone=alone,
        blend=blend,
        corpus=fingerprints(corpus),
        thresholds={**manifest.thresholds, "fast_doubt": round(limit, 4)},
    )
    write_manifest(folder, manifest)
    return manifest


def fit(examples: Sequence[Example], folder: Path) -> None:
    """Fit one logistic regression a head on the examples that have its label, and write the branch.

    Raises:
        ValueError: a class of a head has no example.
    """
    counts = count([example.text for example in examples])
    rarity = rarity_of(counts)
    features = weigh(counts, rarity)
    weights = np.zeros((1 << BITS, sum(len(labels) for labels in HEADS.values())))
    bias = np.zeros(weights.shape[1], np.float32)
    for head, part in head_slices().items():
        rows = [at for at, example in enumerate(examples) if head in example.labels]
        classes = np.array([examples[at].labels[head] for at in rows])
        missing = set(range(len(HEADS[head]))) - set(classes.tolist())
        if missing:
            raise ValueError(f"{head}: no example of {', '.join(HEADS[head][number] for number in missing)}")
        model = LogisticRegression(C=LOOSENESS, max_iter=400, class_weight="balanced")
        model.fit(features[rows], classes)
        if len(HEADS[head]) == 2:  # one weight vector for yes: half of it for, half against
            weights[:, part] = np.stack([-model.coef_[0] / 2, model.coef_[0] / 2], axis=1)
            bias[part] = [-model.intercept_[0] / 2, model.intercept_[0] / 2]
        else:
            weights[:, part], bias[part] = model.coef_.T, model.intercept_
    save(folder, weights, bias, rarity)


def fit_blend(
    logits: Floats, scores: Floats, examples: Sequence[Example]
) -> tuple[dict[str, float], dict[str, list[float]]]:
    """Return a factor a head for the branch alone, and factors for (network, branch) together."""
    alone, blend = {}, {}
    for head, part in head_slices().items():
        known = [at for at, example in enumerate(examples) if head in example.labels]
        labels = np.array([examples[at].labels[head] for at in known], np.int64)
        both = (log_softmax(logits[known][:, part]), scores[known][:, part])
        alone[head] = _likeliest(both[1:], labels)[0]
        blend[head] = _likeliest(both, labels)
    return alone, blend


def _likeliest(parts: Sequence[Floats], labels: npt.NDArray[np.int64]) -> list[float]:
    """Return the factors, at least 0.01, under which the labels are likeliest."""

    def loss(factors: npt.NDArray[np.float64]) -> float:
        total: Floats = sum(
            (factor * part for factor, part in zip(factors, parts, strict=True)), np.zeros_like(parts[0])
        ).astype(np.float32)
        return float(-log_softmax(total)[np.arange(len(labels)), labels].mean())

    found = minimize(loss, np.ones(len(parts)), method="Nelder-Mead", bounds=[(0.01, 20.0)] * len(parts))
    return [round(float(factor), 4) for factor in found.x]


if __name__ == "__main__":
    main()
