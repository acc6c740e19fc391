"""The outbox: an alert that was raised or rose comes in; rows that say who is to be told what, when and why
go out.

Rows are written in the transaction of the alert, with ids made of alert, level and recipient: a crash between
deciding and sending loses nothing, and nobody is told twice. ``pipeline.notify`` sends them.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pipeline.config import LOCAL_TIME, Settings
from pipeline.identity import digest
from pipeline.notify_text import alert_title, heartbeat_text, message_text, short
from pipeline.routing import Delivery, Matter, Recipient, Routing
from pipeline.store import Store

log = logging.getLogger(__name__)

SYSTEM = "系统"
HEARTBEAT_LATE = timedelta(hours=3)  # a system that starts later than this says nothing of the morning
PASSED_ON_FOR = timedelta(hours=12)  # what was passed on while nobody was on call is told that long after
NOTICE_FRESH = timedelta(days=1)  # an older notice of collection stands in the heartbeat only
NOTICE_TITLE = "采集提示"
NOBODY = "没有符合的规则，没有发送"
NO_RECIPIENTS = "没有配置接收人"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the outbox needs of an alert: its row as raised or as updated, and its claim."""

    alert_id: str
    claim_id: str
    level: str
    text: str
    need: str
    kind: str
    counties: tuple[str, ...]
    reasons: tuple[str, ...]
    samples: tuple[str, ...] = ()
    update: int = 0  # 0 as raised, else how many times it has risen
    muted_until: datetime | None = None


class Outbox:
    """Decides who is told; keeps nothing but in the store."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.routing = Routing.load(settings)

    def rows(self, told: Told, now: datetime) -> list[dict[str, Any]]:
        """Return the rows of one alert at one level; call it in the transaction that writes the alert."""
        if not self.routing.recipients:
            return [_nobody(told, NO_RECIPIENTS, now)]
        if told.muted_until is not None and told.muted_until > now:
            until = told.muted_until.astimezone(LOCAL_TIME)
            return [_nobody(told, f"此说法已静默至 {until:%m-%d %H:%M}", now)]
        matter = self.matter(told)
        found = self.routing.deliveries(matter, now, self._pages_today(now))
        if not found:
            return [_nobody(told, NOBODY, now)]
        return [alert_row(told, delivery, now) for delivery in found]

    def matter(self, told: Told) -> Matter:
        """Return what the routes look at: a department is known once the claim was assigned."""
        owners = self.store.rows("claim_departments", claim=told.claim_id)
        return Matter(
            text=told.text,
            need=told.need,
            level=told.level,
            counties=told.counties,
            departments=tuple(row["department"] for row in owners),
        )

    def run(self, now: datetime) -> int:
        """Write what the clock asks for: escalations of unanswered alerts, notices of collection and
        heartbeats; return how many.
        """
        if not self.routing.recipients:
            return 0
        return self._escalate(now) + self._pass_on(now) + self._tell_notices(now) + self._beat(now)

    def _pages_today(self, now: datetime) -> dict[str, int]:
        since = now.astimezone(LOCAL_TIME).replace(hour=0, minute=0, second=0, microsecond=0)
        return {row["recipient"]: row["pages"] for row in self.store.rows("pages_since", since=since)}

    def _escalate(self, now: datetime) -> int:
        steps = self.routing.rota.escalate
        waiting = self.store.rows(
            "unanswered_alerts", levels=[level for level in steps if steps[level]], now=now
        )
        written = 0
        for row in waiting:
            due = sum(row["since"] + timedelta(minutes=after) <= now for after in steps[row["level"]])
            if due > row["step"]:
                written += self._ask_next(row, row["step"] + 1, now)
        return written

    def _ask_next(self, row: Mapping[str, Any], step: int, now: datetime) -> int:
        """Ask the next person of the rota; the last one is asked again where the rota is shorter."""
        people = self.routing.rota.on_call(now)
        if not people:
            log.warning("alert %s is unanswered and nobody is on call", row["alert_id"])
            return 0
        name = people[min(step, len(people) - 1)]
        told = _told_again(row)
        delivery = self.routing.to_person(name, row["level"], now)
        sent = alert_row(told, delivery, now, step=step)
        body = {"to": name, "step": step, "level": row["level"], "automatic": True}
        event = {
            "event_id": digest("escalated", row["alert_id"], row["level"], str(step)),
            "alert_id": row["alert_id"], "kind": "escalated", "actor": SYSTEM,
            "body": json.dumps(body, ensure_ascii=False), "recorded_at": now,
        }  # fmt: skip
        with self.store.transaction():
            self.store.insert("alert_events", [event])
            self.store.insert("notifications", [sent])
        log.info("alert %s unanswered: asked %s (step %d)", row["alert_id"], name, step)
        return 1

    def _pass_on(self, now: datetime) -> int:
        """Tell the last of the rota what a person passed on (上报); return how many."""
        written = 0
        for row in self.store.rows("passed_on", since=now - PASSED_ON_FOR):
            people = self.routing.rota.on_call(now)
            if not people:
                log.warning("alert %s was passed on and nobody is on call", row["alert_id"])
                continue
            delivery = replace(
                self.routing.to_person(people[-1], row["level"], now), why=f"{row['actor']} 上报"
            )
            sent = alert_row(_told_again(row), delivery, now, step=1)
            number = digest("passed_on", row["event_id"])
            written += self.store.insert("notifications", [{**sent, "notification_id": number}])
        return written

    def _tell_notices(self, now: datetime) -> int:
        """Tell those who asked for it that a source is broken, silent or not collected, each once."""
        asked = [recipient for recipient in self.routing.recipients.values() if recipient.notices]
        if not asked:
            return 0
        notices = self.store.rows("notices_to_tell", since=now - NOTICE_FRESH, now=now)
        rows = [_notice_row(notice, recipient, now) for notice in notices for recipient in asked]
        return self.store.insert("notifications", rows)

    def _beat(self, now: datetime) -> int:
        rows = [
            row for recipient in self.routing.recipients.values() if (row := self._heartbeat(recipient, now))
        ]
        known = {row["notification_id"] for row in rows}
        if not rows or len(self.store.rows("known_notifications", ids=sorted(known))) == len(rows):
            return 0
        facts = self.store.rows("day_facts", since=now - timedelta(days=1))[0]
        gaps = [row["name"] for row in self.store.rows("source_gaps", now=now, intervals=3)]
        gaps += [row["words"] for row in self.store.rows("open_notice_words")]
        title, body = heartbeat_text(facts, gaps, now)
        with self.store.transaction():
            return self.store.insert("notifications", [{**row, "title": title, "body": body} for row in rows])

    def _heartbeat(self, recipient: Recipient, now: datetime) -> dict[str, Any] | None:
        if recipient.heartbeat is None:
            return None
        local = now.astimezone(LOCAL_TIME)
        due = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(
            minutes=recipient.heartbeat
        )
        if not timedelta(0) <= local - due < HEARTBEAT_LATE:
            return None
        return {
            "notification_id": digest("heartbeat", recipient.name, f"{local:%Y-%m-%d}"), "kind": "heartbeat",
            "recipient": recipient.name, "channels": list(recipient.channels), "mode": "now",
            "why": "每日平安报告", "title": "", "body": "", "due_at": now, "decided_at": now,
        }  # fmt: skip


def _notice_row(notice: Mapping[str, Any], recipient: Recipient, now: datetime) -> dict[str, Any]:
    """Return the row of a notice: nothing of collection rings at night."""
    quiet = recipient.quiet.covers(now)
    return {
        "notification_id": digest("notice", notice["notice_id"], recipient.name), "kind": "notice",
        "recipient": recipient.name, "channels": list(recipient.channels),
        "mode": "digest" if quiet else "now", "why": "夜间不响，留待汇总" if quiet else "采集提示：立即推送",
        "title": f"{NOTICE_TITLE}：{short(notice['words'])}", "body": notice["words"],
        "due_at": recipient.digest_after(now) if quiet else now, "decided_at": now,
    }  # fmt: skip


def _told_again(row: Mapping[str, Any]) -> Told:
    """Return what is told of an alert that was told before."""
    return Told(
        alert_id=row["alert_id"], claim_id=row["claim_id"], level=row["level"], text=row["text"] or "",
        need="", kind=row["kind"], counties=tuple(row["counties"] or ()), reasons=tuple(row["reasons"]),
    )  # fmt: skip


def alert_row(told: Told, delivery: Delivery, now: datetime, step: int = 0) -> dict[str, Any]:
    """Return one row of the outbox: of an alert, or with ``step`` of an escalation."""
    kind = "escalation" if step else "alert"
    parts = (kind, told.alert_id, told.level, delivery.recipient.name, *([str(step)] if step else []))
    number = digest(*parts)
    return {
        "notification_id": number,
        "kind": kind,
        "alert_id": told.alert_id,
        "level": told.level,
        "recipient": delivery.recipient.name,
        "channels": list(delivery.recipient.channels),
        "route": delivery.route,
        "mode": delivery.mode,
        "why": delivery.why,
        "title": alert_title(told.level, told.kind, told.text, told.update, step),
        "body": message_text(told.text, told.reasons, told.samples, number),
        "due_at": delivery.due_at,
        "decided_at": now,
    }


def _nobody(told: Told, why: str, now: datetime) -> dict[str, Any]:
    return {
        "notification_id": digest("none", told.alert_id, told.level), "kind": "none",
        "alert_id": told.alert_id, "level": told.level, "channels": [], "mode": "none", "why": why,
        "due_at": now, "decided_at": now,
    }  # fmt: skip
