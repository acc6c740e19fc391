"""``huiying library``: lists of debunks come in; the library of known rumors, listed, goes out."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from pipeline.cli.support import actor_name, appending_store, print_records, reading_store
from pipeline.ledger_events import VERDICT_WORDS
from pipeline.library_import import LibraryFileError, LibraryPlan, Refused, plan_library, withdrawal
from pipeline.readers import ReadError
from pipeline.records import VerdictValue
from pipeline.store import StoreError

SHOWN = 5  # rows put aside that are told on the screen; the file has them all


@click.group(help="已知说法库:本单位的核查结论和导入的辟谣清单。新说法会与它比对,提示是否旧谣言再现。")
def command() -> None:
    """Group the commands on the library."""


@command.command("import", help="导入辟谣清单(jsonl、csv、xlsx、parquet):说法、结论、辟谣单位、链接、日期。")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--verdict", type=click.Choice([str(value) for value in VerdictValue]), help="文件里没有结论时用的结论。"
)
@click.option("--issuer", default="", help="文件里没有辟谣单位时用的单位。")
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, path_type=Path),
    help="拒收的行写到哪里(缺省为同名 .rejects.jsonl)。",
)
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象。")
def import_(file: Path, verdict: str | None, issuer: str, rejects: Path | None, as_json: bool) -> None:
    """Append one event a row; rows that cannot be kept are put aside in a file."""
    try:
        plan = plan_library(file, VerdictValue(verdict) if verdict else None, issuer)
        added, known, refused = _append(plan)
    except (ReadError, LibraryFileError) as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    except StoreError as error:
        raise click.ClickException(str(error)) from error
    aside = _put_aside(rejects or file.with_suffix(".rejects.jsonl"), refused)
    if as_json:
        result = {
            "file": str(file),
            "added": added,
            "known": known,
            "rejected": len(refused),
            "rejects": aside,
        }
        click.echo(json.dumps(result, ensure_ascii=False))
        return
    click.echo(f"{file}:新增 {added} 条,已有 {known} 条,拒收 {len(refused)} 条。")
    for row in refused[:SHOWN]:
        click.echo(f"  第 {row.line} 行:{row.reason}", err=True)
    if aside:
        click.echo(f"  拒收的行在 {aside}", err=True)


@command.command("list", help="列出已知说法,最近认定的在前。")
@click.argument("words", default="")
@click.option("--most", type=click.IntRange(1), default=50, show_default=True, help="最多列多少条。")
@click.option("--json", "as_json", is_flag=True, help="每行一个 JSON 对象。")
def list_(words: str, most: int, as_json: bool) -> None:
    """Print the library; ``words`` keeps the entries that hold them."""
    try:
        with reading_store() as store:
            rows = store.rows("library_list", words=words, most=most)
    except StoreError as error:
        raise click.ClickException(str(error)) from error
    if not as_json:
        rows = [row | {"verdict": VERDICT_WORDS.get(row["verdict"], row["verdict"])} for row in rows]
    print_records(
        rows,
        as_json,
        "库里没有符合的说法。" if words else "库还是空的;huiying library import 可导入辟谣清单。",
    )


@command.command(help="从库中撤下一条导入的说法;本单位的核查结论在台账里更改。")
@click.argument("rumor_id")
@click.option("--reason", required=True, help="撤下的理由,留在记录里。")
def withdraw(rumor_id: str, reason: str) -> None:
    """Append the event that takes an imported entry out."""
    if not reason.strip():
        raise click.UsageError("理由不能为空")
    try:
        with appending_store() as store:
            found = store.rows("library_entry", rumor_id=rumor_id)
            if not found:
                raise click.UsageError(f"库里没有导入的说法 {rumor_id}")
            store.append("library_events", withdrawal(rumor_id, reason, actor_name()))
    except StoreError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"已撤下:{found[0]['text'][:60]}")


def _append(plan: LibraryPlan) -> tuple[int, int, list[Refused]]:
    added, refused, actor = 0, [], actor_name()
    with appending_store() as store:
        before = {row["rumor_id"] for row in store.rows("library_ids")}
        seen, rows = set(before), 0
        for row in plan.rows(actor):
            if isinstance(row, Refused):
                refused.append(row)
                continue
            rows += 1
            if row["rumor_id"] not in seen:
                store.append("library_events", row)
                seen.add(row["rumor_id"])
                added += 1
    return added, rows - added, refused


def _put_aside(path: Path, refused: list[Refused]) -> str:
    """Write the refused rows beside their reasons; nothing is written where none was refused."""
    if not refused:
        return ""
    lines = (json.dumps(asdict(row), ensure_ascii=False, default=str) for row in refused)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)
