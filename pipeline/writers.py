"""Rows come in one by one; a JSON Lines, CSV, Excel or Parquet file goes out, whole or not at all.

Every writer streams into a draft beside the file; ``close`` puts it in place, ``discard`` takes it away.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from pipeline.cells import is_formula, safe_cell

XLSX_ROWS = 1_048_575  # below the header
XLSX_CELL = 32_767  # characters
PARQUET_ROWS = 5000  # in one row group
INT64 = 2**63


class WriteError(ValueError):
    """A file of this kind cannot hold what it should; the message is Chinese."""


class RowWriter(Protocol):
    """What every writer does."""

    def write(self, row: Mapping[str, Any]) -> None:
        """Add one row; columns that it lacks are empty."""
        ...

    def close(self) -> None:
        """Finish the file and put it in its place."""
        ...

    def discard(self) -> None:
        """Take the unfinished draft away."""
        ...


@contextmanager
def finishing(writer: RowWriter) -> Iterator[None]:
    """Put a writer's file in its place when the block ends, or take the draft away when it fails."""
    try:
        yield
        writer.close()
    except BaseException:
        writer.discard()
        raise


def open_writer(
    path: Path, kind: str, columns: Sequence[str], types: Mapping[str, pa.DataType], mark: bool
) -> RowWriter:
    """Return the writer for a kind of file.

    ``types`` are needed for Parquet only; ``mark`` puts a byte-order mark before a CSV, for Excel.
    """
    draft = draft_of(path)
    if kind == "jsonl":
        return JsonLinesWriter(path, draft)
    if kind == "csv":
        return CsvWriter(path, draft, columns, mark)
    if kind == "xlsx":
        return XlsxWriter(path, draft, columns)
    schema = pa.schema([(name, types.get(name, pa.string())) for name in columns])
    return ParquetWriter(path, draft, schema)


def draft_of(path: Path) -> Path:
    """Return where an unfinished file is written."""
    return path.with_name(f".{path.name}.part")


class JsonLinesWriter:
    """One JSON object a line, UTF-8."""

    def __init__(self, path: Path, draft: Path) -> None:
        self.path, self.draft = path, draft
        self._file = draft.open("w", encoding="utf-8", newline="\n")

    def write(self, row: Mapping[str, Any]) -> None:
        """Add one row."""
        line = json.dumps(row, ensure_ascii=False, default=plain)
        try:
            self._file.write(line + "\n")
        except UnicodeEncodeError:  # a lone surrogate has no UTF-8 form, but JSON can escape it
            self._file.write(json.dumps(row, default=plain) + "\n")

    def close(self) -> None:
        """Finish the file and put it in its place."""
        _sync(self._file)
        self.draft.replace(self.path)

    def discard(self) -> None:
        """Take the unfinished draft away."""
        self._file.close()
        self.draft.unlink(missing_ok=True)


class CsvWriter:
    """Comma-separated, UTF-8; lists and objects are JSON text; see ``safe_cell`` for what looks like a
    formula.
    """

    def __init__(self, path: Path, draft: Path, columns: Sequence[str], mark: bool) -> None:
        self.path, self.draft, self.columns = path, draft, columns
        encoding = "utf-8-sig" if mark else "utf-8"
        self._file = draft.open("w", encoding=encoding, errors="replace", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow([safe_cell(name) for name in columns])

    def write(self, row: Mapping[str, Any]) -> None:
        """Add one row."""
        self._writer.writerow([self._cell(row.get(name)) for name in self.columns])

    def close(self) -> None:
        """Finish the file and put it in its place."""
        _sync(self._file)
        self.draft.replace(self.path)

    def discard(self) -> None:
        """Take the unfinished draft away."""
        self._file.close()
        self.draft.unlink(missing_ok=True)

    def _cell(self, value: Any) -> Any:
        text = _cell_text(value)
        return safe_cell(text) if isinstance(text, str) else text


class XlsxWriter:
    """One worksheet; a text that looks like a formula stays a text, also when somebody edits it."""

    def __init__(self, path: Path, draft: Path, columns: Sequence[str]) -> None:
        self.path, self.draft, self.columns = path, draft, columns
        self._book = Workbook(write_only=True)
        self._sheet = self._book.create_sheet("Sheet1")
        self._rows = 0
        self._begin()

    def _begin(self) -> None:
        """Write what stands above the rows."""
        self._sheet.append([self._cell(name) for name in self.columns])

    def write(self, row: Mapping[str, Any]) -> None:
        """Add one row.

        Raises:
            WriteError: a worksheet cannot have more rows.
        """
        if self._rows == XLSX_ROWS:
            raise WriteError(f"{self.path}:一张工作表最多 {XLSX_ROWS} 行,请输出为 csv 或 parquet")
        self._rows += 1
        self._sheet.append([self._cell(row.get(name)) for name in self.columns])

    def close(self) -> None:
        """Finish the file and put it in its place."""
        self._book.save(self.draft)
        self.draft.replace(self.path)

    def discard(self) -> None:
        """Take the unfinished draft away."""
        self._book.close()
        self.draft.unlink(missing_ok=True)

    def _cell(self, value: Any) -> Any:
        if isinstance(value, datetime) and value.tzinfo is not None:
            return value.isoformat()
        if not isinstance(value, str | list | dict | bytes):
            return value
        text = ILLEGAL_CHARACTERS_RE.sub("", str(_cell_text(value)))[:XLSX_CELL]
        text = text.encode("utf-8", "replace").decode("utf-8")
        if not is_formula(text):
            return text
        cell = WriteOnlyCell(self._sheet, value=text)
        cell.data_type = "s"
        cell.quotePrefix = True
        return cell


class ParquetWriter:
    """Row groups of 5,000 rows."""

    def __init__(self, path: Path, draft: Path, schema: pa.Schema) -> None:
        self.path, self.draft, self.schema = path, draft, schema
        self._writer = pq.ParquetWriter(draft, schema, compression="zstd")
        self._rows: list[dict[str, Any]] = []

    def write(self, row: Mapping[str, Any]) -> None:
        """Add one row."""
        self._rows.append({field.name: _fitted(row.get(field.name), field.type) for field in self.schema})
        if len(self._rows) >= PARQUET_ROWS:
            self._flush()

    def write_batch(self, batch: pa.Table) -> None:
        """Add many rows at once, whose columns are the schema's."""
        self._flush()
        self._writer.write_table(batch.cast(self.schema))

    def close(self) -> None:
        """Finish the file and put it in its place."""
        self._flush()
        self._writer.close()
        self.draft.replace(self.path)

    def discard(self) -> None:
        """Take the unfinished draft away."""
        self._writer.close()
        self.draft.unlink(missing_ok=True)

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(pa.Table.from_pylist(self._rows, schema=self.schema))
            self._rows = []


def column_types(rows: Iterable[Mapping[str, Any]]) -> dict[str, pa.DataType]:
    """Return the Arrow type that holds every value of each column; strings where values disagree."""
    kinds: dict[str, set[str]] = {}
    for row in rows:
        for name, value in row.items():
            kind = _kind(value)
            found = kinds.setdefault(name, set())
            if kind:
                found.add(kind)
    return {name: _type_of(found) for name, found in kinds.items()}


def plain(value: object) -> object:
    """Return what JSON cannot say as a string: times in ISO 8601."""
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _kind(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int" if -INT64 <= value < INT64 else "str"
    if isinstance(value, float):
        return "float"
    if isinstance(value, datetime):
        return "aware" if value.tzinfo else "naive"
    return "str"


def _type_of(kinds: set[str]) -> pa.DataType:
    simple = {
        frozenset({"bool"}): pa.bool_(),
        frozenset({"int"}): pa.int64(),
        frozenset({"float"}): pa.float64(),
        frozenset({"int", "float"}): pa.float64(),
        frozenset({"naive"}): pa.timestamp("us"),
        frozenset({"aware"}): pa.timestamp("us", tz="UTC"),
    }
    return simple.get(frozenset(kinds), pa.string())


def _fitted(value: Any, kind: pa.DataType) -> Any:
    if value is None or not pa.types.is_string(kind):
        return value
    return str(_cell_text(value)).encode("utf-8", "replace").decode("utf-8")


def _cell_text(value: Any) -> Any:
    if isinstance(value, list | dict | tuple):
        return json.dumps(value, ensure_ascii=False, default=plain)
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value


def _sync(file: Any) -> None:
    file.flush()
    os.fsync(file.fileno())
    file.close()
