"""The alert stage: bursts and new claims come in; alerts with their level and reasons in words go out, once.

The unit is the claim: its own series, its county's and its channel's are one alert. A claim that has an
open alert is alerted again only when its level rises, and after closing only when it was quiet for the
cool-down.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pipeline.alert_rules import (
    LEVELS,
    AlertRules,
    Evidence,
    calls_by_content,
    content_score,
    level_of,
    may_burst,
)
from pipeline.alert_text import growth_of, reasons_of
from pipeline.config import Settings
from pipeline.identity import digest
from pipeline.records import Burst, Level
from pipeline.rules import Rules
from pipeline.store import Store

log = logging.getLogger(__name__)

DAY = timedelta(hours=24)
SAMPLES = 5
GAP_AFTER = 3  # intervals of a source without a run: its silence is a gap, not peace
SETTLED = frozenset({"closed", "false_alarm", "known"})  # after these a claim needs the cool-down


class AlertStage:
    """Decides which claims to alert; what was decided is in the store, so that a restart repeats nothing."""

    def __init__(self, store: Store, settings: Settings, rules: Rules) -> None:
        self.store = store
        self.rules = rules
        self.alert_rules = AlertRules.load(settings)

    def run(self, bursts: Sequence[Burst], now: datetime) -> int:
        """Raise what is due as of ``now``; return how many alerts that were."""
        by_claim = _strongest(bursts)
        fresh = now - timedelta(hours=self.alert_rules.fresh_hours)
        claims = self.store.rows("claims_to_alert", claims=list(by_claim), since=fresh, now=now)
        if not claims:
            return 0
        earlier = self._earlier([claim["claim_id"] for claim in claims])
        rows = []
        for claim in claims:
            row = self._decide(
                claim, by_claim.get(claim["claim_id"]), earlier.get(claim["claim_id"], []), now
            )
            if row is not None:
                rows.append(row)
        with self.store.transaction():
            self.store.insert("alerts", rows)
        for row in rows:
            log.info("alert %s: %s %s", row["alert_id"], row["level"], row["reasons"][0])
        return len(rows)

    def _decide(
        self,
        claim: Mapping[str, Any],
        burst: Burst | None,
        earlier: Sequence[Mapping[str, Any]],
        now: datetime,
    ) -> dict[str, Any] | None:
        stake = max(float(claim["stake"]), self.rules.stake(str(claim["text"]))[0])
        # Cheap first: most claims are looked at every tick and are far from any threshold.
        hopeful = 0.55 * claim["rumor_score"] + 0.25 * stake + 0.2
        if burst is None and hopeful < self.alert_rules.content_score:
            return None
        members = self.store.rows("recent_members", claim_id=claim["claim_id"], since=now - DAY, now=now)
        growth = growth_of([member["published_at"] for member in members])
        evidence = _evidence(claim, members, stake, growth.minutes if growth else None)
        by_burst = burst is not None and may_burst(evidence, self.alert_rules)
        if not by_burst and not calls_by_content(evidence, self.alert_rules):
            return None
        level = level_of(evidence, self.alert_rules)
        if not self._is_news(level, earlier, now):
            return None
        shown = burst if by_burst else None
        score = content_score(evidence)
        reasons = reasons_of(claim, evidence, shown, growth, _shares(members), self._gaps(now), score)
        return _row(claim, level, shown, evidence, score, reasons, members, now)

    def _is_news(self, level: Level, earlier: Sequence[Mapping[str, Any]], now: datetime) -> bool:
        """Whether a claim's alerts so far leave room for this one."""
        if not earlier:
            return True
        last = earlier[-1]
        if last["muted_until"] is not None and last["muted_until"] > now:
            return False
        if last["settled_at"] is not None:
            return bool(now - last["settled_at"] >= self.alert_rules.cool_down)
        highest = max(LEVELS.index(Level(alert["level"])) for alert in earlier)
        return LEVELS.index(level) > highest

    def _earlier(self, claims: list[str]) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        mute = self.alert_rules.mute_hours
        for row in self.store.rows(
            "alerts_of_claims", claims=claims, settled=sorted(SETTLED), mute_hours=mute
        ):
            found.setdefault(row["claim_id"], []).append(row)
        return found

    def _gaps(self, now: datetime) -> list[str]:
        """Return sources whose last run is red or overdue: what they say is missing."""
        return [row["name"] for row in self.store.rows("source_gaps", now=now, intervals=GAP_AFTER)]


def _strongest(bursts: Iterable[Burst]) -> dict[str, Burst]:
    """Return the strongest burst of each claim; series of places speak through the claims in them."""
    found: dict[str, Burst] = {}
    for burst in bursts:
        kind, _, claim_id = burst.series.partition(":")
        if kind == "claim" and (claim_id not in found or burst.score > found[claim_id].score):
            found[claim_id] = burst
    return found


def _evidence(
    claim: Mapping[str, Any], members: Sequence[Mapping[str, Any]], stake: float, doubling: float | None
) -> Evidence:
    return Evidence(
        claim_id=claim["claim_id"],
        need=claim["need"],
        rumor_score=float(claim["rumor_score"]),
        stake=stake,
        voices=len({member["voice"] for member in members}),
        posts=len(members),
        asking=sum(member["relation"] == "query" for member in members),
        counties=len({member["county"] for member in members if member["county"]}),
        answered=bool(claim["answered"]),
        doubling_minutes=doubling,
    )


def _shares(members: Sequence[Mapping[str, Any]]) -> dict[str, list[tuple[str, int]]]:
    return {
        name: Counter(member[name] or "" for member in members).most_common()
        for name in ("county", "channel")
    }


def _samples(members: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the earliest, the largest and the most typical posts, each once."""
    by_time = sorted(members, key=lambda member: (member["published_at"], member["post_id"]))
    by_size = sorted(members, key=lambda member: (-member["loudness"], member["post_id"]))
    by_likeness = sorted(members, key=lambda member: (-member["similarity"], member["post_id"]))
    chosen = [*by_time[:2], *by_size[:1], *by_likeness]
    return list(dict.fromkeys(member["post_id"] for member in chosen))[:SAMPLES]


def _row(
    claim: Mapping[str, Any], level: Level, burst: Burst | None, evidence: Evidence, score: float,
    reasons: list[str], members: Sequence[Mapping[str, Any]], now: datetime,
) -> dict[str, Any]:  # fmt: skip
    return {
        "alert_id": digest("alert", claim["claim_id"], str(level), now.isoformat()),
        "claim_id": claim["claim_id"],
        "raised_at": now,
        "level": str(level),
        "observed": burst.observed if burst else evidence.posts,
        "expected": burst.expected if burst else 0.0,
        "upper": burst.upper if burst else 0.0,
        "window_minutes": burst.window_minutes if burst else int(DAY.total_seconds() // 60),
        "score": burst.score if burst else score,
        "trigger": "burst" if burst else "content",
        "reasons": reasons,
        "post_ids": _samples(members),
    }
