"""A day of the outbox comes in; in words, what was sent and why the rest or everything was not, goes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pipeline.config import LOCAL_TIME
from pipeline.routing import Routing
from pipeline.store import Reader

GAP_AFTER = 3  # intervals of a source without a run, as in an alert


def local_midnight(now: datetime) -> datetime:
    """Return the start of the day in Asia/Shanghai."""
    return now.astimezone(LOCAL_TIME).replace(hour=0, minute=0, second=0, microsecond=0)


def day_in_words(store: Reader, routing: Routing, now: datetime) -> list[str]:
    """Return lines that answer 今天没有发送，因为…, the first one with the sum of it."""
    since = local_midnight(now)
    rows = [
        row
        for row in store.rows("deliveries_since", since=since)
        if row["kind"] not in {"heartbeat", "notice"}
    ]
    facts = store.rows("day_facts", since=since)[0]
    sent = sum(row["messages"] for row in rows if row["status"] == "sent")
    lines = [
        f"今天已发送 {sent} 条通知" if sent else f"今天没有发送，因为{_main_reason(rows, facts, routing)}"
    ]
    for status, words in _STATUS_WORDS.items():
        for row in rows:
            if row["status"] == status:
                who = f"{row['recipient']}：" if row["recipient"] else ""
                lines.append(f"{words} {row['messages']} 条（{who}{row['why']}）")
    gaps = [row["name"] for row in store.rows("source_gaps", now=now, intervals=GAP_AFTER)]
    if gaps:
        lines.append(f"采集有缺口，可能漏报：{'、'.join(gaps[:8])}")
    return lines


_STATUS_WORDS = {"pending": "等待发送", "held": "留待汇总", "gave_up": "未送达", "none": "未发送"}


def _main_reason(rows: Sequence[Mapping[str, Any]], facts: Mapping[str, Any], routing: Routing) -> str:
    if not routing.recipients:
        return "没有配置接收人（huiying.toml 的 [recipients]）"
    if not facts["alerts"] and not rows:
        return f"没有预警（今天入库 {facts['posts']} 条帖文）"
    found = {row["status"] for row in rows}
    if "gave_up" in found:
        return "所有渠道都没有送达"
    if "pending" in found:
        return "正在等待发送或重试"
    if "held" in found:
        return f"都留待汇总：{next(row['why'] for row in rows if row['status'] == 'held')}"
    reasons = dict.fromkeys(row["why"] for row in rows if row["status"] == "none")
    return "；".join(reasons) or "预警在今天以前已经发送过"


def next_moments(routing: Routing, now: datetime) -> list[str]:
    """Return for every recipient when the next digest comes and whether quiet hours are on."""
    lines = []
    for recipient in routing.recipients.values():
        digest = recipient.digest_after(now).astimezone(LOCAL_TIME)
        quiet = "，现在是免打扰时段，只有红色立即提醒" if recipient.quiet.covers(now) else ""
        day = "今天" if digest.date() == now.astimezone(LOCAL_TIME).date() else "明天"
        if digest - now > timedelta(days=1, hours=12):
            day = f"{digest:%m-%d}"
        lines.append(f"{recipient.name}：下次汇总{day} {digest:%H:%M}{quiet}")
    return lines
