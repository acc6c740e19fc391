"""Other rules and the looks of the last days come in; which alerts they would have raised goes out.

Every look that the alert stage took is kept with its evidence (``alert_looks``). Trying a rule is judging
those looks again: one alert a claim until it is quiet, the pages a day counted as the outbox counts them.
What the kept looks cannot tell is said: a claim that nothing ever looked at, and other thresholds of the
detector.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from pipeline.alert_rules import AlertRules, Evidence, is_higher, judge
from pipeline.config import LOCAL_TIME, ConfigError, Settings
from pipeline.store import Reader

DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One alert that the tried rules raise: when, at which highest level, and what people said of it then."""

    claim_id: str
    text: str
    at: datetime
    level: str
    trigger: str
    was_raised: bool
    called: str  # false_alarm, known, closed or empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What rules would have done in ``days``; ``paged`` and ``held`` follow from the pages a day."""

    days: float
    alerts: tuple[Tried, ...]
    missed: tuple[Tried, ...]  # raised then, not raised by these rules
    paged: int
    held: int

    @property
    def false_alarms(self) -> int:
        """Return how many of the alerts people called false alarms."""
        return sum(alert.called == "false_alarm" for alert in self.alerts)

    def words(self) -> str:
        """Return the sentence that is read before a rule is saved."""
        lost = f"；会漏掉当时发出的 {len(self.missed)} 条" if self.missed else ""
        return (
            f"按此设置，过去 {self.days:.0f} 天会发出 {len(self.alerts)} 条预警，其中 {self.false_alarms} 条"
            f"你们判为误报；立即推送 {self.paged} 次，留待汇总 {self.held} 条{lost}"
        )


def try_rules(store: Reader, rules: AlertRules, pages_per_day: int, now: datetime, days: int = DAYS) -> Trial:
    """Judge the looks of the last ``days`` by other rules."""
    looks = store.rows("alert_looks_since", since=now - timedelta(days=days))
    by_claim: dict[str, list[Mapping[str, Any]]] = {}
    for look in looks:
        by_claim.setdefault(look["claim_id"], []).append(look)
    raised = [alert for rows in by_claim.values() for alert in _alerts_of(rows, rules)]
    raised.sort(key=lambda alert: (alert.at, alert.claim_id))
    found = {alert.claim_id for alert in raised}
    missed = [
        _tried(rows[-1], rows[-1]["looked_at"], rows[-1]["level"], "")
        for claim_id, rows in by_claim.items()
        if claim_id not in found and any(row["raised"] for row in rows)
    ]
    paged, held = _pages(raised, pages_per_day)
    seen = (now - looks[0]["looked_at"]) / timedelta(days=1) if looks else 0.0
    return Trial(
        days=min(days, max(seen, 0.0)), alerts=tuple(raised), missed=tuple(missed), paged=paged, held=held
    )


def with_values(settings: Settings, values: Mapping[str, float]) -> tuple[AlertRules, int]:
    """Return the office's rules and pages a day with some values replaced.

    Raises:
        ConfigError: a name is no rule, or a value is below 0.
    """
    given = dict(values)
    pages = given.pop("alert_pages_per_day", settings.alert_pages_per_day)
    known = {entry.name for entry in fields(AlertRules)}
    for name, value in given.items():
        if name not in known or value < 0:
            raise ConfigError(f"[alerts] {name} = {value!r}: known are {', '.join(sorted(known))}, each >= 0")
    if pages < 1:
        raise ConfigError(f"alert_pages_per_day = {pages!r}: a number of 1 or more")
    typed = {name: type(getattr(AlertRules(), name))(value) for name, value in given.items()}
    return replace(AlertRules.load(settings), **typed), int(pages)


def _alerts_of(rows: Sequence[Mapping[str, Any]], rules: AlertRules) -> list[Tried]:
    """Return one claim's alerts: the first look that passes raises one, later ones lift its level."""
    raised: list[Tried] = []
    for row in rows:
        evidence = Evidence(**json.loads(row["evidence"]))
        verdict = judge(evidence, row["burst"], rules)
        if verdict is None:
            continue
        level = str(verdict.level)
        if not raised or row["looked_at"] - raised[-1].at > timedelta(hours=rules.quiet_hours):
            raised.append(_tried(row, row["looked_at"], level, verdict.trigger))
        elif is_higher(level, raised[-1].level):
            raised[-1] = replace(raised[-1], level=level)
    return raised


def _tried(row: Mapping[str, Any], at: datetime, level: str, trigger: str) -> Tried:
    return Tried(
        claim_id=row["claim_id"], text=row["text"] or "", at=at, level=level, trigger=trigger,
        was_raised=row["alert_id"] is not None, called=row["settled_as"] or "",
    )  # fmt: skip


def _pages(alerts: Sequence[Tried], per_day: int) -> tuple[int, int]:
    """Return how many alerts would be told at once and how many would wait, by day."""
    days = Counter(alert.at.astimezone(LOCAL_TIME).date() for alert in alerts)
    paged = sum(min(count, per_day) for count in days.values())
    return paged, len(alerts) - paged
