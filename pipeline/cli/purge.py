"""``huiying purge``: texts older than the office keeps them are removed; counts and claims stay."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

import click

from pipeline.config import Settings, find_home
from pipeline.processes import serving_address
from pipeline.retention import purge
from pipeline.store import Store


@click.command(
    help="清除超过保存期的原文（默认天数见 huiying.toml 的 retention_days）。运行中由系统每 6 小时自动清除。"
)
@click.option("--days", type=click.IntRange(1), default=None, help="保存多少天。")
@click.option("--dry-run", is_flag=True, help="只显示会清除多少。")
def command(days: int | None, dry_run: bool) -> None:
    """Purge now; exit code 1 while the system runs, which purges by itself."""
    home = find_home()
    if serving_address(home):
        click.echo("回应正在运行，由它按保存期自动清除；要立即清除请先停下。", err=True)
        sys.exit(1)
    before = datetime.now(UTC) - timedelta(days=days or Settings.load(home).retention_days)
    with Store.open(home) as store:
        if dry_run:
            found = store.rows("count_expired", before=before)[0]
            click.echo(f"将清除 {found['posts']} 条帖文、{found['rejects']} 条拒收记录。")
            return
        done = purge(store, before)
    click.echo(f"已清除 {done.posts} 条帖文、{done.rejects} 条拒收记录；统计和说法保留。")
