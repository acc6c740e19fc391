"""The heads and their labels: nothing comes in, the order of every head's classes goes out."""

from __future__ import annotations

from typing import Final

HEADS: Final[dict[str, tuple[str, ...]]] = {
    "sentiment": ("negative", "neutral", "positive"),
    "emotion": ("happy", "angry", "sad", "fear", "surprise", "neutral"),
    "need": ("question", "help", "problem", "suggestion", "misunderstanding", "unverified_claim", "none"),
    "rumor": ("no", "yes"),
    "checkworthy": ("no", "yes"),
    "stance": ("support", "deny", "query", "comment"),
}
EMBEDDING_WIDTH = 384


class UnknownLabelError(ValueError):
    """A training file has labels that no head knows; the message lists them."""


def label_index(head: str, label: str, where: str) -> int:
    """Return the class number of a label.

    Raises:
        UnknownLabelError: the head has no such label; ``where`` names the file and row.
    """
    if label not in HEADS[head]:
        raise UnknownLabelError(f"{where}: {head} has no label {label!r}; known are {', '.join(HEADS[head])}")
    return HEADS[head].index(label)
