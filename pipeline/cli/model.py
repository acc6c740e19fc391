"""``huiying model``: the versions of the models, which one is in use, and going back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import click

from models.weights import WeightsError
from pipeline.cli.support import actor_name
from pipeline.config import find_home
from pipeline.model_versions import Version, VersionError, history, rollback, use, versions


@click.group(help="模型版本:list 列出,use 启用一个版本,rollback 退回上一个,history 看更换记录。")
def command() -> None:
    """Group the commands about versions."""


@command.command("list", help="列出各版本;* 为正在使用的。")
@click.option("--json", "as_json", is_flag=True, help="每行输出一个 JSON。")
def list_(as_json: bool) -> None:
    """Print one line a version."""
    for version in versions(find_home()):
        click.echo(json.dumps(_record(version), ensure_ascii=False) if as_json else _line(version))


@command.command("use", help="启用一个版本(shipped 为随软件附带的);正在运行的系统会自动换上。")
@click.argument("name")
@click.option("--why", default="", help="原因,记入更换记录。")
@click.option("--force", is_flag=True, help="没有通过质量门的也启用。")
def use_(name: str, why: str, force: bool) -> None:
    """Put a version in use; an unknown, refused or damaged one is exit code 2."""
    try:
        chosen = use(find_home(), name, actor_name(), datetime.now(UTC), why, force)
    except (VersionError, WeightsError) as error:
        raise click.UsageError(str(error)) from error
    click.echo(f"已启用 {chosen.name}({chosen.version})。")


@command.command("rollback", help="退回此前使用的版本。")
@click.option("--why", default="", help="原因,记入更换记录。")
def rollback_(why: str) -> None:
    """Put the version in use that was before; without one it is exit code 2."""
    try:
        chosen = rollback(find_home(), actor_name(), datetime.now(UTC), why)
    except (VersionError, WeightsError) as error:
        raise click.UsageError(str(error)) from error
    click.echo(f"已退回 {chosen.name}({chosen.version})。")


@command.command("history", help="更换记录,先发生的在前。")
def history_() -> None:
    """Print one line a change."""
    changes = history(find_home())
    for change in changes:
        click.echo(f"{change.at}  {change.actor}  {change.before} → {change.after}  {change.why}")
    if not changes:
        click.echo("没有更换过模型版本。")


def _line(version: Version) -> str:
    mark = "*" if version.active else " "
    gate = "" if version.passed else "  未通过质量门"
    return f"{mark} {version.name}  {version.version}  {version.made_at or '随软件附带'}{gate}"


def _record(version: Version) -> dict[str, Any]:
    return {
        "name": version.name,
        "version": version.version,
        "active": version.active,
        "passed": version.passed,
        "made_at": version.made_at,
        "record": dict(version.record),
    }
