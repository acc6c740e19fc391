"""``huiying alerts``: what was alerted, and why."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import click

from pipeline.cli.support import actor_name, appending_store, print_records, reading_store

HANDLED = {
    "ack": "acknowledged",
    "false": "false_alarm",
    "known": "known",
    "mute": "muted",
    "close": "closed",
}


@click.group(help="预警：列出、查看理由、确认。")
def command() -> None:
    """Group the sub-commands."""


@command.command(name="list", help="列出最近的预警，新的在前。")
@click.option("--days", type=click.IntRange(1), default=7, show_default=True)
@click.option("--limit", "most", type=click.IntRange(1), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="每条输出一行 JSON。")
def list_alerts(days: int, most: int, as_json: bool) -> None:
    """Print the newest alerts."""
    with reading_store() as store:
        rows = store.rows("alert_list", since=datetime.now(UTC) - timedelta(days=days), most=most)
    if not as_json:
        rows = [
            {name: row[name] for name in ("alert_id", "raised_at", "level", "text")}
            | {"why": row["reasons"][0]}
            for row in rows
        ]
    print_records(rows, as_json, f"最近 {days} 天没有预警。")


@command.command(name="show", help="显示一条预警的全部理由。")
@click.argument("alert_id")
def show(alert_id: str) -> None:
    """Print one alert; exit code 2 if there is none."""
    with reading_store() as store:
        rows = store.rows("alert_list", since=datetime(2000, 1, 1, tzinfo=UTC), most=1_000_000)
    found = next((row for row in rows if row["alert_id"].startswith(alert_id)), None)
    if found is None:
        click.echo(f"没有这条预警：{alert_id}", err=True)
        sys.exit(2)
    click.echo(f"{found['text']}\n级别 {found['level']}")
    for reason in found["reasons"]:
        click.echo(f"· {reason}")


@command.command(
    name="handle", help="记下处理：ack 收到、false 误报、known 已知、mute 静默 24 小时、close 关闭。"
)
@click.argument("alert_id")
@click.argument("what", type=click.Choice(list(HANDLED)))
def handle(alert_id: str, what: str) -> None:
    """Append one event."""
    with appending_store() as store:
        store.append(
            "alert_events",
            {
                "event_id": uuid4().hex, "alert_id": alert_id, "kind": HANDLED[what], "actor": actor_name(),
                "body": "{}", "recorded_at": datetime.now(UTC),
            },
        )  # fmt: skip
    click.echo("已记下。")
