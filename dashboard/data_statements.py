"""What the pages show of official statements: filters come in; statements, what each answers and what nothing
answers go out.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from dashboard import data
from dashboard.connection import ask, ask_slowly
from pipeline.statement_files import ReadStatements, read_statements

LEAST_ASKING = 2  # one who asks is a question; from two on it is the public's
CHOICES = 200  # newest valid statements to choose from where one replaces another


def statements(words: str, valid: bool, page: int, statement: str = "") -> pd.DataFrame:
    """Return one page of the statements, newest first, with how many claims each answers."""
    return ask(
        "page_statements",
        words=words.strip(),
        valid=valid,
        now=data.minute(),
        statement=statement,
        most=data.PAGE_ROWS,
        skip=(page - 1) * data.PAGE_ROWS,
    )


def statement_claims(statement_id: str) -> pd.DataFrame:
    """Return the claims that a statement answers or is related to."""
    return ask("page_statement_claims", statement=statement_id, most=data.LISTED)


def coverage(hours: int) -> Mapping[str, Any]:
    """Return how many open claims, and how many askers, have a valid answer."""
    return data.first(ask_slowly("page_coverage", since=data.ago(hours), now=_this_minute()))


def voids(hours: int) -> pd.DataFrame:
    """Return the claims that many ask about and nothing official answers, the most asked first."""
    return ask_slowly(
        "information_voids", since=data.ago(hours), now=_this_minute(), least_asking=LEAST_ASKING,
        most=data.LISTED,
    )  # fmt: skip


def _this_minute() -> datetime:
    return data.now().replace(second=0, microsecond=0)


def history(statement_id: str) -> pd.DataFrame:
    """Return what people recorded of a statement, newest first: kind, actor, body, recorded_at."""
    return ask("page_statement_events", statement=statement_id)


def valid_titles() -> Mapping[str, str]:
    """Return the newest valid statements by id, with issuer and title."""
    found = ask(
        "page_statements", words="", valid=True, now=data.minute(), statement="", most=CHOICES, skip=0
    )
    return {
        row["statement_id"]: f"{row['issuer']} · {row['title'] or row['text'][:30]}"
        for row in data.records(found)
    }


def read_upload(name: str, content: bytes) -> ReadStatements:
    """Read an uploaded file of statements.

    Raises:
        ReadError: it cannot be read as one; the message is Chinese.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"upload{Path(name).suffix.lower()}"
        path.write_bytes(content)
        return read_statements(path, data.now())


def row_of(statement_id: str) -> Mapping[str, Any] | None:
    """Return one statement, or None where there is none."""
    found = statements("", False, 1, statement_id)
    return None if found.empty else data.first(found)
