"""Looking into a network: a training's settings and data come in; sample batches, and what its layers read of
them, go out.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from models.batches import by_length, encode, pad_batch
from models.corpus import Corpus
from models.network import Student
from models.train_config import TrainConfig

Batch = tuple[Tensor, Tensor]


def sample_batches(work: Path, config: TrainConfig, corpus: Corpus, count: int, at_once: int) -> list[Batch]:
    """Return (ids, mask) of ``count`` training texts drawn by the seed, ``at_once`` of a length together."""
    tokenizer = Tokenizer.from_file(str(work / "base" / "tokenizer.json"))
    texts = [example.text for example in corpus.split("train")]
    chosen = random.Random(config.seed).sample(texts, min(count, len(texts)))
    ids = encode(tokenizer, chosen, config.max_tokens)
    pad = tokenizer.get_vocab()["<pad>"]
    return [
        pad_batch([ids[row] for row in rows], pad) for rows in by_length([len(row) for row in ids], at_once)
    ]


def read_inputs(
    student: Student,
    modules: Mapping[str, nn.Module],
    batches: Sequence[Batch],
    note: Callable[[str, Tensor], None],
) -> None:
    """Run batches, and give ``note`` every module's name with its input (tokens, width), padding left out."""
    masks: list[Tensor] = []

    def watch(name: str) -> Any:
        def see(_module: nn.Module, given: tuple[Tensor, ...]) -> None:
            note(name, given[0][masks[-1].bool()])

        return see

    handles = [module.register_forward_pre_hook(watch(name)) for name, module in modules.items()]
    try:
        with torch.inference_mode():
            for ids, mask in batches:
                masks.append(mask)
                student(ids, mask)
    finally:
        for handle in handles:
            handle.remove()
