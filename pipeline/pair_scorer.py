"""Two wordings come in; how surely they make the same claim, in [0, 1], goes out.

A logistic regression over what the two share and where they differ, fitted by
``benchmarks/same_claim_fit.py`` on pairs
of invented wordings and of public claims; weights in ``same_claim_weights.json``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from operator import mul

import numpy as np

from pipeline.concepts import apart
from pipeline.lexical import shared_words
from pipeline.records import Stance
from pipeline.same_claim import (
    Facts,
    conflict,
    horizons_apart,
    other_date,
    other_number,
    other_spot,
    other_state,
)
from pipeline.wordings import Wording

FEATURES = (
    "cosine", "rare_words", "core", "core_covered", "letters_covered", "concepts", "concepts_covered",
    "concepts_shared", "concepts_left", "families_apart", "place_same", "place_open", "spot_same",
    "spot_apart", "number_same", "number_apart", "date_same", "date_apart", "cause_same", "cause_apart",
    "state_same", "state_apart", "what_apart", "settled_one", "past_one", "because_one", "when_apart",
    "swapped", "longer", "denied", "asked", "denied_apart", "open_cosine", "open_rare_words", "open_core",
    "open_core_covered", "open_letters_covered", "open_concepts_covered",
)  # fmt: skip
# The signs that the fit must keep: what sets texts apart never speaks for them.
UNLIKE = frozenset(
    {
        "concepts_left", "families_apart", "spot_apart", "number_apart", "date_apart", "cause_apart",
        "state_apart", "what_apart", "settled_one", "past_one", "because_one", "when_apart",
        "swapped", "longer",
    }
)  # fmt: skip
# Free: a text that is nearly a copy, and of which something differs, is the usual shape of another claim.
# Whole copies are decided before the scorer is asked.
FREE = frozenset({"rare_words", "core", "core_covered", "place_open", "denied", "asked", "denied_apart"})
OPEN = (0, 1, 2, 3, 4, 6)  # of FEATURES, again where a text names no place: there words must say more
CONTRADICTED = -1.0
FEW = 0.3  # share of letters; two texts with fewer in common, and no matter, are not compared: it saves time
LEAST_SWAP, SWAP = 2, 4  # letters: one is a slip of the finger, four are a word
# Jaccard of two-character pieces from which two texts are copies: exact here, where MinHash estimates it.
COPY = 0.8
SHARED = 4  # concepts in common beyond which more say no more


@dataclass(frozen=True, slots=True)
class PairScorer:
    """The fitted scorer: a weight for each of ``FEATURES``, the bias, and how rare each concept is."""

    weights: tuple[float, ...]
    bias: float

    def score(self, one: Wording, other: Wording) -> float:
        """Return the probability that two wordings make the same claim."""
        line = self.bias + sum(map(mul, self.weights, features(one, other)))
        return 1 / (1 + math.exp(-line)) if line > -30 else 0.0


@cache
def scorer() -> PairScorer:
    """Read the shipped pair scorer."""
    kept = json.loads((files("pipeline") / "same_claim_weights.json").read_text("utf-8"))
    return PairScorer(tuple(kept["weights"][name] for name in FEATURES), kept["bias"])


def sureness(one: Wording, other: Wording) -> float:
    """Return how surely two wordings make the same claim: 1 for copies, below 0 where facts contradict.

    Below 0, because what contradicts one wording of a claim must not be outweighed by others that leave the
    fact open.
    """
    if one.concepts.isdisjoint(other.concepts) and len(one.letters & other.letters) < FEW * min(
        len(one.letters), len(other.letters)
    ):
        return 0.0
    denied = Stance.DENY in (one.stance, other.stance)
    if conflict(one.facts, other.facts, denied=denied):
        return CONTRADICTED
    copied = _share(one.core, other.core, len(one.core | other.core)) >= COPY
    if copied and not _swapped(one, other) and one.facts.settled == other.facts.settled:
        return 1.0
    return scorer().score(one, other)


def features(one: Wording, other: Wording) -> tuple[float, ...]:
    """Return the values of ``FEATURES`` for two wordings; the same both ways."""
    plain = _plain(one, other)
    is_open = plain[FEATURES.index("place_open")]
    return (*plain, *(plain[at] * is_open for at in OPEN))


def _plain(one: Wording, other: Wording) -> tuple[float, ...]:
    facts, others = one.facts, other.facts
    denied = Stance.DENY in (one.stance, other.stance)
    number_apart = other_number(facts, others) is not None
    cause_apart = bool(facts.causes and others.causes) and facts.causes.isdisjoint(others.causes)
    state_apart = other_state(facts, others) is not None
    shared = len(one.concepts & other.concepts)
    return (
        _cosine(one, other),
        shared_words(one.grams, other.grams),
        _share(one.core, other.core, len(one.core | other.core)),
        _share(one.core, other.core, min(len(one.core), len(other.core))),
        _share(one.letters, other.letters, min(len(one.letters), len(other.letters))),
        shared / max(len(one.concepts | other.concepts), 1),
        shared / max(min(len(one.concepts), len(other.concepts)), 1),
        min(shared, SHARED) / SHARED,
        min(len(one.concepts), len(other.concepts), SHARED + shared) - shared,
        min(apart(one.concepts, other.concepts), 2),
        float(not facts.places.isdisjoint(others.places)),
        float(not facts.places or not others.places),
        float(_meet(facts.spots, others.spots)),
        float(other_spot(facts, others)),
        float(_same_value(facts, others)),
        float(number_apart),
        float(_meet(facts.dates, others.dates)),
        float(other_date(facts, others)),
        float(not facts.causes.isdisjoint(others.causes)),
        float(cause_apart),
        float(not facts.states.isdisjoint(others.states)),
        float(state_apart),
        float(bool(facts.whats and others.whats) and facts.whats.isdisjoint(others.whats)),
        float(facts.settled != others.settled),
        float(facts.past != others.past),
        float(not denied and facts.because != others.because),
        float(not denied) * horizons_apart(facts, others),
        _swapped(one, other),
        abs(math.log((len(one.letters) + 4) / (len(other.letters) + 4))),
        float(denied),
        float(Stance.QUERY in (one.stance, other.stance)),
        float(denied and (number_apart or cause_apart or state_apart)),
    )


def _cosine(one: Wording, other: Wording) -> float:
    if one.vector is None or other.vector is None:
        return 0.0
    return float(np.dot(one.vector, other.vector))


def _share(one: frozenset[str], other: frozenset[str], of: int) -> float:
    return len(one & other) / of if of else 0.0


def _swapped(one: Wording, other: Wording) -> float:
    """Return how far one text is the other with a word changed: a copy of which each side has letters of
    its own.
    """
    changed = min(len(one.letters - other.letters), len(other.letters - one.letters), SWAP)
    return (
        changed / SWAP * _share(one.core, other.core, len(one.core | other.core))
        if changed >= LEAST_SWAP
        else 0.0
    )


def _meet(one: Mapping[str, frozenset[str]], other: Mapping[str, frozenset[str]]) -> bool:
    return bool(one and other) and any(
        not one[kind].isdisjoint(other[kind]) for kind in one.keys() & other.keys()
    )


def _same_value(one: Facts, other: Facts) -> bool:
    """Tell whether a number stands in both; a large one also without its unit."""
    if not one.numbers or not other.numbers:
        return False
    if any(
        not one.numbers[unit].isdisjoint(other.numbers[unit])
        for unit in one.numbers.keys() & other.numbers.keys()
    ):
        return True
    every = [frozenset().union(*facts.numbers.values()) for facts in (one, other)]
    plain = one.numbers.get("", frozenset()) | other.numbers.get("", frozenset())
    return not plain.isdisjoint(every[0] & every[1])
