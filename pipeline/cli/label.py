"""``huiying label``: posts for people to judge go out as a file, their judgements come in, and how often the
models are wrong on local text is told.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from models.weights import read_manifest
from pipeline.cli.support import actor_name, appending_store, reading_store
from pipeline.config import Settings, find_home
from pipeline.label_files import candidates, import_labels, write_candidates
from pipeline.label_words import FIELD_WORDS, LABEL_WORDS
from pipeline.labels import (
    DOUBTFUL,
    FIELDS,
    RANDOM,
    Agreement,
    ErrorRate,
    Freshness,
    LabelError,
    agreement,
    error_rates,
    freshness,
    judged,
    stale_after,
    votes,
)
from pipeline.model_versions import active_folder
from pipeline.processes import write_json
from pipeline.readers import ReadError
from pipeline.store import Reader

FIELD = click.option(
    "--field", "field_name", type=click.Choice(FIELDS), default="need", show_default=True, help="哪一项标签。"
)


@click.group(help="人工标注:export 取出待标注的帖文,import 导入标好的文件,report 看本地错误率和一致程度。")
def command() -> None:
    """Group the commands about labels."""


@command.command(
    help="取出待标注的帖文(文字已脱敏)到 xlsx、csv 或 jsonl:--doubtful 为模型最拿不准的,用来训练;"
    "--random 按各类轮流随机抽取,用来算本地错误率。"
)
@click.option("--doubtful", type=click.IntRange(1, 100_000), default=None, help="最拿不准的多少条。")
@click.option("--random", "random_", type=click.IntRange(1, 100_000), default=None, help="随机抽取多少条。")
@FIELD
@click.option("--output", "-o", required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--days", type=click.IntRange(1), default=90, show_default=True, help="只取近多少天发布的。")
@click.option("--county", "counties", multiple=True, help="只取某县(可多次)。")
@click.option("--seed", default="1", show_default=True, help="换一个值,随机抽样就换一批。")
@click.option("--again", is_flag=True, help="取别人随机样本中只有一人标过的,由第二人再标,以算一致程度。")
@click.option("--force", is_flag=True, help="覆盖已有的文件。")
def export(
    doubtful: int | None, random_: int | None, field_name: str, output: Path, days: int,
    counties: tuple[str, ...], seed: str, again: bool, force: bool,
) -> None:  # fmt: skip
    """Write posts to judge; an existing file is kept unless ``--force``."""
    if (doubtful is None) == (random_ is None):
        raise click.UsageError("请给出 --doubtful N 或 --random N 之一")
    if output.exists() and not force:
        raise click.UsageError(f"{output} 已存在;要覆盖请加 --force")
    sample = RANDOM if random_ or again else DOUBTFUL
    since = datetime.now(UTC) - timedelta(days=days)
    with reading_store() as store:
        rows = candidates(
            store, field_name, sample, doubtful or random_ or 0, since,
            seed=seed, again=again, actor=actor_name(), counties=counties,
        )  # fmt: skip
    if not rows:
        click.echo(f"近 {days} 天没有待标注的帖文(已标过的不再取;库中要先有标注过的帖文)。")
        return
    try:
        write_candidates(rows, field_name, sample, output)
    except ReadError as error:
        raise click.UsageError(str(error)) from error
    click.echo(
        f"已取出 {len(rows)} 条到 {output}。填好 {field_name}_new 列后运行:huiying label import {output}"
    )


@command.command("import", help="导入标好的文件。不认识的标签逐一列出,不猜;同一文件导入两次不会重复。")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--annotator", default=None, help="annotator 列为空时记在谁名下(默认 $HUIYING_ACTOR)。")
@click.option("--json", "as_json", is_flag=True, help="输出一行 JSON。")
def import_(file: Path, annotator: str | None, as_json: bool) -> None:
    """Record the judgements of a file; exit code 2 where a cell could not be one."""
    try:
        with appending_store() as store:
            done = import_labels(store, file, annotator or actor_name(), datetime.now(UTC))
    except (ReadError, LabelError) as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    for bad in done.bad:
        click.echo(bad.words(file), err=True)
    new = sum(done.new.values())
    if as_json:
        click.echo(json.dumps({**asdict(done), "new_total": new}, ensure_ascii=False))
    else:
        by_field = "、".join(f"{FIELD_WORDS[name]} {rows}" for name, rows in done.new.items())
        click.echo(
            f"新记录 {new} 条{f'({by_field})' if by_field else ''},已有 {done.known} 条,"
            f"空白 {done.blank} 格,不能用 {len(done.bad)} 格。"
        )
    if done.bad:
        write_json(file.with_name(f"{file.name}.rejects.json"), [asdict(bad) for bad in done.bad])
        sys.exit(2)


@command.command(help="本地错误率(随机样本上,各类、各来源,附条数与 95% 区间)、两人一致程度、是否过时。")
@FIELD
@click.option("--days", type=click.IntRange(1), default=90, show_default=True, help="各类占比按近多少天算。")
@click.option("--json", "as_json", is_flag=True, help="输出一行 JSON。")
def report(field_name: str, days: int, as_json: bool) -> None:
    """Print a field's error rates, agreement and freshness."""
    now = datetime.now(UTC)
    home = find_home()
    version, after = read_manifest(active_folder(home)).version, stale_after(Settings.load(home))
    with reading_store() as store:
        found, rates = _rates(store, field_name, now - timedelta(days=days))
    pairs, fresh = agreement(found), freshness(judged(found), field_name, version, now, after)
    if as_json:
        record = {
            "field": field_name,
            "errors": [asdict(rate) for rate in rates],
            "agreement": [asdict(pair) for pair in pairs],
            "freshness": asdict(fresh),
        }
        click.echo(json.dumps(record, ensure_ascii=False, default=str))
        return
    click.echo("\n".join(_lines(field_name, rates, pairs, fresh)))


def _rates(store: Reader, field_name: str, since: datetime) -> tuple[list[Any], list[ErrorRate]]:
    found = votes(store, field_name)
    shares = {row["label"]: row["posts"] for row in store.rows("label_shares", field=field_name, since=since)}
    return found, error_rates(judged(found), shares)


def _lines(field_name: str, rates: list[ErrorRate], pairs: list[Agreement], fresh: Freshness) -> list[str]:
    lines = [f"{FIELD_WORDS[field_name]}({field_name}):随机样本 {fresh.posts} 条"]
    words = LABEL_WORDS[field_name]
    for rate in rates:
        name = words.get(rate.label, "合计(按各类占比加权)")
        error = rate.error
        lines.append(
            f"  {name}{'  ' + rate.source if rate.source else ''}  错误率 {error.share:.1%}"
            f"  [{error.low:.1%}, {error.high:.1%}]  n={rate.posts}"
        )
    for pair in pairs:
        value = "无法计算(两人都只用了一种标签)" if pair.kappa is None else f"{pair.kappa:.2f}"
        lines.append(f"  {pair.first} 与 {pair.second}:同标 {pair.posts} 条,相同 {pair.same} 条,κ={value}")
    return lines + [f"  注意:{reason}" for reason in fresh.stale]
