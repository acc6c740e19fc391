"""Responses come in; the ledger (台账) in the columns that offices use goes out as a file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from pipeline.config import LOCAL_TIME
from pipeline.ledger import Ledger
from pipeline.ledger_book import LedgerBook
from pipeline.ledger_events import VERDICT_WORDS
from pipeline.ledger_records import STATE_WORDS, Deadline, Response
from pipeline.writers import RowWriter, finishing, open_writer

COLUMNS = (
    "序号", "说法编号", "说法", "首次发现", "属地责任单位", "行业主管部门", "特别重大或重大", "时限与起算",
    "起算时间", "应办结时间", "状态", "是否超时", "会商单位", "起草人", "审核", "发布时间", "发布链接",
    "有效期止", "核查结论", "结论出处", "认定人", "结果或理由", "办结时间", "卡点",
)  # fmt: skip
FORMATS = ("xlsx", "csv", "jsonl")
PAGE = 200  # claims folded at once
TITLE = "舆情回应台账(截至 {now})"


def export_ledger(ledger: Ledger, path: Path, now: datetime, counties: Collection[str] = ()) -> int:
    """Write one row for each response; return how many. A failed export leaves no file.

    Raises:
        ValueError: the file's suffix is none of ``FORMATS``.
        OSError: the file cannot be written.
    """
    kind = path.suffix.lstrip(".").lower()
    if kind not in FORMATS:
        raise ValueError(f"{path}:台账可导出为 {'、'.join(FORMATS)}")
    writer = _writer(path, kind, now)
    written = 0
    with finishing(writer):
        for row in table_rows(ledger, now, counties):
            writer.write(row)
            written += 1
    return written


def table_rows(ledger: Ledger, now: datetime, counties: Collection[str] = ()) -> Iterator[dict[str, Any]]:
    """Yield the ledger's rows, what is due first at the top."""
    number = count(1)
    for skip in count(0, PAGE):
        page = ledger.page(counties=counties, most=PAGE, skip=skip)
        found = ledger.responses([row["claim_id"] for row in page], now)
        for row in page:
            yield {"序号": next(number), **_row(row, found[row["claim_id"]], now)}
        if len(page) < PAGE:
            return


def _writer(path: Path, kind: str, now: datetime) -> RowWriter:
    if kind == "xlsx":
        return LedgerBook(path, COLUMNS, TITLE.format(now=_local(now)))
    return open_writer(path, kind, COLUMNS, {}, mark=kind == "csv")


def _row(listed: Mapping[str, Any], response: Response, now: datetime) -> dict[str, Any]:
    deadline = response.next_deadline or _last_met(response)
    return {
        "说法编号": response.claim_id,
        "说法": listed["text"],
        "首次发现": _local(response.opened_at),
        "属地责任单位": response.county,
        "行业主管部门": response.department,
        "特别重大或重大": "是" if response.emergency else "否",
        "时限与起算": deadline.words() if deadline else "",
        "起算时间": _local(deadline.start if deadline else None),
        "应办结时间": _local(deadline.ends if deadline else None),
        "状态": STATE_WORDS[response.state],
        "是否超时": "是" if any(one.overdue(_until(response, now)) for one in response.deadlines) else "否",
        **_people(response),
        **_outcome(response),
        "卡点": response.blocked_by,
    }


def _people(response: Response) -> dict[str, Any]:
    agreed = {True: "同意", False: "不同意", None: "未复"}
    return {
        "会商单位": "、".join(f"{one.department}({agreed[one.agrees]})" for one in response.consultations),
        "起草人": "、".join(dict.fromkeys(draft.author for draft in response.drafts)),
        "审核": "、".join(
            f"{one.level_name}{one.reviewer}{'通过' if one.passed else '退回'}" for one in response.reviews
        ),
    }


def _outcome(response: Response) -> dict[str, Any]:
    answer, verdict = response.answer, response.verdict
    return {
        "发布时间": _local(answer.published_at if answer else None),
        "发布链接": answer.url if answer else "",
        "有效期止": _local(answer.end if answer else None),
        "核查结论": VERDICT_WORDS[verdict.verdict.value] if verdict else "",
        "结论出处": " ".join(filter(None, (verdict.verdict.source, verdict.verdict.source_url)))
        if verdict
        else "",
        "认定人": verdict.decided_by if verdict else "",
        "结果或理由": response.reason,
        "办结时间": _local(response.done_at),
    }


def _last_met(response: Response) -> Deadline | None:
    known = [one for one in response.deadlines if one.ends is not None]
    return max(known, key=lambda one: (one.met_at is not None, one.ends)) if known else None


def _until(response: Response, now: datetime) -> datetime:
    """Return the moment at which lateness is judged: what is done is not late any more."""
    return response.done_at or now


def _local(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment.astimezone(LOCAL_TIME):%Y-%m-%d %H:%M}"
