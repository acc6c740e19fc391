"""``huiying claims list``: the store comes in; its newest claims are printed."""

from __future__ import annotations

import click

from pipeline.cli.support import print_records, reading_store
from pipeline.store import StoreError


@click.group(help="说法:由帖文汇成的、待核实或待答复的内容。")
def command() -> None:
    """Group the commands on claims."""


@command.command("list", help="列出说法,最近的在前。")
@click.option("--kind", type=click.Choice(["claim", "advert", "copypasta"]), default="claim", help="哪一类。")
@click.option("--most", type=click.IntRange(1), default=50, show_default=True, help="最多列多少条。")
@click.option("--json", "as_json", is_flag=True, help="每行一个 JSON 对象。")
def list_claims(kind: str, most: int, as_json: bool) -> None:
    """Print claims, newest first."""
    try:
        with reading_store() as store:
            print_records(store.rows("claim_list", kind=kind, most=most), as_json, "还没有说法。")
    except StoreError as error:
        raise click.ClickException(str(error)) from error
