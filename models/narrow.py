"""Narrowing: a trained network and sample texts come in; one with fewer attention heads and neurons goes out.

``python -m models.narrow --work DIR --data DIR --output DIR [--heads 6] [--neurons 640]``. What matters
least is taken away piece by piece, and each time what is left is set anew so that the layer's output
changes least on the sample: Optimal Brain Surgeon for whole structures (Hassibi and Stork 1993; ZipLM,
Kurtic et al. 2023, arXiv:2302.04089). A training from there on (``models.train --start``) mends the rest.
"""

from __future__ import annotations

import argparse
import logging
import shutil
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from models.corpus import load_corpus
from models.network import Student
from models.samples import Batch, read_inputs, sample_batches
from models.soft import load_student
from models.train_config import TrainConfig

log = logging.getLogger("models.narrow")

SAMPLE_TEXTS = 2048
TEXTS_AT_ONCE = 64
DAMPING = 1e-4  # of the mean diagonal, so that the sample's covariance can be inverted


def main(arguments: Sequence[str] | None = None) -> None:
    """Narrow a work folder's network from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--heads", type=int, default=6, help="attention heads that a layer keeps")
    parser.add_argument("--neurons", type=int, default=640, help="inner neurons that a layer keeps")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    narrow(given.work, given.data, given.output, given.heads, given.neurons)


def narrow(work: Path, data: Path | None, output: Path, heads: int, neurons: int) -> Student:
    """Write a work folder with the narrowed network of another; return it."""
    config, student = TrainConfig.load(work / "config.toml"), load_student(work)
    shutil.copytree(work / "base", output / "base", dirs_exist_ok=True)
    shutil.copy(work / "config.toml", output / "config.toml")
    corpus = load_corpus(data, config.research)
    seen = _covariances(student, sample_batches(work, config, corpus, SAMPLE_TEXTS, TEXTS_AT_ONCE))
    width = student.encoder.config.hidden_size // student.encoder.config.num_attention_heads
    for number, layer in enumerate(student.encoder.encoder.layer):
        attention, inner = layer.attention, layer.intermediate.dense
        kept = _keep(attention.output.dense, seen[f"{number}.attention"], width, heads)
        for part in (attention.self.query, attention.self.key, attention.self.value):
            _keep_outputs(part, kept)
        _keep_outputs(inner, _keep(layer.output.dense, seen[f"{number}.inner"], 1, neurons))
        log.info("layer %d: %d heads, %d neurons", number, heads, neurons)
    torch.save(student.state_dict(), output / "student.pt")
    return student


def _covariances(student: Student, batches: Sequence[Batch]) -> dict[str, Tensor]:
    """Return what goes into each layer's two output maps, as sums of products (width + 1, width + 1)."""
    seen: dict[str, Tensor] = {}

    def note(name: str, values: Tensor) -> None:
        values = torch.cat([values, values.new_ones(len(values), 1)], dim=1)  # for the bias
        seen[name] = seen.get(name, 0) + values.T @ values

    modules: dict[str, nn.Module] = {}
    for number, layer in enumerate(student.encoder.encoder.layer):
        modules[f"{number}.attention"] = layer.attention.output.dense
        modules[f"{number}.inner"] = layer.output.dense
    read_inputs(student, modules, batches, note)
    return seen


def _keep(module: nn.Linear, products: Tensor, size: int, count: int) -> Tensor:
    """Leave ``count`` groups of ``size`` inputs to a linear map, and return which inputs these are."""
    total = module.in_features // size
    damping = DAMPING * products.diagonal().mean()
    inverse = torch.linalg.inv(products.double() + damping * torch.eye(len(products), dtype=torch.double))
    weights = torch.cat([module.weight.data, module.bias.data[:, None]], dim=1).double()
    left = list(range(total))
    while len(left) > count:
        worst = min(left, key=_costs(weights, inverse, size).__getitem__)
        _take_away(weights, inverse, slice(worst * size, (worst + 1) * size))
        left.remove(worst)
    kept = torch.cat([torch.arange(group * size, (group + 1) * size) for group in left])
    module.weight = nn.Parameter(weights[:, kept].float())
    module.bias = nn.Parameter(weights[:, -1].float())
    module.in_features = len(kept)
    return kept


def _costs(weights: Tensor, inverse: Tensor, size: int) -> list[float]:
    """Return how much the output's squared error grows when a group of inputs is taken away."""
    groups = (len(inverse) - 1) // size
    if size == 1:
        costs = (weights[:, :-1] ** 2).sum(0) / inverse.diagonal()[:-1].clamp(min=1e-12)
        return [float(cost) for cost in costs]
    found = []
    for group in range(groups):
        at = slice(group * size, (group + 1) * size)
        part = weights[:, at]
        block = inverse[at, at] + 1e-12 * torch.eye(size, dtype=torch.double)
        found.append(float((part @ torch.linalg.inv(block) * part).sum()))
    return found


def _take_away(weights: Tensor, inverse: Tensor, at: slice) -> None:
    """Take inputs away, in place: the others take over what they can of their part."""
    block = torch.linalg.inv(inverse[at, at])
    weights -= weights[:, at] @ block @ inverse[at, :]
    inverse -= inverse[:, at] @ block @ inverse[at, :]
    weights[:, at] = 0.0


def _keep_outputs(module: nn.Linear, kept: Tensor) -> None:
    module.weight = nn.Parameter(module.weight.data[kept])
    module.bias = nn.Parameter(module.bias.data[kept])
    module.out_features = len(kept)


if __name__ == "__main__":
    main()
