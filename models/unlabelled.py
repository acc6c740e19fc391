"""Texts without labels, for teachers to give their opinion on: the data folder comes in, examples go out."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from models.clean import for_model
from models.corpus import Example, read_lines

LONGEST = 120  # characters; short replies and posts teach as much for less
SOURCES = (
    "propagation/ced_replies.jsonl.gz",
    "weibo_senti_sample/train.jsonl.gz",
    "gov_messages/topic_train.jsonl.gz",
)


def unlabelled(data: Path, count: int, seed: int) -> list[Example]:
    """Return up to ``count`` distinct texts, drawn by the seed from replies, posts and letters."""
    texts = sorted({text for text in _texts(data) if 3 < len(text) <= LONGEST})
    chosen = random.Random(seed).sample(texts, min(count, len(texts)))
    return [Example(text=text, labels={}, set="unlabelled", split="train") for text in chosen]


def _texts(data: Path) -> Iterator[str]:
    for name in SOURCES:
        for _, row in read_lines(data / name):
            yield for_model(row["text"])
