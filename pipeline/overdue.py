"""Responses whose time is up come in; one escalation each in the ledger (提请带班领导), and the messages that
tell it, go out.

A missed deadline is escalated once, however often this runs; a later one, after an extension or a reopening,
is another. Event and messages are written in one transaction: a crash loses nothing and repeats nothing.

    [overdue]
    to = ["带班领导"]      # of [recipients]; none: the last of the rota who is on call
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pipeline.config import LOCAL_TIME, ConfigError, Settings
from pipeline.identity import digest
from pipeline.ledger import append_entry
from pipeline.ledger_events import Escalated, encode
from pipeline.ledger_records import STATE_WORDS, Entry, State
from pipeline.notify_text import short
from pipeline.routing import Recipient, Routing
from pipeline.store import Store

SYSTEM = "系统"
KIND = "overdue"
SUPERVISOR = "带班领导"  # whom the ledger names where no recipient is set
# What was missed longer ago than this, while nothing ran, stands in the list of 台账; it rings nobody.
LOOK_BACK = timedelta(days=3)
# Ordinary matters are gathered to the full hour: an office's deadlines end in heaps, 48 hours after a burst.
GATHERED = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervisors:
    """Who is told of what is overdue: the names given, else the last of the rota."""

    routing: Routing
    to: tuple[str, ...] = ()

    @classmethod
    def load(cls, settings: Settings) -> Supervisors:
        """Read ``[overdue]``.

        Raises:
            ConfigError: an unknown key, or somebody who is none of ``[recipients]``.
        """
        routing, given = Routing.load(settings), settings.tables.get("overdue", {})
        unknown, to = sorted(set(given) - {"to"}), given.get("to", [])
        if unknown:
            raise ConfigError(f"[overdue] unknown {', '.join(unknown)}; known is to")
        names = to if isinstance(to, list) else [to]
        if strange := [name for name in names if name not in routing.recipients]:
            raise ConfigError(f"[overdue] to = {strange}: none of [recipients] {sorted(routing.recipients)}")
        return cls(routing=routing, to=tuple(names))

    def on_duty(self, now: datetime) -> list[Recipient]:
        """Return who is to be told at this moment; nobody where no recipient is set."""
        names = self.to or self.routing.rota.on_call(now)[-1:]
        return [self.routing.recipients[name] for name in names]


class OverdueStage:
    """The owner's part: escalates what is overdue by itself."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.supervisors = Supervisors.load(settings)
        self.address = str(settings.tables.get("notify", {}).get("address", "")).rstrip("/")

    def run(self, now: datetime) -> int:
        """Escalate every deadline that was missed by ``now`` and is not escalated yet; return how many."""
        found = self.store.rows("overdue_to_escalate", now=now, since=now - LOOK_BACK)
        told = self.supervisors.on_duty(now)
        names = "、".join(one.name for one in told) or SUPERVISOR
        messages = [_message(row, one, self.address, now) for row in found for one in told]
        with self.store.transaction():
            for row in found:
                append_entry(self.store, _entry(row, names, now))
            self.store.insert("notifications", messages)
        return len(found)


def _entry(row: Mapping[str, Any], names: str, now: datetime) -> Entry:
    event = Escalated(to=names, reason=f"{row['due_rule']},到期未回应", due_at=row["due_at"])
    return Entry(
        event_id=_number(row),
        claim_id=row["claim_id"],
        kind=event.KIND,
        actor=SYSTEM,
        body=encode(event),
        recorded_at=now,
    )


def _number(row: Mapping[str, Any], *more: str) -> str:
    return digest(KIND, row["claim_id"], row["due_at"].isoformat(), *more)


def _message(row: Mapping[str, Any], recipient: Recipient, address: str, now: datetime) -> dict[str, Any]:
    mode, why, due_at = _delivery(row, recipient, now)
    number = _number(row, recipient.name)
    return {
        "notification_id": number, "kind": KIND, "recipient": recipient.name,
        "channels": list(recipient.channels), "mode": mode, "why": why,
        "title": f"【超时未回应】{short(row['text'])}", "body": _text(row, address, number, now),
        "due_at": due_at, "decided_at": now,
    }  # fmt: skip


def _delivery(row: Mapping[str, Any], recipient: Recipient, now: datetime) -> tuple[str, str, datetime]:
    """Return how a recipient is told: only what the office graded an emergency rings at night."""
    if row["emergency"]:
        return "now", "突发事件超时:立即推送", now
    if recipient.quiet.covers(now):
        return "digest", "免打扰时段,超时事项留待汇总", recipient.quiet.ends(now)
    if row["urgent"]:
        return "now", "紧急事项超时:立即推送", now
    hour = now.replace(minute=0, second=0, microsecond=0) + GATHERED
    return "digest", "超时事项每小时汇总一次", recipient.quiet.ends(hour)


def _text(row: Mapping[str, Any], address: str, number: str, now: datetime) -> str:
    due = row["due_at"].astimezone(LOCAL_TIME)
    owner = "、".join(filter(None, (row["county"], row["department"]))) or "尚未交办"
    lines = [
        f"应于 {due:%m-%d %H:%M} 前回应({row['due_rule']}),已超 {_late(now - row['due_at'])}",
        f"说法:{short(row['text'], 120)}",
        f"现状:{STATE_WORDS[State(row['state'])]},{owner}",
    ]
    if row["blocked_by"]:
        lines.append(f"卡在:{row['blocked_by']}")
    if address:
        lines.append(f"{address}/claim?claim={row['claim_id']}")
    return "\n".join([*lines, f"编号 {number[:12]}"])


def _late(late: timedelta) -> str:
    minutes = int(late.total_seconds() // 60)
    return f"{minutes // 60} 小时" if minutes >= 60 else f"{minutes} 分钟"
