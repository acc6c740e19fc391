"""The vocabulary of Huiying as frozen records; every other module takes these in and gives these out.

Times are aware ``datetime`` values in UTC. Texts are already masked (see ``pipeline.privacy``) wherever a
record has left ``ingest``. No record has a field for a person.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Sentiment(StrEnum):
    """How a post feels about what it speaks of."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class Need(StrEnum):
    """What kind of answer a post is owed (国办发〔2016〕80号, classified handling)."""

    QUESTION = "question"
    HELP = "help"
    PROBLEM = "problem"
    SUGGESTION = "suggestion"
    MISUNDERSTANDING = "misunderstanding"
    UNVERIFIED_CLAIM = "unverified_claim"
    NONE = "none"


class Stance(StrEnum):
    """What a post does with its claim (RumourEval's SDQC, Gorrell et al. 2019)."""

    SUPPORT = "support"
    DENY = "deny"
    QUERY = "query"
    COMMENT = "comment"


class Level(StrEnum):
    """The office's own four alert levels, lowest first; never a statutory grade."""

    BLUE = "blue"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"


class VerdictValue(StrEnum):
    """What a named person found, with a cited source; never written by a model."""

    TRUE = "true"
    FALSE = "false"
    PARTLY = "partly"
    UNVERIFIABLE = "unverifiable"


class Precision(StrEnum):
    """How exactly a source states its publication time."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    RELATIVE = "relative"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """A snapshot of how often a post was liked, answered and passed on; ``None`` where the source does
    not say.
    """

    likes: int | None = None
    replies: int | None = None
    reposts: int | None = None
    views: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """帖文: one public message.

    ``post_id`` is content-derived (see ``pipeline.identity``); ``author_hash`` is a keyed hash used only
    to count distinct voices; ``places`` holds county names of the region file.
    """

    post_id: str
    source: str
    channel: str
    text: str
    published_at: datetime
    collected_at: datetime
    precision: Precision = Precision.SECOND
    title: str = ""
    url: str = ""
    county: str = ""
    places: tuple[str, ...] = ()
    parent_id: str | None = None
    author_hash: str | None = None
    official: bool = False
    counts: Counts = field(default_factory=Counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """标注: what the models say of one post; every score is the probability of the named label, in [0, 1]."""

    post_id: str
    sentiment: str
    sentiment_score: float
    emotion: str
    emotion_score: float
    need: str
    need_score: float
    rumor_score: float
    checkworthy_score: float
    stance: str
    stance_score: float
    model_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """权威信息: something an official source already published."""

    statement_id: str
    text: str
    issuer: str
    url: str
    published_at: datetime
    title: str = ""
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimMember:
    """One post's place in a claim: how alike (cosine, [0, 1]), in what stance, and why it was put there."""

    claim_id: str
    post_id: str
    similarity: float
    relation: Stance
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """说法: a check-worthy assertion or question that posts share."""

    claim_id: str
    text: str
    first_seen: datetime
    last_seen: datetime
    size: int
    spreading: int
    counties: tuple[str, ...]
    channels: tuple[str, ...]
    need: str
    rumor_score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """突增: a series' count above its expected range in one window ending at ``at``.

    ``score`` is 1 at the threshold; ``baseline_days`` is how long the series was known.
    """

    series: str
    at: datetime
    window_minutes: int
    observed: int
    expected: float
    upper: float
    score: float
    baseline_days: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """预警: a burst or a content signal of one claim, with its level and its reasons in Chinese words."""

    alert_id: str
    claim_id: str
    raised_at: datetime
    level: Level
    observed: int
    expected: float
    score: float
    reasons: tuple[str, ...]
    post_ids: tuple[str, ...]
