"""The tiny network of the fast tier: token ids come in, logits of all heads go out, from pieces and their
neighbours; a thousandth of the student's arithmetic.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from models.labels import HEADS

WIDTH = 96
INNER = 256
REACH = 3  # pieces that are read together
SPREAD = 0.3  # standard deviation of the pieces' vectors at the start
SMALLEST = 1e-8


class Tiny(nn.Module):
    """A vector a piece, a convolution over neighbours, a weighed mean beside the maximum, two layers."""

    def __init__(self, pieces: int, dropout: float = 0.2) -> None:
        super().__init__()
        self.pieces = nn.Embedding(pieces, WIDTH)
        self.weights = nn.Embedding(pieces, 1)
        nn.init.zeros_(self.weights.weight)
        self.around = nn.Conv1d(WIDTH, WIDTH, REACH, padding=REACH // 2)
        self.inner = nn.Linear(2 * WIDTH, INNER)
        self.outer = nn.Linear(INNER, sum(len(labels) for labels in HEADS.values()))
        self.dropout = nn.Dropout(dropout)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Return logits of all heads side by side (n, 24)."""
        return self.read(self.pieces(input_ids), self.weights(input_ids), attention_mask)

    def read(self, vectors: Tensor, weights: Tensor, attention_mask: Tensor) -> Tensor:
        """Return logits from the pieces' vectors (n, tokens, width) and weights (n, tokens, 1)."""
        real = attention_mask.unsqueeze(-1).to(vectors.dtype)
        beside = self.around((vectors * real).transpose(1, 2)).transpose(1, 2)
        hidden = vectors + torch.relu(beside)
        shares = torch.exp(weights) * real
        mean = (hidden * shares).sum(1) / shares.sum(1)
        most = (hidden * real - (1 - real) * 1e4).amax(1)
        both = self.dropout(torch.cat([mean, most], dim=1))
        found: Tensor = self.outer(self.dropout(torch.relu(self.inner(both))))
        return found

    def start_from(self, vectors: Tensor) -> None:
        """Begin with the main directions of a larger network's vectors of the same pieces (pieces, wide)."""
        centred = vectors - vectors.mean(0)
        _, _, directions = torch.pca_lowrank(centred, WIDTH, niter=4)
        found = centred @ directions
        self.pieces.weight.data.copy_(found / found.std() * SPREAD)


class Packed(nn.Module):
    """The form that is exported: the pieces' vectors in 8 bits, one scale a piece."""

    def __init__(self, tiny: Tiny) -> None:
        super().__init__()
        vectors = tiny.pieces.weight.detach()
        scales = vectors.abs().amax(1, keepdim=True).clamp(min=SMALLEST) / 127
        self.register_buffer("whole", torch.round(vectors / scales).to(torch.int8))
        self.register_buffer("scales", scales)
        self.tiny = tiny

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Return logits of all heads side by side (n, 24)."""
        vectors = self.whole[input_ids].to(torch.float32) * self.scales[input_ids]
        return self.tiny.read(vectors, self.tiny.weights(input_ids), attention_mask)
