"""``huiying rumor THREADS --output OUT``: posts with replies come in; their scores at every look go out."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn

import click
import pyarrow as pa

from models.threads import ThreadScorer
from models.weights import WeightsError
from pipeline.asides import Aside, keep_aside
from pipeline.early_rumor import (
    COLUMNS,
    SetAside,
    ThreadError,
    ThreadRow,
    figures,
    read_replies,
    read_threads,
    score_threads,
)
from pipeline.readers import Line, ReadError, kind_of, open_source
from pipeline.writers import RowWriter, finishing, open_writer

Labelled = dict[str, list[tuple[int, float, float]]]

TYPES = {
    name: pa.float64() if name.endswith("score") else pa.int64() if name == "replies" else pa.string()
    for name in COLUMNS
}


@click.command(
    help="给帖文及其回复打早期疑似分（待核实）：发出 0、10、30、60 分钟，6、24 小时，"
    "5、10、50 条回复时，以及全部回复时各一行。"
    "THREADS 每行有 id、text、published_at、replies（[{text, offset_s 或 published_at}]）；"
    "回复也可放在另一个文件（--replies，每行有 event_id、offset_s、text）。"
    "有 label（1 为谣言、0 为否）时，另给出各时刻的 macro-F1。"
    "用不了的行不影响其余，写在 OUT.rejects.jsonl。"
)
@click.argument("threads", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replies", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="回复文件。")
@click.option("--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="结果文件。")
def command(threads: Path, replies: Path | None, output: Path) -> None:
    """Write one row a thread and look; a file of which nothing can be used ends with exit code 2."""
    asides: list[Aside] = []
    try:
        kind, source = kind_of(output), open_source(threads, ("id", "text"))
        if not {"id", "event_id"} & set(source.layout.names) or "text" not in source.layout.names:
            raise ThreadError("没有列 id 或 text")
        more = read_replies(open_source(replies).lines(), _keeper(replies, asides)) if replies else {}
        given = read_threads(source.lines(), more, _keeper(threads, asides))
        writer = open_writer(output, kind, COLUMNS, TYPES, mark=True)
        with finishing(writer):
            labelled = _write(_some(given, threads, asides), ThreadScorer.load(), writer)
    except ReadError as error:
        _refuse(str(error))
    except ThreadError as error:
        _refuse(f"{threads}：{error}")
    except WeightsError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    for told in keep_aside(output, asides):
        click.echo(told, err=True)
    click.echo(f"结果在 {output}。")
    for row in figures(labelled):
        click.echo(
            f"{row['look']:>10}  macro-F1 {row['macro_f1']:.3f}（只看文字 {row['text_only']:.3f}）  "
            f"ECE {row['ece']:.3f}  {row['threads']} 个"
        )


def _keeper(path: Path, asides: list[Aside]) -> SetAside:
    def keep(line: Line, reason: str) -> None:
        asides.append(Aside.of(str(path), line, reason))

    return keep


def _some(rows: Iterable[ThreadRow], path: Path, asides: Sequence[Aside]) -> Iterator[ThreadRow]:
    """Yield the rows; refuse a file of which not one could be used."""
    number = 0
    for number, row in enumerate(rows, 1):  # noqa: B007 - counted
        yield row
    bad = [aside for aside in asides if aside.file == str(path)]
    if not number and bad:
        raise ThreadError(f"没有一行可用，第 {bad[0].line} 行：{bad[0].reason}")


def _write(rows: Iterator[ThreadRow], scorer: ThreadScorer, writer: RowWriter) -> Labelled:
    """Write every row; return (label, score, score of the text) by look, of threads whose label is known."""
    found: Labelled = {}
    for thread, row in score_threads(rows, scorer):
        writer.write(row)
        if thread.label is not None:
            found.setdefault(row["look"], []).append((thread.label, row["score"], row["text_score"]))
    return found


def _refuse(message: str) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(2)
