"""``huiying import``: a file of posts in any usual form comes in; rows of the store, or spool files, go out.

Where nobody owns the store, rows go straight in, and an interrupted import goes on where it stopped. Where
``huiying up`` runs, the same rows become spool files, which the running pipeline reads as it reads a
crawler's. Either way the same file twice changes nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any

from pipeline.columns import FIELD_NAMES, map_columns
from pipeline.config import Home
from pipeline.identity import digest
from pipeline.incoming import POST_FIELDS, raw_of
from pipeline.ingest import Entry, Ingester, IngestReport, batches_of
from pipeline.privacy import hash_author
from pipeline.readers import Line, Source, open_source

BATCH_ROWS = 4000  # in one transaction: 500 is for latency, this for throughput
SPOOL_ROWS = 5000  # in one spool file
DEFAULT_SOURCE = "import"
DEFAULT_CHANNEL = "导入"
REJECT_COLUMNS = frozenset({"reason", "raw"})  # a file with these is an export of refused rows

Advance = Callable[[int], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """What is about to be imported: the file, which column is which field, and what fills the gaps."""

    source: Source
    mapping: Mapping[str, str]
    source_name: str = DEFAULT_SOURCE
    channel: str = DEFAULT_CHANNEL

    @property
    def batch(self) -> str:
        """The import's id: of the file's bytes and of how they are read, so that it can be resumed."""
        how = json.dumps([sorted(self.mapping.items()), self.source_name, self.channel], ensure_ascii=False)
        return f"import:{self.source.digest}:{digest('import', how)[:8]}"

    @property
    def unused(self) -> list[str]:
        """Columns that no field takes; they are not stored."""
        used = set(self.mapping.values())
        return [name for name in self.source.layout.names if name and name not in used]

    @property
    def is_correction(self) -> bool:
        """Whether the file is an export of refused rows, put right by hand."""
        return not self.mapping


def plan_import(
    path: Path, given: Mapping[str, str], source_name: str = DEFAULT_SOURCE, channel: str = DEFAULT_CHANNEL
) -> ImportPlan:
    """Look at a file and say how it would be imported.

    Raises:
        ReadError: the file cannot be read.
        MappingError: no column holds the text or the time of publication.
    """
    source = open_source(path, tuple(given.values()))
    names = source.layout.names
    correction = not given and set(names) >= REJECT_COLUMNS and "text" not in names
    mapping = {} if correction else map_columns(names, given)
    return ImportPlan(source=source, mapping=mapping, source_name=source_name, channel=channel)


def import_into_store(
    ingester: Ingester, plan: ImportPlan, author_key: bytes, advance: Advance
) -> IngestReport | None:
    """Write a file's rows to the store, going on where an earlier import of it stopped.

    ``advance`` is called with the number of rows after each batch. Returns None if all of the file was
    imported before.
    """
    state = ingester.resume(plan.batch, str(plan.source.path))
    if state.finished:
        return None
    advance(state.rows_done)
    report = IngestReport(files=1)
    for entries in batches_of(entries_of(plan, author_key, state.rows_done), BATCH_ROWS):
        report.add(ingester.write(state, entries))
        advance(len(entries))
    ingester.write(state, [], finished=True)
    return report


def import_into_spool(home: Home, plan: ImportPlan, author_key: bytes, advance: Advance) -> int:
    """Write a file's rows to spool files for the running pipeline; return how many files.

    Raises:
        OSError: the disk is full; the unfinished spool file is taken away, the finished ones stay.
    """
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S}"
    files = 0
    for entries in batches_of(entries_of(plan, author_key), SPOOL_ROWS):
        name = f"{stamp}-import_{plan.source.digest[:12]}-{files:05d}.jsonl"
        write_spool_file(home.spool / name, entries)
        files += 1
        advance(len(entries))
    return files


def entries_of(plan: ImportPlan, author_key: bytes, skip: int = 0) -> Iterator[Entry]:
    """Yield a file's rows as entries with the fields of a post; authors' names are hashed here."""
    read = _correction if plan.is_correction else _entry
    for line in plan.source.lines(skip):
        yield read(plan, line, author_key)


def write_spool_file(path: Path, entries: list[Entry]) -> None:
    """Write one spool file: whole and on disk, or not at all.

    Raises:
        OSError: it could not be written; nothing of it stays.
    """
    draft = path.with_suffix(".part")
    try:
        with draft.open("w", encoding="utf-8") as file:
            for entry in entries:
                _write_line(file, entry)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    draft.replace(path)


def _entry(plan: ImportPlan, line: Line, author_key: bytes) -> Entry:
    file = plan.source.path.name
    if line.row is None:
        return Entry(file=file, line=line.number, payload=None, reason=line.reason, raw=line.raw)
    row = line.row
    payload = {name: _value(row.get(column)) for name, column in plan.mapping.items()}
    if plan.source.kind == "jsonl":
        # A key that the first hundred rows did not have.
        payload |= {name: row[name] for name in FIELD_NAMES if name in row and name not in payload}
    author = payload.pop("author", None)
    if author:
        payload["author_hash"] = hash_author(str(author), author_key)
    payload["source"] = payload.get("source") or plan.source_name
    payload["channel"] = payload.get("channel") or plan.channel
    return Entry(file=file, line=line.number, payload=payload)


def _correction(plan: ImportPlan, line: Line, author_key: bytes) -> Entry:
    """Return the entry of a refused row that was exported and put right."""
    file = plan.source.path.name
    row = line.row or {}
    raw = str(row.get("raw") or line.raw)
    try:
        value = json.loads(raw)
    except json.JSONDecodeError:
        value = None
    if not isinstance(value, dict):
        return Entry(file=file, line=line.number, payload=None, reason="raw 列不是 JSON 对象", raw=raw)
    payload = {name: value[name] for name in POST_FIELDS if name in value}
    payload["source"] = payload.get("source") or plan.source_name
    payload["channel"] = payload.get("channel") or plan.channel
    return Entry(file=file, line=line.number, payload=payload, corrects=str(row.get("reject_id") or ""))


def _value(cell: Any) -> Any:
    """Return a cell as JSON can say it; a NaN is an empty cell."""
    if isinstance(cell, float) and cell != cell:
        return None
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return cell


def _write_line(file: IO[str], entry: Entry) -> None:
    origin = {"origin": {"file": entry.file, "line": entry.line}}
    if entry.payload is None:
        row = {"kind": "reject", "reason": entry.reason, "raw": raw_of(entry.raw), **origin}
    else:
        row = {**entry.payload, "kind": "post", **origin}
        if entry.corrects:
            row["corrects"] = entry.corrects
    # ASCII only: a lone surrogate of a text has no UTF-8 form.
    file.write(json.dumps(row, default=str) + "\n")
