"""Posts to judge come in and go out as a spreadsheet; the filled-in spreadsheet comes back and goes out as
events.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.datavalidation import DataValidation

from pipeline.cells import is_formula, plain_cell
from pipeline.config import LOCAL_TIME
from pipeline.label_words import FIELD_WORDS, LABEL_WORDS, choices, label_of
from pipeline.labels import CORRECTION, FIELDS, LabelError, Said, Vote, label_event, said_of, votes
from pipeline.readers import Line, ReadError, Source, kind_of, open_source
from pipeline.store import Appender, Reader
from pipeline.writers import CsvWriter, JsonLinesWriter, draft_of

LONGEST_TEXT = 2000  # characters of a post in the file: longer ones are judged by their beginning
NEW = "_new"
TOGETHER = 500  # lines whose posts are looked up in one query
ILLEGAL = {code: None for code in range(32) if code not in (9, 10, 13)}  # a workbook cannot hold them

Row = Mapping[str, Any]
Key = tuple[str, str, str]  # post, field, person


@dataclass(frozen=True, slots=True)
class Bad:
    """A cell that cannot be a judgement: where it stands, what it is, and why."""

    line: int
    column: str
    value: str
    reason: str

    def words(self, path: Path) -> str:
        """Return it as one line of a message."""
        return f"{path}:第 {self.line} 行,{self.column} = {self.value!r}:{self.reason}"


@dataclass(slots=True)
class Imported:
    """What an import did: new judgements by field, how many were known, how many cells were blank."""

    new: dict[str, int] = field(default_factory=dict)
    known: int = 0
    blank: int = 0
    bad: list[Bad] = field(default_factory=list)


def columns_for(fields: Sequence[str]) -> list[str]:
    """Return the columns of the file: what is shown, then for each field label, score and a blank column."""
    asked = [name for one in fields for name in (one, f"{one}_score", f"{one}{NEW}")]
    return [
        "post_id",
        "annotator",
        "sample",
        "source",
        "published_at",
        "text",
        *asked,
        "note",
        "model_version",
    ]


def candidates(
    store: Reader, field_name: str, sample: str, most: int, since: datetime, *,
    seed: str = "", again: bool = False, actor: str = "", counties: Sequence[str] = (),
) -> list[dict[str, Any]]:  # fmt: skip
    """Return posts to judge, as rows of the query ``label_candidates``."""
    return store.rows(
        "label_candidates", field=field_name, sample=sample, most=most, since=since, seed=seed, again=again,
        actor=actor, counties=list(counties),
    )  # fmt: skip


def write_candidates(rows: Sequence[Row], field_name: str, sample: str, path: Path) -> None:
    """Write posts to judge; in xlsx the blank column offers the labels, and a second sheet explains them.

    Raises:
        ReadError: the name ends in neither xlsx, csv nor jsonl.
    """
    columns = columns_for([field_name])
    shown = [_shown(row, field_name, sample) for row in rows]
    kind = kind_of(path)
    if kind == "xlsx":
        _write_book(shown, columns, field_name, path)
        return
    if kind == "parquet":
        raise ReadError(f"{path}:待标注的文件可以是 xlsx、csv 或 jsonl")
    writer = (
        CsvWriter(path, draft_of(path), columns, mark=True)
        if kind == "csv"
        else JsonLinesWriter(path, draft_of(path))
    )
    for row in shown:
        writer.write(row)
    writer.close()


def import_labels(store: Appender, path: Path, actor: str, now: datetime) -> Imported:
    """Record the judgements of a file; what cannot be one is in ``bad``, and nothing is guessed for it.

    ``actor`` is who judged where the file's ``annotator`` column is empty or missing. The same file twice
    records nothing new.

    Raises:
        ReadError: the file cannot be read.
        LabelError: it has no ``post_id`` or no ``FIELD_new`` column.
    """
    source = open_source(path, ("post_id",))
    taking = _Import(store, _fields_of(source), actor, now)
    for lines in _together(source):
        taking.take(lines)
    return taking.done


def _shown(row: Row, field_name: str, sample: str) -> dict[str, Any]:
    return {
        "post_id": row["post_id"],
        "annotator": "",
        "sample": sample,
        "source": row["source"],
        "published_at": row["published_at"].astimezone(LOCAL_TIME).isoformat(timespec="minutes"),
        "text": row["text"][:LONGEST_TEXT],
        field_name: row["label"],
        f"{field_name}_score": round(float(row["score"]), 4),
        f"{field_name}{NEW}": "",
        "note": "",
        "model_version": row["model_version"],
    }


def _write_book(rows: Sequence[Row], columns: Sequence[str], field_name: str, path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.title = "待标注"
    sheet.append(list(columns))
    for number, row in enumerate(rows, start=2):
        for place, name in enumerate(columns, start=1):
            _put(sheet.cell(number, place), row.get(name))
    sheet.freeze_panes = "A2"
    widths = {"text": 70, "published_at": 22, f"{field_name}{NEW}": 20, "note": 20, "annotator": 12}
    for place, name in enumerate(columns, start=1):
        cell = sheet.cell(1, place)
        cell.font = Font(bold=True)
        sheet.column_dimensions[cell.column_letter].width = widths.get(name, 14)
        if name == f"{field_name}{NEW}" and rows:
            offered = DataValidation(
                "list", f'"{",".join(LABEL_WORDS[field_name].values())}"', allow_blank=True
            )
            offered.add(f"{cell.column_letter}2:{cell.column_letter}{len(rows) + 1}")
            sheet.add_data_validation(offered)
    _explain(book.create_sheet("说明"), field_name)
    draft = draft_of(path)
    book.save(draft)
    draft.replace(path)


def _put(cell: Any, value: Any) -> None:
    if not isinstance(value, str):
        cell.value = value
        return
    cell.value = value.translate(ILLEGAL)
    cell.data_type = "s"
    cell.quotePrefix = is_formula(value)
    cell.alignment = Alignment(wrap_text=True, vertical="top")


def _explain(sheet: Any, field_name: str) -> None:
    lines = [
        f"在 {field_name}{NEW} 列填{FIELD_WORDS[field_name]},中英文都可以;标对了的也请填,留空表示没有看。",
        "annotator 列填标注人,不填则记为导入的人。两人各标一份同样的帖文,可算出一致程度(Cohen's κ)。",
        "sample 列请勿改动:random 为随机抽样,用来算本地错误率;doubtful 为模型最拿不准的,只用来训练。",
        "改好后运行:huiying label import 文件。",
        *(f"{label}:{word}" for label, word in LABEL_WORDS[field_name].items()),
    ]
    for line in lines:
        sheet.append([line])
    sheet.column_dimensions["A"].width = 100


def _fields_of(source: Source) -> list[str]:
    names = source.layout.names
    fields = [one for one in FIELDS if f"{one}{NEW}" in names]
    if "post_id" not in names or not fields:
        wanted = "post_id 和 " + "、".join(f"{one}{NEW}" for one in FIELDS)
        raise LabelError(f"{source.path}:要有列 {wanted} 之一;有 {'、'.join(name for name in names if name)}")
    return fields


def _together(source: Source) -> Iterator[list[Line]]:
    lines: list[Line] = []
    for line in source.lines():
        lines.append(line)
        if len(lines) == TOGETHER:
            yield lines
            lines = []
    if lines:
        yield lines


class _Import:
    """One import: the posts and earlier words that its lines are about, looked up some lines at a time."""

    def __init__(self, store: Appender, fields: Sequence[str], actor: str, now: datetime) -> None:
        self.store, self.fields, self.actor, self.now = store, fields, actor, now
        self.done = Imported()
        self._seen: dict[Key, str] = {}
        self._posts: Mapping[str, Said] = {}
        self._known: dict[Key, Vote] = {}

    def take(self, lines: Sequence[Line]) -> None:
        """Record the judgements of some lines."""
        ids = sorted({_text(line.row, "post_id") for line in lines if line.row is not None} - {""})
        self._posts = said_of(self.store, ids) if ids else {}
        earlier = votes(self.store, post_ids=ids) if ids else []
        self._known = {(vote.post_id, vote.field, vote.actor): vote for vote in earlier}
        for line in lines:
            if line.row is None:
                self.done.bad.append(Bad(line.number, "", line.raw[:80], line.reason))
                continue
            for name in self.fields:
                self._cell(line.number, line.row, name)

    def _cell(self, number: int, row: Row, name: str) -> None:
        written = _text(row, f"{name}{NEW}")
        if not written:
            self.done.blank += 1
            return
        key = (_text(row, "post_id"), name, _text(row, "annotator") or self.actor)
        try:
            event = self._event(key, written, row)
        except LabelError as error:
            self.done.bad.append(Bad(number, f"{name}{NEW}", written, str(error)))
            return
        if event is None:
            self.done.known += 1
            return
        self.store.append("label_events", event)
        self._known[key] = _as_vote(event)
        self.done.new[name] = self.done.new.get(name, 0) + 1

    def _event(self, key: Key, written: str, row: Row) -> dict[str, Any] | None:
        post_id, name, actor = key
        label = label_of(name, written)
        if label is None:
            raise LabelError(f"不是{FIELD_WORDS[name]}的标签,可用 {choices(name)}")
        if post_id not in self._posts:
            raise LabelError(f"库中没有帖文 {post_id}")
        if self._seen.setdefault(key, label) != label:
            raise LabelError(f"同一标注人在本文件前面给了 {self._seen[key]}")
        return label_event(
            self._posts[post_id],
            name,
            label,
            actor,
            sample=_text(row, "sample") or CORRECTION,
            known=self._known.get(key),
            now=self.now,
            reason=_text(row, "note"),
        )


def _as_vote(event: Row) -> Vote:
    return Vote(
        post_id=event["post_id"], field=event["field"], actor=event["actor"], label=event["new"],
        said=event["old"], sample=event["sample"], model_version=event["model_version"], source="",
        recorded_at=event["recorded_at"], event_id=event["event_id"],
    )  # fmt: skip


def _text(row: Row | None, name: str) -> str:
    value = None if row is None else row.get(name)
    return "" if value is None or value != value else plain_cell(str(value).strip())
