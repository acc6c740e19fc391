"""Tagged posts with embeddings come in, in order of arrival; which claim each belongs to, and why, goes out.

``ClaimEngine`` holds the active claims in memory and looks at one post after the other, never ahead, so the
live stage, the batch command and the backtest decide alike. A claim's id comes from its first post, so it
never changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from heapq import nlargest
from itertools import combinations

from pipeline.active_claim import CHECKWORTHY, ActiveClaim, PlacedPost
from pipeline.claim_parts import Part, parts_of
from pipeline.lexical import SharedIndex, WordIndex, shared_words
from pipeline.neighbours import Neighbours
from pipeline.noise import noise_of
from pipeline.normalise import match_text
from pipeline.pair_scorer import sureness
from pipeline.records import Claim, ClaimMember, Need
from pipeline.retelling import Retellings, Retold
from pipeline.wordings import Wording

__all__ = ["ActiveClaim", "ClaimEngine", "PlacedPost", "claim_id_of"]

CANDIDATES = 12  # neighbours looked at per post, by each of the three indexes
CLAIMS_COMPARED = 4  # claims whose every wording is looked at
WORDINGS = 8  # distinct wordings a claim keeps for comparison and for its text
# A post joins the claim with whose wordings it is most surely the same in the mean, from this on. Over all
# invented groups (benchmarks/claims_grouping.py) 0.52 gave BCubed 0.86 with 0.11 of the hard negatives
# joined, 0.58 gave 0.85 with 0.08.
SAME = 0.55
SAME_UNASKED = 0.6  # for a post that the models do not think worth checking: it may join, but not start
LEAST = 0.2  # below it a claim's best wording is not near enough to look at the others
NOISE_COPY = 0.7  # from which a text that nobody need check is noise because it is like noise
NOISE_SAME = 0.5  # shared rare words from which two adverts are one
FIRST = "首次出现"
SHORTEST = 4  # folded characters: less says nothing that could be checked
IDLE = timedelta(days=14)  # after this long without a post a claim retires
KNOWN = timedelta(days=365)  # so long a recurrence is linked to a retired claim
ASKING = frozenset(
    {Need.QUESTION, Need.HELP, Need.PROBLEM, Need.MISUNDERSTANDING, Need.UNVERIFIED_CLAIM, Need.SUGGESTION}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One sentence group of a post that makes several claims, and where it was put."""

    part: int
    sentence: str
    places: tuple[str, ...]
    member: ClaimMember


class ClaimEngine:
    """Places posts into claims, one after the other.

    ``lenient``: posts that the models do not think worth checking may start a claim too, for a second look
    at all of them (``pipeline.regroup``). Else a claim goes into another where both tell one story in other
    words (``pipeline.retelling``).
    """

    def __init__(self, *, lenient: bool = False) -> None:
        self.lenient = lenient
        self.active: dict[str, ActiveClaim] = {}
        self.merged: dict[str, str] = {}
        self.wordings: dict[int, Wording] = {}
        self.first_post: dict[int, str] = {}  # the post that brought a wording
        self.worthy: set[int] = set()  # wordings brought by a post worth checking
        self.mentions: dict[str, list[Mention]] = {}  # of posts that make several claims
        self.anchor: dict[str, int] = {}  # post -> the wording that it is, or is nearest to
        self._owner: dict[int, str] = {}
        self._key_of_text: dict[str, int] = {}
        self._neighbours = Neighbours()
        self._words = WordIndex()
        self._matters = SharedIndex()
        self.stories = Retellings()
        self.retold: list[Retold] = []  # claims that went into others, in that order, for the caller to take
        self._next_key = 0

    def place(self, posts: Sequence[PlacedPost]) -> list[ClaimMember | None]:
        """Place posts in the order given; None for a post that belongs to no claim."""
        return [self._place(post) for post in posts]

    def claims(self) -> Iterator[Claim]:
        """Yield the active claims, oldest first; adverts and copypasta are not among them."""
        return (
            claim.record() for claim in self.active.values() if claim.kind == "claim" and not claim.retired
        )

    def adopt(self, post: PlacedPost, claim_id: str, kind: str = "claim", recurs: str | None = None) -> None:
        """Put a post where it was put before: the way an engine is rebuilt from the store."""
        claim = self._claim(self._resolve(claim_id), post, kind, recurs)
        claim.take(post, post.relation())
        self._remember(post, claim, claim.keys[0] if claim.keys else None, None)

    def stands_for(self, claim_id: str) -> str:
        """Return the claim that a claim went into, or itself."""
        return self._resolve(claim_id)

    def owner(self, key: int) -> str:
        """Return the claim that a wording is of."""
        return self._owner[key]

    def merge(self, claim_id: str, into: str) -> None:
        """Send later posts of one claim into another, as a person decided."""
        if claim_id == into or self._resolve(into) == claim_id:
            return
        self.merged[claim_id] = into
        gone, kept = self.active.pop(claim_id, None), self.active.get(self._resolve(into))
        if gone is not None and kept is None:
            gone.claim_id = self._resolve(into)
            self.active[gone.claim_id] = gone
        elif gone is not None and kept is not None:
            kept.absorb(gone)
        for key in gone.keys if gone else ():
            self._owner[key] = self._resolve(into)

    def rename(self, claim_id: str, text: str) -> None:
        """Show the text that a person gave."""
        claim = self.active.get(self._resolve(claim_id))
        if claim is not None:
            claim.title = text

    def retire(self, now: datetime) -> list[str]:
        """Stop joining claims idle for ``IDLE`` and return their ids; forget those idle for ``KNOWN``."""
        idle = [claim for claim in self.active.values() if now - claim.last_seen > IDLE and not claim.retired]
        for claim in idle:
            claim.retired = True
            self._forget(claim, claim.keys[1:])
        for claim in [claim for claim in self.active.values() if now - claim.last_seen > KNOWN]:
            self._forget(claim, claim.keys)
            del self.active[claim.claim_id]
        if idle:
            known = self.wordings.keys()
            self.anchor = {post: key for post, key in self.anchor.items() if self._joinable(key)}
            self._key_of_text = {
                text: key for text, key in self._key_of_text.items() if key in known and self._joinable(key)
            }
        return sorted(claim.claim_id for claim in idle)

    def near(self, wording: Wording) -> set[int]:
        """Return the wordings to compare with: near in meaning, in rare words, in matters and place."""
        found = set(self._words.nearest_texts(wording.grams, CANDIDATES))
        found.update(self._matters.nearest(_asked(wording), CANDIDATES))
        if wording.vector is not None:
            found.update(key for key, _ in self._neighbours.nearest(wording.vector, CANDIDATES))
        return found

    def _place(self, post: PlacedPost) -> ClaimMember | None:
        parent = self.anchor.get(post.parent_id or "")
        if parent is not None:
            return self._member(post, self._owner[parent], 1.0, "回帖,随主帖", parent)
        folded = match_text(post.text)
        if len(folded) < SHORTEST or post.vector is None:
            return None
        parts = parts_of(post.text, post.places)
        return self._article(post, parts) if parts else self._placed(post, folded)

    def _article(self, post: PlacedPost, parts: Sequence[Part]) -> ClaimMember | None:
        """Place each sentence group; the post counts for the claim that it is most surely of."""
        found = []
        for number, part in enumerate(parts, 1):
            piece = replace(
                post, post_id=f"{post.post_id}#{number}", text=part.text, places=part.places, vector=None
            )
            member = self._placed(piece, match_text(part.text))
            if member is not None:
                found.append(Mention(part=number, sentence=part.text, places=part.places, member=member))
        if not found:
            return None
        self.mentions[post.post_id] = found
        best = max(found, key=lambda mention: (mention.member.reason != FIRST, mention.member.similarity))
        self.anchor[post.post_id] = self.anchor[best.member.post_id]
        reason = f"一文多说法,按第{best.part}段归入:{best.member.reason}"
        return replace(best.member, post_id=post.post_id, reason=reason)

    def _placed(self, post: PlacedPost, folded: str) -> ClaimMember | None:
        same = self._key_of_text.get(_text_key(folded, post))
        if same is not None:
            return self._member(post, self._owner[same], 1.0, "文字相同", same)
        noise = noise_of(post.text, post.checkworthy_score)
        wording, kind = post.wording(), noise.kind if noise else "claim"
        asked = noise is not None or worth_checking(post)
        if not asked and (like := self._like_noise(wording)):
            key, alike = like
            return self._member(
                post, self._owner[key], alike, f"与已归入的套话相似({alike:.2f})", key, wording
            )
        near, known = self.near(wording), self._next_key
        found, recurs = self._nearest(wording, kind, near)
        if found and found[1] >= (SAME if asked or self.lenient else SAME_UNASKED):
            key, sure = found
            why = f"与已有说法同指一事({sure:.2f}),地点、数字、日期、原因、状态不矛盾"
            member = self._member(post, self._owner[key], sure, noise.reason if noise else why, key, wording)
        elif not asked and not self.lenient:
            return None
        else:
            why = noise.reason if noise else f"首次出现,与已归档的 {recurs} 相同" if recurs else FIRST
            self._claim(claim_id_of(post.post_id), post, kind, recurs)
            member = self._member(post, claim_id_of(post.post_id), 1.0, why, None, wording)
        new = self._next_key > known and not self.lenient
        return self._told_anew(member, near) if new else member

    def _told_anew(self, member: ClaimMember, near: Collection[int]) -> ClaimMember:
        """Let the claim of a new wording and those nearby that tell its story become one."""
        while (retold := self._retelling(member.claim_id, near)) is not None:
            self.merge(retold.claim_id, retold.into)
            self.retold.append(retold)
            if retold.claim_id == member.claim_id and member.reason.startswith(FIRST):
                why = f"与已有说法讲同一件事({retold.sure:.2f}),措辞不同"
                member = replace(member, claim_id=retold.into, similarity=retold.sure, reason=why)
        return replace(member, claim_id=self._resolve(member.claim_id))

    def _retelling(self, claim_id: str, near: Collection[int]) -> Retold | None:
        claim = self.active[self._resolve(claim_id)]
        others = {self._owner[key] for key in near} - {claim.claim_id}
        return self.stories.retelling(claim, [self.active[one] for one in sorted(others)], self.wordings)

    def _nearest(
        self, wording: Wording, kind: str, near: Collection[int]
    ) -> tuple[tuple[int, float] | None, str | None]:
        """Return the wording and sureness of the claim most surely the same, and a retired one that
        recurs.
        """
        best: dict[str, tuple[float, int]] = {}
        known: dict[int, float] = {}
        for key in sorted(near):
            claim = self.active[self._owner[key]]
            elsewhere = (
                wording.facts.places
                and claim.counties
                and claim.counties.keys().isdisjoint(wording.facts.places)
            )
            if claim.kind == kind and not elsewhere:
                known[key] = self._sure(wording, key, kind)
                best[claim.claim_id] = max(best.get(claim.claim_id, (0.0, key)), (known[key], key))
        found: tuple[int, float] | None = None
        recurs: tuple[float, str] | None = None
        for claim_id, (sure, key) in nlargest(CLAIMS_COMPARED, best.items(), key=lambda item: item[1][0]):
            claim = self.active[claim_id]
            if sure < LEAST:
                break
            # A copy goes where the original is, though people merged it with what is said quite otherwise.
            mean = sure if sure >= 1 else self._mean(wording, claim, kind, known)
            if claim.retired:
                recurs = max(recurs or (SAME, ""), (mean, claim_id))
            elif found is None or mean > found[1]:
                found = (key, mean)
        return found, recurs[1] or None if recurs else None

    def _like_noise(self, wording: Wording) -> tuple[int, float] | None:
        """Return a wording of noise of which this is nearly a copy."""
        near = [key for key in self._words.nearest_texts(wording.grams, CANDIDATES) if self._is_noise(key)]
        alike = [(shared_words(wording.grams, self.wordings[key].grams), key) for key in near]
        best = max(alike, default=(0.0, 0))
        return (best[1], best[0]) if best[0] >= NOISE_COPY else None

    def _is_noise(self, key: int) -> bool:
        return self.active[self._owner[key]].kind != "claim"

    def _mean(self, wording: Wording, claim: ActiveClaim, kind: str, known: dict[int, float]) -> float:
        keys = claim.keys[:WORDINGS]
        return sum(known.get(key) or self._sure(wording, key, kind) for key in keys) / len(keys)

    def _sure(self, wording: Wording, key: int, kind: str) -> float:
        other = self.wordings[key]
        if kind != "claim":
            return min(1.0, shared_words(wording.grams, other.grams) * SAME / NOISE_SAME)
        return sureness(wording, other)

    def _member(
        self, post: PlacedPost, claim_id: str, similarity: float, reason: str, key: int | None,
        wording: Wording | None = None,
    ) -> ClaimMember:  # fmt: skip
        claim, stance = self.active[claim_id], post.relation()
        claim.take(post, stance)
        self._remember(post, claim, key, wording)
        return ClaimMember(
            claim_id=claim_id,
            post_id=post.post_id,
            similarity=max(0.0, min(1.0, similarity)),
            relation=stance,
            reason=reason,
        )

    def _claim(self, claim_id: str, post: PlacedPost, kind: str, recurs: str | None) -> ActiveClaim:
        if claim_id not in self.active:
            self.active[claim_id] = ActiveClaim(
                claim_id, kind, post.published_at, post.published_at, recurs=recurs
            )
        return self.active[claim_id]

    def _remember(
        self, post: PlacedPost, claim: ActiveClaim, key: int | None, wording: Wording | None
    ) -> None:
        """Keep a new wording for comparison; a reply says too little to compare with, unless it is first."""
        text = _text_key(match_text(post.text), post)
        key = self._key_of_text.get(text, key)
        known = text in self._key_of_text and self._owner[self._key_of_text[text]] == claim.claim_id
        full = len(claim.keys) >= WORDINGS or (post.parent_id and claim.keys)
        if key is None or not (known or full):
            key = self._add(post, claim, wording or post.wording())
        if not post.parent_id:
            self._key_of_text.setdefault(text, key)
        self.anchor[post.post_id] = key

    def _add(self, post: PlacedPost, claim: ActiveClaim, wording: Wording) -> int:
        key, self._next_key = self._next_key, self._next_key + 1
        claim.learn(wording)
        claim.keys.append(key)
        self.wordings[key], self._owner[key], self.first_post[key] = wording, claim.claim_id, post.post_id
        if worth_checking(post):
            self.worthy.add(key)
        if wording.vector is not None:
            self._neighbours.add(key, wording.vector)
        self._words.add_text(key, wording.grams)
        self._matters.add(key, _told(wording))
        return key

    def _forget(self, claim: ActiveClaim, keys: list[int]) -> None:
        for key in list(keys):
            if self.wordings.pop(key).vector is not None:
                self._neighbours.remove(key)
            self._words.remove(key)
            self._matters.remove(key)
            del self._owner[key], self.first_post[key]
            self.worthy.discard(key)
            self.stories.forget(key)
            claim.keys.remove(key)

    def _joinable(self, key: int) -> bool:
        return key in self._owner and not self.active[self._owner[key]].retired

    def _resolve(self, claim_id: str) -> str:
        while claim_id in self.merged:
            claim_id = self.merged[claim_id]
        return claim_id


def claim_id_of(post_id: str) -> str:
    """Return the id of the claim that a post starts."""
    return "c" + hashlib.sha256(f"claim:{post_id}".encode()).hexdigest()[:19]


def worth_checking(post: PlacedPost) -> bool:
    """Tell whether the models see a need or something that could be checked in a post."""
    return post.need in ASKING or (post.checkworthy_score or 0.0) >= CHECKWORTHY


def _told(wording: Wording) -> list[Hashable]:
    """Return the pairs of matters under which a text is found: in its counties, and anywhere."""
    return [(place, *pair) for place in (*_places(wording), "*") for pair in _pairs(wording)]


def _asked(wording: Wording) -> list[Hashable]:
    """Return the pairs under which to look: a text without a place may be of any, and others have none."""
    places = {*_places(wording), "" if wording.facts.places else "*"}
    return [(place, *pair) for place in sorted(places) for pair in _pairs(wording)]


def _places(wording: Wording) -> list[str]:
    return sorted(wording.facts.places) or [""]


def _pairs(wording: Wording) -> list[tuple[int, ...]]:
    concepts = sorted(wording.concepts)
    return [(concept,) for concept in concepts] + list(combinations(concepts, 2))


def _text_key(folded: str, post: PlacedPost) -> str:
    """Equal words from two counties are two texts: the source's county says where."""
    return "|".join((*post.places, folded))
