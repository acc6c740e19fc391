"""A run's tags come in part by part; a folder that an interrupted run goes on from, and then the whole output
file, go out.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.asides import Rejects
from pipeline.classify_rows import ADDED_COLUMNS, ADDED_TYPES, Tags
from pipeline.processes import read_json, write_json
from pipeline.readers import Source, kind_of, parquet_batches
from pipeline.writers import ParquetWriter, column_types, draft_of, open_writer

BATCH_ROWS = 1000  # of Parquet, in memory at once

Row = Mapping[str, Any]
Seen = Callable[[Row, Tags], None]
Refused = Callable[[], None]


class Work:
    """The folder beside the output that holds the tags made so far, for this input and this model only."""

    def __init__(self, output: Path, key: Mapping[str, Any]) -> None:
        self.folder = output.with_name(f"{output.name}.parts")
        self.tags = self.folder / "tags.jsonl"
        if self.folder.exists() and read_json(self.folder / "manifest.json") != key:
            self.remove()
        self.folder.mkdir(parents=True, exist_ok=True)
        write_json(self.folder / "manifest.json", key)

    def rows_done(self) -> int:
        """Count the rows that are whole, and cut off one that was being written."""
        if not self.tags.exists():
            return 0
        rows = whole = 0
        with self.tags.open("r+b") as file:
            for line in file:
                if line.endswith(b"\n"):
                    rows += 1
                    whole += len(line)
            file.truncate(whole)
        return rows

    def append(self, rows: Sequence[Tags | None]) -> None:
        """Add the tags of the next rows, on disk; None stands for a line that could not be read."""
        with self.tags.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            file.flush()
            os.fsync(file.fileno())

    def read(self) -> Iterator[Tags | None]:
        """Yield the tags of all rows in order."""
        if not self.tags.exists():
            return
        with self.tags.open(encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)

    def remove(self) -> None:
        """Take the folder away."""
        shutil.rmtree(self.folder)


def assemble(source: Source, output: Path, work: Work, seen: Seen, refused: Refused) -> None:
    """Read the input once more, beside its tags, and write both.

    Unreadable lines go to ``OUT.rejects.jsonl``. ``seen`` is called with every row that is written and its
    tags, ``refused`` for every one that is not.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    if source.kind == "parquet" and kind_of(output) == "parquet":
        _assemble_parquet(source, output, work, seen)
        return
    columns, types = _columns_of(source, kind_of(output))
    mark = source.kind == "xlsx" or source.encoding in {"utf-8-sig", "gb18030", "utf-16"}
    writer = open_writer(output, kind_of(output), columns, types, mark)
    rejects = Rejects(output)
    try:
        for line, tags in zip(source.lines(), work.read(), strict=True):
            if line.row is None or tags is None:
                rejects.write(line.number, line.reason, line.raw)
                refused()
                continue
            writer.write({**line.row, **tags})
            seen(line.row, tags)
        writer.close()
    except BaseException:
        writer.discard()
        rejects.discard()
        raise
    rejects.close()


def _assemble_parquet(source: Source, output: Path, work: Work, seen: Seen) -> None:
    """Keep every column's own type, which passing through Python values would not."""
    writer: ParquetWriter | None = None
    tags = work.read()
    try:
        for batch in parquet_batches(source.path, BATCH_ROWS):
            rows = [row for row in islice(tags, batch.num_rows) if row is not None]
            table = _with_tags(pa.Table.from_batches([batch]), rows)
            writer = writer or ParquetWriter(output, draft_of(output), table.schema)
            writer.write_batch(table)
            for line, row in zip(batch.to_pylist(), rows, strict=True):
                seen(line, row)
        writer = writer or _empty_parquet(source, output)
        writer.close()
    except BaseException:
        if writer:
            writer.discard()
        raise


def _with_tags(table: pa.Table, rows: Sequence[Tags]) -> pa.Table:
    table = table.drop_columns([name for name in ADDED_COLUMNS if name in table.column_names])
    for name in ADDED_COLUMNS:
        table = table.append_column(name, pa.array([row[name] for row in rows], ADDED_TYPES[name]))
    return table


def _empty_parquet(source: Source, output: Path) -> ParquetWriter:
    kept = [field for field in pq.read_schema(source.path) if field.name not in ADDED_COLUMNS]
    added = [pa.field(name, kind) for name, kind in ADDED_TYPES.items()]
    return ParquetWriter(output, draft_of(output), pa.schema([*kept, *added]))


def _columns_of(source: Source, kind: str) -> tuple[list[str], dict[str, pa.DataType]]:
    """Return the output's columns, and their types where Parquet is to hold more than strings."""
    names = list(source.layout.names)
    types: dict[str, pa.DataType] = {}
    if kind != "jsonl" and (source.kind == "jsonl" or (source.kind == "xlsx" and kind == "parquet")):
        types = column_types(line.row for line in source.lines() if line.row is not None)
        names = list(types)
    kept = [name for name in names if name and name not in ADDED_COLUMNS]
    return [*kept, *ADDED_COLUMNS], {**types, **ADDED_TYPES}
