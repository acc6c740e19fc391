"""``huiying report`` and the page 报告: a kind and a day come in; a report, and a file of it, go out."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

from pipeline.config import LOCAL_TIME, Settings
from pipeline.ledger import Ledger
from pipeline.report_build import build
from pipeline.report_claim import build_claim
from pipeline.report_docx import write_docx
from pipeline.report_errors import measured_errors
from pipeline.report_html import write_html, write_pdf
from pipeline.report_records import Report
from pipeline.report_text import heading
from pipeline.roles import ForbiddenError
from pipeline.store import Reader

__all__ = ["KINDS", "WRITERS", "claim", "daily", "file_name", "heading", "weekly", "write"]

KINDS = ("daily", "weekly", "claim")
UNSAFE = re.compile(r"[^\w一-鿿-]+")

WRITERS: Mapping[str, Callable[[Report, Path], None]] = {
    "docx": write_docx,
    "html": write_html,
    "pdf": write_pdf,
}


def daily(
    store: Reader, settings: Settings, day: date, now: datetime, counties: Collection[str] = ()
) -> Report:
    """Return the report on one day of Asia/Shanghai."""
    since = _midnight(day)
    made = build(store, "daily", settings.office, since, since + timedelta(days=1), now, counties)
    return replace(made, errors=_errors(store, now))


def weekly(
    store: Reader, settings: Settings, day: date, now: datetime, counties: Collection[str] = ()
) -> Report:
    """Return the report on the week, Monday to Sunday, in which a day lies."""
    since = _midnight(day - timedelta(days=day.weekday()))
    made = build(store, "weekly", settings.office, since, since + timedelta(days=7), now, counties)
    return replace(made, errors=_errors(store, now))


def claim(store: Reader, settings: Settings, claim_id: str, now: datetime) -> Report:
    """Return the special brief on one claim.

    Raises:
        LedgerRefusedError: there is no such claim.
    """
    made = build_claim(store, Ledger.open(store, settings), settings.office, claim_id, now)
    return replace(made, errors=_errors(store, now))


def write(report: Report, path: Path) -> None:
    """Write a report in the format of its file's suffix.

    Raises:
        ValueError: the suffix is none of ``WRITERS``.
        NoPdfToolError: a PDF cannot be made on this machine.
        OSError: the file cannot be written.
    """
    kind = path.suffix.lstrip(".").lower()
    if kind not in WRITERS:
        raise ValueError(f"{path}:报告可输出为 {'、'.join(WRITERS)}")
    WRITERS[kind](report, path)


def file_name(report: Report, kind: str) -> str:
    """Return the usual name of a report's file: its title and its day, or the claim's words."""
    day = report.since if report.kind != "claim" else report.made_at
    office = UNSAFE.sub("", report.office)
    return f"{office}-{report.title}-{day.astimezone(LOCAL_TIME):%Y%m%d}.{kind}"


def _errors(store: Reader, now: datetime) -> tuple[str, ...] | None:
    try:
        return measured_errors(store, now)
    except ForbiddenError:  # judged over the whole office's posts; a county's officer does not see them
        return None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL_TIME)
