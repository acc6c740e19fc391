"""Batches: texts or token ids come in, padded tensors and orders of rows of similar length go out."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import torch
from tokenizers import Tokenizer
from torch import Tensor

from models.runtime import cut

SORTED_BATCHES = 24  # batches' worth of shuffled rows that are sorted by length together


def encode(tokenizer: Tokenizer, texts: Sequence[str], max_tokens: int) -> list[list[int]]:
    """Return token ids, cut to ``max_tokens`` with the end token kept."""
    return [cut(encoding.ids, max_tokens) for encoding in tokenizer.encode_batch(list(texts))]


def pad_batch(rows: Sequence[Sequence[int]], pad: int) -> tuple[Tensor, Tensor]:
    """Return (ids, mask), both (n, longest) of int64."""
    longest = max(len(row) for row in rows)
    ids = torch.full((len(rows), longest), pad, dtype=torch.long)
    mask = torch.zeros((len(rows), longest), dtype=torch.long)
    for at, row in enumerate(rows):
        ids[at, : len(row)] = torch.tensor(row)
        mask[at, : len(row)] = 1
    return ids, mask


def mask_tokens(ids: Tensor, mask: Tensor, share: float, masked: int) -> Tensor:
    """Put ``masked`` in place of a share of the tokens; the first token of a text, its summary, stays."""
    chosen = (torch.rand(ids.shape, device=ids.device) < share) & mask.bool()
    chosen[:, 0] = False
    return torch.where(chosen, torch.full_like(ids, masked), ids)


def batches(lengths: Sequence[int], size: int, epochs: int, seed: int) -> Iterator[list[int]]:
    """Yield rows of similar length, ``size`` at a time, every epoch in an order fixed by the seed."""
    order = random.Random(seed)
    for _ in range(epochs):
        rows = list(range(len(lengths)))
        order.shuffle(rows)
        found = []
        for start in range(0, len(rows), size * SORTED_BATCHES):
            part = sorted(rows[start : start + size * SORTED_BATCHES], key=lengths.__getitem__)
            found += [part[at : at + size] for at in range(0, len(part), size)]
        order.shuffle(found)
        yield from found


def by_length(lengths: Sequence[int], size: int) -> Iterator[list[int]]:
    """Yield all rows once, shortest first, ``size`` at a time."""
    rows = sorted(range(len(lengths)), key=lengths.__getitem__)
    yield from (rows[start : start + size] for start in range(0, len(rows), size))
