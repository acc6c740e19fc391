"""Export: a trained student comes in; an int8 ONNX file with tokenizer, n-gram branch and manifest goes out.

``python -m models.quantise --work DIR --output models/weights``. The blend with the n-gram branch is fitted
with the quantised network, since that is the one that will be asked.
"""

from __future__ import annotations

import argparse
import logging
import shutil
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer
from torch import Tensor, nn

from models.corpus import load_corpus
from models.labels import HEADS
from models.network import Student
from models.ngram_fit import add_branch
from models.runtime import Network
from models.soft import load_student
from models.train_config import TrainConfig
from models.weights import MODEL_FILE, TOKENIZER_FILE, Manifest, digest, write_manifest

log = logging.getLogger("models.quantise")

OPSET = 18
MEAN_TEXTS = 3000  # whose mean embedding is taken away from every embedding


class _Exported(nn.Module):
    """The student without the features that only training needs."""

    def __init__(self, student: Student) -> None:
        super().__init__()
        self.student = student

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return (logits (n, 24), unit embeddings (n, 384))."""
        _, logits, embeddings = self.student(input_ids, attention_mask)
        return logits, embeddings


def main(arguments: Sequence[str] | None = None) -> None:
    """Export a training's work folder from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, default=Path("models/configs/student.toml"))
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--output", type=Path, default=Path("models/weights"))
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    export(TrainConfig.load(given.config), given.work, given.data, given.output)


def export(config: TrainConfig, work: Path, data: Path | None, output: Path) -> Manifest:
    """Write ``output``: the network in int8, its tokenizer, the n-gram branch, and a manifest with hashes."""
    student = load_student(work)
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        full = Path(folder) / "full.onnx"
        to_onnx(student, full)
        to_int8(full, output / MODEL_FILE)
    shutil.copy(work / "base" / "tokenizer.json", output / TOKENIZER_FILE)
    corpus, network = load_corpus(data), Network(output, config.max_tokens)
    mean = network.run([example.text for example in corpus.split("train")[:MEAN_TEXTS]])[1].mean(axis=0)
    manifest = Manifest(
        version=f"hy-{datetime.now(UTC):%Y%m%d}-{digest(output / MODEL_FILE)[:8]}",
        heads={name: list(labels) for name, labels in HEADS.items()},
        max_tokens=config.max_tokens,
        layers=config.layers,
        embedding_mean=[round(float(value), 6) for value in mean],
        files={name: digest(output / name) for name in (MODEL_FILE, TOKENIZER_FILE)},
    )
    write_manifest(output, manifest)
    return add_branch(output, data)


def to_onnx(student: Student, path: Path) -> None:
    """Write the network with free batch size and length."""
    ids, mask = (
        torch.full((2, 9), 5),
        torch.ones(2, 9, dtype=torch.long),
    )  # two tensors: one would be taken for both
    free = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    torch.onnx.export(
        _Exported(student).eval(), (ids, mask), str(path), dynamo=True, external_data=False,
        opset_version=OPSET, input_names=["input_ids", "attention_mask"], output_names=["logits",
        "embeddings"], dynamic_shapes=(free, free),
    )  # fmt: skip
    # The exporter writes the shapes it inferred from the example; the quantiser trips over them.
    graph = onnx.load(path)
    del graph.graph.value_info[:]
    onnx.save(graph, path)


def to_int8(full: Path, target: Path) -> None:
    """Write the network with 8-bit weights in blocks of 32.

    Activations are scaled row by row, so that a text's tags do not depend on the texts beside it: with
    one scale a batch (dynamic quantisation), logits moved by up to 0.85.
    """
    matrices = MatMulNBitsQuantizer(
        onnx.load(full), bits=8, block_size=32, is_symmetric=True, accuracy_level=4
    )
    matrices.process()
    draft = full.with_name("matrices.onnx")
    matrices.model.save_model_to_file(str(draft), False)
    quantize_dynamic(draft, target, op_types_to_quantize=["Gather"], weight_type=QuantType.QInt8)


if __name__ == "__main__":
    main()
