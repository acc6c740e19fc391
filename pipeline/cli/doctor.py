"""``huiying doctor``: what works on this machine and what does not."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from pipeline.cli.support import print_records
from pipeline.config import find_home
from pipeline.doctor import examine


@click.command(help="检查本机与数据目录：配置、扩展、模型、数据库、进程、来源、备份。有问题时退出码为 1。")
@click.option("--json", "as_json", is_flag=True, help="每项输出一行 JSON。")
def command(as_json: bool) -> None:
    """Print every finding; exit code 1 if one is not ok."""
    findings = list(examine(find_home()))
    if as_json:
        print_records([asdict(finding) for finding in findings], True, "")
    else:
        for finding in findings:
            click.echo(f"{'✓' if finding.ok else '✗'} {finding.check}：{finding.said}")
    if not all(finding.ok for finding in findings):
        sys.exit(1)
