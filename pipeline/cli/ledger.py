"""``huiying ledger``: responses, one response's history, events to record, the chain's check and the table
that offices use.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from pipeline.cli.support import actor_name, appending_store, print_records, reading_store
from pipeline.config import LOCAL_TIME, Settings, find_home
from pipeline.handover import handover
from pipeline.handover_files import FORMATS as SHEET_FORMATS
from pipeline.handover_files import write_handover
from pipeline.ledger import Ledger, LedgerRefusedError
from pipeline.ledger_chain import verify
from pipeline.ledger_events import KINDS, EventError, decode
from pipeline.ledger_records import STATE_WORDS, Response, State
from pipeline.ledger_table import FORMATS, export_ledger
from pipeline.report_html import NoPdfToolError
from pipeline.roles import Role, User
from pipeline.store import Reader


@click.group(help="台账:list 清单,show 一件的经过,record 登记,handover 交接班,verify 校验,export 导出。")
def command() -> None:
    """Group the ledger's commands."""


@command.command("list", help="回应清单,先到期的在前。")
@click.option(
    "--state", type=click.Choice([str(state) for state in State]), default=None, help="只看一种状态。"
)
@click.option("--county", "counties", multiple=True, help="只看某县(可多次)。")
@click.option("--overdue", is_flag=True, help="只看超时的。")
@click.option("--soon", type=click.FloatRange(min=0), default=None, help="只看多少小时内到期的。")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="每行输出一个 JSON。")
def list_(
    state: str | None, counties: tuple[str, ...], overdue: bool, soon: float | None, limit: int, as_json: bool
) -> None:
    """Print one line a response."""
    now = datetime.now(UTC)
    if soon is not None and overdue:
        raise click.UsageError("--overdue 与 --soon 不能同时用")
    with reading_store() as store:
        ledger = _ledger(store)
        if overdue:
            rows = ledger.overdue(now, counties)[:limit]
        elif soon is not None:
            rows = ledger.soon(now, soon, counties)[:limit]
        else:
            rows = ledger.page(State(state) if state else None, counties, most=limit)
    print_records(rows if as_json else [_short(row) for row in rows], as_json, "没有符合条件的回应。")


@command.command(help="一个说法的状态、时限和全部登记。")
@click.argument("claim_id")
@click.option("--json", "as_json", is_flag=True, help="每行输出一个 JSON(一个事件一行)。")
def show(claim_id: str, as_json: bool) -> None:
    """Print one response and its events; an unknown claim is exit code 2."""
    now = datetime.now(UTC)
    with reading_store() as store:
        try:
            response = _ledger(store).response(claim_id, now)
        except LedgerRefusedError as error:
            raise click.UsageError(str(error)) from error
    events = _events(response)
    if as_json:
        print_records(events, True, "")
        return
    click.echo(f"{claim_id}  {STATE_WORDS[response.state]}  {response.county}  {response.department}")
    for deadline in response.deadlines:
        ends = f"{deadline.ends.astimezone(LOCAL_TIME):%Y-%m-%d %H:%M}" if deadline.ends else "未起算"
        click.echo(f"时限 {ends}  {deadline.words()}  {'超时' if deadline.overdue(now) else ''}")
    print_records(events, False, "还没有登记。")


@command.command(help='登记一个事件,例:huiying ledger record 说法编号 noted \'{"text": "已电话核实"}\'。')
@click.argument("claim_id")
@click.argument("kind", type=click.Choice(sorted(set(KINDS) - {"shelved"})))
@click.argument("body", default="{}")
def record(claim_id: str, kind: str, body: str) -> None:
    """Record one event as the local user; what does not fit is exit code 2."""
    user = User(name=actor_name(), roles=frozenset({Role.ADMIN}))
    with appending_store() as store:
        try:
            event_id = _ledger(store).record(user, claim_id, decode(kind, body), datetime.now(UTC))
        except (EventError, LedgerRefusedError) as error:
            raise click.UsageError(str(error)) from error
    click.echo(f"已登记 {event_id}")


@command.command("handover", help="交接班单。")
@click.option(
    "--hours", type=click.FloatRange(min=0, min_open=True), default=12.0, show_default=True, help="本班时长。"
)
@click.option("--county", "counties", multiple=True, help="只看某县(可多次)。")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="写成文件(docx、html、pdf 或 xlsx),不显示。",
)
@click.option("--force", is_flag=True, help="覆盖已有的文件。")
def handover_(hours: float, counties: tuple[str, ...], output: Path | None, force: bool) -> None:
    """Print the sheet of the shift that ends now, or write it; a file that exists is kept."""
    if output is not None:
        _check_file(output, SHEET_FORMATS, force)
    now = datetime.now(UTC)
    with reading_store() as store:
        sheet = handover(_ledger(store), now - timedelta(hours=hours), now, counties)
    if output is None:
        click.echo(sheet.text(), nl=False)
        return
    try:
        write_handover(sheet, Settings.load(find_home()).office, output)
    except (OSError, NoPdfToolError) as error:
        click.echo(f"没有写成:{error}", err=True)
        sys.exit(1)
    click.echo(f"已写到 {output}。")


@command.command("verify", help="校验台账没有被改动;--head 给出以前登记过的链头,可查出末尾被截掉。")
@click.option("--head", "noted", default="", help="以前交接班单上的链头。")
@click.option("--json", "as_json", is_flag=True, help="输出一行 JSON。")
def verify_(noted: str, as_json: bool) -> None:
    """Check the chain; a broken one is exit code 1."""
    with reading_store() as store:
        found = verify(store, noted)
    if as_json:
        click.echo(
            json.dumps(
                {
                    "holds": found.holds,
                    "sealed": found.sealed,
                    "waiting": found.waiting,
                    "head": found.head,
                    "problems": found.problems,
                },
                ensure_ascii=False,
            )
        )
    else:
        for problem in found.problems:
            click.echo(problem, err=True)
        word = "完好" if found.holds else "已损坏"
        click.echo(f"台账{word}:{found.sealed} 个事件已入链,{found.waiting} 个待入链,链头 {found.head}")
    if not found.holds:
        sys.exit(1)


@command.command(help="导出台账表(xlsx、csv 或 jsonl)。")
@click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.option("--county", "counties", multiple=True, help="只看某县(可多次)。")
@click.option("--force", is_flag=True, help="覆盖已有的文件。")
def export(output: Path, counties: tuple[str, ...], force: bool) -> None:
    """Write the table to one file; an existing one is kept unless ``--force``."""
    _check_file(output, FORMATS, force)
    with reading_store() as store:
        try:
            rows = export_ledger(_ledger(store), output, datetime.now(UTC), counties)
        except OSError as error:
            click.echo(f"没有导出成功:{error}", err=True)
            sys.exit(1)
    click.echo(f"已导出 {rows} 行到 {output}。")


def _check_file(path: Path, formats: Sequence[str], force: bool) -> None:
    if path.suffix.lstrip(".").lower() not in formats:
        raise click.UsageError(f"{path}:可输出为 {'、'.join(formats)}")
    if path.exists() and not force:
        raise click.UsageError(f"{path} 已存在;要覆盖请加 --force")


def _ledger(store: Reader) -> Ledger:
    return Ledger.open(store, Settings.load(find_home()))


def _short(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "claim_id": row["claim_id"],
        "state": STATE_WORDS[State(row["state"])],
        "due_at": row["due_at"],
        "due_rule": row["due_rule"],
        "owners": [name for name in (row["county"], row["department"]) if name] or ["未交办"],
        "text": row["text"][:40],
    }


def _events(response: Response) -> list[dict[str, Any]]:
    refused = {one.entry.event_id: one.reason for one in response.ignored}
    entries = [*response.history, *(one.entry for one in response.ignored)]
    return [
        {
            "recorded_at": entry.recorded_at,
            "actor": entry.actor,
            "kind": entry.kind,
            "body": entry.body,
            "not_counted": refused.get(entry.event_id, ""),
        }
        for entry in sorted(entries, key=lambda entry: entry.recorded_at)
    ]
