"""Inference: texts come in, logits of all heads and sentence embeddings go out, through onnxruntime."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

from models.labels import EMBEDDING_WIDTH, HEADS
from models.weights import MODEL_FILE, TOKENIZER_FILE

Floats = npt.NDArray[np.float32]

TOKENS_A_BATCH = 2048  # more gains nothing on two cores, and padding grows
CHUNKS_A_TEXT = 8  # of a longer article the beginning and evenly spread parts are read


class Network:
    """The quantised student. Not thread-safe; make one a thread."""

    def __init__(self, folder: Path, max_tokens: int, threads: int | None = None) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or len(os.sched_getaffinity(0))
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(
            (folder / MODEL_FILE).as_posix(), options, providers=["CPUExecutionProvider"]
        )
        self.tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
        self.pad = self.tokenizer.get_vocab()["<pad>"]
        self.max_tokens = max_tokens
        self.slices = head_slices()

    def run(self, texts: Sequence[str]) -> tuple[Floats, Floats]:
        """Return (logits (n, 24), unit embeddings (n, 384)) of folded texts; long ones are read in chunks."""
        chunks, owners = self._chunks(texts)
        logits = np.zeros((len(chunks), sum(len(labels) for labels in HEADS.values())), np.float32)
        vectors = np.zeros((len(chunks), EMBEDDING_WIDTH), np.float32)
        for rows in _batches([len(chunk) for chunk in chunks]):
            ids, mask = self._padded([chunks[row] for row in rows])
            logits[rows], vectors[rows] = self.session.run(None, {"input_ids": ids, "attention_mask": mask})
        return _gather(logits, owners, len(texts)), _unit(_gather(vectors, owners, len(texts)))

    def _chunks(self, texts: Sequence[str]) -> tuple[list[list[int]], npt.NDArray[np.int64]]:
        """Return token ids of at most ``max_tokens``, and which text each chunk belongs to."""
        chunks: list[list[int]] = []
        owners: list[int] = []
        for at, encoding in enumerate(self.tokenizer.encode_batch(list(texts))):
            for chunk in split_ids(encoding.ids, self.max_tokens):
                chunks.append(chunk)
                owners.append(at)
        return chunks, np.array(owners, dtype=np.int64)

    def _padded(self, rows: Sequence[Sequence[int]]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        longest = max(len(row) for row in rows)
        ids = np.full((len(rows), longest), self.pad, np.int64)
        mask = np.zeros((len(rows), longest), np.int64)
        for at, row in enumerate(rows):
            ids[at, : len(row)] = row
            mask[at, : len(row)] = 1
        return ids, mask


def split_ids(ids: Sequence[int], max_tokens: int) -> list[list[int]]:
    """Cut token ids into chunks that each begin and end with the text's own special tokens.

    Of more than ``CHUNKS_A_TEXT`` chunks, the first and evenly spread others are kept.
    """
    if len(ids) <= max_tokens:
        return [list(ids)]
    first, body, last = ids[0], ids[1:-1], ids[-1]
    step = max_tokens - 2
    starts = list(range(0, len(body), step))
    if len(starts) > CHUNKS_A_TEXT:
        starts = [starts[round(at)] for at in np.linspace(0, len(starts) - 1, CHUNKS_A_TEXT)]
    return [[first, *body[start : start + step], last] for start in starts]


def head_slices() -> dict[str, slice]:
    """Return where each head's logits lie in the side-by-side vector."""
    slices, start = {}, 0
    for name, labels in HEADS.items():
        slices[name] = slice(start, start + len(labels))
        start += len(labels)
    return slices


def log_softmax(logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return log probabilities along the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    result: npt.NDArray[np.float32] = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return result


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield rows of similar length, about ``TOKENS_A_BATCH`` padded tokens together."""
    batch: list[int] = []
    for row in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[row] > TOKENS_A_BATCH:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def _gather(values: Floats, owners: npt.NDArray[np.int64], texts: int) -> Floats:
    """Average the chunks of each text; a first chunk counts twice, since posts lead with their point."""
    if len(owners) == texts:
        return values
    weights: Floats = np.where(np.diff(owners, prepend=-1) > 0, 2.0, 1.0).astype(np.float32)
    total = np.zeros((texts, values.shape[1]), np.float32)
    np.add.at(total, owners, values * weights[:, None])
    shares: Floats = np.bincount(owners, weights, texts).astype(np.float32)
    return np.divide(total, shares[:, None], dtype=np.float32)


def _unit(vectors: Floats) -> Floats:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    result: Floats = np.divide(vectors, np.maximum(norms, 1e-12), dtype=np.float32)
    return result
