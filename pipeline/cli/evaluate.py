"""``huiying evaluate``: the models' figures on labelled data, beside baselines trained on the same split."""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from models.labels import HEADS
from models.weights import WeightsError


@click.command(
    help="评测模型：每个任务、每个数据集的 macro-F1（95% 区间）、各类准确率与召回、混淆、校准误差，"
    "并与同一训练集上的基线对比。需要 train 附加安装（make evaluate）。"
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="公开数据集目录；缺省只用自写数据。",
)
@click.option("--head", "heads", multiple=True, type=click.Choice(list(HEADS)), help="只评这些任务。")
@click.option(
    "--weights", type=click.Path(path_type=Path, file_okay=False), default=None, help="评另一份模型。"
)
@click.option(
    "--leave-out",
    default=None,
    help="把这个集合当作没训练过来评（须与 --weights 给出的、同样留出它训练的模型同用）。",
)
@click.option("--no-baselines", is_flag=True, help="不训练基线，快。")
@click.option("--no-research", is_flag=True, help="不用仅限研究的数据集。")
@click.option("--json", "as_json", is_flag=True, help="每项输出一行 JSON。")
def command(
    data: Path | None, heads: tuple[str, ...], weights: Path | None, leave_out: str | None,
    no_baselines: bool, no_research: bool, as_json: bool,
) -> None:  # fmt: skip
    """Print one block a head and set; exit code 1 if the weights or the packages are missing."""
    if find_spec("sklearn") is None:
        click.echo("评测需要 scikit-learn：pip install 'huiying[train]'", err=True)
        sys.exit(1)
    from models.corpus import load_corpus
    from models.evaluation import as_record, evaluate, leave_out_split
    from models.tagger import Tagger

    try:
        tagger = Tagger.load(weights)
        corpus = load_corpus(data, not no_research)
        if leave_out:
            corpus = leave_out_split(corpus, leave_out)
        for result in evaluate(tagger, corpus, heads or tuple(HEADS), not no_baselines):
            record = as_record(result)
            click.echo(json.dumps(record, ensure_ascii=False) if as_json else _block(record))
    except (WeightsError, ValueError) as error:
        click.echo(str(error), err=True)
        sys.exit(1)


def _block(record: dict[str, Any]) -> str:
    auc = "" if record["auc"] is None else f"  AUC {record['auc']:.3f}"
    lines = [
        f"{record['head']} · {record['set']}（{record['rows']} 行）  macro-F1 {record['macro_f1']:.3f} "
        f"[{record['macro_f1_low']:.3f}, {record['macro_f1_high']:.3f}]  "
        f"准确率 {record['accuracy']:.3f}{auc}  ECE {record['ece']:.3f}"
    ]
    for label, row in record["classes"].items():
        lines.append(
            f"    {label:<17} 精确 {row['precision']:.3f}  召回 {row['recall']:.3f}  "
            f"F1 {row['f1']:.3f}  {row['rows']} 行"
        )
    lines += [f"    基线 {name}：{value:.3f}" for name, value in record["baselines"].items()]
    lines.append(
        "    混淆（行为真，列为判）：" + " / ".join(" ".join(map(str, row)) for row in record["confusion"])
    )
    curve = "  ".join(f"{p['stated']:.2f}→{p['observed']:.2f}({p['rows']})" for p in record["reliability"])
    lines.append(f"    校准（所说→所见）：{curve}")
    return "\n".join(lines)
