"""``huiying restore``: a backup comes in; the home's database is replaced by it, and the replaced one is
kept.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pipeline.backup import BackupError, restore
from pipeline.config import find_home
from pipeline.processes import HomeBusyError, hold_home


@click.command(help="用备份 BACKUP 换下当前数据库。被换下的文件会保留。须先停下回应。")
@click.argument("backup", type=click.Path(path_type=Path, dir_okay=False))
def command(backup: Path) -> None:
    """Restore a backup; exit code 1 if the system runs or the backup is not usable."""
    home = find_home()
    try:
        with hold_home(home):
            kept = restore(home, backup)
    except HomeBusyError as error:
        click.echo(f"{error}。请先用 Ctrl-C 停下再恢复。", err=True)
        sys.exit(1)
    except BackupError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    click.echo(f"已从 {backup} 恢复到 {home.database}。")
    if kept:
        click.echo(f"原来的数据库保留在 {kept}。")
