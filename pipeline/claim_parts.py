"""A long text comes in; the sentence groups that each make a claim of their own, or nothing, go out.

A list (一、 2. 谣言三:) is split at its numbers; other texts where the county changes, and only from three
groups on: a story that passes through two places is one story.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.concepts import concepts_of
from pipeline.normalise import simplify

SHORTEST_TEXT = 60  # characters: ten claims do not fit into less
SHORTEST_PART = 8
MOST_PARTS = 20
LEAST_ITEMS, LEAST_GROUPS = 2, 3
NUMBER = re.compile(
    r"(?:(?<=^)|(?<=[\n\u3002\uff1b;!\uff01:\uff1a]))\s*(?:(?:谣言|传言|说法)?第?[一二三四五六七八九十]{1,2}[、.\uff0e:\uff1a]"
    r"|\d{1,2}[、.\uff0e)\uff09](?!\d)|[①-⑩])"
)
SENTENCE = re.compile(r"[^\u3002!?\uff01\uff1f\n;\uff1b]+[\u3002!?\uff01\uff1f\n;\uff1b]*")


@dataclass(frozen=True, slots=True)
class Part:
    """A sentence group and the counties it names, of those that the whole text names."""

    text: str
    places: tuple[str, ...]


def parts_of(text: str, places: tuple[str, ...]) -> list[Part]:
    """Return the parts of a text that holds several claims, in order; an empty list for any other text."""
    if len(text) < SHORTEST_TEXT:
        return []
    items = [piece.strip() for piece in NUMBER.split(text)[1:]]
    groups = items if len(items) >= LEAST_ITEMS else _by_county(text, places)
    told = [group for group in groups if len(group) >= SHORTEST_PART and concepts_of(simplify(group).lower())]
    if len(told) < (LEAST_ITEMS if groups is items else LEAST_GROUPS):
        return []
    return [Part(group, _named(group, places) or _only(places)) for group in told[:MOST_PARTS]]


def _by_county(text: str, places: tuple[str, ...]) -> list[str]:
    groups: list[str] = []
    at: tuple[str, ...] = ()
    for sentence in SENTENCE.findall(text):
        here = _named(sentence, places)
        if groups and (not here or not at or set(here) & set(at)):
            groups[-1] += sentence
            at = at or here
        else:
            groups.append(sentence)
            at = here
    return [group.strip() for group in groups]


def _named(text: str, places: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(place for place in places if place[:2] in text)


def _only(places: tuple[str, ...]) -> tuple[str, ...]:
    return places if len(places) == 1 else ()
