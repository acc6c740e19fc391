"""``huiying source new|add|check|list``: a name and an address come in; a source file, or health, goes out.

The crawlers are started as a program of their own and not imported: they know nothing of the store, and the
store nothing of them.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from pipeline.cli.support import print_records, reading_store
from pipeline.config import ConfigError, Home, Settings, find_home, read_toml
from pipeline.programs import sources_folder

TOOL = "crawlers.source_tool"
STATES = {
    "green": "正常",
    "amber": "注意",
    "red": "故障",
    "never": "未运行",
    "unverified": "未核实",
    "paused": "已暂停",
}
PASSED_ON = {"ignore_unknown_options": True, "help_option_names": []}


@click.group(
    name="source",
    help="数据源:查看健康状况、新建、检查。只采集公开页面,遵守 robots.txt;登录墙和验证码一律不绕过。",
)
def command() -> None:
    """Group the three commands."""


@command.command(name="list", help="列出各数据源的健康状况:最近一次运行、近一天新增、变黄变红的原因。")
@click.option("--json", "as_json", is_flag=True, help="每个数据源输出一行 JSON。")
@click.option("--bad", is_flag=True, help="只列出不正常的。")
def list_sources(as_json: bool, bad: bool) -> None:
    """Print the sources that the store knows, those in trouble first, then files that never ran."""
    with reading_store() as store:
        rows = store.rows("source_health", day_ago=datetime.now(UTC) - timedelta(days=1))
    rows += _waiting(find_home(), {row["source"] for row in rows})
    if bad:
        rows = [row for row in rows if row["status"] in {"red", "amber"}]
    shown = rows if as_json else [_line(row) for row in rows]
    print_records(
        shown, as_json, "没有不正常的数据源。" if bad else "还没有数据源;先运行 huiying source new。"
    )


@command.command(
    name="new",
    context_settings=PASSED_ON,
    help="查看一个网址,写出数据源文件:huiying source new 名称 网址 [选项]。",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def new(arguments: tuple[str, ...]) -> None:
    """Run the crawlers' own tool with the same arguments."""
    _run_tool("new", arguments)


@command.command(
    name="add",
    context_settings=PASSED_ON,
    help="取用随产品提供的数据源文件:huiying source add 名称…;不带名称时列出可用的。",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def add(arguments: tuple[str, ...]) -> None:
    """Run the crawlers' own tool with the same arguments."""
    _run_tool("add", arguments)


@command.command(
    name="check",
    context_settings=PASSED_ON,
    help="检查数据源:huiying source check 名称|网址|文件 [选项];不带参数时核对全部数据源文件。",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def check(arguments: tuple[str, ...]) -> None:
    """Run the crawlers' own tool with the same arguments."""
    _run_tool("check", arguments)


def _run_tool(action: str, arguments: tuple[str, ...]) -> None:
    """Pass on what the tool prints, and its exit code."""
    home = find_home()
    given = ["--home", str(home.root), "--contact", Settings.load(home).contact]
    done = subprocess.run([sys.executable, "-m", TOOL, action, *given, *arguments], check=False)
    sys.exit(done.returncode)


def _waiting(home: Home, known: set[str]) -> list[dict[str, Any]]:
    """Return the office's source files of which the store knows nothing yet, and why."""
    rows = []
    for path in sorted(sources_folder(home).glob("*.toml")):
        row: dict[str, Any] = {"source": path.stem, "name": "", "last_run": None, "new_a_day": 0}
        try:
            raw = read_toml(path)
        except ConfigError as error:
            rows.append({**row, "status": "red", "reasons": [str(error)]})
            continue
        if raw.get("id", path.stem) in known:
            continue
        checked = raw.get("verified", True) and raw.get("legal", {}).get("robots_checked")
        advice = f"先运行 huiying source check {path.stem} --approve"
        status, reasons = ("never", []) if checked else ("unverified", [advice])
        rows.append({**row, "name": str(raw.get("name", "")), "status": status, "reasons": reasons})
    return rows


def _line(row: dict[str, Any]) -> dict[str, Any]:
    """Return what a person reads of one source."""
    return {
        "state": STATES[row["status"]],
        "source": row["source"],
        "name": row["name"],
        "last_run": row["last_run"],
        "new": f"近一天新增 {row['new_a_day']}",
        "reasons": ";".join(row["reasons"]) or "-",
    }
