"""Inference: texts come in, logits of all heads and sentence embeddings go out, through onnxruntime."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Encoding, Tokenizer

from models.labels import HEADS
from models.weights import MODEL_FILE, TINY_FILE, TOKENIZER_FILE

Floats = npt.NDArray[np.float32]

# What a batch computes fits into a core's cache: 2,048 tokens cost a tenth more each, 72 as well.
TOKENS_A_BATCH = 384
QUICK_TOKENS = 192  # that the tiny network reads of a text
CHUNKS_A_TEXT = 8  # of a longer article the beginning and evenly spread parts are read


class Session:
    """An ONNX graph that reads padded token ids. ``threads`` batches are computed side by side, each on one
    thread of its own: two threads that share one batch wait for each other at every operator.
    """

    def __init__(self, path: Path, pad: int, threads: int | None = None) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            path.as_posix(), options, providers=["CPUExecutionProvider"]
        )
        self._pad = pad
        self._threads = threads or len(os.sched_getaffinity(0))

    def run(self, rows: Sequence[Sequence[int]]) -> list[Floats]:
        """Return the graph's outputs, each (n, width), for rows of token ids."""
        widths = [output.shape[1] for output in self._session.get_outputs()]
        found = [np.zeros((len(rows), width), np.float32) for width in widths]

        def compute(batch: list[int]) -> None:
            ids, mask = self._padded([rows[at] for at in batch])
            given = self._session.run(None, {"input_ids": ids, "attention_mask": mask})
            for whole, part in zip(found, given, strict=True):
                whole[batch] = part

        with ThreadPoolExecutor(self._threads) as pool:
            for _ in pool.map(compute, _batches([len(row) for row in rows])):
                pass  # asking for each result raises what its batch raised
        return found

    def _padded(self, rows: Sequence[Sequence[int]]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        longest = max(len(row) for row in rows)
        ids = np.full((len(rows), longest), self._pad, np.int64)
        mask = np.zeros((len(rows), longest), np.int64)
        for at, row in enumerate(rows):
            ids[at, : len(row)] = row
            mask[at, : len(row)] = 1
        return ids, mask


class Network:
    """The quantised student; the tiny one is read when it is first asked."""

    def __init__(self, folder: Path, max_tokens: int, threads: int | None = None) -> None:
        self.tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
        self._folder, self._threads = folder, threads
        self._student = self._session(MODEL_FILE)
        self.max_tokens = max_tokens
        self.slices = head_slices()

    def run(self, texts: Sequence[str]) -> tuple[Floats, Floats]:
        """Return (logits (n, 24), unit embeddings (n, 384)) of folded texts; long ones are read in chunks."""
        chunks, owners = self._chunks(texts)
        logits, vectors = self._student.run(chunks)
        return _gather(logits, owners, len(texts)), _unit(_gather(vectors, owners, len(texts)))

    def quick(self, texts: Sequence[str]) -> Floats:
        """Return the tiny network's logits (n, 24) of folded texts, of each at most ``QUICK_TOKENS``.

        Raises:
            LookupError: the folder has no tiny network.
        """
        return self._tiny.run([cut(encoding.ids, QUICK_TOKENS) for encoding in self._encode(texts)])[0]

    @cached_property
    def _tiny(self) -> Session:
        if not (self._folder / TINY_FILE).exists():
            raise LookupError(TINY_FILE)
        return self._session(TINY_FILE)

    def _session(self, name: str) -> Session:
        return Session(self._folder / name, self.tokenizer.get_vocab()["<pad>"], self._threads)

    def _encode(self, texts: Sequence[str]) -> list[Encoding]:
        return list(self.tokenizer.encode_batch_fast(list(texts)))

    def _chunks(self, texts: Sequence[str]) -> tuple[list[list[int]], npt.NDArray[np.int64]]:
        """Return token ids of at most ``max_tokens``, and which text each chunk belongs to."""
        chunks: list[list[int]] = []
        owners: list[int] = []
        for at, encoding in enumerate(self._encode(texts)):
            for chunk in split_ids(encoding.ids, self.max_tokens):
                chunks.append(chunk)
                owners.append(at)
        return chunks, np.array(owners, dtype=np.int64)


def cut(ids: list[int], most: int) -> list[int]:
    """Cut token ids to ``most``, with the end token kept."""
    return ids if len(ids) <= most else [*ids[: most - 1], ids[-1]]


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
