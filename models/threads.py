"""A post and its first replies come in; the log-odds that it is a rumor go out.

Three linear parts, fitted by ``models.thread_fit`` on real reply threads (CED, Song et al. 2018): hashed
character n-grams of the post, the same of its replies as a set, and the shares of replies that ask, doubt,
deny, pass on or rage. What replies add is held back while they are few, so that the score starts as the
text's own. How many reposts there are, how fast they come and who writes are not read: in the public data
they tell how it was collected.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file
from scipy import sparse

from models.clean import for_model
from models.ngrams import count, weigh
from models.weights import WeightsError, digest

Floats = npt.NDArray[np.float32]

SHIPPED = Path(__file__).parent / "threads_weights"
WEIGHTS_FILE = "threads.int8.safetensors"
MANIFEST_FILE = "manifest.json"
FIRST = 40  # replies that are read of a thread, as many as the fit had
HELD_BACK = 5.0  # of n replies, the share n / (n + 5) of what they say counts; 0 and 20 were worse

# What a reply may do, as shares of the replies so far. Groups of words, not single ones: they hold
# outside the years of the training data. The last two are its length.
CUES = tuple(
    re.compile(words)
    for words in (
        r"真的假的|真假|是真的吗|真的吗|真的么|真的[?？]|是不是真|真实吗|可靠吗|靠谱",
        r"求证|求真相|求辟谣|有没有.{0,4}证实|证实|核实|来源|出处",
        r"辟谣|谣言|造谣|谣",
        r"假的|不实|假消息|假新闻|假[!！]|骗|忽悠|扯淡|胡说|瞎编|编的|(?<![a-z])ps|p的",
        r"[?？]",
        r"不信|不可能|怎么可能|怀疑|疑问|不会吧",
        r"转发微博|轉發微博|^转$",
        r"扩散|转起|求转|帮转|转发",
        r"[!！]",
        r"怒|畜生|该死|无耻|混蛋|操|妈的|尼玛",
        r"哈哈|嘻嘻|偷笑",
        r"泪|蜡烛|祈福|愿|可怜",
    )
)
SHORT, LONG = 4, 40  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadParts:
    """How the parts add up: ``text``, ``words`` and ``cues`` weigh them, ``bias`` includes ``prior``.

    ``prior`` is the log-odds added because the fit saw fewer rumors than the corpus as published (45 %).
    """

    text: float
    words: float
    cues: float
    bias: float
    prior: float


@dataclass(frozen=True, slots=True)
class Linear:
    """One part: weights of n-gram buckets (buckets,) or of standardised shares, and a bias."""

    weights: Floats
    bias: float
    rarity: Floats  # of n-grams; of shares, their scale (2, k): mean and deviation

    def of_grams(self, counts: sparse.csr_matrix) -> Floats:
        """Return decision values (n,) of n-gram counts."""
        found: Floats = (weigh(counts, self.rarity) @ self.weights + self.bias).astype(np.float32)
        return found

    def of_shares(self, shares: Floats) -> Floats:
        """Return decision values (n,) of shares (n, k)."""
        mean, deviation = self.rarity
        found: Floats = ((shares - mean) / deviation @ self.weights + self.bias).astype(np.float32)
        return found


class ThreadScorer:
    """Scores threads; ``ThreadScorer.load()`` reads the shipped weights: no torch, no sklearn."""

    def __init__(self, text: Linear, words: Linear, cues: Linear, parts: ThreadParts, version: str) -> None:
        self.parts = parts
        self.version = version
        self._text, self._words, self._cues = text, words, cues

    @classmethod
    def load(cls, folder: Path = SHIPPED) -> Self:
        """Read a weights folder.

        Raises:
            WeightsError: a file is missing, is not the one of the manifest, or lacks a tensor.
        """
        try:
            manifest = json.loads((folder / MANIFEST_FILE).read_text("utf-8"))
            if digest(folder / WEIGHTS_FILE) != manifest["files"][WEIGHTS_FILE]:
                raise WeightsError(f"{folder / WEIGHTS_FILE}: not the file that was released")
            kept = load_file(folder / WEIGHTS_FILE)
            text, words, cues = (_linear(kept, name) for name in ("text", "words", "cues"))
            return cls(text, words, cues, ThreadParts(**manifest["parts"]), str(manifest["version"]))
        except (SafetensorError, KeyError, TypeError, OSError, json.JSONDecodeError) as error:
            raise WeightsError(f"{folder}: not readable: {error}") from error

    def text_odds(self, texts: Sequence[str]) -> Floats:
        """Return the log-odds (n,) of posts without any reply."""
        line = self._text.of_grams(count([for_model(text) for text in texts]))
        found: Floats = self.parts.text * line + np.float32(self.parts.bias)
        return found

    def reply_odds(self, threads: Sequence[Sequence[str]]) -> Floats:
        """Return what replies add to the log-odds, (n,): 0 for a thread without replies.

        Each thread is its replies in the order of time; the first ``FIRST`` are read.
        """
        folded = [[for_model(text) for text in thread[:FIRST]] for thread in threads]
        sizes = np.array([len(thread) for thread in folded], np.float32)
        words = self._words.of_grams(reply_counts(folded))
        cues = self._cues.of_shares(reply_shares(folded))
        found: Floats = held_back(sizes) * (self.parts.words * words + self.parts.cues * cues)
        return found


def reply_counts(threads: Sequence[Sequence[str]]) -> sparse.csr_matrix:
    """Count in how many replies of each thread an n-gram stands: (n, buckets), of folded texts."""
    flat = [text for thread in threads for text in thread]
    each = count(flat)
    each.sum_duplicates()
    each.data[:] = 1.0
    edges = np.concatenate([[0], np.cumsum([len(thread) for thread in threads])])
    ones = np.ones(len(flat), np.float32)
    gather = sparse.csr_matrix((ones, np.arange(len(flat)), edges), shape=(len(threads), len(flat)))
    return (gather @ each).tocsr()


def reply_shares(threads: Sequence[Sequence[str]]) -> Floats:
    """Return the share of each thread's replies that do what ``CUES`` say, (n, 14); zeros without replies."""
    found = np.zeros((len(threads), len(CUES) + 2), np.float32)
    for at, thread in enumerate(threads):
        for text in thread:
            lower = text.lower()
            found[at, : len(CUES)] += [cue.search(lower) is not None for cue in CUES]
            found[at, len(CUES) :] += (len(text) < SHORT, len(text) > LONG)
        found[at] /= max(len(thread), 1)
    return found


def held_back(sizes: Floats) -> Floats:
    """Return the share (n,) of the evidence of so many replies that counts."""
    found: Floats = (sizes / (sizes + HELD_BACK)).astype(np.float32)
    return found


def probability(odds: Floats) -> Floats:
    """Return probabilities of log-odds."""
    found: Floats = (1 / (1 + np.exp(-odds))).astype(np.float32)
    return found


def save(folder: Path, lines: dict[str, Linear], parts: ThreadParts, facts: dict[str, object]) -> None:
    """Write weights in int8 with one scale a part, and a manifest with their hash and ``facts``."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = {}
    for name, line in lines.items():
        scale = max(float(np.abs(line.weights).max()), 1e-9) / 127
        kept[f"{name}.weights"] = np.rint(line.weights / scale).astype(np.int8)
        kept[f"{name}.scale"] = np.array([scale, line.bias], np.float32)
        kept[f"{name}.rarity"] = line.rarity.astype(np.float32 if name == "cues" else np.float16)
    save_file(kept, folder / WEIGHTS_FILE)
    hashed = digest(folder / WEIGHTS_FILE)
    manifest = {
        "version": f"threads-{hashed[:12]}",
        "files": {WEIGHTS_FILE: hashed},
        "parts": asdict(parts),
        **facts,
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1)
    (folder / MANIFEST_FILE).write_text(f"{text}\n", "utf-8")


def _linear(kept: dict[str, npt.NDArray[np.generic]], name: str) -> Linear:
    scale, bias = kept[f"{name}.scale"].astype(np.float32)
    weights = kept[f"{name}.weights"].astype(np.float32) * scale
    return Linear(weights, float(bias), kept[f"{name}.rarity"].astype(np.float32))
