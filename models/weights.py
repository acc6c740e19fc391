"""The weights folder: a folder comes in, its checked manifest goes out; a tampered file is refused by
name.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from models.labels import HEADS

MODEL_FILE: Final = "model.int8.onnx"
TOKENIZER_FILE: Final = "tokenizer.json"
NGRAM_FILE: Final = "ngrams.int8.safetensors"
TINY_FILE: Final = "tiny.int8.onnx"
MANIFEST_FILE: Final = "manifest.json"
SHIPPED = Path(__file__).parent / "weights"


class WeightsError(ValueError):
    """The weights cannot be used; the message names the file and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a weights folder holds.

    ``files`` maps names to SHA-256; ``blend`` has each head's factors for (network, n-gram branch) and
    ``quick`` those for (tiny network, n-gram branch), which calibrate them; ``embedding_mean`` (384) is the
    mean embedding of unrelated posts; ``training`` is the SHA-256 of the training's settings and ``corpus``
    the fingerprint of every dev set that the blend was fitted on.
    """

    version: str
    heads: dict[str, list[str]]
    max_tokens: int
    layers: int
    files: dict[str, str]
    blend: dict[str, list[float]] = field(default_factory=dict)
    quick: dict[str, list[float]] = field(default_factory=dict)
    thresholds: dict[str, float] = field(default_factory=dict)
    embedding_mean: list[float] = field(default_factory=list)
    training: str = ""
    corpus: dict[str, str] = field(default_factory=dict)


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest beside the files it lists."""
    text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1)
    (folder / MANIFEST_FILE).write_text(f"{text}\n", "utf-8")


def read_manifest(folder: Path, ignore: Sequence[str] = ()) -> Manifest:
    """Read a folder's manifest and compare every file, but those about to be replaced, with its hash.

    Raises:
        WeightsError: no manifest, one of another format, other labels than ours, or a file that is missing or
            is not the one that was released.
    """
    path = folder / MANIFEST_FILE
    if not path.exists():
        raise WeightsError(f"{folder}: no model weights ({MANIFEST_FILE} is missing)")
    try:
        kept = json.loads(path.read_text("utf-8"))
        kept.pop("alone", None)  # of versions whose fast tier had no tiny network: they have none now
        manifest = Manifest(**kept)
    except (TypeError, AttributeError, ValueError) as error:
        raise WeightsError(f"{path}: not a manifest: {error}") from error
    if manifest.heads != {name: list(labels) for name, labels in HEADS.items()}:
        raise WeightsError(f"{path}: made for other labels")
    for name, expected in manifest.files.items():
        if name in ignore:
            continue
        if not (folder / name).exists():
            raise WeightsError(f"{folder / name}: missing")
        if digest(folder / name) != expected:
            raise WeightsError(f"{folder / name}: does not match its hash in {MANIFEST_FILE}; refused")
    return manifest
