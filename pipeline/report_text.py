"""A report comes in; words that every format shows alike go out: numbered headings, marks, the appendix."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from pipeline import report_words as words
from pipeline.config import LOCAL_TIME
from pipeline.report_records import Report, Table

LONG_LIST = 5  # entries of a list parameter that are written out


def heading(place: int, title: str) -> str:
    """Return a first-level heading: 一、摘要."""
    return f"{words.NUMERALS[place]}、{title}" if place < len(words.NUMERALS) else title


def mark(sources: Iterable[int]) -> str:
    """Return the numbers of the queries behind a figure, as in 〔1、3〕."""
    numbers = "、".join(str(number) for number in sources)
    return f"〔{numbers}〕" if numbers else ""


def dateline(report: Report) -> str:
    """Return the line below the title: the office and the day on which the report was made."""
    day = report.made_at.astimezone(LOCAL_TIME)
    return f"{report.office}    {day.year}年{day.month}月{day.day}日"


def appendix(report: Report) -> tuple[list[str], Table]:
    """Return the words and the table of where every number comes from."""
    edited = [section.title for section in report.sections if section.edited]
    said = (
        words.APPENDIX["edited"].format(sections="、".join(edited)) if edited else words.APPENDIX["unedited"]
    )
    made = words.APPENDIX["made"].format(
        kind=words.TITLES[report.kind][-2:], when=_minute(report.made_at), edited=said
    )
    lines = [made, words.APPENDIX["scope"], _errors(report.errors), words.APPENDIX["note"]]
    rows = tuple(
        (f"〔{one.number}〕", one.query, _params(one.params), str(one.rows)) for one in report.sources
    )
    table = Table(title="", columns=words.COLUMNS["appendix"], rows=rows, sources=())
    return lines, table


def _errors(errors: Sequence[str] | None) -> str:
    if errors is None:
        return words.APPENDIX["withheld"]
    if not errors:
        return words.APPENDIX["unmeasured"]
    return words.APPENDIX["errors"].format(figures=";".join(errors))


def _params(params: Any) -> str:
    return ";".join(f"{name}={_value(value)}" for name, value in params.items())


def _value(value: Any) -> str:
    if isinstance(value, datetime):
        return _minute(value)
    if isinstance(value, list | tuple | set | frozenset):
        shown = [str(one) for one in value]
        more = f"等 {len(shown)} 个" if len(shown) > LONG_LIST else ""
        return "、".join(shown[:LONG_LIST]) + more or "全部"
    return "空" if value in (None, "") else str(value)


def _minute(at: datetime) -> str:
    return f"{at.astimezone(LOCAL_TIME):%Y-%m-%d %H:%M}"
