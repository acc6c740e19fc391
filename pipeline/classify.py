"""``huiying classify``: a file of texts comes in; the same file with the models' tags goes out.

Memory does not grow with the file, and equal texts are tagged once. The tags are written to a folder
beside the output as they are made, so that an interrupted run goes on where it stopped; the output appears
only when all of it is there. A text that the models could not score has empty columns, never a made-up
label.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.columns import guess_columns
from pipeline.incoming import raw_of
from pipeline.normalise import clean
from pipeline.places import Region
from pipeline.privacy import mask
from pipeline.processes import read_json, write_json
from pipeline.readers import Source, kind_of, parquet_batches
from pipeline.writers import JsonLinesWriter, ParquetWriter, column_types, draft_of, open_writer

MODEL_COLUMNS = (
    *("sentiment", "sentiment_score", "emotion", "need", "need_score", "rumor_score", "checkworthy_score"),
    "model_version",
)
ADDED_COLUMNS = (*MODEL_COLUMNS[:-1], "places", "model_version")
SCORES = frozenset(name for name in ADDED_COLUMNS if name.endswith("_score"))
ADDED_TYPES: Mapping[str, pa.DataType] = {
    name: pa.float64() if name in SCORES else pa.list_(pa.string()) if name == "places" else pa.string()
    for name in ADDED_COLUMNS
}
PART_ROWS = 1000  # rows that an interrupt may cost
REMEMBERED = 200_000  # distinct texts whose tags are kept in memory: about 100 MB

Advance = Callable[[int], object]
Tags = dict[str, Any]


class ClassifyError(ValueError):
    """The file cannot be tagged as asked; the message is Chinese."""


class Tagging(Protocol):
    """What this module needs of ``models.Tagger``."""

    @property
    def version(self) -> str:
        """Which model this is."""
        ...

    def tag(self, texts: Sequence[str]) -> pd.DataFrame:
        """Return one row of tags a text, in order."""
        ...


@dataclass(slots=True, kw_only=True)
class ClassifyReport:
    """What a run did: also written beside the output as ``OUT.run.json``."""

    input: str
    input_digest: str
    output: str
    text_column: str
    model_version: str
    region: str
    rows: int = 0
    resumed_rows: int = 0
    tagged_texts: int = 0
    unscored: int = 0
    unreadable: int = 0
    seconds: float = 0.0
    finished_at: str = ""


@dataclass(kw_only=True)
class Classifier:
    """A tagger and a region, and the tags of the texts seen last."""

    tagger: Tagging
    region: Region
    remembered: int = REMEMBERED
    tagged_texts: int = 0
    _known: OrderedDict[bytes, Tags] = field(default_factory=OrderedDict)

    def tags_of(self, rows: Sequence[tuple[str, str]]) -> list[Tags]:
        """Return the added columns for (text, county) pairs, in order; a row without words is not scored."""
        texts = [mask(clean(text)) for text, _ in rows]
        keys = [hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).digest() for text in texts]
        fresh = {key: text for key, text in zip(keys, texts, strict=True) if text and key not in self._known}
        made = dict(zip(fresh, self._tag(list(fresh.values())), strict=True))
        found = [
            self._recall(key, made) if text else self._nothing()
            for key, text in zip(keys, texts, strict=True)
        ]
        self._remember(made)
        return [
            _in_order(tags, self.region.places_of(text, county))
            for tags, text, (_, county) in zip(found, texts, rows, strict=True)
        ]

    def _tag(self, texts: list[str]) -> list[Tags]:
        if not texts:
            return []
        frame = self.tagger.tag(texts)
        if len(frame) != len(texts):
            raise ClassifyError(f"模型对 {len(texts)} 条文本给出了 {len(frame)} 行结果")
        self.tagged_texts += len(texts)
        return [_plain_tags(row) for row in frame[list(MODEL_COLUMNS)].to_dict("records")]

    def _recall(self, key: bytes, made: Mapping[bytes, Tags]) -> Tags:
        if key in made:
            return made[key]
        self._known.move_to_end(key)
        return self._known[key]

    def _remember(self, made: Mapping[bytes, Tags]) -> None:
        self._known.update(made)
        while len(self._known) > self.remembered:
            self._known.popitem(last=False)

    def _nothing(self) -> Tags:
        return {**dict.fromkeys(MODEL_COLUMNS), "model_version": self.tagger.version}


def classify(
    source: Source, output: Path, classifier: Classifier, text_column: str | None, advance: Advance
) -> ClassifyReport:
    """Tag every row of a file and write the file again with the added columns.

    ``advance`` is called with the number of rows after each part. Lines that cannot be read are not in
    the output; they go to ``OUT.rejects.jsonl`` with their number and the reason.

    Raises:
        ClassifyError: no such text column, or output and input are one file.
        ReadError: the output's kind is unknown.
    """
    started = time.monotonic()
    kind_of(output)
    if output.resolve() == source.path.resolve():
        raise ClassifyError(f"输出和输入是同一个文件:{output}")
    report = ClassifyReport(
        input=str(source.path),
        input_digest=source.digest,
        output=str(output),
        text_column=find_text_column(source, text_column),
        model_version=classifier.tagger.version,
        region=classifier.region.prefecture,
    )
    work = Work(output, report)
    _tag_rest(source, work, classifier, report, advance)
    _assemble(source, output, work, report)
    report.tagged_texts = classifier.tagged_texts
    report.seconds = round(time.monotonic() - started, 2)
    report.finished_at = datetime.now(UTC).isoformat(timespec="seconds")
    write_json(output.with_name(f"{output.name}.run.json"), asdict(report))
    work.remove()
    return report


def find_text_column(source: Source, given: str | None) -> str:
    """Return the column to tag: the one given, else the one whose name says so.

    Raises:
        ClassifyError: there is none; the message lists the columns.
    """
    names = [name for name in source.layout.names if name]
    if given is None:
        given = guess_columns(names).get("text")
    if given is None or given not in names:
        wanted = f"没有列 {given}" if given else "找不到正文列,请用 --text-column 指定"
        raise ClassifyError(f"{source.path}:{wanted};有 {'、'.join(names)}")
    return given


class Work:
    """The folder beside the output that holds the tags made so far, for this input and this model only."""

    def __init__(self, output: Path, report: ClassifyReport) -> None:
        self.folder = output.with_name(f"{output.name}.parts")
        self.tags = self.folder / "tags.jsonl"
        names = ("input_digest", "text_column", "model_version", "region")
        manifest = {name: getattr(report, name) for name in names}
        if self.folder.exists() and read_json(self.folder / "manifest.json") != manifest:
            self.remove()
        self.folder.mkdir(parents=True, exist_ok=True)
        write_json(self.folder / "manifest.json", manifest)

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


def _tag_rest(
    source: Source, work: Work, classifier: Classifier, report: ClassifyReport, advance: Advance
) -> None:
    report.resumed_rows = work.rows_done()
    advance(report.resumed_rows)
    county = guess_columns([name for name in source.layout.names if name]).get("county", "")
    lines = source.lines(report.resumed_rows)
    while part := list(islice(lines, PART_ROWS)):
        readable = [line.row for line in part if line.row is not None]
        tags = iter(
            classifier.tags_of([_text_and_county(row, report.text_column, county) for row in readable])
        )
        work.append([None if line.row is None else next(tags) for line in part])
        advance(len(part))


def _text_and_county(row: Mapping[str, Any], text_column: str, county_column: str) -> tuple[str, str]:
    text, county = row.get(text_column), row.get(county_column)
    return ("" if _is_nothing(text) else str(text)), ("" if _is_nothing(county) else str(county))


def _is_nothing(value: Any) -> bool:
    return value is None or value != value


def _assemble(source: Source, output: Path, work: Work, report: ClassifyReport) -> None:
    """Read the input once more, beside its tags, and write both; unreadable lines go to the rejects."""
    output.parent.mkdir(parents=True, exist_ok=True)
    if source.kind == "parquet" and kind_of(output) == "parquet":
        _assemble_parquet(source, output, work, report)
        return
    columns, types = _columns_of(source, kind_of(output))
    mark = source.kind == "xlsx" or source.encoding in {"utf-8-sig", "gb18030", "utf-16"}
    writer = open_writer(output, kind_of(output), columns, types, mark)
    refused = output.with_name(f"{output.name}.rejects.jsonl")
    rejects = JsonLinesWriter(refused, draft_of(refused))
    try:
        for line, tags in zip(source.lines(), work.read(), strict=True):
            if line.row is None or tags is None:
                rejects.write({"line": line.number, "reason": line.reason, "raw": raw_of(line.raw)})
                report.unreadable += 1
                continue
            writer.write({**line.row, **tags})
            _count(report, tags)
        writer.close()
    except BaseException:
        writer.discard()
        rejects.discard()
        raise
    if report.unreadable:
        rejects.close()
    else:
        rejects.discard()
        refused.unlink(missing_ok=True)


def _assemble_parquet(source: Source, output: Path, work: Work, report: ClassifyReport) -> None:
    """Keep every column's own type, which passing through Python values would not."""
    writer: ParquetWriter | None = None
    tags = work.read()
    try:
        for batch in parquet_batches(source.path, PART_ROWS):
            rows = [row for row in islice(tags, batch.num_rows) if row is not None]
            table = pa.Table.from_batches([batch])
            table = table.drop_columns([name for name in ADDED_COLUMNS if name in table.column_names])
            for name in ADDED_COLUMNS:
                table = table.append_column(name, pa.array([row[name] for row in rows], ADDED_TYPES[name]))
            writer = writer or ParquetWriter(output, draft_of(output), table.schema)
            writer.write_batch(table)
            for row in rows:
                _count(report, row)
        writer = writer or _empty_parquet(source, output)
        writer.close()
    except BaseException:
        if writer:
            writer.discard()
        raise


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


def _count(report: ClassifyReport, tags: Tags) -> None:
    report.rows += 1
    report.unscored += tags["sentiment"] is None


def _in_order(tags: Tags, places: Sequence[str]) -> Tags:
    return {name: list(places) if name == "places" else tags[name] for name in ADDED_COLUMNS}


def _plain_tags(row: Mapping[Any, Any]) -> Tags:
    """Return a row of a table as plain values: null for what was not scored."""
    return {str(name): _plain_value(value) for name, value in row.items()}


def _plain_value(value: Any) -> str | float | None:
    if value is None or value is pd.NA or value != value:
        return None
    if isinstance(value, str):
        return value
    score = float(value)
    return round(score, 6) if math.isfinite(score) else None
