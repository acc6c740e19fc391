"""What people say of posts: judgements come in as events; labels, error rates on local text and agreement go
out.

Events are only appended. A post's label is what most people last said of it; where as many say otherwise it
is disputed, and neither trains nor counts. An error rate is that of the random sample alone: posts picked
because they were doubtful, or because somebody saw a mistake, are wrong more often than the rest.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

from models.labels import HEADS
from pipeline.config import ConfigError, Settings
from pipeline.identity import digest
from pipeline.proportions import Proportion, proportion
from pipeline.store import Reader

FIELDS = tuple(HEADS)
RANDOM, DOUBTFUL, CORRECTION = "random", "doubtful", "correction"
SAMPLES = (RANDOM, DOUBTFUL, CORRECTION)
# Words and topics of local posts move with the seasons of a year's business; a quarter-old figure is history.
STALE_AFTER = timedelta(days=90)
FEW = 30  # judged posts: below it an interval is wider than 0.3 for any middling error rate


class LabelError(ValueError):
    """A judgement cannot be recorded; the message is Chinese and names the value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """One person's newest word on one field of a post, and what the model had ``said`` of it."""

    post_id: str
    field: str
    actor: str
    label: str
    said: str
    sample: str
    model_version: str
    source: str
    recorded_at: datetime
    event_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the models say of a post, by field, and the places that it is of."""

    post_id: str
    places: frozenset[str]
    model_version: str
    labels: dict[str, str] = dataclass_field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What people together say of one field of a post; ``label`` is None where they are divided."""

    post_id: str
    field: str
    label: str | None
    said: str
    sample: str
    model_version: str
    source: str
    persons: int
    newest: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRate:
    """How often a label of the model is wrong on local text; empty ``label`` or ``source`` means all.

    ``posts`` were judged. The base of ``error`` is smaller where labels are weighed: see ``error_rates``.
    """

    field: str
    label: str
    source: str
    posts: int
    error: Proportion


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far two people agree on one field beyond chance (Cohen 1960); None where chance explains all."""

    field: str
    first: str
    second: str
    posts: int
    same: int
    kappa: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """Of when, and of which model, the random sample of a field is."""

    field: str
    posts: int
    newest: datetime | None
    versions: tuple[str, ...]
    stale: tuple[str, ...]  # reasons in words; none: the figures hold


def votes(store: Reader, field: str = "", post_ids: Sequence[str] = ()) -> list[Vote]:
    """Return everybody's newest words, of one field or all, of some posts or all."""
    rows = store.rows("label_votes", field=field, post_ids=list(post_ids))
    names = Vote.__dataclass_fields__
    return [Vote(**{name: row[name] for name in names}) for row in rows]


def said_of(store: Reader, post_ids: Sequence[str]) -> dict[str, Said]:
    """Return what the models say of posts; a post that is not in the store is not in the answer."""
    found: dict[str, Said] = {}
    for row in store.rows("label_said", post_ids=list(post_ids), counties=[]):
        places = frozenset((*row["places"], row["county"])) - {""}
        entry = found.setdefault(
            row["post_id"], Said(post_id=row["post_id"], places=places, model_version=row["model_version"])
        )
        if row["field"] is not None:
            entry.labels[row["field"]] = row["label"]
    return found


def label_event(
    post: Said,
    field: str,
    label: str,
    actor: str,
    *,
    sample: str,
    known: Vote | None,
    now: datetime,
    reason: str = "",
) -> dict[str, Any] | None:
    """Return the event that records a judgement, or None where the person has said just that already.

    ``known`` is this person's newest word on it. The id is of the content, so that recording twice is
    recording once.

    Raises:
        LabelError: no such field, label or sample, no name, or a post that the model has not labelled.
    """
    if field not in HEADS or label not in HEADS[field]:
        raise LabelError(f"没有这样的标签:{field} {label}")
    if sample not in SAMPLES:
        raise LabelError(f"没有这样的抽样方式:{sample};可用 {'、'.join(SAMPLES)}")
    if not actor.strip():
        raise LabelError("没有标注人")
    if field not in post.labels:
        raise LabelError(f"帖文 {post.post_id} 的 {field} 模型没有标注,不能更正")
    if known is not None and known.label == label:
        return None
    before = known.event_id if known is not None else ""
    return {
        "event_id": digest("label", post.post_id, field, actor, label, before),
        "post_id": post.post_id,
        "field": field,
        "old": post.labels[field],
        "new": label,
        "reason": reason,
        "actor": actor,
        "recorded_at": now,
        # A second word on a post of the sample is still of the sample.
        "sample": known.sample if known is not None else sample,
        "model_version": post.model_version,
    }


def judged(given: Iterable[Vote]) -> list[Judged]:
    """Return what people together say, one row a post and field."""
    groups: dict[tuple[str, str], list[Vote]] = defaultdict(list)
    for vote in given:
        groups[vote.post_id, vote.field].append(vote)
    return [_judged(group) for group in groups.values()]


def error_rates(found: Sequence[Judged], shares: Mapping[str, float] | None = None) -> list[ErrorRate]:
    """Return the error rate of each label, source, and both together, on the random sample of one field.

    The sample has as many posts of a rare label as of a frequent one, so the rate over all labels weighs
    them by ``shares`` (label to number of posts); without shares there is none over all labels.
    """
    rows = [row for row in found if row.sample == RANDOM and row.label is not None]
    groups: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for row in rows:
        for source in ("", row.source):
            groups[row.said, source].append(row.label != row.said)
    rates = [
        ErrorRate(
            field=rows[0].field,
            label=label,
            source=source,
            posts=len(wrong),
            error=proportion(sum(wrong), len(wrong)),
        )
        for (label, source), wrong in sorted(groups.items())
    ]
    if shares:
        rates += _over_labels(rows, groups, shares)
    return rates


def agreement(given: Iterable[Vote]) -> list[Agreement]:
    """Return Cohen's kappa of every two people who judged the same posts, by field."""
    said: dict[str, dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    for vote in given:
        said[vote.field][vote.actor][vote.post_id] = vote.label
    found = []
    for field, people in sorted(said.items()):
        for first, second in combinations(sorted(people), 2):
            both = sorted(people[first].keys() & people[second].keys())
            if both:
                pairs = [(people[first][post], people[second][post]) for post in both]
                found.append(_agreement(field, first, second, pairs))
    return found


def freshness(
    found: Sequence[Judged], field: str, active_version: str, now: datetime, after: timedelta = STALE_AFTER
) -> Freshness:
    """Say whether a field's random sample still tells about the model in use."""
    rows = [row for row in found if row.field == field and row.sample == RANDOM]
    newest = max((row.newest for row in rows), default=None)
    versions = tuple(sorted({row.model_version for row in rows if row.model_version}))
    stale = []
    if not rows:
        stale.append("还没有随机抽样的人工标注")
    if newest is not None and now - newest > after:
        stale.append(f"最近一次人工标注已过 {(now - newest).days} 天")
    if versions and active_version not in versions:
        stale.append(f"标注针对的是旧模型 {versions[-1]}")
    if 0 < len(rows) < FEW:
        stale.append(f"只有 {len(rows)} 条,区间很宽")
    return Freshness(field=field, posts=len(rows), newest=newest, versions=versions, stale=tuple(stale))


def stale_after(settings: Settings) -> timedelta:
    """Return after how long a sample is old news: ``stale_days`` of ``[labels]``, else 90 days.

    Raises:
        ConfigError: it is not a number of days.
    """
    days = settings.tables.get("labels", {}).get("stale_days", STALE_AFTER.days)
    if not isinstance(days, int) or isinstance(days, bool) or days < 1:
        raise ConfigError(f"huiying.toml: [labels] stale_days must be a number of days, got {days!r}")
    return timedelta(days=days)


def kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Return Cohen's kappa (Cohen 1960) of two people's labels; None where both only ever say one label."""
    n = len(pairs)
    same = sum(one == other for one, other in pairs) / n
    firsts, seconds = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    chance = sum(firsts[label] * seconds[label] for label in firsts) / (n * n)
    return None if chance == 1 else (same - chance) / (1 - chance)


def _judged(group: Sequence[Vote]) -> Judged:
    counted = Counter(vote.label for vote in group).most_common(2)
    divided = len(counted) == 2 and counted[0][1] == counted[1][1]
    # What the model had said when the sample was drawn: later words may be about a later model.
    first = min(group, key=lambda vote: (vote.sample != RANDOM, vote.recorded_at))
    return Judged(
        post_id=first.post_id,
        field=first.field,
        label=None if divided else counted[0][0],
        said=first.said,
        sample=first.sample,
        model_version=first.model_version,
        source=first.source,
        persons=len(group),
        newest=max(vote.recorded_at for vote in group),
    )


def _over_labels(
    rows: Sequence[Judged], groups: Mapping[tuple[str, str], Sequence[bool]], shares: Mapping[str, float]
) -> list[ErrorRate]:
    known = {label: groups[label, ""] for label in shares if groups.get((label, ""))}
    whole = sum(shares[label] for label in known)
    if not whole:
        return []
    rates = {label: sum(wrong) / len(wrong) for label, wrong in known.items()}
    weights = {label: shares[label] / whole for label in known}
    rate = sum(weights[label] * rates[label] for label in known)
    variance = sum(
        weights[label] ** 2 * rates[label] * (1 - rates[label]) / len(wrong) for label, wrong in known.items()
    )
    # The number of rows that a simple random sample would need for the same certainty (Kish 1965).
    alike = rate * (1 - rate) / variance if variance else sum(len(wrong) for wrong in known.values())
    posts = sum(len(wrong) for wrong in known.values())
    error = proportion(rate * alike, alike)
    return [ErrorRate(field=rows[0].field, label="", source="", posts=posts, error=error)]


def _agreement(field: str, first: str, second: str, pairs: Sequence[tuple[str, str]]) -> Agreement:
    same = sum(one == other for one, other in pairs)
    return Agreement(field=field, first=first, second=second, posts=len(pairs), same=same, kappa=kappa(pairs))
