"""The ledger and a shift's start come in; the hand-over sheet (交接班) goes out: opened, closed, due,
blocked, silenced.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from pipeline.config import LOCAL_TIME
from pipeline.ledger import Ledger
from pipeline.ledger_chain import head
from pipeline.ledger_records import STATE_WORDS, State

Row = Mapping[str, Any]
HORIZONS = (5, 24, 48)  # hours, as the notices count


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """One shift's sheet; rows have the columns of the query ``response_page``."""

    since: datetime
    until: datetime
    opened: tuple[Row, ...]
    closed: tuple[Row, ...]
    overdue: tuple[Row, ...]
    due: Mapping[int, tuple[Row, ...]]
    blocked: tuple[Row, ...]
    silenced: tuple[Row, ...]
    shelved: tuple[Row, ...]
    chain_head: str

    def text(self) -> str:
        """Return the sheet as plain Chinese text."""
        parts = [
            f"交接班单  {_moment(self.since)} 至 {_moment(self.until)}",
            _section("超时未回应", self.overdue, _due_line),
            *(_section(f"{hours} 小时内到期", self.due[hours], _due_line) for hours in sorted(self.due)),
            _section("卡点", self.blocked, lambda row: f"{row['text']}  等待:{row['blocked_by']}"),
            _section("本班新增", self.opened, _state_line),
            _section("本班办结", self.closed, _outcome_line),
            _section("静默中的预警", self.silenced, _silence_line),
            _section("自动搁置(优先级低,无人接手)", self.shelved, _shelved_line),
            f"台账链头 {self.chain_head}",
        ]
        return "\n\n".join(parts) + "\n"


def handover(ledger: Ledger, since: datetime, now: datetime, counties: Collection[str] = ()) -> Handover:
    """Return the sheet of the shift from ``since`` to ``now``.

    Every open response is in exactly one of overdue and the horizons; the horizons do not overlap.
    """
    rows = ledger.page(counties=counties, most=1_000_000)
    claims = {row["claim_id"] for row in rows}
    owed = [row for row in rows if row["owed"]]
    edges = (0, *HORIZONS)
    return Handover(
        since=since,
        until=now,
        opened=tuple(row for row in owed if since <= row["opened_at"] < now),
        closed=tuple(row for row in rows if row["done_at"] is not None and since <= row["done_at"] < now),
        overdue=tuple(_due_between(owed, None, now)),
        due={
            late: tuple(_due_between(owed, now + timedelta(hours=early), now + timedelta(hours=late)))
            for early, late in pairwise(edges)
        },
        blocked=tuple(row for row in owed if row["blocked_by"]),
        silenced=tuple(
            row
            for row in ledger.store.rows("muted_alerts", now=now)
            if row["claim_id"] in claims or not counties
        ),
        shelved=tuple(
            row
            for row in ledger.store.rows("shelved_between", since=since, until=now)
            if row["claim_id"] in claims or not counties
        ),
        chain_head=head(ledger.store),
    )


def _due_between(rows: Sequence[Row], first: datetime | None, last: datetime) -> list[Row]:
    return [
        row
        for row in rows
        if row["due_at"] is not None and row["due_at"] < last and (first is None or row["due_at"] >= first)
    ]


def _section(title: str, rows: Sequence[Row], line: Any) -> str:
    if not rows:
        return f"【{title}】无"
    return "\n".join([f"【{title}】{len(rows)} 件", *(f"{n}. {line(row)}" for n, row in enumerate(rows, 1))])


def _due_line(row: Row) -> str:
    owner = "、".join(filter(None, (row["county"], row["department"]))) or "未交办"
    line = f"{row['text']}  {_moment(row['due_at'])} 前({row['due_rule']})  {_state(row)}  {owner}"
    return f"{line}  已提请:{row['escalated_to']}" if row["escalated_to"] else line


def _state_line(row: Row) -> str:
    return f"{row['text']}  {_state(row)}"


def _outcome_line(row: Row) -> str:
    return "  ".join(filter(None, (row["text"], _state(row), row["published_url"], row["reason"])))


def _silence_line(row: Row) -> str:
    until = f"{row['actor']} 于 {_moment(row['recorded_at'])} 静默至 {_moment(row['muted_until'])}"
    return f"{row['text'] or row['claim_id']}  {until}"


def _shelved_line(row: Row) -> str:
    return f"{row['text'] or row['claim_id']}  {_moment(row['recorded_at'])}"


def _state(row: Row) -> str:
    return STATE_WORDS[State(row["state"])]


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(LOCAL_TIME):%m月%d日 %H:%M}"
