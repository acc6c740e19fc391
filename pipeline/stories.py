"""Claims come in; how surely two of them tell one story in other words goes out.

Who tells a story anew seldom repeats its words: two texts share a rare word, a matter or a meaning, and only
many texts together say enough. So every text of one side is compared with every text of the other, the three
likenesses are averaged, and a logistic regression over the averages decides. County names are left out of the
words: claims of one county share those whatever they say.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from pipeline.concepts import concepts_of
from pipeline.lexical import Grams, grams_of, shared_words
from pipeline.normalise import match_text, simplify
from pipeline.places import Region
from pipeline.store import Store

# Fitted by ``python -m benchmarks.story_likeness``, which prints them.
WEIGHTS = (38.9, 7.7, 4.4)
BIAS = -11.4
TEXTS = 6  # distinct ones of each side: more change little and cost a comparison each with each

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Telling:
    """One text as it is compared with others: its words and matters without places, and its embedding."""

    grams: Grams
    concepts: frozenset[int]
    vector: Vector | None


class Stories:
    """Reads the texts of claims and compares them."""

    def __init__(self, store: Store, region: Region) -> None:
        self.store = store
        self._places = place_names(region)

    def tellings(self, claim_ids: Sequence[str]) -> list[Telling]:
        """Return the latest distinct texts of claims, official ones and denials left out."""
        rows = self.store.rows("story_texts", claims=list(claim_ids), most=TEXTS)
        return [telling_of(row["text"], row["vector"], self._places) for row in rows]


def place_names(region: Region) -> re.Pattern[str]:
    """Return what matches the names of a region's counties, long ones first."""
    names = {name for county in region.counties for name in (county.name, *county.aliases)}
    return re.compile("|".join(sorted(map(re.escape, names), key=len, reverse=True)) or r"(?!)")


def telling_of(text: str, vector: Sequence[float] | Vector | None, places: re.Pattern[str]) -> Telling:
    """Read one text; ``vector`` is its embedding of unit length, (384,), or None."""
    plain = places.sub("", simplify(text).lower())
    return Telling(
        grams=grams_of(match_text(plain)),
        concepts=concepts_of(plain),
        vector=None if vector is None else np.asarray(vector, np.float32),
    )


def one_story(mine: Sequence[Telling], theirs: Sequence[Telling]) -> float:
    """Return how surely two sets of texts tell one story, in [0, 1]; 0 where one is empty."""
    return story_chance(likenesses(mine, theirs)) if mine and theirs else 0.0


def story_chance(alike: tuple[float, float, float]) -> float:
    """Return how surely two sides with these ``likenesses`` tell one story, in [0, 1]."""
    line = BIAS + sum(map(float.__mul__, WEIGHTS, alike))
    return 1 / (1 + math.exp(-min(max(line, -30.0), 30.0)))


def likenesses(mine: Sequence[Telling], theirs: Sequence[Telling]) -> tuple[float, float, float]:
    """Return averages over all pairs: root of the rare words shared, cosine, share of matters in common."""
    pairs = list(product(mine, theirs))
    words = [math.sqrt(shared_words(one.grams, other.grams)) for one, other in pairs]
    matters = [
        len(one.concepts & other.concepts) / max(min(len(one.concepts), len(other.concepts)), 1)
        for one, other in pairs
    ]
    cosines = [
        float(one.vector @ other.vector)
        for one, other in pairs
        if one.vector is not None and other.vector is not None
    ]
    return _mean(words), _mean(cosines), _mean(matters)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
