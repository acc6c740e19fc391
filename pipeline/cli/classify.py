"""``huiying classify IN --output OUT``: a file of texts comes in; the same file with tags goes out."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import get_args

import click
from tqdm import tqdm

from models.bands import BandError, bands_of, no_bands
from models.weights import WeightsError, read_manifest
from pipeline.classify import Asked, ClassifyError, ClassifyReport, classify, find_text_column
from pipeline.classify_changes import ChangesError
from pipeline.classify_rows import Classifier
from pipeline.classify_summary import shares_text
from pipeline.config import Home, Settings, find_home, region_path
from pipeline.model_versions import active_folder
from pipeline.places import Region
from pipeline.readers import ReadError, Source, kind_of, open_source
from pipeline.tagging import OneTagger, Quality, Starter, TaggerPool, TaggingError, load_tagger
from pipeline.writers import WriteError

BAR = "标注 {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} 行 [{elapsed}<{remaining}, {rate_fmt}]"
BAD_INPUT = (
    *(ReadError, ClassifyError, ChangesError, TaggingError),
    *(WriteError, WeightsError, BandError),
)
GO_ON = "已标注的部分都在;再次运行同一命令会接着标注。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line asked for."""

    quality: Quality
    workers: int
    dedupe: bool
    abstain: bool
    against: Path | None


@click.command(
    help="批量标注:读入文件,保留原有各列,加上情感、情绪、诉求、疑似不实、值得核查、地点等列。"
    "按扩展名识别 jsonl、csv、xlsx、parquet。拿不准的标为 doubtful,不猜。中断后再次运行同一命令会接着标注。"
    "结束时打印各类占比及区间,并写出 OUT.manifest.json。",
)
@click.argument("file", metavar="IN", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--output",
    "-o",
    required=True,
    metavar="OUT",
    type=click.Path(path_type=Path, dir_okay=False),
    help="输出文件。",
)
@click.option("--text-column", default=None, help="正文所在的列(默认按列名猜测)。")
@click.option(
    "--quality",
    type=click.Choice(get_args(Quality)),
    default="balanced",
    show_default=True,
    help="fast:先用字符模型,拿不准的再用神经网络。balanced:两个模型读每一条。"
    "best:长文再以重叠的段落读全(其他两档只读开头和均匀抽取的几段),长文慢两到三倍。",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="用几个进程;1 时由一个进程用满各核。",
)
@click.option("--dedupe/--no-dedupe", default=True, show_default=True, help="相同的文本只标一次。")
@click.option(
    "--abstain/--no-abstain",
    default=True,
    show_default=True,
    help="拿不准的标为 doubtful;--no-abstain 总给出最可能的一类。",
)
@click.option(
    "--against",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    metavar="OLD_OUTPUT",
    help="与同一输入的旧结果对比:哪些行换了标签,从什么换到什么,写到 OUT.changes.csv。",
)
@click.option("--json", "as_json", is_flag=True, help="结束时输出一行 JSON。")
def command(
    file: Path, output: Path, text_column: str | None, as_json: bool,
    quality: Quality, workers: int, dedupe: bool, abstain: bool, against: Path | None,
) -> None:  # fmt: skip
    """Tag a file; bad input ends with exit code 2 before the model is loaded."""
    options = Options(quality=quality, workers=workers, dedupe=dedupe, abstain=abstain, against=against)
    try:
        source = open_source(file, (text_column,) if text_column else ())
        kind_of(output)
        column = find_text_column(source, text_column)
        click.echo(f"{file}:正文列 {column}{'' if text_column else '(猜测)'}", err=True)
        report = _classify(source, output, column, options)
    except BAD_INPUT as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        click.echo(f"\n已中断。{GO_ON}", err=True)
        sys.exit(1)
    except BrokenProcessPool as error:
        click.echo(f"标注进程意外退出(内存不足?):{error}。{GO_ON}", err=True)
        sys.exit(1)
    except OSError as error:
        click.echo(f"写入失败:{error}。{GO_ON}", err=True)
        sys.exit(1)
    click.echo(json.dumps(asdict(report), ensure_ascii=False) if as_json else _summary(report))


def _classify(source: Source, output: Path, text_column: str, options: Options) -> ClassifyReport:
    home = find_home()
    settings = Settings.load(home)
    manifest = read_manifest(active_folder(home))
    # The office's [doubt] table comes before what the weights say.
    bands = bands_of({**manifest.thresholds, **settings.tables.get("doubt", {})})
    asked = Asked(
        quality=options.quality,
        workers=options.workers,
        bands=bands if options.abstain else no_bands(),
        weights=manifest.files,
        against=open_source(options.against, (text_column,)) if options.against else None,
    )
    region = Region.load(region_path(settings.region))
    with (
        _tagger(home, asked, options.quality) as tagger,
        tqdm(total=source.rows, bar_format=BAR, disable=None) as bar,
    ):
        classifier = Classifier(tagger=tagger, region=region, dedupe=options.dedupe)
        return classify(source, output, classifier, text_column, bar.update, asked)


@contextmanager
def _tagger(home: Home, asked: Asked, quality: Quality) -> Iterator[Starter]:
    folder = active_folder(home)
    if asked.workers == 1:
        yield OneTagger(load_tagger(folder, quality, None), asked.bands)
        return
    threads = max(1, len(os.sched_getaffinity(0)) // asked.workers)
    with TaggerPool(asked.workers, partial(load_tagger, folder, quality, threads), asked.bands) as pool:
        yield pool


def _summary(report: ClassifyReport) -> str:
    lines = [shares_text(report.classes), _sentence(report)]
    if report.against:
        lines.append(_changes(report))
    return "\n".join(lines)


def _sentence(report: ClassifyReport) -> str:
    parts = [
        f"{report.output}:{report.rows} 行,不同文本 {report.tagged_texts} 条,用时 {report.seconds} 秒"
        f"(每秒 {report.rows_per_second:.0f} 行),模型 {report.model_version}",
        f"{report.doubtful_rows} 行至少有一项存疑(doubtful)",
    ]
    if report.resumed_rows:
        parts.append(f"其中 {report.resumed_rows} 行是上次标注的")
    if report.unscored:
        parts.append(f"{report.unscored} 行无法评分,留空")
    if report.unreadable:
        parts.append(f"{report.unreadable} 行读不出,见 {report.output}.rejects.jsonl")
    return ";".join(parts) + "。"


def _changes(report: ClassifyReport) -> str:
    found = report.against or {}
    lines = [
        f"与旧结果相比:{found['rows']} 行中 {found['changed_rows']} 行有变化,见 {report.output}.changes.csv"
    ]
    for head, moves in found["moves"].items():
        lines += [f"  {head}  {move}  {rows} 行" for move, rows in moves.items()]
    return "\n".join(lines)
