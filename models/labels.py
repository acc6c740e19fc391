"""The heads and their labels: nothing comes in, the order of every head's classes goes out."""

from __future__ import annotations

from collections.abc import Iterable
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
PLACES_NAMED = 5  # rows named for each unknown label; more would bury the labels


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


def class_numbers(head: str, labelled: Iterable[tuple[str, str]]) -> list[int]:
    """Return the class numbers of (where, label) pairs.

    Raises:
        UnknownLabelError: some labels are unknown; the message lists every one of them with its places.
    """
    found = list(labelled)
    places: dict[str, list[str]] = {}
    for where, label in found:
        if label not in HEADS[head]:
            places.setdefault(label, []).append(where)
    if places:
        listed = "; ".join(f"{label!r} at {_named(at)}" for label, at in sorted(places.items()))
        raise UnknownLabelError(f"{head} has no label {listed}; known are {', '.join(HEADS[head])}")
    return [HEADS[head].index(label) for _, label in found]


def _named(places: list[str]) -> str:
    more = len(places) - PLACES_NAMED
    return ", ".join(places[:PLACES_NAMED]) + (f" and {more} more" if more > 0 else "")
