"""A claim and a moment come in; what the store knows of it for an alert goes out: members, shares, past,
gaps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pipeline.alert_rules import Evidence
from pipeline.alert_text import Findings, Growth, Share, growth_of
from pipeline.records import Burst
from pipeline.store import Store

DAY = timedelta(hours=24)
PAST = timedelta(days=28)
SAMPLES = 5
GAP_AFTER = 3  # intervals of a source without a run: its silence is a gap, not peace
FEWEST_USUAL = 50  # posts of the past: below this a usual share is a guess and is not told


class Facts:
    """Reads what an alert says; keeps the slow figures of the past for an hour."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._usual: dict[str, dict[str, float]] = {}
        self._usual_at: datetime | None = None
        self._votes: dict[str, int] | None = None

    def begin(self) -> None:
        """Start a round: what people did meanwhile is read again."""
        self._votes = None

    def members(self, claim_ids: Sequence[str], now: datetime) -> list[dict[str, Any]]:
        """Return the claims' posts of the last 24 hours that neither deny them nor are official."""
        return self.store.rows("recent_members", claims=list(claim_ids), since=now - DAY, now=now)

    def evidence(
        self, claim: Mapping[str, Any], members: Sequence[Mapping[str, Any]], stake: float
    ) -> Evidence:
        """Return what the rules look at."""
        return Evidence(
            claim_id=claim["claim_id"],
            need=claim["need"],
            rumor_score=float(claim["rumor_score"]),
            stake=stake,
            answered=bool(claim["answered"]),
            checkworthy=_checkworthy(members),
            official=bool(claim["official"]),
            **_counted(members),
        )

    def pooled(self, evidence: Evidence, members: Sequence[Mapping[str, Any]]) -> Evidence:
        """Return a claim's evidence with the counts of all posts that tell its story."""
        return replace(evidence, **_counted(members))

    def findings(
        self, claim: Mapping[str, Any], members: Sequence[Mapping[str, Any]], evidence: Evidence,
        burst: Burst | None, score: float, level_why: str, now: datetime,
    ) -> Findings:  # fmt: skip
        """Return everything an alert says of a claim at a moment."""
        usual = self._usual_shares(now) if level_why else {}
        voices = Counter(member["voice"] for member in members)
        growth: Growth | None = growth_of([member["published_at"] for member in members])
        return Findings(
            claim=claim,
            evidence=evidence,
            burst=burst,
            growth=growth,
            score=score,
            last_hour=sum(member["published_at"] > now - timedelta(hours=1) for member in members),
            history_days=self._history_days(now) if level_why else 0.0,
            loudest=max(voices.values(), default=0) / max(len(members), 1) if len(voices) > 1 else 0.0,
            level_why=level_why,
            counties=_shares(members, "county", usual.get("county", {})),
            channels=_shares(members, "channel", usual.get("channel", {})),
            first=self._first(claim["claim_id"]) if level_why else {},
            known=self._known(claim["claim_id"]) if level_why else None,
            gaps=self._gaps(now) if level_why else (),
        )

    def source_of(self, members: Sequence[Mapping[str, Any]]) -> str:
        """Return the source of a claim's first post: votes are counted by it."""
        return str(members[0]["source"]) if members else ""

    def votes(self, source: str) -> int:
        """Return how many of a source's alerts are called false alarms now, less those found right."""
        if self._votes is None:
            self._votes = {row["source"]: row["votes"] for row in self.store.rows("false_alarm_votes")}
        return int(self._votes.get(source, 0))

    def texts(self, post_ids: Sequence[str]) -> list[str]:
        """Return the masked texts of posts, in the order given."""
        found = {row["post_id"]: row["text"] for row in self.store.rows("texts_of", posts=list(post_ids))}
        return [found[post_id] for post_id in post_ids if post_id in found]

    def _first(self, claim_id: str) -> Mapping[str, Any]:
        rows = self.store.rows("first_member", claim_id=claim_id)
        return rows[0] if rows else {}

    def _known(self, claim_id: str) -> Mapping[str, Any] | None:
        rows = self.store.rows("known_rumor_of", claim=claim_id)
        return rows[0] if rows else None

    def _gaps(self, now: datetime) -> tuple[str, ...]:
        """Return sources whose last run is red or overdue: what they say is missing."""
        return tuple(row["name"] for row in self.store.rows("source_gaps", now=now, intervals=GAP_AFTER))

    def _history_days(self, now: datetime) -> float:
        first = self.store.rows("first_published", since=now - PAST)[0]["first"]
        return 0.0 if first is None else (now - first) / timedelta(days=1)

    def _usual_shares(self, now: datetime) -> dict[str, dict[str, float]]:
        """Return each county's and channel's share of all posts of the 28 days before yesterday."""
        if self._usual_at is None or now - self._usual_at > timedelta(hours=1):
            self._usual = {"county": {}, "channel": {}}
            rows = self.store.rows("usual_shares", since=now - PAST, until=now - DAY)
            totals = {kind: sum(row["posts"] for row in rows if row["kind"] == kind) for kind in self._usual}
            for row in rows:
                if totals[row["kind"]] >= FEWEST_USUAL:
                    self._usual[row["kind"]][row["name"]] = row["posts"] / totals[row["kind"]]
            self._usual_at = now
        return self._usual


def _counted(members: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the fields of evidence that are counts of posts."""
    growth = growth_of([member["published_at"] for member in members])
    return {
        "voices": len({member["voice"] for member in members}),
        "posts": len(members),
        "asking": sum(member["relation"] == "query" for member in members),
        "counties": len({member["county"] for member in members if member["county"]}),
        "doubling_minutes": growth.minutes if growth else None,
    }


def _checkworthy(members: Sequence[Mapping[str, Any]]) -> float:
    """Return the mean check-worthiness of the posts that say something; 0 where only short replies are.

    A short reply whose parent belongs to no claim can come to stand for one: 转给家里老人 says nothing that
    could be checked, whatever the heads make of it.
    """
    own = [member["checkworthy"] for member in members if not member["is_short_reply"]]
    scores = [float(score) for score in own if score is not None]
    if scores:
        return sum(scores) / len(scores)
    return 1.0 if own else 0.0  # not scored at all: the other signs decide


def samples_of(members: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the earliest, the largest and the most typical posts, each once."""
    by_time = sorted(members, key=lambda member: (member["published_at"], member["post_id"]))
    by_size = sorted(members, key=lambda member: (-member["loudness"], member["post_id"]))
    by_likeness = sorted(members, key=lambda member: (-member["similarity"], member["post_id"]))
    chosen = [*by_time[:2], *by_size[:1], *by_likeness]
    return list(dict.fromkeys(member["post_id"] for member in chosen))[:SAMPLES]


def _shares(members: Sequence[Mapping[str, Any]], name: str, usual: Mapping[str, float]) -> list[Share]:
    counted = Counter(member[name] or "" for member in members)
    return [
        Share(
            name=value,
            posts=posts,
            share=posts / len(members),
            usual=usual.get(value, 0.0) if usual else None,
        )
        for value, posts in counted.most_common()
    ]
