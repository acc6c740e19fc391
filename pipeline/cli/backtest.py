"""``huiying backtest POSTS --output DIR``: past posts come in; five files of what would have been flagged
go out.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import click
from tqdm import tqdm

from pipeline.backtest import STEP, Backtest, BacktestReport
from pipeline.columns import MappingError
from pipeline.config import LOCAL_TIME, Settings, find_home, region_path
from pipeline.importing import plan_import
from pipeline.model_versions import active_folder
from pipeline.places import Region
from pipeline.readers import ReadError
from pipeline.store import Store


@click.command(
    help="用过去的帖文重演：与运行时相同的各步骤、按帖文自己的时钟。"
    "在 --output 目录写出 tags、claims、alerts、queue、ranks 五个 jsonl 文件;"
    "ranks 是队列前十名每次变动。不影响现有数据。"
)
@click.argument("posts", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--statements", type=click.Path(path_type=Path, dir_okay=False), default=None, help="权威信息文件。"
)
@click.option("--output", required=True, type=click.Path(path_type=Path, file_okay=False), help="输出目录。")
@click.option(
    "--step",
    type=click.IntRange(1, 60),
    default=int(STEP.total_seconds() // 60),
    show_default=True,
    help="每几分钟看一次。",
)
@click.option("--json", "as_json", is_flag=True, help="输出一行 JSON。")
def command(posts: Path, statements: Path | None, output: Path, step: int, as_json: bool) -> None:
    """Run a backtest in a store of its own; unreadable input is exit code 2."""
    try:
        plan = plan_import(posts, {})
        official = plan_import(statements, {}, "statements", "权威信息") if statements else None
    except (ReadError, MappingError) as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    from models import Tagger  # here, because it brings onnxruntime and `--help` should answer at once

    settings = Settings.load(find_home())
    region = Region.load(region_path(settings.region))
    with tempfile.TemporaryDirectory(prefix="huiying-backtest-") as folder, Store.open(Path(folder)) as store:
        test = Backtest(store, Tagger.load(active_folder(find_home())), region, settings)
        total = test.load(plan, official)
        with tqdm(total=total, unit="条", disable=None) as bar:
            test.run(timedelta(minutes=step), bar.update)
        report = _report(test, test.write(output))
    if as_json:
        click.echo(json.dumps(asdict(report), ensure_ascii=False))
    else:
        click.echo(_sentence(report, output))


def _report(test: Backtest, written: dict[str, int]) -> BacktestReport:
    seen = test.store.rows("hidden_counts")[0]
    times = [
        seen[name].astimezone(LOCAL_TIME).isoformat() if seen[name] else "" for name in ("first", "last")
    ]
    return BacktestReport(
        posts=seen["posts"],
        rejected=test.rejected,
        statements=seen["statements"],
        claims=written["claims"],
        alerts=written["alerts"],
        queued=written["queue"],
        first=times[0],
        last=times[1],
    )


def _sentence(report: BacktestReport, output: Path) -> str:
    return (
        f"{report.posts} 条帖文（{report.first[:16]} 至 {report.last[:16]}），拒收 {report.rejected} 行；"
        f"说法 {report.claims} 个，预警 {report.alerts} 次，进入待回应 {report.queued} 个。结果在 {output}。"
    )
