"""``huiying sql``: an analyst's SELECT comes in; its rows go out. Nothing can be changed here."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click
import pandas as pd

from pipeline.cli.support import print_records, reading_store
from pipeline.store import StoreRefusedError

PROMPT = "huiying> "


@click.command(
    help='只读查询：huiying sql "select count(*) from posts"。不带语句时进入查询窗口，空行执行，exit 退出。'
    "表：posts tags claims claim_members counts alerts queue statements sources runs rejects，以及 *_events。"
)
@click.argument("statement", required=False)
@click.option("--json", "as_json", is_flag=True, help="每行输出一个 JSON。")
@click.option("--limit", type=click.IntRange(1), default=1000, show_default=True, help="最多显示多少行。")
def command(statement: str | None, as_json: bool, limit: int) -> None:
    """Run one SELECT, or a small shell; a refused statement is exit code 2."""
    with reading_store() as store:
        if statement is None:
            _shell(store.select, as_json, limit)
            return
        try:
            _print(store.select(statement), as_json, limit)
        except StoreRefusedError as error:
            click.echo(f"不能执行：{error}", err=True)
            sys.exit(2)


def _shell(select: Callable[[str], pd.DataFrame], as_json: bool, limit: int) -> None:
    lines: list[str] = []
    while True:
        try:
            line = input(PROMPT if not lines else "    ...> ")
        except (EOFError, KeyboardInterrupt):
            return
        if not lines and line.strip().lower() in {"exit", "quit"}:
            return
        if line.strip():
            lines.append(line)
        if lines and (not line.strip() or line.rstrip().endswith(";")):
            try:
                _print(select("\n".join(lines)), as_json, limit)
            except StoreRefusedError as error:
                click.echo(f"不能执行：{error}", err=True)
            lines = []


def _print(frame: pd.DataFrame, as_json: bool, limit: int) -> None:
    shown = frame.head(limit)
    if as_json:
        rows: list[dict[Any, Any]] = shown.astype(object).where(shown.notna(), None).to_dict("records")
        print_records(rows, True, "")
        return
    if frame.empty:
        click.echo("（没有行）")
    else:
        with pd.option_context(
            "display.width", None, "display.max_columns", None, "display.max_colwidth", 60
        ):
            click.echo(shown.to_string(index=False))
    if len(frame) > limit:
        click.echo(f"（共 {len(frame)} 行，只显示前 {limit} 行；--limit 可改）", err=True)
