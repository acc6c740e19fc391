"""The triage stage: claims come in; the queue of what needs an answer, by when and why, goes out.

The priority is a weighted sum of shares in [0, 1], so that every rank can show its reasons as words and
bars. The weights are the office's to set (``[triage]`` in ``huiying.toml``).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pipeline.config import ConfigError, Settings
from pipeline.identity import digest
from pipeline.ledger import append_entry
from pipeline.ledger_events import Shelved, encode
from pipeline.ledger_records import Entry
from pipeline.records import Need
from pipeline.rules import Rules
from pipeline.store import Store

# A starting point, to be tuned by each office on its own past: no source gives these numbers.
DEFAULT_WEIGHTS: Mapping[str, float] = {
    "need": 0.20,
    "rumor": 0.20,
    "stake": 0.15,
    "growth": 0.15,
    "reach": 0.15,
    "asking": 0.05,
    "spread": 0.05,
    "waiting": 0.05,
}

# How urgently each kind of need is owed something, in [0, 1].
NEED_URGENCY: Mapping[str, float] = {
    Need.HELP: 1.0,
    Need.UNVERIFIED_CLAIM: 0.9,
    Need.MISUNDERSTANDING: 0.8,
    Need.QUESTION: 0.6,
    Need.PROBLEM: 0.6,
    Need.SUGGESTION: 0.3,
    Need.NONE: 0.0,
}

WORDS: Mapping[str, str] = {
    "need": "诉求类别",
    "rumor": "疑似不实",
    "stake": "利害",
    "growth": "增长",
    "reach": "参与人数",
    "asking": "求证",
    "spread": "波及范围",
    "waiting": "等待时间",
}

# An answered claim stays in the queue, far down, until a person closes it.
ANSWERED_FACTOR = 0.3
LOWEST_PRIORITY = 0.12
# What is in the queue leaves it a little lower, so that a claim at the edge does not come and go.
LEAVING_PRIORITY = 0.09
SYSTEM = "系统"
LOOK_BACK = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One part of a priority: a Chinese word, its share in [0, 1], its weight, and what was seen."""

    key: str
    word: str
    share: float
    weight: float
    seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A claim's priority in [0, 1] and its reasons, the heaviest first."""

    priority: float
    reasons: tuple[Reason, ...]


class TriageStage:
    """Keeps the queue in step with the claims."""

    def __init__(self, store: Store, rules: Rules, settings: Settings) -> None:
        self.store = store
        self.rules = rules
        self.weights = read_weights(settings)

    def run(self, now: datetime) -> int:
        """Rank every recent claim as of ``now``; return how many are in the queue afterwards."""
        claims = self.store.rows("claims_to_triage", hour_ago=now - timedelta(hours=1), since=now - LOOK_BACK)
        rows, leaving, shelved = [], [], []
        for claim in claims:
            ranked = rank(claim, now, self.rules, self.weights)
            if claim["closed"]:
                leaving.append(claim["claim_id"])
            elif self._sinks(claim, ranked):
                leaving.append(claim["claim_id"])
                shelved.extend([shelving(claim["claim_id"], ranked, now)] if claim["entered_at"] else [])
            else:
                rows.append(self._row(claim, ranked, now))
        with self.store.transaction():
            self.store.run("leave_queue", claims=leaving)
            self.store.insert("queue", rows, on_conflict="replace")
            for entry in shelved:
                append_entry(self.store, entry)
        return len(rows)

    def _sinks(self, claim: Mapping[str, Any], ranked: Ranked) -> bool:
        """Whether a claim has no place in the queue by its rank; what people have taken up keeps it."""
        lowest = LEAVING_PRIORITY if claim["entered_at"] else LOWEST_PRIORITY
        return bool(claim["untouched"]) and ranked.priority < lowest

    def _row(self, claim: Mapping[str, Any], ranked: Ranked, now: datetime) -> dict[str, Any]:
        row = queue_row(claim, ranked, now, self.rules)
        if claim["due_at"] is not None:  # the ledger knows of extensions, grades and reopened matters
            row |= {
                "deadline": claim["due_at"],
                "deadline_rule": claim["due_rule"],
                "start_basis": claim["due_basis"],
            }
        return {**row, "entered_at": claim["entered_at"] or now, "updated_at": now}


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


def queue_row(claim: Mapping[str, Any], ranked: Ranked, now: datetime, rules: Rules) -> dict[str, Any]:
    """Return a claim's row of the queue, without the times at which it entered and changed."""
    rule = rules.due_rule(bool(claim["emergency"]))
    return {
        "claim_id": claim["claim_id"],
        "priority": ranked.priority,
        "deadline": rule.deadline(claim["first_seen"]),
        "deadline_rule": f"{rule.name}({rule.source})",
        "start_basis": rule.basis,
        "reasons": json.dumps(
            [
                {"word": r.word, "share": round(r.share, 3), "weight": r.weight, "seen": r.seen}
                for r in ranked.reasons
            ],
            ensure_ascii=False,
        ),
    }


def rank(claim: Mapping[str, Any], now: datetime, rules: Rules, weights: Mapping[str, float]) -> Ranked:
    """Return a claim's priority with its reasons.

    ``claim`` has the columns of the query ``claims_to_triage``.
    """
    stake, stakes = rules.stake(str(claim["text"]))
    hours = max((now - claim["first_seen"]).total_seconds() / 3600, 0.0)
    shares = {
        "need": (NEED_URGENCY[claim["need"]], str(claim["need"])),
        "rumor": (float(claim["rumor_score"]), f"{claim['rumor_score']:.0%}"),
        "stake": (stake, "、".join(stakes)),
        "growth": (_saturating(claim["last_hour"], 20), f"近一小时 {claim['last_hour']} 条"),
        "reach": (_saturating(claim["authors"], 50), f"{claim['authors']} 人"),
        "asking": (_saturating(claim["asking"], 10), f"{claim['asking']} 条求证"),
        "spread": (
            _saturating(len(claim["counties"]) + len(claim["channels"]) - 1, 8),
            "、".join(claim["counties"]),
        ),
        "waiting": (min(hours / 48, 1.0), f"{hours:.0f} 小时"),
    }
    reasons = [
        Reason(key=key, word=WORDS[key], share=share, weight=weights[key], seen=seen)
        for key, (share, seen) in shares.items()
    ]
    total = sum(reason.share * reason.weight for reason in reasons) / sum(weights.values())
    # What nobody is owed an answer for is never lifted into the queue by its size alone.
    total *= 1.0 if NEED_URGENCY[claim["need"]] else 0.0
    total *= ANSWERED_FACTOR if claim["answered"] else 1.0
    reasons.sort(key=lambda reason: -reason.share * reason.weight)
    return Ranked(priority=total, reasons=tuple(reasons))


def read_weights(settings: Settings) -> dict[str, float]:
    """Return the weights, the office's own replacing the shipped ones.

    Raises:
        ConfigError: an unknown name, a weight that is not a number of 0 or more, or all of them 0.
    """
    given = settings.tables.get("triage", {})
    for name, value in given.items():
        if name not in DEFAULT_WEIGHTS or not isinstance(value, int | float) or value < 0:
            raise ConfigError(
                f"[triage] {name} = {value!r}: known are {', '.join(DEFAULT_WEIGHTS)}, each >= 0"
            )
    weights = {**DEFAULT_WEIGHTS, **given}
    if not any(weights.values()):
        raise ConfigError("[triage] all weights are 0")
    return weights


def _saturating(value: float, full: float) -> float:
    """Map 0 to 0 and ``full`` to 1, logarithmically; more than ``full`` stays 1."""
    return min(math.log1p(max(value, 0)) / math.log1p(full), 1.0)
