"""Rows to take away come in; the bytes of a csv go out, with no cell that a spreadsheet would run."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.writers import open_writer


def csv_bytes(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Return rows as a csv with a byte-order mark, so that Excel reads the Chinese; formulas become text."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        writer = open_writer(path, "csv", columns, {}, True)
        for row in rows:
            writer.write(row)
        writer.close()
        return path.read_bytes()
