"""A list of debunks in any usual file comes in; events of the known-rumor library go out.

Rows are claim, verdict, issuer, url and date, as 辟谣平台 publish them. A row without a claim, or that cites
nobody, or with a verdict that is none, is put aside with its reason; the others go on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.columns import guess_columns
from pipeline.identity import digest
from pipeline.ledger_events import LINK, VERDICT_WORDS
from pipeline.normalise import clean, match_text
from pipeline.privacy import mask
from pipeline.readers import Line, Source, open_source
from pipeline.records import VerdictValue
from pipeline.times import TimeError, parse_time

FIELDS: Mapping[str, tuple[str, ...]] = {
    "claim": (
        *("claim", "rumor", "rumour", "谣言", "谣言内容", "说法", "网传内容", "网传", "流传说法", "不实信息"),
        *("标题", "title", "text", "内容", "正文"),
    ),
    "verdict": (
        *("verdict", "label_name", "label", "conclusion", "核查结论", "结论", "判定", "鉴定结果", "认定结果"),
        *("真假", "性质"),
    ),
    "issuer": (
        *("issuer", "authority", "辟谣机构", "辟谣单位", "发布机构", "发布单位", "认定单位", "机构", "来源"),
        "source",
    ),
    "url": ("url", "link", "链接", "网址", "原文链接", "出处"),
    "date": (
        *("date", "decided_at", "published_at", "辟谣时间", "发布时间", "发布日期", "日期", "时间"),
        *("认定时间", "time"),
    ),
}
EDGES = re.compile(r"^[\s\W]+|[\s\W]+$")  # brackets and full stops around a word: 【谣言】
SHORTEST = 4  # folded characters: less says nothing that could be found again
LONGEST = 2000  # characters of a claim that are kept

# How lists write a verdict. "误导" and "片面" are true in part; "尚无定论" is not a finding either way.
WORDS: Mapping[VerdictValue, frozenset[str]] = {
    VerdictValue.FALSE: frozenset(
        {
            "false",
            "fake",
            "rumor",
            "rumour",
            "0",
            "谣言",
            "不实",
            "不实信息",
            "虚假",
            "虚假信息",
            "假",
            "假的",
        }
        | {"伪科学", "失实", "不属实", "为谣言", "系谣言", "辟谣", "错误"}
    ),
    VerdictValue.TRUE: frozenset({"true", "real", "1", "属实", "真", "真的", "真实", "事实", "确有此事"}),
    VerdictValue.PARTLY: frozenset(
        {"partly", "partly_false", "partly_true", "misleading", "部分属实", "部分不实", "误导", "片面"}
        | {"有误导", "断章取义", "夸大", "半真半假"}
    ),
    VerdictValue.UNVERIFIABLE: frozenset(
        {"unverifiable", "unproven", "uncertain", "depends", "none", "未核实", "无法核实", "存疑", "尚无定论"}
        | {"待核实", "无法判断", "分情况", "尚无证据"}
    ),
}
BY_WORD = {word: value for value, words in WORDS.items() for word in words}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A row put aside: its line number, why, and its fields."""

    line: int
    reason: str
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryPlan:
    """What is about to be imported: the file, which column is which field, and what fills the gaps."""

    source: Source
    columns: Mapping[str, str]
    verdict: VerdictValue | None
    issuer: str

    def rows(self, actor: str) -> Iterator[dict[str, Any] | Refused]:
        """Yield an event for each row that can be kept, and what is put aside."""
        for line in self.source.lines():
            yield _event(self, line, actor)


class LibraryFileError(ValueError):
    """A file has no column for what is needed; the message is Chinese and names the file and the columns."""


def plan_library(path: Path, verdict: VerdictValue | None, issuer: str) -> LibraryPlan:
    """Look at a file and find its columns.

    ``verdict`` and ``issuer`` stand in where the file has no such column, or an empty cell.

    Raises:
        ReadError: the file cannot be read.
        LibraryFileError: no column holds the claim; or none the verdict or the issuer, and none was given.
    """
    source = open_source(path)
    columns = guess_columns([name for name in source.layout.names if name], FIELDS)
    listed = "、".join(name for name in source.layout.names if name)
    if "claim" not in columns:
        raise LibraryFileError(f"{path}:没有说法列(claim、谣言、说法、标题);文件里有:{listed}")
    if "verdict" not in columns and verdict is None:
        raise LibraryFileError(f"{path}:没有结论列(verdict、结论),也没有用 --verdict 指定;文件里有:{listed}")
    if "issuer" not in columns and not issuer:
        raise LibraryFileError(
            f"{path}:没有辟谣单位列(issuer、辟谣机构),也没有用 --issuer 指定;文件里有:{listed}"
        )
    return LibraryPlan(source=source, columns=columns, verdict=verdict, issuer=issuer)


def withdrawal(rumor_id: str, reason: str, actor: str) -> dict[str, Any]:
    """Return the event that takes an imported entry out of the library."""
    return {
        "event_id": digest("library", "withdrawn", rumor_id),
        "rumor_id": rumor_id,
        "kind": "withdrawn",
        "actor": actor,
        "body": json.dumps({"reason": reason}, ensure_ascii=False),
        "recorded_at": datetime.now(UTC),
    }


def read_verdict(value: object) -> VerdictValue | None:
    """Return the verdict that a cell names, None if it names none that is known."""
    return BY_WORD.get(EDGES.sub("", str(value or "")).lower())


def _event(plan: LibraryPlan, line: Line, actor: str) -> dict[str, Any] | Refused:
    if line.row is None:
        return Refused(line=line.number, reason=line.reason, raw={"raw": line.raw[:LONGEST]})
    cells = {name: _cell(line.row.get(column)) for name, column in plan.columns.items()}
    text = mask(clean(cells.get("claim", "")))[:LONGEST]
    verdict = read_verdict(cells["verdict"]) if cells.get("verdict") else plan.verdict
    issuer, url = clean(cells.get("issuer", "")) or plan.issuer, cells.get("url", "")
    reason = _why_not(text, verdict, issuer, url, cells.get("verdict", ""))
    decided_at = ""
    if reason is None and cells.get("date"):
        try:
            decided_at = parse_time(cells["date"])[0].isoformat()
        except TimeError as error:
            reason = str(error)
    if reason is not None or verdict is None:
        return Refused(line=line.number, reason=reason or "", raw=cells)
    rumor_id = digest("rumor", match_text(text), verdict, issuer, url)
    body = {"text": text, "verdict": str(verdict), "issuer": issuer, "url": url, "decided_at": decided_at}
    return {
        "event_id": digest("library", "imported", rumor_id),
        "rumor_id": rumor_id,
        "kind": "imported",
        "actor": actor,
        "body": json.dumps(body, ensure_ascii=False),
        "recorded_at": datetime.now(UTC),
    }


def _why_not(text: str, verdict: VerdictValue | None, issuer: str, url: str, written: str) -> str | None:
    if len(match_text(text)) < SHORTEST:
        return f"说法太短:{text[:20]!r}" if text else "没有说法"
    if verdict is None:
        known = "、".join(VERDICT_WORDS.values())
        return f"看不懂的结论:{written[:20]!r}(可用 {known})" if written else "没有结论"
    if not issuer:
        return "没有辟谣单位"
    if url and not LINK.fullmatch(url):
        return f"不是网址:{url[:80]}"
    return None


def _cell(value: object) -> str:
    """Return a cell as text; a missing or not-a-number cell is empty."""
    if value is None or (isinstance(value, float) and value != value):
        return ""
    return str(value).strip()
