"""``huiying detect COUNTS --output OUT``: counts come in; what was expected and what is above it goes out."""

from __future__ import annotations

import re
import sys
from datetime import timedelta
from pathlib import Path

import click
import pyarrow as pa

from pipeline.detect import COLUMNS, DetectError, detect, read_counts
from pipeline.readers import ReadError, kind_of, open_source
from pipeline.writers import finishing, open_writer

TYPES = {
    **{name: pa.string() for name in ("series", "time")},
    **{name: pa.float64() for name in ("expected", "upper", "score")},
    **{name: pa.bool_() for name in ("alarm", "open")},
    "count": pa.int64(),
}
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def _step(context: click.Context, parameter: click.Parameter, value: str | None) -> timedelta | None:
    if value is None:
        return None
    match = re.fullmatch(r"(\d+)([mhdw])", value)
    if not match or not int(match[1]):
        raise click.BadParameter("写成 15m、1h、1d、1w 这样")
    return timedelta(**{UNITS[match[2]]: int(match[1])})


@click.command(
    help="检测突增:读入 series、time、count 三列(csv、jsonl、xlsx、parquet;步长 15 分钟到一周,须规则),"
    "逐行写出 expected(预期)、upper(上限)、score(1 为门限)、alarm(是否告警)。每一步只用它之前的数据。"
)
@click.argument("counts", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="结果文件。")
@click.option("--step", callback=_step, default=None, help="步长,如 15m、1h、1d、1w(默认从时间列看出)。")
@click.option(
    "--warmup",
    type=click.FloatRange(0, 365),
    default=7.0,
    show_default=True,
    metavar="天",
    help="前多少天只用来学习基线,不告警(不足两倍长的序列不等)。",
)
def command(counts: Path, output: Path, step: timedelta | None, warmup: float) -> None:
    """Write one row a row of the input; bad input ends with exit code 2."""
    try:
        source, kind = open_source(counts, ("series", "time", "count")), kind_of(output)
        missing = [name for name in ("series", "time", "count") if name not in source.layout.names]
        if missing:
            raise DetectError(f"没有列 {'、'.join(missing)};有 {'、'.join(source.layout.names)}")
        table = read_counts(source.lines(), step)
    except (ReadError, DetectError) as error:
        click.echo(f"{counts}:{error}", err=True)
        sys.exit(2)
    if table.disordered:
        click.echo(f"{counts}:{table.disordered} 行时间先后颠倒,已按时间排序计算。", err=True)
    writer, alarms = open_writer(output, kind, COLUMNS, TYPES, mark=False), 0
    with finishing(writer):
        for row in detect(table, warm_up=timedelta(days=warmup)):
            alarms += row["alarm"]
            writer.write(row)
    click.echo(f"{len(table.rows)} 行,告警 {alarms} 次,结果在 {output}。")
