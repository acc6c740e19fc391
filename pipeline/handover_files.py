"""A hand-over sheet comes in; a file of it (docx, html, pdf or xlsx) goes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.config import LOCAL_TIME
from pipeline.handover import Handover
from pipeline.ledger_records import STATE_WORDS, State
from pipeline.report import WRITERS, write
from pipeline.report_records import Paragraph, Report, Section, Table
from pipeline.writers import finishing, open_writer

Row = Mapping[str, Any]
FORMATS = (*WRITERS, "xlsx")
COLUMNS = (
    "分类",
    "序号",
    "说法",
    "应办结",
    "时限与起算",
    "状态",
    "属地",
    "行业部门",
    "卡点",
    "结果或理由",
    "链接",
)
NO_ROWS = "无。"
HEAD = "台账链头 {head}。下次核验台账时可据此发现末尾被截。"
SPAN = "{since} 至 {until}"
SILENCED = "{who} 于 {when} 静默至 {until}"
SHELVED = "{when} 因优先级低、无人接手移出队列"


def write_handover(sheet: Handover, office: str, path: Path) -> None:
    """Write a sheet in the format of its file's suffix.

    Raises:
        ValueError: the suffix is none of ``FORMATS``.
        NoPdfToolError: a PDF cannot be made on this machine.
        OSError: the file cannot be written.
    """
    kind = path.suffix.lstrip(".").lower()
    if kind not in FORMATS:
        raise ValueError(f"{path}:交接班单可输出为 {'、'.join(FORMATS)}")
    if kind == "xlsx":
        _write_xlsx(sheet, path)
    else:
        write(as_report(sheet, office), path)


def as_report(sheet: Handover, office: str) -> Report:
    """Return a sheet as a report without an appendix: every row of it is an entry of the ledger."""
    span = SPAN.format(since=_moment(sheet.since), until=_moment(sheet.until))
    sections = [Section(key="span", title="班次", paragraphs=(Paragraph(text=span),))]
    sections += [_section(name, rows) for name, rows in groups(sheet)]
    sections.append(
        Section(
            key="head", title="台账核验", paragraphs=(Paragraph(text=HEAD.format(head=sheet.chain_head)),)
        )
    )
    return Report(
        kind="handover", title="交接班单", office=office, since=sheet.since, until=sheet.until,
        made_at=sheet.until, sections=tuple(sections), sources=(),
    )  # fmt: skip


def groups(sheet: Handover) -> Iterator[tuple[str, Sequence[Row]]]:
    """Yield the sheet's groups in the order in which the next shift needs them."""
    yield "超时未回应", sheet.overdue
    for hours in sorted(sheet.due):
        yield f"{hours} 小时内到期", sheet.due[hours]
    yield "卡点", sheet.blocked
    yield "本班新增", sheet.opened
    yield "本班办结", sheet.closed
    yield "静默中的预警", sheet.silenced
    yield "自动搁置", sheet.shelved


def _section(name: str, rows: Sequence[Row]) -> Section:
    if not rows:
        return Section(key=name, title=name, paragraphs=(Paragraph(text=NO_ROWS),))
    cells = [_cells(number, row) for number, row in enumerate(rows, 1)]
    # A column in which no row of this group has anything is left out: a page is narrow.
    used = [place for place in range(len(COLUMNS) - 1) if any(row[place] for row in cells)]
    table = Table(
        title="",
        columns=tuple(COLUMNS[place + 1] for place in used),
        rows=tuple(tuple(row[place] for place in used) for row in cells),
        sources=(),
    )
    return Section(key=name, title=f"{name}({len(rows)} 件)", tables=(table,))


def _cells(number: int, row: Row) -> tuple[str, ...]:
    text = " ".join(str(row["text"] or row["claim_id"]).split())[:80]
    if "state" not in row:  # a silenced alert, not a response
        return (str(number), text, "", "", "", "", "", "", _alert_said(row), "")
    return (
        str(number), text, _moment(row["due_at"]), row["due_rule"], STATE_WORDS[State(row["state"])],
        row["county"], row["department"], row["blocked_by"], row["reason"], row["published_url"],
    )  # fmt: skip


def _alert_said(row: Row) -> str:
    when = _moment(row["recorded_at"])
    if row.get("kind") == "shelved":
        return SHELVED.format(when=when)
    return SILENCED.format(who=row["actor"], when=when, until=_moment(row["muted_until"]))


def _write_xlsx(sheet: Handover, path: Path) -> None:
    writer = open_writer(path, "xlsx", COLUMNS, {}, mark=False)
    with finishing(writer):
        for name, rows in groups(sheet):
            for number, row in enumerate(rows, 1):
                writer.write(dict(zip(COLUMNS, (name, *_cells(number, row)), strict=True)))
        writer.write({"分类": "台账链头", "说法": sheet.chain_head})


def _moment(at: datetime | None) -> str:
    return "" if at is None else f"{at.astimezone(LOCAL_TIME):%m月%d日 %H:%M}"
