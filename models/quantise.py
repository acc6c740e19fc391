"""Export: a trained student comes in; an int8 ONNX file with tokenizer, n-gram branch and manifest goes out.

``python -m models.quantise --work DIR --data DIR --output DIR``. The blend with the n-gram branch is
fitted with the quantised network, since that is the one that will be asked.
"""

from __future__ import annotations

import argparse
import logging
import random
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from models.corpus import Corpus, load_corpus
from models.graph import to_int8
from models.labels import HEADS
from models.ngram_fit import add_branch
from models.runtime import Network
from models.samples import sample_batches
from models.soft import load_student
from models.train_config import TrainConfig
from models.weights import MODEL_FILE, TOKENIZER_FILE, Manifest, digest, write_manifest

log = logging.getLogger("models.quantise")

MEAN_TEXTS = 3000  # whose mean embedding is taken away from every embedding
SAMPLE_TEXTS = 512  # that show how large activations get
SAMPLES_AT_ONCE = 32


def main(arguments: Sequence[str] | None = None) -> None:
    """Export a training's work folder from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--output", type=Path, default=Path("models/weights"))
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    manifest = export(given.work, given.data, given.output)
    log.info("%s", manifest.version)


def export(work: Path, data: Path | None, output: Path) -> Manifest:
    """Write ``output``: the network in int8, its tokenizer, the n-gram branch, and a manifest with hashes."""
    config, corpus = TrainConfig.load(work / "config.toml"), load_corpus(data)
    config = replace(config, max_tokens=config.read_tokens or config.max_tokens)
    output.mkdir(parents=True, exist_ok=True)
    _quantise(work, config, corpus, output / MODEL_FILE)
    shutil.copy(work / "base" / "tokenizer.json", output / TOKENIZER_FILE)
    texts = [example.text for example in corpus.split("train")]
    chosen = random.Random(config.seed).sample(texts, min(MEAN_TEXTS, len(texts)))
    mean = Network(output, config.max_tokens).run(chosen)[1].mean(axis=0)
    manifest = Manifest(
        version=f"hy-{datetime.now(UTC):%Y%m%d}-{digest(output / MODEL_FILE)[:8]}",
        heads={name: list(labels) for name, labels in HEADS.items()},
        max_tokens=config.max_tokens,
        layers=config.layers,
        embedding_mean=[round(float(value), 6) for value in mean],
        files={name: digest(output / name) for name in (MODEL_FILE, TOKENIZER_FILE)},
        training=digest(work / "config.toml"),
    )
    write_manifest(output, manifest)
    opinions = work / "opinions.npz"
    return add_branch(output, data, config.leave_out, opinions if opinions.exists() else None)


def _quantise(work: Path, config: TrainConfig, corpus: Corpus, path: Path) -> None:
    samples = sample_batches(work, config, corpus, SAMPLE_TEXTS, SAMPLES_AT_ONCE)
    to_int8(load_student(work), samples, config.max_tokens, path)


if __name__ == "__main__":
    main()
