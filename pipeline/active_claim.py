"""Members come in one by one; what a claim shows of them (text, places, needs, voices, times) goes out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import numpy.typing as npt

from pipeline.canonical import says_best
from pipeline.config import LOCAL_TIME
from pipeline.records import Claim, Need, Stance
from pipeline.stance import stance_of
from pipeline.wordings import Wording, wording_of

CHECKWORTHY = 0.5
DOUBTED = 0.35  # rumor score

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

    def relation(self) -> Stance:
        """Return what the post does with its claim."""
        return stance_of(
            self.text,
            self.stance,
            self.stance_score,
            official=self.official,
            reply=self.parent_id is not None,
        )

    def wording(self) -> Wording:
        """Read the post's text for comparison; days are counted from its own, where it has one."""
        said_on = self.published_at.astimezone(LOCAL_TIME).date() if self.published_at.year > 1970 else None
        return wording_of(self.text, self.places, self.relation(), self.vector, said_on)


@dataclass(slots=True)
class Mean:
    """A mean that grows; 0 of nothing."""

    total: float = 0.0
    count: int = 0

    def take(self, value: float) -> None:
        """Count one more value."""
        self.total += value
        self.count += 1

    def absorb(self, other: Mean) -> None:
        """Count all values of another."""
        self.total += other.total
        self.count += other.count

    @property
    def value(self) -> float:
        """The mean."""
        return self.total / self.count if self.count else 0.0


@dataclass(slots=True)
class ActiveClaim:
    """A claim while posts may still join it; a retired one keeps a wording, to know a recurrence by."""

    claim_id: str
    kind: str
    first_seen: datetime
    last_seen: datetime
    recurs: str | None = None
    title: str | None = None
    retired: bool = False
    size: int = 0
    spreading: int = 0
    authors: set[str] = field(default_factory=set)
    counties: Counter[str] = field(default_factory=Counter)
    channels: Counter[str] = field(default_factory=Counter)
    needs: Counter[str] = field(default_factory=Counter)
    told: Mean = field(default_factory=Mean)
    asked: Mean = field(default_factory=Mean)
    wordings: list[Wording] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)
    text: str = ""

    def take(self, post: PlacedPost, stance: Stance) -> None:
        """Count one more member; a denial and an official word do not spread a claim."""
        self.first_seen = min(self.first_seen, post.published_at)
        self.last_seen = max(self.last_seen, post.published_at)
        self.size += 1
        if stance != Stance.DENY and not post.official:
            self.spreading += 1
            self.authors.add(post.author_hash or post.post_id)
        self.counties.update(post.places)
        self.channels[post.channel] += 1
        need = _need(post)
        if need and need != Need.NONE and (post.parent_id is None or not self.needs):
            self.needs[need] += 1  # who replies 有人在现场吗 does not make a call for help a question
        if post.rumor_score is not None and stance != Stance.DENY:
            (self.asked if stance == Stance.QUERY else self.told).take(post.rumor_score)

    @property
    def rumor_score(self) -> float:
        """The mean of posts that tell it, or of those that ask where none does; 0 of posts not scored."""
        return self.told.value if self.told.count else self.asked.value

    def learn(self, wording: Wording) -> None:
        """Keep a new wording, and look again which says it best."""
        self.wordings.append(wording)
        said = [(known.text, known.stance) for known in self.wordings]
        shown = [text for text, _ in said].index(self.text) if self.text else None
        self.text = said[says_best(said, shown)][0]

    def absorb(self, other: ActiveClaim) -> None:
        """Take over all members of another claim that was merged into this one."""
        self.first_seen = min(self.first_seen, other.first_seen)
        self.last_seen = max(self.last_seen, other.last_seen)
        self.size, self.spreading = self.size + other.size, self.spreading + other.spreading
        self.authors |= other.authors
        self.counties.update(other.counties)
        self.channels.update(other.channels)
        self.needs.update(other.needs)
        self.told.absorb(other.told)
        self.asked.absorb(other.asked)
        self.recurs = self.recurs or other.recurs
        self.keys += other.keys
        for wording in other.wordings:
            self.learn(wording)

    def record(self) -> Claim:
        """Return the claim as a record."""
        return Claim(
            claim_id=self.claim_id,
            text=self.title or self.text,
            first_seen=self.first_seen,
            last_seen=self.last_seen,
            size=self.size,
            spreading=self.spreading,
            counties=tuple(name for name, _ in self.counties.most_common()),
            channels=tuple(sorted(self.channels)),
            need=self.needs.most_common(1)[0][0] if self.needs else Need.NONE,
            rumor_score=self.rumor_score,
        )


def _need(post: PlacedPost) -> str | None:
    """Return a post's need; what is check-worthy and may be a rumor is a claim, whatever that head says."""
    doubted = (post.checkworthy_score or 0.0) >= CHECKWORTHY and (post.rumor_score or 0.0) >= DOUBTED
    return Need.UNVERIFIED_CLAIM if post.need == Need.NONE and doubted else post.need
