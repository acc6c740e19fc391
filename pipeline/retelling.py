"""What two claims say comes in; how surely they tell one story in other words goes out.

Who tells a rumor anew leaves half of it out and adds something of his own, so that two texts alone seldom
look like one claim. All texts of two claims together do (``pipeline.stories``). What sets claims apart is
heeded: facts that contradict each other, a matter that is over for the one only, and texts that are nearly
alike and yet not the same claim, since these differ in a fact.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from pipeline.active_claim import ActiveClaim
from pipeline.pair_scorer import sureness
from pipeline.records import Need, Stance
from pipeline.stories import TEXTS, Telling, likenesses, story_chance, telling_of
from pipeline.wordings import Wording

# Of invented stories, by ``python -m benchmarks.retelling``: the largest claim of a rumor holds 0.89 of its
# posts (without retelling 0.49), purity 0.98 (1.00). Of sides that tell one story 81 % reach all this, of
# those that tell two of one county 1.5 %, of everyday posts 0.5 %.
RETOLD = 0.8  # chance of one story
LEAST = 0.02  # sureness of the two likest texts
APART = 0.5  # share of pairs of texts whose facts contradict each other
# Mean likeness in words from which texts are nearly alike, and how sure the likest two must then be: 85 % of
# the hard negatives of ``benchmarks/claims_grouping.py`` are kept apart.
ALIKE, ALIKE_SURE = 0.35, 0.5
# Only what may be alerted is looked at, since the stories that the chance is fitted on are: rumors by the
# mean of their score, and calls for help.
DOUBTED = 0.3
STORY_LASTS = timedelta(hours=48)  # so long after its last post a claim may be told anew in other words


@dataclass(frozen=True, slots=True)
class Retold:
    """That a claim told another's story in other words, and went into it; ``sure`` in [0, 1]."""

    claim_id: str
    into: str
    sure: float


class Retellings:
    """Compares claims; what was read of a wording is kept by its key.

    ``may_vanish`` tells whether a claim may go into another; pairs in ``kept_apart`` never do.
    """

    def __init__(self) -> None:
        self.kept_apart: set[frozenset[str]] = set()
        self.may_vanish: Callable[[str], bool] = lambda _claim_id: True
        self._read: dict[int, Telling] = {}

    def retelling(
        self, claim: ActiveClaim, others: Sequence[ActiveClaim], wordings: Mapping[int, Wording]
    ) -> Retold | None:
        """Return which of a claim and the one most surely telling its story goes into the other, if any.

        It is the younger, unless only the older may.
        """
        if not may_be_retold(claim):
            return None
        mine = said_in(claim, wordings)
        found = [
            (self.chance(mine, said_in(other, wordings)), other)
            for other in others
            if self._may_be_one(claim, other)
        ]
        sure, other = max(found, key=lambda one: one[0], default=(0.0, claim))
        if sure < RETOLD:
            return None
        older, younger = sorted((claim, other), key=lambda one: (one.first_seen, one.claim_id))
        for gone, kept in ((younger, older), (older, younger)):
            if self.may_vanish(gone.claim_id):
                return Retold(gone.claim_id, kept.claim_id, sure)
        return None

    def forget(self, key: int) -> None:
        """Drop a wording that is known no more."""
        self._read.pop(key, None)

    def chance(self, mine: Mapping[int, Wording], theirs: Mapping[int, Wording]) -> float:
        """Return how surely two claims tell one story, in [0, 1]; 0 where they must stay apart."""
        sures = [sureness(one, other) for one in mine.values() for other in theirs.values()]
        if not sures or max(sures) < LEAST or sum(sure < 0 for sure in sures) > APART * len(sures):
            return 0.0
        if _over(mine.values()) != _over(theirs.values()):
            return 0.0
        alike = likenesses(self._tellings(mine), self._tellings(theirs))
        if alike[0] > ALIKE and max(sures) < ALIKE_SURE:
            return 0.0
        return story_chance(alike)

    def _may_be_one(self, claim: ActiveClaim, other: ActiveClaim) -> bool:
        """Whether two claims are of one place and time, and no person keeps them apart."""
        return (
            may_be_retold(other)
            and frozenset((claim.claim_id, other.claim_id)) not in self.kept_apart
            and abs(claim.last_seen - other.last_seen) <= STORY_LASTS
            and not (claim.counties and other.counties and claim.counties.keys().isdisjoint(other.counties))
        )

    def _tellings(self, wordings: Mapping[int, Wording]) -> list[Telling]:
        for key, wording in wordings.items():
            if key not in self._read:
                self._read[key] = telling_of(wording.text, wording.vector, _places(wording))
        return [self._read[key] for key in wordings]


def may_be_retold(claim: ActiveClaim) -> bool:
    """Whether a claim is one that an alert may be about: a rumor to the models, or a call for help."""
    if claim.kind != "claim" or claim.retired:
        return False
    return claim.rumor_score >= DOUBTED or (
        bool(claim.needs) and claim.needs.most_common(1)[0][0] == Need.HELP
    )


def said_in(claim: ActiveClaim, wordings: Mapping[int, Wording]) -> dict[int, Wording]:
    """Return the latest wordings of a claim by key, those that deny it left out."""
    told = [key for key in claim.keys if wordings[key].stance != Stance.DENY]
    return {key: wordings[key] for key in told[-TEXTS:]}


def _over(wordings: Collection[Wording]) -> bool:
    """Whether most texts say that the matter is over."""
    return sum(wording.facts.settled for wording in wordings) * 2 > len(wordings)


def _places(wording: Wording) -> re.Pattern[str]:
    names = {short for name in wording.facts.places for short in (name, name[:2])}
    return re.compile("|".join(sorted(map(re.escape, names), key=len, reverse=True)) or r"(?!)")
