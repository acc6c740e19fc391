"""``huiying export``: posts, claims, alerts, the ledger or refused rows go out as a file."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from pipeline.cli.support import reading_store
from pipeline.config import LOCAL_TIME
from pipeline.exporting import FORMATS, QUERIES, export
from pipeline.writers import WriteError


@click.command(help="导出数据到文件；运行中也可导出。rejects 是拒收的行，改好后可再导入。")
@click.argument("what", type=click.Choice(list(QUERIES)))
@click.option(
    "--format", "kind", type=click.Choice(FORMATS), default=None, help="默认看 --output 的扩展名，否则 csv。"
)
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="默认 当前目录/名称-日期。",
)
@click.option("--force", is_flag=True, help="覆盖已有的文件。")
@click.option("--json", "as_json", is_flag=True, help="输出一行 JSON。")
def command(what: str, kind: str | None, output: Path | None, force: bool, as_json: bool) -> None:
    """Export to one file; an existing one is kept unless ``--force``."""
    suffix = output.suffix.lstrip(".").lower() if output else ""
    chosen = kind or (suffix if suffix in FORMATS else "csv")
    day = datetime.now(UTC).astimezone(LOCAL_TIME)
    path = output or Path(f"huiying-{what}-{day:%Y%m%d-%H%M}.{chosen}")
    if path.exists() and not force:
        click.echo(f"{path} 已存在；要覆盖请加 --force。", err=True)
        sys.exit(2)
    try:
        with reading_store() as store:
            rows = export(store, what, path, chosen)
    except (OSError, WriteError) as error:
        click.echo(f"没有导出成功：{error}", err=True)
        sys.exit(1)
    if as_json:
        click.echo(
            json.dumps({"what": what, "path": str(path), "format": chosen, "rows": rows}, ensure_ascii=False)
        )
    else:
        click.echo(f"已导出 {rows} 行到 {path}。")
