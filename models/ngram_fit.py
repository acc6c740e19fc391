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

from models.contrast import SUFFIX
from models.corpus import Corpus, Example, load_corpus
from models.gate import fingerprints
from models.labels import HEADS
from models.left_out import without
from models.linear import Doubles, fit_linear
from models.ngrams import BITS, NGrams, count, rarity_of, save, weigh
from models.opinions import kept_opinions
from models.runtime import Floats, Network, head_slices, log_softmax
from models.weights import NGRAM_FILE, Manifest, digest, read_manifest, write_manifest

log = logging.getLogger("models.ngram_fit")

Ints = npt.NDArray[np.int64]
Opinions = npt.NDArray[np.float32]

LOOSENESS = 10.0  # of the logistic regression: 30 and 3 were worse on dev for rumor, emotion and sentiment
# Heads that learn from teachers' opinions too, which together weigh as much as the labels. On dev they lift
# emotion from 0.584 to 0.591 blended; needs, rare in what teachers were asked, fall from 0.799 to 0.779.
TAUGHT = ("sentiment", "emotion")
# Weight of a claim in another mood: a sum of n-grams cannot know what its words mean in 网传…不实, and
# forgets them. At 1 the area under the curve on Weibo21's dev fell from 0.916 to 0.908, at 0.3 to 0.913, with
# the test table's debunks and questions as at 1.
CONTRAST_SHARE = 0.3


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit the branch of a weights folder from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--weights", type=Path, default=Path("models/weights"))
    parser.add_argument("--opinions", type=Path, help="opinions.npz of the student's work folder")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    manifest = add_branch(given.weights, given.data, opinions=given.opinions)
    log.info("%s: %s", manifest.version, manifest.blend)


def add_branch(
    folder: Path, data: Path | None, leave_out: str = "", opinions: Path | None = None
) -> Manifest:
    """Fit the branch on the train split and the blend on dev; write both and a manifest that lists them.

    ``leave_out`` names a data set to do without; ``opinions`` is the file of teachers' opinions that a
    training left (``models.soft``).
    """
    corpus = Corpus(without(load_corpus(data).examples, leave_out))
    train = corpus.split("train")
    texts = [example.text for example in train]
    fit(train, folder, None if opinions is None else kept_opinions(opinions, texts))
    manifest = read_manifest(folder, ignore=(NGRAM_FILE,))
    branch, network = NGrams.load(folder), Network(folder, manifest.max_tokens)
    dev = corpus.split("dev")
    texts = [example.text for example in dev]
    scores = branch.scores(texts)
    blend = fit_blend(network.run(texts)[0], scores, dev)
    made = versioned(replace(manifest, blend=blend, corpus=fingerprints(corpus)), folder, (NGRAM_FILE,))
    write_manifest(folder, made)
    return made


def versioned(manifest: Manifest, folder: Path, written: Sequence[str]) -> Manifest:
    """Return a manifest with the hashes of files just written, and a version that says its files."""
    files = {**manifest.files, **{name: digest(folder / name) for name in written}}
    parts = "".join(files[name][:4] for name in sorted(files))
    return replace(manifest, files=files, version=f"hy-{datetime.now(UTC):%Y%m%d}-{parts}")


def fit(examples: Sequence[Example], folder: Path, opinions: Opinions | None = None) -> None:
    """Fit one linear classifier a head, and write the branch.

    It learns from the examples that have the head's label, classes weighed evenly, and from teachers'
    ``opinions`` (n, 24 logits; NaN where none has one) on all examples, for the heads of ``TAUGHT``.

    Raises:
        ValueError: a class of a head has no example.
    """
    counts = count([example.text for example in examples])
    rarity = rarity_of(counts)
    features = weigh(counts, rarity)
    weights = np.zeros((1 << BITS, sum(len(labels) for labels in HEADS.values())))
    bias = np.zeros(weights.shape[1], np.float32)
    for head, part in head_slices().items():
        rows, wanted, shares = _labelled(head, examples)
        if opinions is not None and head in TAUGHT:
            known = np.flatnonzero(~np.isnan(opinions[:, part.start]))
            rows = np.concatenate([rows, known])
            wanted = np.concatenate([wanted, np.exp(log_softmax(opinions[known][:, part]))])
            shares = np.concatenate([shares, np.full(len(known), len(shares) / max(1, len(known)))])
        weights[:, part], bias[part] = fit_linear(features[rows], wanted, shares, LOOSENESS)
    save(folder, weights, bias, rarity)


def _labelled(head: str, examples: Sequence[Example]) -> tuple[Ints, Doubles, Doubles]:
    """Return the rows with a head's label, their classes as probabilities, weights that even classes out."""
    rows = np.array([at for at, example in enumerate(examples) if head in example.labels], np.int64)
    classes = np.array([examples[at].labels[head] for at in rows], np.int64)
    sizes = np.bincount(classes, minlength=len(HEADS[head]))
    if not sizes.all():
        missing = [HEADS[head][number] for number in np.flatnonzero(sizes == 0)]
        raise ValueError(f"{head}: no example of {', '.join(missing)}")
    heard = np.array([CONTRAST_SHARE if examples[at].set.endswith(SUFFIX) else 1.0 for at in rows])
    return rows, np.eye(len(sizes))[classes], (len(rows) / len(sizes) / sizes)[classes] * heard


def fit_blend(logits: Floats, scores: Floats, examples: Sequence[Example]) -> dict[str, list[float]]:
    """Return each head's factors for (network, branch), from both models' values (n, 24) of labelled rows."""
    blend = {}
    for head, part in head_slices().items():
        known = [at for at, example in enumerate(examples) if head in example.labels]
        labels = np.array([examples[at].labels[head] for at in known], np.int64)
        blend[head] = _likeliest((log_softmax(logits[known][:, part]), scores[known][:, part]), labels)
    return blend


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
