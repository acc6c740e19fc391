"""``huiying up``: the whole system of one home, in one terminal, until Ctrl-C."""

from __future__ import annotations

import click

from pipeline.cli.support import run_programs
from pipeline.config import Settings, find_home
from pipeline.programs import plan_up


@click.command(
    help="启动回应:处理进程、采集和页面,一个终端里全部运行;Ctrl-C 全部停下。"
    "没有配置登录时,页面只开在本机地址。"
)
@click.option("--host", default=None, help="页面的地址(默认 127.0.0.1);本机以外的地址需要先配置登录。")
@click.option("--port", type=int, default=None, help="页面的端口(默认见 huiying.toml,0 为自动选择)。")
def command(host: str | None, port: int | None) -> None:
    """Run until Ctrl-C; exit code 1 if the home is held or a port is in use."""
    home = find_home().create()
    run_programs(home, lambda: plan_up(home, Settings.load(home), port, host))
