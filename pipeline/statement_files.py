"""A file of statements (csv, xlsx, jsonl, parquet) comes in; checked statements, and bad rows with reasons,
go out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline.columns import guess_columns
from pipeline.readers import Line, ReadError, open_source
from pipeline.statements import NewStatement, StatementError, new_statement

# The names that offices give the columns, by field.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "text": ("text", "正文", "内容", "全文", "答复内容", "回复内容", "通报内容"),
    "title": ("title", "标题", "题目", "名称"),
    "issuer": ("issuer", "发布单位", "发布机构", "单位", "部门", "来源", "答复单位"),
    "url": ("url", "链接", "网址", "原文链接", "地址"),
    "published_at": ("published_at", "发布时间", "发布日期", "时间", "日期", "答复时间"),
    "valid_until": ("valid_until", "有效期至", "有效期", "失效时间", "截止时间"),
}
NEEDED = ("text", "issuer", "url", "published_at")
MOST_ROWS = 5000  # an office publishes some hundreds a year; a file of more is another kind of file


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A row that is kept aside: its line in the file (from 1), why, and how it began."""

    line: int
    reason: str
    raw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadStatements:
    """What a file holds."""

    good: tuple[NewStatement, ...]
    bad: tuple[BadRow, ...]


def read_statements(path: Path, now: datetime) -> ReadStatements:
    """Read a file of statements; a bad row does not stop the others, equal rows are one.

    Raises:
        ReadError: the file cannot be read, lacks a column, or has more rows than statements can be.
    """
    source = open_source(path, [name for names in COLUMNS.values() for name in names])
    mapping = guess_columns(source.layout.names, COLUMNS)
    missing = [COLUMNS[field][1] for field in NEEDED if field not in mapping]
    if missing:
        named = "、".join(name for name in source.layout.names if name)
        raise ReadError(f"{path.name}:缺少列 {'、'.join(missing)};文件里有:{named}")
    if source.rows > MOST_ROWS:
        raise ReadError(f"{path.name}:有 {source.rows} 行,一次最多 {MOST_ROWS} 行")
    good: dict[str, NewStatement] = {}
    bad: list[BadRow] = []
    for line in source.lines():
        try:
            found = _statement(line, mapping, now)
        except StatementError as error:
            bad.append(BadRow(line=line.number, reason=str(error), raw=_beginning(line)))
        else:
            good.setdefault(found.statement_id, found)
    return ReadStatements(good=tuple(good.values()), bad=tuple(bad))


def _statement(line: Line, mapping: Mapping[str, str], now: datetime) -> NewStatement:
    if line.row is None:
        raise StatementError(line.reason)
    return new_statement({field: line.row.get(column) for field, column in mapping.items()}, now)


def _beginning(line: Line) -> str:
    shown = line.raw or " ".join(str(value) for value in (line.row or {}).values() if value is not None)
    return shown[:200]
