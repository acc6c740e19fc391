"""What the pages show of official statements: filters come in; statements, what each answers and what nothing
answers go out.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from dashboard import data
from dashboard.connection import ask
from pipeline.statement_files import ReadStatements, read_statements

CHOICES = 200  # newest valid statements to choose from where one replaces another


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
    found = data.statements("", False, 1, statement_id)
    return None if found.empty else data.first(found)
