"""``huiying report`` and the page 报告: a kind and a day come in; a report, and a file of it, go out."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

from pipeline.config import LOCAL_TIME, Settings
from pipeline.ledger import Ledger
from pipeline.report_build import build
from pipeline.report_claim import build_claim
from pipeline.report_docx import write_docx
from pipeline.report_html import write_html, write_pdf
from pipeline.report_records import Report
from pipeline.report_text import heading
from pipeline.store import Reader

__all__ = ["KINDS", "WRITERS", "claim", "daily", "file_name", "heading", "weekly", "write"]

KINDS = ("daily", "weekly", "claim")
UNSAFE = re.compile(r"[^\w一-鿿-]+")

WRITERS: Mapping[str, Callable[[Report, Path, Sequence[str]], None]] = {
    "docx": write_docx,
    "html": write_html,
    "pdf": write_pdf,
}


def daily(
    store: Reader, settings: Settings, day: date, now: datetime, counties: Collection[str] = ()
) -> Report:
    """Return the report on one day of Asia/Shanghai."""
    since = _midnight(day)
    return build(store, "daily", settings.office, since, since + timedelta(days=1), now, counties)


def weekly(
    store: Reader, settings: Settings, day: date, now: datetime, counties: Collection[str] = ()
) -> Report:
    """Return the report on the week, Monday to Sunday, in which a day lies."""
    since = _midnight(day - timedelta(days=day.weekday()))
    return build(store, "weekly", settings.office, since, since + timedelta(days=7), now, counties)


def claim(store: Reader, settings: Settings, claim_id: str, now: datetime) -> Report:
    """Return the special brief on one claim.

    Raises:
        LedgerRefusedError: there is no such claim.
    """
    return build_claim(store, Ledger.open(store, settings), settings.office, claim_id, now)


def write(report: Report, path: Path, errors: Sequence[str] = ()) -> None:
    """Write a report in the format of its file's suffix.

    Raises:
        ValueError: the suffix is none of ``WRITERS``.
        NoPdfToolError: a PDF cannot be made on this machine.
        OSError: the file cannot be written.
    """
    kind = path.suffix.lstrip(".").lower()
    if kind not in WRITERS:
        raise ValueError(f"{path}:报告可输出为 {'、'.join(WRITERS)}")
    WRITERS[kind](report, path, errors)


def file_name(report: Report, kind: str) -> str:
    """Return the usual name of a report's file: its title and its day, or the claim's words."""
    day = report.since if report.kind != "claim" else report.made_at
    office = UNSAFE.sub("", report.office)
    return f"{office}-{report.title}-{day.astimezone(LOCAL_TIME):%Y%m%d}.{kind}"


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL_TIME)
