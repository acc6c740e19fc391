"""A text comes in; which matters it speaks of, whatever words it has for them, goes out.

The words are data (``concepts.toml``), found by one Aho-Corasick automaton, the longest word first.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ahocorasick_rs import AhoCorasick, MatchKind


@dataclass(frozen=True)
class Concepts:
    """The thesaurus: names of concepts, and of each the family in which it stands apart, or -1."""

    names: tuple[str, ...]
    family: tuple[int, ...]
    finder: AhoCorasick
    of_word: tuple[tuple[int, ...], ...]

    def find(self, text: str) -> frozenset[int]:
        """Return the concepts of a simplified text."""
        return frozenset(
            concept
            for word, _, _ in self.finder.find_matches_as_indexes(text)
            for concept in self.of_word[word]
        )


@cache
def thesaurus() -> Concepts:
    """Read the shipped words.

    Raises:
        ValueError: a concept stands twice.
    """
    raw = tomllib.loads((files("pipeline") / "concepts.toml").read_text("utf-8"))
    names: list[str] = []
    family: list[int] = []
    words: dict[str, list[int]] = {}
    for number, group in enumerate(raw["family"]):
        for name, said in group["concepts"].items():
            key = f"{group['name']}·{name}"
            if key in names:
                raise ValueError(f"concepts.toml: {key} stands twice")
            names.append(key)
            family.append(number if group.get("apart") else -1)
            for word in said.split():
                words.setdefault(word.lower(), []).append(len(names) - 1)
    finder = AhoCorasick(list(words), matchkind=MatchKind.LeftmostLongest)
    return Concepts(tuple(names), tuple(family), finder, tuple(map(tuple, words.values())))


def concepts_of(text: str) -> frozenset[int]:
    """Return the numbers of the concepts that a simplified, lower-case text speaks of."""
    return thesaurus().find(text)


def apart(one: frozenset[int], other: frozenset[int]) -> int:
    """Return in how many families two texts name only different members: water and power."""
    family = thesaurus().family
    mine: dict[int, set[int]] = {}
    theirs: dict[int, set[int]] = {}
    for side, concepts in ((mine, one), (theirs, other)):
        for concept in concepts:
            if family[concept] >= 0:
                side.setdefault(family[concept], set()).add(concept)
    return sum(mine[shared].isdisjoint(theirs[shared]) for shared in mine.keys() & theirs.keys())
