"""Answers of one response come in; the same go out as they stand: ended by an event, or by what they cite."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from pipeline.ledger_events import EventError
from pipeline.ledger_records import Answer, Entry

Answers = tuple[Answer, ...]


def ended(answer: Answer, known: Mapping[str, datetime]) -> Answer:
    """Return an answer with its end, where the answer or statement that it cites has stopped holding.

    ``known`` tells when answers and statements stopped holding, by their id.
    """
    ends = [known[key] for key in (answer.original_id, answer.statement_id) if key in known]
    if not ends or answer.ended_at is not None:
        return answer
    return replace(answer, ended_at=min(ends), ended_by=answer.original_id or answer.statement_id)


def end_answer(answers: Answers, answer_id: str, moment: datetime, by: str) -> Answers:
    """Return the answers with one of them ended at a moment, by what replaced it or why it was withdrawn.

    Raises:
        EventError: there is no such answer.
    """
    if all(answer.answer_id != answer_id for answer in answers):
        raise EventError(f"这个说法没有回应 {answer_id!r}")
    return tuple(
        replace(answer, ended_at=moment, ended_by=by) if answer.answer_id == answer_id else answer
        for answer in answers
    )


def recorded_times(answers: Answers, history: Iterable[Entry]) -> tuple[datetime, ...]:
    """Return when each answer was there for its claim: published, and known to the ledger."""
    recorded = {entry.event_id: entry.recorded_at for entry in history}
    return tuple(
        max(answer.published_at, recorded.get(answer.answer_id, answer.published_at)) for answer in answers
    )
