"""``huiying demo``: the whole system over an invented prefecture, whose web site the real spiders crawl."""

from __future__ import annotations

import os
from pathlib import Path

import click

from pipeline.cli.support import run_programs
from pipeline.config import Home, find_home
from pipeline.programs import plan_demo


@click.command(
    help="演示:在一个虚构的州(云岭州)上运行整套系统。本机上的小网站陆续发布几百条帖文,"
    "其中有两次谣言突增和一次官方辟谣,由真实的采集程序抓取。数据在 var/demo,每次从头开始。"
)
@click.option("--port", type=int, default=None, help="页面的端口(默认 8501,0 为自动选择)。")
@click.option("--speed", type=click.FloatRange(0.1, 60), default=1.0, show_default=True, help="故事的快慢。")
def command(port: int | None, speed: float) -> None:
    """Run the demo until Ctrl-C."""
    given = os.environ.get("HUIYING_HOME")
    home = find_home(given) if given else Home(root=Path("var/demo").resolve())
    run_programs(home, lambda: plan_demo(home, port, speed))
