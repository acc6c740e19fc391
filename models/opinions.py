"""What was once computed of texts: a file and texts come in; their rows, asked for where missing, go out."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.labels import HEADS

log = logging.getLogger("models.opinions")

Floats = npt.NDArray[np.float32]


def cached(path: Path, texts: Sequence[str], ask: Callable[[Sequence[str]], Floats]) -> Floats:
    """Return a row a text (n, width), asking only for texts that the file does not have, and add those to it.

    The file knows texts by their digest.
    """
    known = _read(path)
    digests = [_digest(text) for text in texts]
    missing = {digest: text for digest, text in zip(digests, texts, strict=True) if digest not in known}
    if missing:
        log.info("%s: asking for %d texts", path.name, len(missing))
        known.update(zip(missing, ask(list(missing.values())), strict=True))
        values = np.stack(list(known.values())).astype(np.float16)
        np.savez(path, digests=np.array(list(known)), values=values)
    return np.stack([known[digest] for digest in digests]).astype(np.float32)


def kept_opinions(path: Path, texts: Sequence[str]) -> Floats:
    """Return the logits (n, 24) that a file has of texts; NaN where it has none."""
    known = _read(path)
    nothing = np.full(sum(len(labels) for labels in HEADS.values()), np.nan, np.float32)
    return np.stack([known.get(_digest(text), nothing) for text in texts]).astype(np.float32)


def _read(path: Path) -> dict[bytes, npt.NDArray[Any]]:
    if not path.exists():
        return {}
    kept = np.load(path, allow_pickle=False)
    return dict(zip(kept["digests"].tolist(), kept["values"], strict=True))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).hexdigest()[:32].encode()
