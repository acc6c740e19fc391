"""Tagged posts with embeddings come in, in order of arrival; which claim each belongs to, and why, goes out.

``ClaimEngine`` holds the active claims in memory and looks at one post after the other, never ahead, so the
live stage, the batch command and the backtest decide alike. A claim's id comes from its first post, so it
never changes.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from pipeline.canonical import says_best
from pipeline.lexical import Grams, WordIndex, grams_of, shared_words
from pipeline.neighbours import Neighbours
from pipeline.noise import noise_of
from pipeline.normalise import match_text, simplify
from pipeline.records import Claim, ClaimMember, Need, Stance
from pipeline.same_claim import Facts, conflict, facts_of
from pipeline.stance import stance_of

CANDIDATES = 12  # neighbours looked at per post
WORDINGS = 8  # distinct wordings a claim keeps for comparison and for its text
# Joined where likeness() is at least this. Chosen on the demo's posts, where it gives its two rumors a
# completeness of 0.95 and 0.93 at a purity of 0.90 (the rest are their official denials) and 1.0.
SAME = 0.21
# Weight of the cosine: hand-judged pairs are told apart by rare words (AUC 0.94), not by it (0.46), see
# benchmarks/claim_pairs.py.
MEANING = 0.1
CHECKWORTHY = 0.5
DOUBTED = 0.35  # rumor score
SHORTEST = 4  # folded characters: less says nothing that could be checked
IDLE = timedelta(days=14)  # after this long without a post a claim retires
ASKING = frozenset(
    {Need.QUESTION, Need.HELP, Need.PROBLEM, Need.MISUNDERSTANDING, Need.UNVERIFIED_CLAIM, Need.SUGGESTION}
)

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedPost:
    """A post as the engine sees it; ``vector`` (384,) is None where the text could not be scored."""

    post_id: str
    text: str
    published_at: datetime
    channel: str
    vector: Vector | None
    places: tuple[str, ...] = ()
    author_hash: str | None = None
    official: bool = False
    parent_id: str | None = None
    need: str | None = None
    rumor_score: float | None = None
    checkworthy_score: float | None = None
    stance: str | None = None
    stance_score: float | None = None


@dataclass(slots=True)
class _Wording:
    text: str
    facts: Facts
    grams: Grams
    stance: Stance


@dataclass(slots=True)
class ActiveClaim:
    """A claim while posts may still join it."""

    claim_id: str
    kind: str
    first_seen: datetime
    last_seen: datetime
    recurs: str | None = None
    title: str | None = None
    size: int = 0
    spreading: int = 0
    authors: set[str] = field(default_factory=set)
    counties: Counter[str] = field(default_factory=Counter)
    channels: Counter[str] = field(default_factory=Counter)
    needs: Counter[str] = field(default_factory=Counter)
    rumor_total: float = 0.0
    rumor_scored: int = 0
    wordings: list[_Wording] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)

    def text(self) -> str:
        """Return the wording to show, or the one that a person gave."""
        said = [(wording.text, wording.stance) for wording in self.wordings]
        return self.title or said[says_best(said)][0]

    def record(self) -> Claim:
        """Return the claim as a record."""
        return Claim(
            claim_id=self.claim_id,
            text=self.text(),
            first_seen=self.first_seen,
            last_seen=self.last_seen,
            size=self.size,
            spreading=self.spreading,
            counties=tuple(name for name, _ in self.counties.most_common()),
            channels=tuple(sorted(self.channels)),
            need=self.needs.most_common(1)[0][0] if self.needs else Need.NONE,
            rumor_score=self.rumor_total / self.rumor_scored if self.rumor_scored else 0.0,
        )


class ClaimEngine:
    """Places posts into claims, one after the other."""

    def __init__(self) -> None:
        self.active: dict[str, ActiveClaim] = {}
        self.merged: dict[str, str] = {}
        self._neighbours = Neighbours()
        self._words = WordIndex()
        self._owner: dict[int, tuple[str, int]] = {}  # vector key -> claim, wording
        self._claim_of_post: dict[str, str] = {}
        self._claim_of_text: dict[str, str] = {}
        self._next_key = 0

    def place(self, posts: Sequence[PlacedPost]) -> list[ClaimMember | None]:
        """Place posts in the order given; None for a post that belongs to no claim."""
        return [self._place(post) for post in posts]

    def claims(self) -> Iterator[Claim]:
        """Yield the active claims, oldest first; adverts and copypasta are not among them."""
        return (claim.record() for claim in self.active.values() if claim.kind == "claim")

    def adopt(self, post: PlacedPost, claim_id: str, kind: str = "claim") -> None:
        """Put a post where it was put before: the way an engine is rebuilt from the store."""
        self._join(post, self._resolve(claim_id), kind, _stance(post))

    def merge(self, claim_id: str, into: str) -> None:
        """Send later posts of one claim into another, as a person decided."""
        if claim_id != into and self._resolve(into) != claim_id:
            self.merged[claim_id] = into

    def rename(self, claim_id: str, text: str) -> None:
        """Show the text that a person gave."""
        if claim_id in self.active:
            self.active[claim_id].title = text

    def retire(self, now: datetime) -> list[str]:
        """Stop comparing with claims idle for ``IDLE``; return their ids."""
        idle = [claim for claim in self.active.values() if now - claim.last_seen > IDLE]
        for claim in idle:
            for key in claim.keys:
                self._neighbours.remove(key)
                self._words.remove(key)
                del self._owner[key]
            del self.active[claim.claim_id]
        gone = {claim.claim_id for claim in idle}
        if gone:
            self._claim_of_text = {
                text: owner for text, owner in self._claim_of_text.items() if owner not in gone
            }
        return sorted(gone)

    def _place(self, post: PlacedPost) -> ClaimMember | None:
        inherited = self._claim_of_post.get(post.parent_id or "")
        if inherited is not None:
            return self._member(post, inherited, 1.0, "回帖,随主帖")
        folded = match_text(post.text)
        if len(folded) < SHORTEST or post.vector is None:
            return None
        noise = noise_of(post.text)
        kind = noise.kind if noise else "claim"
        if noise is None and not _worth_checking(post):
            return None
        same = self._claim_of_text.get(_key(folded, post))
        if same is not None:
            return self._member(post, same, 1.0, "文字相同", kind)
        found = self._nearest(post, folded, kind)
        if found is not None:
            claim_id, similarity, why = found
            return self._member(post, claim_id, similarity, noise.reason if noise else why, kind)
        return self._member(post, claim_id_of(post.post_id), 1.0, noise.reason if noise else "首次出现", kind)

    def _nearest(self, post: PlacedPost, folded: str, kind: str) -> tuple[str, float, str] | None:
        assert post.vector is not None  # noqa: S101 - the caller has looked
        facts, grams = facts_of(simplify(post.text), post.places), grams_of(folded)
        best: tuple[float, str] | None = None
        for key, cosine in self._candidates(post.vector, grams).items():
            claim_id, wording = self._owner[key]
            claim = self.active[claim_id]
            if claim.kind != kind or conflict(facts, claim.wordings[wording].facts):
                continue
            if conflict(facts, claim.wordings[0].facts):
                continue
            alike = likeness(cosine, grams, claim.wordings[wording].grams)
            if alike >= SAME and (best is None or alike > best[0]):
                best = (alike, claim_id)
        if best is None:
            return None
        why = f"用词与意思相近({best[0]:.2f}),地点、数字、日期、原因、状态不矛盾"
        return best[1], best[0], why

    def _candidates(self, vector: Vector, grams: Grams) -> dict[int, float]:
        """Return wordings near in meaning or in rare words, with their cosine (0 where it was not among the
        nearest).
        """
        found = dict.fromkeys(self._words.nearest(grams, CANDIDATES), 0.0)
        return found | dict(self._neighbours.nearest(vector, CANDIDATES))

    def _member(
        self, post: PlacedPost, claim_id: str, similarity: float, reason: str, kind: str = "claim"
    ) -> ClaimMember:
        place, stance = self._resolve(claim_id), _stance(post)
        self._join(post, place, kind, stance)
        return ClaimMember(
            claim_id=place,
            post_id=post.post_id,
            similarity=max(0.0, min(1.0, similarity)),
            relation=stance,
            reason=reason,
        )

    def _join(self, post: PlacedPost, claim_id: str, kind: str, stance: Stance) -> None:
        claim = self.active.get(claim_id)
        if claim is None:
            claim = self.active[claim_id] = ActiveClaim(claim_id, kind, post.published_at, post.published_at)
        claim.first_seen = min(claim.first_seen, post.published_at)
        claim.last_seen = max(claim.last_seen, post.published_at)
        claim.size += 1
        if stance != Stance.DENY and not post.official:
            claim.spreading += 1
            claim.authors.add(post.author_hash or post.post_id)
        claim.counties.update(post.places)
        claim.channels[post.channel] += 1
        need = _need(post)
        if need and need != Need.NONE:
            claim.needs[need] += 1
        if post.rumor_score is not None and stance != Stance.DENY:
            claim.rumor_total += post.rumor_score
            claim.rumor_scored += 1
        self._claim_of_post[post.post_id] = claim_id
        self._remember(post, claim, stance)

    def _remember(self, post: PlacedPost, claim: ActiveClaim, stance: Stance) -> None:
        """Keep a new wording for comparison; a reply says too little to compare with, unless it is first."""
        folded = match_text(post.text)
        text = _key(folded, post)
        if text in self._claim_of_text or (post.parent_id and claim.wordings):
            return
        if len(claim.wordings) >= WORDINGS:
            self._claim_of_text[text] = claim.claim_id
            return
        grams = grams_of(folded)
        claim.wordings.append(_Wording(post.text, facts_of(simplify(post.text), post.places), grams, stance))
        if post.vector is None:
            return
        self._claim_of_text[text] = claim.claim_id
        self._neighbours.add(self._next_key, post.vector)
        self._words.add(self._next_key, grams)
        self._owner[self._next_key] = (claim.claim_id, len(claim.wordings) - 1)
        claim.keys.append(self._next_key)
        self._next_key += 1

    def _resolve(self, claim_id: str) -> str:
        while claim_id in self.merged:
            claim_id = self.merged[claim_id]
        return claim_id


def claim_id_of(post_id: str) -> str:
    """Return the id of the claim that a post starts."""
    return "c" + hashlib.sha256(f"claim:{post_id}".encode()).hexdigest()[:19]


def likeness(cosine: float, one: Grams, other: Grams) -> float:
    """Return how alike two wordings are, in [0, 1], from their rare words and a little from their cosine."""
    return MEANING * min(1.0, max(0.0, cosine)) + (1 - MEANING) * shared_words(one, other)


def _need(post: PlacedPost) -> str | None:
    """Return a post's need; what is check-worthy and may be a rumor is a claim, whatever that head says."""
    doubted = (post.checkworthy_score or 0.0) >= CHECKWORTHY and (post.rumor_score or 0.0) >= DOUBTED
    return Need.UNVERIFIED_CLAIM if post.need == Need.NONE and doubted else post.need


def _worth_checking(post: PlacedPost) -> bool:
    return post.need in ASKING or (post.checkworthy_score or 0.0) >= CHECKWORTHY


def _stance(post: PlacedPost) -> Stance:
    return stance_of(post.text, post.stance, post.stance_score, official=post.official)


def _key(folded: str, post: PlacedPost) -> str:
    """Equal words from two counties are two texts: the source's county says where."""
    return "|".join((*post.places, folded))
