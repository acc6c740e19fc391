"""``huiying alerts``: what was alerted and why, who is told, what a person did, and what other rules would
do.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import click

from pipeline.channels import Message, load_channels
from pipeline.cli.support import actor_name, appending_store, print_records, reading_store
from pipeline.config import LOCAL_TIME, Settings, find_home
from pipeline.delivery_words import day_in_words, next_moments
from pipeline.routing import MODES, Matter, Routing
from pipeline.store import Reader
from pipeline.tuning import DAYS, Trial, try_rules, with_values

HANDLED = {
    "ack": "acknowledged",
    "false": "false_alarm",
    "known": "known",
    "mute": "muted",
    "unmute": "unmuted",
    "escalate": "escalated",
    "close": "closed",
    "reopen": "reopened",
}
STATES = {"new": "新", "open": "已通知", "acknowledged": "已接手", "escalated": "已升级", "closed": "已结束"}


@click.group(help="预警：列出、查看理由与接收人、确认、试发、试规则。")
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
            {name: row[name] for name in ("alert_id", "raised_at", "level")}
            | {"state": STATES[row["state"]], "text": row["text"], "why": row["reasons"][0]}
            for row in rows
        ]
    print_records(rows, as_json, f"最近 {days} 天没有预警。")


@command.command(name="show", help="显示一条预警的全部理由、处理经过与送达回执。")
@click.argument("alert_id")
def show(alert_id: str) -> None:
    """Print one alert; exit code 2 if there is none."""
    with reading_store() as store:
        found = _one(store, alert_id)
        history = store.rows("alert_history", alert=found["alert_id"])
        told = store.rows("deliveries_of_alerts", alerts=[found["alert_id"]])
    click.echo(
        f"{found['text']}\n级别 {found['level']}，{STATES[found['state']]}，合并 {found['claims']} 个说法"
    )
    for reason in found["reasons"]:
        click.echo(f"· {reason}")
    for entry in history:
        click.echo(f"{_clock(entry['recorded_at'])} {entry['actor']} {entry['kind']} {_body(entry['body'])}")
    for row in told:
        click.echo(_delivery(row))


@command.command(name="route", help="说明一条预警会发给谁、为什么，以及实际发送的情况。")
@click.argument("alert_id")
@click.option("--json", "as_json", is_flag=True, help="每条规则输出一行 JSON。")
def route(alert_id: str, as_json: bool) -> None:
    """Print what every route decides; exit code 2 if there is no such alert."""
    routing = Routing.load(Settings.load(find_home()))
    now = datetime.now(UTC)
    with reading_store() as store:
        found = _one(store, alert_id)
        owners = store.rows("claim_departments", claim=found["claim_id"])
        told = store.rows("deliveries_of_alerts", alerts=[found["alert_id"]])
        pages = {row["recipient"]: row["pages"] for row in store.rows("pages_since", since=_midnight(now))}
    matter = Matter(
        text=found["text"] or "", need=found["need"] or "", level=found["level"],
        counties=tuple(found["counties"] or ()), departments=tuple(row["department"] for row in owners),
    )  # fmt: skip
    decided = routing.decisions(matter, now)
    if as_json:
        for one in decided:
            row = {"route": one.route, "recipient": one.recipient, "mode": one.mode, "why": one.why}
            click.echo(json.dumps(row, ensure_ascii=False))
        return
    if not routing.recipients:
        click.echo("没有配置接收人（huiying.toml 的 [recipients]），谁也收不到。")
    for one in decided:
        sends = f"→ {one.recipient}（{MODES[one.mode]}）" if one.recipient else "不发送"
        click.echo(f"规则“{one.route}”：{sends}，{one.why}")
    for delivery in routing.deliveries(matter, now, pages):
        when = "立即" if delivery.mode == "now" else f"{_clock(delivery.due_at)} 汇总"
        click.echo(f"现在会发给 {delivery.recipient.name}：{when}，{delivery.why}")
    for row in told:
        click.echo(_delivery(row))


@command.command(name="why", help="今天发送了什么、没有发送的因为什么。")
def why() -> None:
    """Print the day in words."""
    routing = Routing.load(Settings.load(find_home()))
    now = datetime.now(UTC)
    with reading_store() as store:
        lines = day_in_words(store, routing, now)
    for line in [*lines, *next_moments(routing, now)]:
        click.echo(line)


@command.command(name="test", help="向一个渠道发一条测试消息，并显示平台的回答。")
@click.argument("channel")
def test(channel: str) -> None:
    """Send a test message; exit code 1 if it was not delivered, 2 if there is no such channel."""
    home = find_home()
    channels = load_channels(home, Settings.load(home))
    if channel not in channels:
        click.echo(f"没有这个渠道：{channel}；已配置 {'、'.join(sorted(channels)) or '无'}", err=True)
        sys.exit(2)
    now = datetime.now(UTC).astimezone(LOCAL_TIME)
    text = f"这是一条测试消息，不是预警。{now:%Y-%m-%d %H:%M:%S}\n收到即说明渠道“{channel}”可用。"
    receipt = channels[channel].send(Message(message_id=uuid4().hex, title="回应：渠道测试", text=text))
    said = f"状态 {receipt.status or '-'}，代码 {receipt.code}，回答 {receipt.answer or '-'}"
    click.echo(f"{'已送达' if receipt.ok else '未送达'}：{said}", err=not receipt.ok)
    sys.exit(0 if receipt.ok else 1)


@command.command(
    name="handle",
    help="记下处理：ack 收到、false 误报、known 已知、mute 静默、unmute 解除静默、escalate 上报、close 关闭、"
    "reopen 重新打开。",
)
@click.argument("alert_id")
@click.argument("what", type=click.Choice(list(HANDLED)))
@click.option("--hours", type=click.FloatRange(0.5, 720), default=24.0, show_default=True, help="静默多久。")
def handle(alert_id: str, what: str, hours: float) -> None:
    """Append one event; exit code 2 if there is no such alert."""
    now = datetime.now(UTC)
    body = {"until": (now + timedelta(hours=hours)).isoformat()} if what == "mute" else {}
    with appending_store() as store:
        found = _one(store, alert_id)
        store.append(
            "alert_events",
            {
                "event_id": uuid4().hex, "alert_id": found["alert_id"], "kind": HANDLED[what],
                "actor": actor_name(), "body": json.dumps(body), "recorded_at": now,
            },
        )  # fmt: skip
    first = found["acknowledged_by"]
    click.echo(f"已记下；{first} 已先接手。" if what == "ack" and first else "已记下。")


@command.command(name="try", help="过去几天按另一组阈值会怎样：发出几条、几条被判误报。不改动任何设置。")
@click.option("--set", "values", multiple=True, metavar="名称=值", help="如 content_score=0.7，可多次。")
@click.option("--days", type=click.IntRange(1, 40), default=DAYS, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="每条预警输出一行 JSON。")
def try_(values: tuple[str, ...], days: int, as_json: bool) -> None:
    """Print what other rules would have raised."""
    rules, pages = with_values(Settings.load(find_home()), dict(_value(text) for text in values))
    with reading_store() as store:
        trial = try_rules(store, rules, pages, datetime.now(UTC), days)
    rows = _rows(trial)
    if as_json:
        print_records(rows, True, "")
        return
    click.echo(trial.words())
    print_records(rows, False, "一条也不会发出。")


def _rows(trial: Trial) -> list[dict[str, Any]]:
    return [
        {"at": one.at, "level": one.level, "trigger": one.trigger, "called": one.called, "text": one.text}
        for one in trial.alerts
    ]


def _value(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        return name.strip(), float(value)
    except ValueError:
        raise click.BadParameter(f"{text!r}：应为 名称=数字") from None


def _one(store: Reader, alert_id: str) -> dict[str, Any]:
    """Return one alert by its id or the start of it; end with exit code 2 where there is none or more."""
    found = store.rows("alert_one", alert=alert_id) if alert_id else []
    if len(found) != 1:
        click.echo(f"{'编号不够长' if found else '没有这条预警'}：{alert_id}", err=True)
        sys.exit(2)
    return found[0]


def _delivery(row: Mapping[str, Any]) -> str:
    receipt = json.loads(row["receipt"] or "{}")
    answer = (
        f"，{row['channel']} 回答 {receipt.get('code', '')} {receipt.get('answer', '')}" if receipt else ""
    )
    who = row["recipient"] or "（无人）"
    return f"通知 {who} [{row['level']}] {row['status']}：{row['why']}{answer}".rstrip()


def _body(text: str) -> str:
    values = json.loads(text or "{}")
    return " ".join(f"{key}={value}" for key, value in values.items())


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(LOCAL_TIME):%m-%d %H:%M}"


def _midnight(now: datetime) -> datetime:
    return now.astimezone(LOCAL_TIME).replace(hour=0, minute=0, second=0, microsecond=0)
