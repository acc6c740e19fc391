"""``huiying import FILE…``: files of posts come in; rows of the store go out, and a line about each file."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from pipeline.columns import MappingError
from pipeline.config import Home, Secrets, Settings, find_home, region_path
from pipeline.importing import (
    DEFAULT_CHANNEL,
    DEFAULT_SOURCE,
    ImportPlan,
    import_into_spool,
    import_into_store,
    plan_import,
)
from pipeline.ingest import Ingester
from pipeline.places import Region
from pipeline.processes import serving_address
from pipeline.readers import ReadError
from pipeline.store import Store, StoreBusyError

BAR = "{desc} {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} 行 [{elapsed}<{remaining}, {rate_fmt}]"


@click.command(
    name="import",
    help="导入帖文文件(jsonl、csv、xlsx、parquet;UTF-8 或 GBK/GB18030)。"
    "同一文件导入两次不会重复;中断后再次运行会接着导入。",
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--map", "given", multiple=True, metavar="字段=列名", help="指定某字段是哪一列,如 text=正文。可多次使用。"
)
@click.option("--source", default=DEFAULT_SOURCE, show_default=True, help="文件里没有来源列时用的来源。")
@click.option("--channel", default=DEFAULT_CHANNEL, show_default=True, help="文件里没有平台列时用的平台。")
@click.option("--dry-run", is_flag=True, help="只显示列的对应关系,不导入。")
@click.option("--json", "as_json", is_flag=True, help="每个文件输出一行 JSON。")
def command(
    files: tuple[Path, ...], given: tuple[str, ...], source: str, channel: str, dry_run: bool, as_json: bool
) -> None:
    """Import each file; bad input ends with exit code 2 before anything of that file is read in."""
    home = find_home().create()
    mapping = _mapping(given)
    for path in files:
        try:
            plan = plan_import(path, mapping, source, channel)
            _show(plan, mapping)
            if not dry_run:
                _import(home, plan, as_json)
        except (ReadError, MappingError) as error:
            click.echo(str(error), err=True)
            sys.exit(2)


def _mapping(given: tuple[str, ...]) -> dict[str, str]:
    pairs = [pair.split("=", 1) for pair in given]
    for pair in pairs:
        if len(pair) != 2 or not all(pair):
            raise click.UsageError(f"--map 应写成 字段=列名,收到:{'='.join(pair)}")
    return {field.strip(): column.strip() for field, column in pairs}


def _show(plan: ImportPlan, given: dict[str, str]) -> None:
    """Say how the columns are read, on the error stream, before anything is imported."""
    if plan.is_correction:
        click.echo(f"{plan.source.path}:这是导出的拒收记录,按 raw 列重新导入", err=True)
        return
    shown = "  ".join(
        f"{field}={column}{'' if field in given else '(猜测)' if field != column else ''}"
        for field, column in plan.mapping.items()
    )
    encoding = f",{plan.source.encoding}" if plan.source.encoding else ""
    click.echo(f"{plan.source.path}({plan.source.kind}{encoding}):{shown}", err=True)
    if plan.unused:
        click.echo(f"  不导入的列:{'、'.join(plan.unused[:20])}", err=True)


def _import(home: Home, plan: ImportPlan, as_json: bool) -> None:
    started = time.monotonic()
    with tqdm(total=plan.source.rows, desc=plan.source.path.name, bar_format=BAR, disable=None) as bar:
        try:
            result = _by_the_way_that_is_free(home, plan, bar)
        except KeyboardInterrupt:
            click.echo("\n已中断。已导入的行都在;再次运行同一命令会接着导入。", err=True)
            sys.exit(1)
        except OSError as error:
            click.echo(f"写入失败:{error}。已写完的部分都在,再次运行同一命令会接着导入。", err=True)
            sys.exit(1)
    result |= {"file": str(plan.source.path), "seconds": round(time.monotonic() - started, 2)}
    click.echo(json.dumps(result, ensure_ascii=False) if as_json else _sentence(result))


def _by_the_way_that_is_free(home: Home, plan: ImportPlan, bar: Any) -> dict[str, Any]:
    key = Secrets.load(home).author_key.encode()
    if serving_address(home) is None:
        try:
            with Store.open(home) as store:
                region = Region.load(region_path(Settings.load(home).region))
                report = import_into_store(Ingester(store, region), plan, key, bar.update)
        except StoreBusyError:
            pass  # another process became its owner just now: it reads the spool
        else:
            return {"way": "known"} if report is None else {"way": "store", **asdict(report)}
    return {"way": "spool", "spool_files": import_into_spool(home, plan, key, bar.update), "lines": bar.n}


def _sentence(result: dict[str, Any]) -> str:
    if result["way"] == "known":
        return f"{result['file']}:以前已完整导入,没有变化。"
    if result["way"] == "spool":
        return (
            f"{result['file']}:回应正在运行,{result['lines']} 行已写成 {result['spool_files']} 个待读文件,"
            "由它读入;结果见页面 数据源。"
        )
    return (
        f"{result['file']}:直接写入数据库,{result['lines']} 行,新增 {result['accepted']},"
        f"已有 {result['duplicates']}(其中改动 {result['edited']}),拒收 {result['rejected']},"
        f"用时 {result['seconds']} 秒。"
    )
