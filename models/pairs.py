"""Sentence pairs: folders of pairs come in; batches, and the loss that pulls equals together, go out."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor

from models.clean import for_model
from models.corpus import read_lines

Pair = tuple[str, str, bool]

GENERAL = ("afqmc", "lcqmc", "paws_x_zh", "oppo_xiaobu")
SHARPNESS = 20.0  # the scale of CoSENT's cosine differences
CLAIM_SHARE = 0.4  # of a batch: pairs of claims are few, and what the embedding is for


def read_pairs(data: Path, split: str) -> tuple[list[Pair], list[Pair]]:
    """Return the pairs of claims and the general pairs of a split: two texts, and whether they say the same.

    Sets with no file of that split are left out.
    """
    claims = list(_pairs(data / "claim_pairs" / f"{split}.jsonl.gz"))
    general = [
        pair for name in GENERAL for pair in _pairs(data / "sentence_pairs" / f"{name}_{split}.jsonl.gz")
    ]
    return claims, general


def pair_batches(
    claims: Sequence[Pair], general: Sequence[Pair], size: int, seed: int
) -> Iterator[list[Pair]]:
    """Yield batches of pairs without end, some of claims in each."""
    chosen = random.Random(seed)
    few = min(len(claims), round(size * CLAIM_SHARE))
    while True:
        yield chosen.sample(claims, few) + chosen.sample(general, min(len(general), size - few))


def pair_loss(left: Tensor, right: Tensor, same: Tensor) -> Tensor:
    """Return the loss of unit embeddings (n, width) of pairs, of which ``same`` (n,) are equal in meaning.

    Every equal pair should be closer than every unequal one, and than any two texts of different pairs:
    CoSENT (Su 2022, https://kexue.fm/archives/8847) with negatives from within the batch.
    """
    cosines = left @ right.T
    paired = cosines.diagonal()
    others = ~torch.eye(len(left), dtype=torch.bool, device=left.device)
    unequal = torch.cat([paired[~same], cosines[others]])
    gaps = SHARPNESS * (unequal[:, None] - paired[same][None, :]).flatten()
    return torch.logsumexp(torch.cat([gaps.new_zeros(1), gaps]), 0) / SHARPNESS


def _pairs(file: Path) -> Iterator[Pair]:
    for _, row in read_lines(file):
        yield for_model(row["text_a"]), for_model(row["text_b"]), int(row["label"]) == 1
