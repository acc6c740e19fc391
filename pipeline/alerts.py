"""The alert stage: bursts and new claims come in; one alert a claim, its updates and the outbox's rows go
out.

The unit is the claim: its own series and those of its county and channel are one alert, and a claim that
tells an open alert's story in other words is merged into it, after which the level is that of all of them.
An open alert is told again only when its level rises, and after closing a claim alerts again only when it
was quiet for the cool-down.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from pipeline.alert_facts import Facts, samples_of
from pipeline.alert_merge import Incidents
from pipeline.alert_rules import (
    AlertRules,
    Evidence,
    Judgement,
    content_score,
    is_higher,
    judge,
    kind_of,
    level_and_why,
    vote_offset,
)
from pipeline.alert_text import Findings, reasons_of
from pipeline.burst_claims import Attributed, attribute
from pipeline.config import Settings, region_path
from pipeline.identity import digest
from pipeline.outbox import SYSTEM, Outbox, Told
from pipeline.places import Region
from pipeline.records import Burst
from pipeline.rules import Rules
from pipeline.settings_file import Watched
from pipeline.store import Store
from pipeline.stories import Stories

log = logging.getLogger(__name__)

REFRESH = timedelta(hours=1)  # the figures of an open alert that does not rise
TOLD_SAMPLES = 3
CALLED = "同一波求助"
LOOKS_KEPT = timedelta(days=40)  # what the tuning page may try rules on
MOST_SEEN = 200_000  # claims whose last state is kept in memory
TIDY_EVERY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """One claim as it was looked at: its members, evidence and what the rules say of it."""

    claim: Mapping[str, Any]
    members: Sequence[Mapping[str, Any]]
    evidence: Evidence
    burst: Burst | None
    judgement: Judgement | None
    findings: Findings
    kin: Sequence[str] = field(default=())  # claims that are alerted with it, as one burst of calls for help

    @property
    def claims(self) -> list[str]:
        """The claim and its kin."""
        return [self.claim["claim_id"], *self.kin]


class AlertStage:
    """Decides which claims to alert; what was decided is in the store, so that a restart repeats nothing."""

    def __init__(self, store: Store, settings: Settings, rules: Rules) -> None:
        self.store = store
        self.rules = rules
        self.settings = Watched(store.home, settings)
        self.facts = Facts(store)
        self.stories = Stories(store, Region.load(region_path(settings.region)))
        self._seen: dict[str, tuple[Any, ...]] = {}
        self._tidied: datetime | None = None
        self._configure(settings)

    def run(self, bursts: Sequence[Burst], now: datetime) -> int:
        """Raise and update what is due as of ``now``; return how many alerts were raised."""
        self.settings.apply(self._configure)
        self.facts.begin()
        found = attribute(self.store, bursts)
        by_claim = _strongest(found)
        since = now - timedelta(hours=self.alert_rules.fresh_hours)
        claims = self.store.rows("claims_to_alert", claims=list(by_claim), since=since, now=now)
        looks = [
            look
            for claim in claims
            if self._is_changed(claim, by_claim) and (look := self._look(claim, by_claim, now)) is not None
        ]
        raised = self._write(looks, found, now) if looks or found else 0
        if self._tidied is None or now - self._tidied >= TIDY_EVERY:
            self._tidy(now)
        self.outbox.run(now)
        return raised

    def _configure(self, settings: Settings) -> None:
        rules, outbox = AlertRules.load(settings), Outbox(self.store, settings)
        self.alert_rules, self.outbox = rules, outbox

    def _is_changed(self, claim: Mapping[str, Any], bursts: Mapping[str, Attributed]) -> bool:
        """Whether a claim has a burst or is not what it was when it was last looked at."""
        names = ("spreading", "last_seen", "rumor_score", "need", "stake", "answered", "official", "text")
        state = tuple(claim[name] for name in names)
        known = self._seen.get(claim["claim_id"])
        self._seen[claim["claim_id"]] = state
        return claim["claim_id"] in bursts or state != known

    def _look(
        self, claim: Mapping[str, Any], bursts: Mapping[str, Attributed], now: datetime
    ) -> _Look | None:
        found = bursts.get(claim["claim_id"])
        burst, kin = (found.burst, found.kin) if found else (None, {})
        texts = (str(claim["text"]), *kin.values())
        stake = max(float(claim["stake"]), *(self.rules.stake(text)[0] for text in texts))
        # Cheap first: most claims are far from any threshold whatever their members say.
        hopeful = 0.55 * claim["rumor_score"] + 0.25 * stake + 0.2
        if burst is None and not claim["alerted"] and hopeful < self.alert_rules.content_score:
            return None
        members = self.facts.members([claim["claim_id"], *kin], now)
        evidence = self.facts.evidence(claim, members, stake)
        votes = self.facts.votes(self.facts.source_of(members))
        verdict = judge(
            evidence, burst.score if burst else 0.0, self.alert_rules, vote_offset(votes, self.alert_rules)
        )
        shown = burst if verdict is not None and verdict.trigger == "burst" else None
        findings = self.facts.findings(
            claim, members, evidence, shown, content_score(evidence), verdict.why if verdict else "", now
        )
        return _Look(
            claim=claim, members=members, evidence=evidence, burst=shown, judgement=verdict,
            findings=findings, kin=tuple(kin),
        )  # fmt: skip

    def _write(self, looks: Sequence[_Look], found: Sequence[Attributed], now: datetime) -> int:
        """Write everything of this round in one transaction."""
        incidents = Incidents.of(
            self.store, [one for look in looks for one in look.claims], self.alert_rules, now, self.stories
        )
        raised = 0
        with self.store.transaction():
            self.store.insert("bursts", [one.row() for one in found])
            for look in looks:
                raised += self._settle_on(look, incidents, now)
        return raised

    def _settle_on(self, look: _Look, incidents: Incidents, now: datetime) -> int:
        verdict, new = look.judgement, False
        if verdict is not None:
            kind = kind_of(look.evidence, self.alert_rules)
            incident = incidents.open_for(look.claims, kind)
            if incident is not None:
                self._join(look.claims, incident, CALLED, 1.0, incidents, now)
                self._update(look, verdict, incident, incidents, now)
            elif incidents.may_raise(look.claim["claim_id"]):
                new = self._raise_or_merge(look, verdict, kind, incidents, now)
        self._note_look(look, new, now)
        return int(new)

    def _raise_or_merge(
        self, look: _Look, verdict: Judgement, kind: str, incidents: Incidents, now: datetime
    ) -> bool:
        """Raise an alert, unless the claim tells an open one's story; return whether one was raised."""
        story = incidents.same_story(look.claim, kind)
        if story is None:
            incidents.add(look.claims, look.claim["counties"], self._raise(look, verdict, now))
            return True
        self._merge(look, verdict, story, incidents, now)
        return False

    def _raise(self, look: _Look, verdict: Judgement, now: datetime) -> dict[str, Any]:
        alert_id = digest("alert", look.claim["claim_id"], str(verdict.level), now.isoformat())
        reasons = reasons_of(look.findings)
        figures = _figures(look)
        row = {
            "alert_id": alert_id, "claim_id": look.claim["claim_id"], "raised_at": now,
            "level": str(verdict.level), "trigger": verdict.trigger, "reasons": reasons,
            "post_ids": samples_of(look.members), "kind": kind_of(look.evidence, self.alert_rules),
            "source": self.facts.source_of(look.members), "details": _details(look), **figures,
        }  # fmt: skip
        self.store.insert("alerts", [row])
        own = _claim_row(alert_id, look.claim["claim_id"], "本说法", 1.0, now)
        kin = [_claim_row(alert_id, claim_id, CALLED, 1.0, now) for claim_id in look.kin]
        self.store.insert("alert_claims", [own, *kin])
        self.store.insert("notifications", self.outbox.rows(self._told(look, row, 0, None), now))
        log.info("alert %s: %s %s", alert_id, row["level"], reasons[0])
        return row

    def _update(
        self,
        look: _Look,
        verdict: Judgement,
        incident: Mapping[str, Any],
        incidents: Incidents,
        now: datetime,
    ) -> None:
        """Bring an open alert up to date; tell it again only where its level rises."""
        merged = look.claim["claim_id"] != incident["claim_id"]
        if len(incident["claims"]) > 1:
            look, verdict = self._pooled(look, verdict, incident, now)
        rises = is_higher(str(verdict.level), incident["level"])
        if merged and not rises:
            return  # a merged claim's burst is not the alert's
        if not rises and now - incident["updated_at"] < REFRESH:
            return
        level = str(verdict.level) if rises else incident["level"]
        row = {
            "alert_id": incident["alert_id"],
            "updated_at": now,
            "level": level,
            "voices": look.evidence.voices,
            "reasons": reasons_of(look.findings),
            "post_ids": samples_of(look.members),
            **_figures(look),
        }
        self.store.insert("alert_updates", [row])
        incidents.note(incident["alert_id"], level)
        if rises:
            told = self._told(look, {**row, "kind": incident["kind"]}, 1, incident["muted_until"])
            self.store.insert("notifications", self.outbox.rows(told, now))
            log.info("alert %s rises to %s: %s", incident["alert_id"], level, row["reasons"][0])

    def _pooled(
        self, look: _Look, verdict: Judgement, incident: Mapping[str, Any], now: datetime
    ) -> tuple[_Look, Judgement]:
        """Return a look at all claims of an alert together, told of the alert's own claim."""
        members = self.facts.members(incident["claims"], now)
        evidence = self.facts.pooled(look.evidence, members)
        level, why = level_and_why(evidence, self.alert_rules)
        found = self.store.rows("claims_to_alert", claims=[incident["claim_id"]], since=now, now=now)
        own = next((row for row in found if row["claim_id"] == incident["claim_id"]), look.claim)
        findings = self.facts.findings(own, members, evidence, look.burst, content_score(evidence), why, now)
        pooled = replace(look, claim=own, members=members, evidence=evidence, findings=findings)
        return pooled, replace(verdict, level=level, why=why)

    def _merge(
        self, look: _Look, verdict: Judgement, story: tuple[dict[str, Any], float], incidents: Incidents,
        now: datetime,
    ) -> None:  # fmt: skip
        """Add a claim to the open alert whose story it tells in other words."""
        incident, shared = story
        self._join(look.claims, incident, "同一件事的另一种说法", shared, incidents, now)
        self._update(look, verdict, incident, incidents, now)

    def _join(
        self, claims: Sequence[str], incident: dict[str, Any], why: str, shared: float,
        incidents: Incidents, now: datetime,
    ) -> None:  # fmt: skip
        """Let an open alert stand for more claims."""
        for claim_id in claims:
            if claim_id in incident["claims"]:
                continue
            self.store.insert("alert_claims", [_claim_row(incident["alert_id"], claim_id, why, shared, now)])
            incidents.join(claim_id, incident)
            log.info("claim %s is merged into alert %s (%.2f)", claim_id, incident["alert_id"], shared)

    def _told(self, look: _Look, row: Mapping[str, Any], update: int, muted_until: datetime | None) -> Told:
        texts = self.facts.texts(row["post_ids"][:TOLD_SAMPLES])
        return Told(
            alert_id=row["alert_id"],
            claim_id=look.claim["claim_id"],
            level=row["level"],
            text=str(look.claim["text"]),
            need=str(look.claim["need"]),
            kind=row["kind"],
            counties=tuple(look.claim["counties"]),
            reasons=tuple(row["reasons"]),
            samples=tuple(texts),
            update=update,
            muted_until=muted_until,
        )

    def _note_look(self, look: _Look, raised: bool, now: datetime) -> None:
        level = str(look.judgement.level) if look.judgement else ""
        row = {
            "claim_id": look.claim["claim_id"],
            "looked_at": now,
            "burst": look.burst.score if look.burst else 0.0,
            "evidence": json.dumps(asdict(look.evidence)),
            "level": level,
            "raised": raised,
        }
        self.store.insert("alert_looks", [row])

    def _tidy(self, now: datetime) -> None:
        """Close alerts of claims that have been quiet, and forget old looks."""
        self._tidied = now
        if len(self._seen) > MOST_SEEN:
            self._seen.clear()  # then every claim is looked at once more
        quiet = timedelta(hours=self.alert_rules.quiet_hours)
        body = json.dumps({"why": f"{quiet / timedelta(hours=1):.0f} 小时没有新帖文"}, ensure_ascii=False)
        events = [
            {"event_id": digest("quiet", row["alert_id"], row["last_seen"].isoformat()),
             "alert_id": row["alert_id"], "kind": "closed", "actor": SYSTEM, "body": body, "recorded_at": now}
            for row in self.store.rows("quiet_alerts", before=now - quiet)
        ]  # fmt: skip
        with self.store.transaction():
            self.store.insert("alert_events", events)
            self.store.run("forget_looks", before=now - LOOKS_KEPT)


def _strongest(found: Sequence[Attributed]) -> dict[str, Attributed]:
    """Return the strongest burst of each claim; its own series wins over a place's, and keeps its kin."""
    best: dict[str, Attributed] = {}
    for one in found:
        known = best.get(one.claim_id)
        if one.claim_id:
            kin = {**(known.kin if known else {}), **one.kin}
            stronger = known is None or one.rank() > known.rank()
            best[one.claim_id] = replace(one if stronger or known is None else known, kin=kin)
    return best


def _figures(look: _Look) -> dict[str, Any]:
    burst = look.burst
    return {
        "observed": burst.observed if burst else look.evidence.posts,
        "expected": burst.expected if burst else 0.0,
        "upper": burst.upper if burst else 0.0,
        "window_minutes": burst.window_minutes if burst else 24 * 60,
        "score": burst.score if burst else look.findings.score,
    }


def _details(look: _Look) -> str:
    found = look.findings
    values = {
        "evidence": asdict(look.evidence),
        "growth": asdict(found.growth) if found.growth else None,
        "counties": [asdict(one) for one in found.counties],
        "channels": [asdict(one) for one in found.channels],
        "history_days": found.history_days,
        "last_hour": found.last_hour,
        "loudest": found.loudest,
        "level_why": found.level_why,
        "gaps": list(found.gaps),
        "known": {key: str(value) for key, value in found.known.items()} if found.known else None,
    }
    return json.dumps(values, ensure_ascii=False)


def _claim_row(alert_id: str, claim_id: str, why: str, shared: float, now: datetime) -> dict[str, Any]:
    return {"alert_id": alert_id, "claim_id": claim_id, "why": why, "shared": shared, "joined_at": now}
