"""``huiying classify IN --output OUT``: a file of texts comes in; the same file with tags goes out."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Literal

import click
from tqdm import tqdm

from pipeline.classify import Classifier, ClassifyError, ClassifyReport, classify, find_text_column
from pipeline.config import Settings, find_home, region_path
from pipeline.places import Region
from pipeline.readers import ReadError, Source, kind_of, open_source
from pipeline.writers import WriteError

BAR = "标注 {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} 行 [{elapsed}<{remaining}, {rate_fmt}]"


@click.command(
    help="批量标注:读入文件,保留原有各列,加上情感、情绪、诉求、疑似程度、地点等列。"
    "按扩展名识别 jsonl、csv、xlsx、parquet。中断后再次运行同一命令会接着标注。",
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
    type=click.Choice(["fast", "balanced"]),
    default="balanced",
    show_default=True,
    help="fast 快约十倍:先用字符模型,拿不准的再用神经网络。",
)
@click.option("--json", "as_json", is_flag=True, help="结束时输出一行 JSON。")
def command(
    file: Path, output: Path, text_column: str | None, quality: Literal["fast", "balanced"], as_json: bool
) -> None:
    """Tag a file; bad input ends with exit code 2 before the model is loaded."""
    try:
        source = open_source(file, (text_column,) if text_column else ())
        kind_of(output)
        column = find_text_column(source, text_column)
        click.echo(f"{file}:正文列 {column}{'' if text_column else '(猜测)'}", err=True)
        report = _classify(source, output, column, quality)
    except (ReadError, ClassifyError, WriteError) as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        click.echo("\n已中断。已标注的部分都在;再次运行同一命令会接着标注。", err=True)
        sys.exit(1)
    except OSError as error:
        click.echo(f"写入失败:{error}。已标注的部分都在,再次运行同一命令会接着标注。", err=True)
        sys.exit(1)
    click.echo(json.dumps(asdict(report), ensure_ascii=False) if as_json else _sentence(report))


def _classify(
    source: Source, output: Path, text_column: str, quality: Literal["fast", "balanced"]
) -> ClassifyReport:
    from models import Tagger  # here, because it brings onnxruntime and `--help` should answer at once

    region = Region.load(region_path(Settings.load(find_home()).region))
    classifier = Classifier(tagger=Tagger.load(quality=quality), region=region)
    with tqdm(total=source.rows, bar_format=BAR, disable=None) as bar:
        return classify(source, output, classifier, text_column, bar.update)


def _sentence(report: ClassifyReport) -> str:
    parts = [
        f"{report.output}:{report.rows} 行,不同文本 {report.tagged_texts} 条,用时 {report.seconds} 秒,"
        f"模型 {report.model_version}"
    ]
    if report.resumed_rows:
        parts.append(f"其中 {report.resumed_rows} 行是上次标注的")
    if report.unscored:
        parts.append(f"{report.unscored} 行无法评分,留空")
    if report.unreadable:
        parts.append(f"{report.unreadable} 行读不出,见 {report.output}.rejects.jsonl")
    return ";".join(parts) + "。"
