"""``huiying train``: labelled posts come in; a new version of the models, in use if the gate lets it pass,
goes out.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from models.update import HeadUpdate, UpdateError
from models.weights import WeightsError, read_manifest
from pipeline.cli.support import actor_name, reading_store
from pipeline.config import find_home
from pipeline.label_words import FIELD_WORDS
from pipeline.model_update import Outcome, corrected_posts, counts_text, fresh_draft, judge_and_keep, learn
from pipeline.model_versions import VersionError

CONFIG = Path(__file__).parents[2] / "models" / "configs" / "student.toml"


@click.command(
    help="训练模型。--update 用人工更正过的标签更新各项判断(不动编码器,几分钟,不需要 torch);"
    "不加则按配置完整训练(需要 train 附加安装,通宵)。新版本过了质量门才会启用,旧版本都保留,可用 "
    "huiying model rollback 退回。"
)
@click.option("--update", "update_", is_flag=True, help="只用人工更正更新。")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=None,
    help="公开数据集目录。",
)
@click.option("--config", type=click.Path(path_type=Path, dir_okay=False, exists=True), default=CONFIG)
@click.option(
    "--work", type=click.Path(path_type=Path, file_okay=False), default=None,
    help="完整训练的工作目录;中断后用同一目录接着训练。",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="输出一行 JSON。")
def command(update_: bool, data: Path | None, config: Path, work: Path | None, as_json: bool) -> None:
    """Train; exit code 1 where nothing could be learned, or the gate refused the version (it is kept)."""
    logging.getLogger("models").setLevel(logging.INFO)
    from models.gate import GateError

    try:
        outcome = _update(data) if update_ else _train(data, config, work)
    except (UpdateError, VersionError, WeightsError, GateError) as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    click.echo(_json(outcome) if as_json else _words(outcome))
    if not outcome.passed:
        sys.exit(1)


def _update(data: Path | None) -> Outcome:
    with reading_store() as store:
        posts = corrected_posts(store)
    click.echo(f"人工标注 {len(posts)} 条帖文:\n{counts_text(posts)}", err=True)
    return learn(find_home(), posts, actor_name(), datetime.now(UTC), data)


def _train(data: Path | None, config: Path, work: Path | None) -> Outcome:
    if find_spec("torch") is None:
        raise UpdateError(
            "完整训练需要 torch:pip install 'huiying[train]';只学人工更正请用 huiying train --update"
        )
    home = find_home()
    place = work or home.root / "models" / "training"
    draft = fresh_draft(home)
    more = [] if data is None else ["--data", str(data)]
    for module, last in (("models.train", []), ("models.quantise", ["--output", str(draft)])):
        command = [sys.executable, "-m", module, "--config", str(config), "--work", str(place), *more, *last]
        if subprocess.run(command, check=False).returncode:
            raise UpdateError(f"{module} 没有完成;原因见上,用同一工作目录 {place} 可接着训练")
    name, passed, gate = judge_and_keep(
        home, draft, read_manifest(draft), {"kind": "train"}, actor_name(), datetime.now(UTC), data
    )
    return Outcome(name=name, passed=passed, in_use=passed, heads=[], gate=gate)


def _words(outcome: Outcome) -> str:
    lines = [_head(head) for head in outcome.heads]
    failed = [line for line in outcome.gate["lines"] if not line["passed"]]
    lines += [f"  没过:{_gate_line(line)}" for line in failed]
    if outcome.in_use:
        lines.append(f"新版本 {outcome.name} 过了质量门,已启用;退回:huiying model rollback")
    else:
        lines.append(f"新版本 {outcome.name} 没有过质量门,已保留、未启用。仍用原来的版本。")
    return "\n".join(lines)


def _gate_line(line: Mapping[str, Any]) -> str:
    sign = "≤" if line["ceiling"] else "≥"
    return f"{line['what']} {line['measured']:.3f}(要求 {sign} {line['bound']:.3f})"


def _head(head: HeadUpdate) -> str:
    name = f"  {FIELD_WORDS[head.head]}({head.head}):{head.rows} 条"
    if head.right_before is None or head.right_after is None:
        return f"{name},未更新:{head.reason}"
    moved = f"没见过的更正上判对 {head.right_before:.1%} → {head.right_after:.1%}"
    return f"{name},{moved}{'' if head.learned else ',未更新:' + head.reason}"


def _json(outcome: Outcome) -> str:
    return json.dumps(
        {**asdict(outcome), "heads": [asdict(head) for head in outcome.heads]}, ensure_ascii=False
    )
