"""``huiying report``: the daily or weekly report, or the brief on one claim, as docx, html or pdf."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click

from pipeline import report
from pipeline.cli.support import reading_store
from pipeline.config import LOCAL_TIME, Settings, find_home
from pipeline.ledger import LedgerRefusedError
from pipeline.report_html import NoPdfToolError
from pipeline.report_records import Report
from pipeline.store import Reader


@click.command(help="生成报告:daily 日报,weekly 周报(日期所在的周一至周日),claim 一个说法的专报。")
@click.argument("kind", type=click.Choice(report.KINDS))
@click.argument("claim_id", required=False)
@click.option("--date", "day", default=None, help="日期,如 2026-11-25;默认昨天。专报不用。")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="文件名,按扩展名输出 docx、html 或 pdf;默认在当前目录写 docx。",
)
@click.option("--county", "counties", multiple=True, help="只含某县(可多次)。专报不用。")
@click.option("--force", is_flag=True, help="覆盖已有的文件。")
def command(
    kind: str,
    claim_id: str | None,
    day: str | None,
    output: Path | None,
    counties: tuple[str, ...],
    force: bool,
) -> None:
    """Write one report; an existing file is kept unless ``--force``."""
    now = datetime.now(UTC)
    chosen = _day(day, now)
    if (kind == "claim") != bool(claim_id):
        raise click.UsageError("专报要给出说法编号;日报、周报不要。")
    if output is not None:
        _check(output, force)
    with reading_store() as store:
        made = _made(store, kind, claim_id or "", chosen, now, counties)
    path = output or Path(report.file_name(made, "docx"))
    _check(path, force)
    try:
        report.write(made, path)
    except (OSError, NoPdfToolError) as error:
        click.echo(f"没有生成报告:{error}", err=True)
        sys.exit(1)
    click.echo(f"已生成 {path}。")


def _made(
    store: Reader, kind: str, claim_id: str, day: date, now: datetime, counties: tuple[str, ...]
) -> Report:
    settings = Settings.load(find_home())
    if kind == "daily":
        return report.daily(store, settings, day, now, counties)
    if kind == "weekly":
        return report.weekly(store, settings, day, now, counties)
    try:
        return report.claim(store, settings, claim_id, now)
    except LedgerRefusedError as error:
        raise click.UsageError(str(error)) from error


def _day(given: str | None, now: datetime) -> date:
    if given is None:
        return now.astimezone(LOCAL_TIME).date() - timedelta(days=1)
    try:
        day = date.fromisoformat(given)
    except ValueError as error:
        raise click.UsageError(f"--date 应为 2026-11-25 这样的日期,不是 {given!r}") from error
    if day > now.astimezone(LOCAL_TIME).date():
        raise click.UsageError(f"--date {given} 还没有到")
    return day


def _check(path: Path, force: bool) -> None:
    if path.suffix.lstrip(".").lower() not in report.WRITERS:
        raise click.UsageError(f"{path}:报告可输出为 {'、'.join(report.WRITERS)}")
    if path.exists() and not force:
        raise click.UsageError(f"{path} 已存在;要覆盖请加 --force")
