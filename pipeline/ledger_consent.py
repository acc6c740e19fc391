"""The departments asked about one response come in; the same go out with a question or a reply added."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from pipeline.ledger_events import Consented, Consulted, EventError
from pipeline.ledger_records import Consultation

Consultations = tuple[Consultation, ...]


def asked(known: Consultations, event: Consulted, at: datetime) -> Consultations:
    """Return the consultations with one more department asked; one that replied may be asked again.

    Raises:
        EventError: it is being asked already.
    """
    if any(one.department == event.department and one.agrees is None for one in known):
        raise EventError(f"已经在征求 {event.department} 的意见")
    others = tuple(one for one in known if one.department != event.department)
    return (*others, Consultation(department=event.department, question=event.question, asked_at=at))


def replied(known: Consultations, event: Consented) -> Consultations:
    """Return the consultations with one department's reply.

    Raises:
        EventError: it was never asked.
    """
    if all(one.department != event.department for one in known):
        raise EventError(f"没有征求过 {event.department} 的意见")
    return tuple(
        replace(one, agrees=event.agrees, note=event.note) if one.department == event.department else one
        for one in known
    )


def still_waiting(known: Consultations) -> list[str]:
    """Return the departments that have not agreed: nothing is published against them."""
    return [one.department for one in known if not one.agrees]
