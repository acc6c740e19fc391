"""The triage stage: claims come in; the queue of what needs an answer, by when and why, goes out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pipeline.config import Settings
from pipeline.identity import digest
from pipeline.ledger import append_entry
from pipeline.ledger_events import Shelved, encode
from pipeline.ledger_records import Entry
from pipeline.ranking import Ranked, Ranking, rank
from pipeline.rules import Rules
from pipeline.store import Store

LOWEST_PRIORITY = 0.12
# What is in the queue leaves it a little lower, so that a claim at the edge does not come and go.
LEAVING_PRIORITY = 0.09
SYSTEM = "系统"
LOOK_BACK = timedelta(days=14)
# How long an alert keeps an unanswered claim at the top, whatever its level: what woke somebody, a small
# rumor or a call for help, must not stand below a pile of overdue complaints.
ALERTED = timedelta(hours=48)


class TriageStage:
    """Keeps the queue in step with the claims."""

    def __init__(self, store: Store, rules: Rules, settings: Settings) -> None:
        self.store = store
        self.rules = rules
        self.ranking = Ranking.load(settings)

    def run(self, now: datetime) -> int:
        """Rank every recent claim as of ``now``; return how many are in the queue afterwards."""
        claims = self.store.rows(
            "claims_to_triage",
            hour_ago=now - timedelta(hours=1),
            since=now - LOOK_BACK,
            alerted=now - ALERTED,
        )
        rows, leaving, shelved = [], [], []
        for claim in claims:
            row, ranked = self._ranked(claim, now)
            if claim["closed"]:
                leaving.append(claim["claim_id"])
            elif self._sinks(claim, ranked):
                leaving.append(claim["claim_id"])
                shelved.extend([shelving(claim["claim_id"], ranked, now)] if claim["entered_at"] else [])
            else:
                rows.append({**row, "entered_at": claim["entered_at"] or now, "updated_at": now})
        with self.store.transaction():
            self.store.run("leave_queue", claims=leaving)
            self.store.insert("queue", rows, on_conflict="replace")
            for entry in shelved:
                append_entry(self.store, entry)
        return len(rows)

    def _ranked(self, claim: Mapping[str, Any], now: datetime) -> tuple[dict[str, Any], Ranked]:
        deadline = _deadline(claim, self.rules)
        ranked = rank(claim, deadline["deadline"], now, self.rules, self.ranking)
        pressing = bool(claim["alerted"]) or ranked.priority >= self.ranking.urgent
        row = {
            "claim_id": claim["claim_id"],
            "priority": ranked.priority,
            **deadline,
            "reasons": reasons_json(ranked),
            "urgent": pressing and not claim["answered"],
        }
        return row, ranked

    def _sinks(self, claim: Mapping[str, Any], ranked: Ranked) -> bool:
        """Whether a claim has no place in the queue by its rank; what people have taken up keeps it."""
        lowest = LEAVING_PRIORITY if claim["entered_at"] else LOWEST_PRIORITY
        return bool(claim["untouched"]) and ranked.priority < lowest


def shelving(claim_id: str, ranked: Ranked, now: datetime) -> Entry:
    """Return the ledger's event for a claim that leaves the queue by its rank: nothing leaves without one."""
    event = Shelved(priority=round(ranked.priority, 4), lowest=LEAVING_PRIORITY)
    return Entry(
        event_id=digest("shelved", claim_id, now.isoformat()),
        claim_id=claim_id,
        kind=event.KIND,
        actor=SYSTEM,
        body=encode(event),
        recorded_at=now,
    )


def reasons_json(ranked: Ranked) -> str:
    """Return the reasons of a rank as the queue keeps them."""
    reasons = [
        {"word": one.word, "share": round(one.share, 3), "weight": one.weight, "seen": one.seen}
        for one in ranked.reasons
    ]
    return json.dumps(reasons, ensure_ascii=False)


def _deadline(claim: Mapping[str, Any], rules: Rules) -> dict[str, Any]:
    """Return the deadline of the queue; the ledger knows of extensions and grades, where it has a row."""
    if claim["due_at"] is not None:
        return {
            "deadline": claim["due_at"],
            "deadline_rule": claim["due_rule"],
            "start_basis": claim["due_basis"],
        }
    rule = rules.due_rule(bool(claim["emergency"]))
    return {
        "deadline": rule.deadline(claim["first_seen"]),
        "deadline_rule": f"{rule.name}({rule.source})",
        "start_basis": rule.basis,
    }
