"""``huiying classify``: a file of texts comes in; the same file with what the models say of each goes out.

Memory does not grow with the file, and equal texts are tagged once. The tags are written to a folder
beside the output as they are made, so that an interrupted run goes on where it stopped; the output appears
only when all of it is there. A text that the models could not score has empty columns, one that leaves them
in doubt is ``doubtful``: never a made-up label.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from models.bands import Band
from pipeline.classify_changes import Changes, comparable_heads, write_changes
from pipeline.classify_files import Work, assemble
from pipeline.classify_rows import Classifier
from pipeline.classify_summary import Tally
from pipeline.columns import guess_columns
from pipeline.processes import write_json
from pipeline.readers import Line, Source, kind_of, open_source

PART_ROWS = 1000  # rows that an interrupt may cost

Advance = Callable[[int], object]


class ClassifyError(ValueError):
    """The file cannot be tagged as asked; the message is Chinese."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a run was asked for; all of it is in the manifest."""

    quality: str = "balanced"
    workers: int = 1
    bands: Mapping[str, Band] = field(default_factory=dict)
    weights: Mapping[str, str] = field(default_factory=dict)  # file name to SHA-256
    against: Source | None = None


@dataclass(slots=True, kw_only=True)
class ClassifyReport:
    """What a run did: also written beside the output as ``OUT.manifest.json``.

    ``first_time`` and ``last_time`` are the window of the input's publication times, where it has any.
    """

    input: str
    input_digest: str
    output: str
    text_column: str
    model_version: str
    model_files: Mapping[str, str]
    quality: str
    workers: int
    dedupe: bool
    thresholds: Mapping[str, Any]
    region: str
    rows: int = 0
    first_row: int = 0
    last_row: int = 0
    first_time: str | None = None
    last_time: str | None = None
    resumed_rows: int = 0
    tagged_texts: int = 0
    unscored: int = 0
    unreadable: int = 0
    doubtful_rows: int = 0
    classes: Mapping[str, Any] = field(default_factory=dict)
    against: Mapping[str, Any] | None = None
    started_at: str = ""
    finished_at: str = ""
    seconds: float = 0.0
    rows_per_second: float = 0.0


def classify(
    source: Source,
    output: Path,
    classifier: Classifier,
    text_column: str | None,
    advance: Advance,
    asked: Asked | None = None,
) -> ClassifyReport:
    """Tag every row of a file and write the file again with the added columns.

    ``advance`` is called with the number of rows after each part. Lines that cannot be read are not in
    the output; they go to ``OUT.rejects.jsonl`` with their number and the reason.

    Raises:
        ClassifyError: no such text column, or output and input are one file.
        ChangesError: the output to compare with is not one of this input.
        ReadError: the output's kind is unknown.
    """
    asked = asked or Asked()
    started = time.monotonic()
    _check(source, output, asked)
    report = _report(source, output, classifier, find_text_column(source, text_column), asked)
    work = Work(output, _key(report))
    _tag_rest(source, work, classifier, report, advance, 2 * asked.workers if asked.workers > 1 else 0)
    tally = _write(source, output, work, report)
    report.tagged_texts = classifier.tagged_texts
    report.classes = tally.shares()
    if asked.against:
        report.against = compare(asked.against, output, report.text_column).record()
    _finish(report, started)
    write_json(output.with_name(f"{output.name}.manifest.json"), asdict(report))
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


def compare(old: Source, output: Path, text_column: str) -> Changes:
    """Write ``OUT.changes.csv``: the rows whose labels differ between an older output and this one.

    Raises:
        ChangesError: they are not outputs of one input.
    """
    return write_changes(
        old, open_source(output, (text_column,)), text_column, output.with_name(f"{output.name}.changes.csv")
    )


def _check(source: Source, output: Path, asked: Asked) -> None:
    kind_of(output)
    if output.resolve() == source.path.resolve():
        raise ClassifyError(f"输出和输入是同一个文件:{output}")
    if asked.against:
        comparable_heads(asked.against)
        if asked.against.path.resolve() == output.resolve():
            raise ClassifyError(f"要对比的旧结果会被输出覆盖:{output}")


def _report(
    source: Source, output: Path, classifier: Classifier, text_column: str, asked: Asked
) -> ClassifyReport:
    return ClassifyReport(
        input=str(source.path),
        input_digest=source.digest,
        output=str(output),
        text_column=text_column,
        model_version=classifier.tagger.version,
        model_files=dict(asked.weights),
        quality=asked.quality,
        workers=asked.workers,
        dedupe=classifier.dedupe,
        thresholds={head: asdict(band) for head, band in asked.bands.items()},
        region=classifier.region.prefecture,
        started_at=_now(),
    )


def _key(report: ClassifyReport) -> dict[str, Any]:
    """Return what must be the same for a run to go on with another one's tags."""
    names = ("input_digest", "text_column", "model_version", "quality", "thresholds", "region")
    return {name: getattr(report, name) for name in names}


def _tag_rest(
    source: Source, work: Work, classifier: Classifier, report: ClassifyReport, advance: Advance, ahead: int
) -> None:
    report.resumed_rows = work.rows_done()
    advance(report.resumed_rows)
    county = guess_columns([name for name in source.layout.names if name]).get("county", "")
    read: list[list[bool]] = []  # which lines of the parts under way could be read

    def parts() -> Iterator[list[tuple[str, str]]]:
        for part in _lines_by_part(source, report.resumed_rows):
            read.append([line.row is not None for line in part])
            yield [
                _text_and_county(line.row, report.text_column, county)
                for line in part
                if line.row is not None
            ]

    for made in classifier.parts(parts(), ahead):
        tags = iter(made)
        readable = read.pop(0)
        work.append([next(tags) if known else None for known in readable])
        advance(len(readable))


def _lines_by_part(source: Source, skip: int) -> Iterator[list[Line]]:
    lines = source.lines(skip)
    while part := list(islice(lines, PART_ROWS)):
        yield part


def _text_and_county(row: Mapping[str, Any], text_column: str, county_column: str) -> tuple[str, str]:
    text, county = row.get(text_column), row.get(county_column)
    return ("" if _is_nothing(text) else str(text)), ("" if _is_nothing(county) else str(county))


def _is_nothing(value: Any) -> bool:
    return value is None or value != value


def _write(source: Source, output: Path, work: Work, report: ClassifyReport) -> Tally:
    tally = Tally()
    published = guess_columns([name for name in source.layout.names if name]).get("published_at", "")

    def refused() -> None:
        report.unreadable += 1

    assemble(source, output, work, lambda row, tags: tally.add(tags, row.get(published)), refused)
    report.rows, report.unscored, report.doubtful_rows = tally.rows, tally.unscored, tally.doubtful_rows
    read = tally.rows + report.unreadable
    report.first_row, report.last_row = min(1, read), read
    report.first_time = tally.first_time.isoformat() if tally.first_time else None
    report.last_time = tally.last_time.isoformat() if tally.last_time else None
    return tally


def _finish(report: ClassifyReport, started: float) -> None:
    seconds = time.monotonic() - started
    report.seconds = round(seconds, 2)
    report.rows_per_second = round((report.rows - report.resumed_rows) / max(seconds, 1e-9), 1)
    report.finished_at = _now()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
