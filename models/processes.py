"""Training in several processes: gradients come in, their average over all processes goes out.

``torchrun --nproc-per-node N -m models.train …`` starts them; without it there is one, and nothing to share.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import nn


class Processes:
    """Which of how many processes this one is."""

    def __init__(self) -> None:
        self.count = int(os.environ.get("WORLD_SIZE", "1"))
        self.rank = int(os.environ.get("RANK", "0"))
        if self.count > 1 and not torch.distributed.is_initialized():
            torch.distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")

    @property
    def first(self) -> bool:
        """Whether this is the one that writes checkpoints and the log."""
        return self.rank == 0

    @contextmanager
    def in_turn(self) -> Iterator[None]:
        """Let the first process through, then the others: it fills the caches that they read."""
        if self.count > 1 and not self.first:
            torch.distributed.barrier()
        yield
        if self.count > 1 and self.first:
            torch.distributed.barrier()

    def share(self, rows: Sequence[int]) -> Sequence[int]:
        """Return this process's part of a batch; of a batch too small to share, all."""
        return rows[self.rank :: self.count] or rows

    def average_gradients(self, network: nn.Module) -> None:
        """Give every trained parameter the mean gradient; where no process had one, zero."""
        if self.count == 1:
            return
        trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
        parts = [p.grad if p.grad is not None else torch.zeros_like(p) for p in trained]
        flat = torch.cat([part.reshape(-1) for part in parts])
        torch.distributed.all_reduce(flat)
        flat /= self.count
        pieces = flat.split([parameter.numel() for parameter in trained])
        for parameter, piece in zip(trained, pieces, strict=True):
            parameter.grad = piece.view_as(parameter)
