"""When a matter was seen, happened, was handed out and answered comes in; each rule's deadline goes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.ledger_events import Extended
from pipeline.ledger_records import Deadline
from pipeline.rules import DueRule


@dataclass(slots=True, kw_only=True)
class Clock:
    """The times of one response from which its deadlines follow."""

    opened_at: datetime
    happened_at: datetime | None = None
    assigned_at: datetime | None = None
    briefed_at: datetime | None = None
    restarted_at: datetime | None = None
    extensions: dict[str, Extended] = field(default_factory=dict)

    def restart(self, moment: datetime) -> None:
        """Start anew: a reopened matter has new deadlines, without the extensions of the old ones."""
        self.restarted_at = moment
        self.extensions.clear()

    def deadline(self, rule: DueRule, answered: Sequence[datetime]) -> Deadline:
        """Return one rule's deadline; ``answered`` are the times of all answers."""
        start, basis = self._start(rule)
        extension = self.extensions.get(rule.id) or self.extensions.get("")
        return Deadline(
            rule=rule.id,
            name=rule.name,
            source=rule.source,
            basis=basis,
            start=start,
            due=None if start is None else rule.deadline(start),
            extended_until=extension.until if extension else None,
            extension=f"{extension.approved_by}批准:{extension.reason}" if extension else "",
            met_at=self._met(rule, answered),
        )

    def _start(self, rule: DueRule) -> tuple[datetime | None, str]:
        if self.restarted_at:
            return self.restarted_at, "reopened"
        if rule.basis == "assigned":
            return self.assigned_at, "assigned"
        if rule.basis == "happened" and self.happened_at:
            return self.happened_at, "happened"
        return self.opened_at, "first_seen"

    def _met(self, rule: DueRule, answered: Sequence[datetime]) -> datetime | None:
        times = answered if rule.met_by == "published" else [self.briefed_at] if self.briefed_at else []
        if self.restarted_at:
            return min((moment for moment in times if moment > self.restarted_at), default=None)
        # What was public before anybody asked met the rule at once.
        return max(min(times), self.opened_at) if times else None
