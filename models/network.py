"""The trained network: token ids come in, one vector of logits a head and a sentence embedding go out."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from transformers import BertModel

from models.labels import EMBEDDING_WIDTH, HEADS


class Student(nn.Module):
    """A small encoder with all heads: one forward pass a post.

    Heads read the mean of the tokens beside the first token; the embedding is a linear map of the mean,
    trained to stay close to the full encoder's.
    """

    def __init__(self, encoder: BertModel, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.heads = nn.ModuleDict(
            {name: nn.Linear(2 * EMBEDDING_WIDTH, len(labels)) for name, labels in HEADS.items()}
        )
        self.project = nn.Linear(EMBEDDING_WIDTH, EMBEDDING_WIDTH)
        nn.init.eye_(self.project.weight)
        nn.init.zeros_(self.project.bias)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return (features (n, 768), logits of all heads side by side (n, 24), unit embeddings (n, 384))."""
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mean = mean_pool(hidden, attention_mask)
        features = torch.cat([mean, hidden[:, 0]], dim=1)
        dropped = self.dropout(features)
        logits = torch.cat([self.heads[name](dropped) for name in HEADS], dim=1)
        return features, logits, nn.functional.normalize(self.project(mean), dim=1)


def take_over(student: Student, state: Mapping[str, Tensor]) -> None:
    """Load weights into a network, whose layers first get the widths of these: narrowed ones have fewer.

    Raises:
        RuntimeError: the weights are of another network.
    """
    for name, module in student.encoder.named_modules():
        weight = state.get(f"encoder.{name}.weight")
        if isinstance(module, nn.Linear) and weight is not None and module.weight.shape != weight.shape:
            module.out_features, module.in_features = weight.shape
            module.weight = nn.Parameter(torch.empty_like(weight))
            module.bias = nn.Parameter(weight.new_empty(len(weight)))
    student.load_state_dict(state)


def mean_pool(hidden: Tensor, attention_mask: Tensor) -> Tensor:
    """Average the token vectors (n, tokens, width) of each text over its real tokens."""
    mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
    return (hidden * mask).sum(1) / mask.sum(1).clamp(min=1.0)
