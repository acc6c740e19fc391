"""What teachers think: trained work folders and texts come in, their logits and embeddings go out, cached."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertModel

from models.base import load_base
from models.batches import by_length, encode, pad_batch
from models.network import Student, mean_pool, take_over
from models.opinions import cached
from models.runtime import head_slices
from models.train_config import LONG, TrainConfig

log = logging.getLogger("models.soft")

Floats = npt.NDArray[np.float32]

TEACHER_PREFIX = "query: "  # multilingual-e5 was trained with it
EMBEDDED_TOKENS = 48  # of a text are read for the embedding to imitate; a claim is said early
TEXTS_AT_ONCE = 64


def load_student(work: Path) -> Student:
    """Read the trained network of a work folder, ready to be asked."""
    student = Student(BertModel.from_pretrained(work / "base", add_pooling_layer=False))
    take_over(student, torch.load(work / "student.pt", map_location="cpu", weights_only=True))
    student.eval()
    return student


def soft_logits(teachers: Sequence[Path], texts: Sequence[str], cache: Path, device: str) -> Tensor:
    """Return logits (n, 24) of the teachers, each for the heads it was trained on.

    Where several were, the last one's; NaN where none was. Texts of more than ``LONG`` characters, which
    cost most, are read only by teachers of rumors, most of which are long.
    """

    def ask(missing: Sequence[str]) -> Floats:
        found = np.full((len(missing), 24), np.nan, np.float32)
        for work in teachers:
            config = TrainConfig.load(work / "config.toml")
            read = [at for at, text in enumerate(missing) if "rumor" in config.heads or len(text) <= LONG]
            texts = [missing[at] for at in read]
            logits = outputs(load_student(work), _tokenizer(work), texts, config.max_tokens, device)[0]
            for head in config.heads:
                found[read, head_slices()[head]] = logits[:, head_slices()[head]]
        return found

    return torch.from_numpy(cached(cache, texts, ask))


def embeddings_to_imitate(
    config: TrainConfig, earlier: Path | None, texts: Sequence[str], cache: Path, device: str
) -> Tensor:
    """Return unit embeddings (n, 384): of the network that training starts from, or of the full encoder."""

    def ask(missing: Sequence[str]) -> Floats:
        if earlier is not None:
            student = load_student(earlier)
            return outputs(student, _tokenizer(earlier), missing, EMBEDDED_TOKENS, device)[1]
        return _full_encoder(config.base, missing, device)

    return torch.from_numpy(cached(cache, texts, ask))


def outputs(
    student: Student, tokenizer: Tokenizer, texts: Sequence[str], max_tokens: int, device: str
) -> tuple[Floats, Floats]:
    """Return logits (n, 24) and embeddings (n, 384) of texts, computed in bfloat16."""
    student.to(device)
    ids = encode(tokenizer, texts, max_tokens)
    logits = np.zeros((len(ids), 24), np.float32)
    vectors = np.zeros((len(ids), 384), np.float32)
    for rows in by_length([len(row) for row in ids], TEXTS_AT_ONCE):
        tokens, mask = pad_batch([ids[row] for row in rows], tokenizer.get_vocab()["<pad>"])
        with torch.inference_mode(), torch.autocast(device, torch.bfloat16):
            _, found, embedded = student(tokens.to(device), mask.to(device))
        logits[rows], vectors[rows] = found.float().cpu().numpy(), embedded.float().cpu().numpy()
    return logits, vectors


def _full_encoder(base_name: str, texts: Sequence[str], device: str) -> Floats:
    base = load_base(base_name)
    base.model.eval().to(device)
    ids = encode(base.tokenizer, [TEACHER_PREFIX + text for text in texts], EMBEDDED_TOKENS)
    found = np.zeros((len(ids), 384), np.float32)
    for rows in by_length([len(row) for row in ids], TEXTS_AT_ONCE):
        tokens, mask = pad_batch([ids[row] for row in rows], base.tokenizer.get_vocab()["<pad>"])
        with torch.inference_mode(), torch.autocast(device, torch.bfloat16):
            hidden = base.model(input_ids=tokens.to(device), attention_mask=mask.to(device)).last_hidden_state
            pooled = nn.functional.normalize(mean_pool(hidden, mask.to(device)).float(), dim=1)
        found[rows] = pooled.cpu().numpy()
    return found


def _tokenizer(work: Path) -> Tokenizer:
    return Tokenizer.from_file(str(work / "base" / "tokenizer.json"))
