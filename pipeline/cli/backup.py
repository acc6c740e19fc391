"""``huiying backup``: a checked copy of the database goes out, also while the system runs."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from pipeline.backup import BackupError, back_up
from pipeline.config import find_home


@click.command(help="备份数据库到 OUT(默认 数据目录/backups/)。运行中也可备份；写完会打开备份核对。")
@click.argument("out", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="输出一行 JSON。")
def command(out: Path | None, as_json: bool) -> None:
    """Make a backup; exit code 1 if none was made."""
    try:
        made = back_up(find_home(), out)
    except (BackupError, OSError) as error:
        click.echo(f"没有备份成功：{error}", err=True)
        sys.exit(1)
    if as_json:
        click.echo(json.dumps({"path": str(made.path), "bytes": made.size, "posts": made.posts}))
    else:
        click.echo(f"已备份到 {made.path}（{made.size / 2**20:.1f} MB，{made.posts} 条帖文，已核对）。")
