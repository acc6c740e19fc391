"""Messages in words: an alert, a digest or a day's facts come in; a title and plain lines for a phone go
out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pipeline.config import LOCAL_TIME

LEVEL_WORDS = {"blue": "蓝", "yellow": "黄", "orange": "橙", "red": "红"}
KIND_WORDS = {"rumor": "疑似不实，待核实", "help": "集中求助", "concern": "集中反映"}
TITLE_CHARACTERS = 40
SAMPLE_CHARACTERS = 60
MOST_REASONS = 6  # of a message; the page has all of them
LISTED = 15  # alerts of a digest
SPACES = re.compile(r"\s+")


def alert_title(level: str, kind: str, text: str, update: int = 0, step: int = 0) -> str:
    """Return a message's title: level, what kind of matter, and the claim cut to one line."""
    asked = "【请接手】" if step else "【升级】" if update else ""
    return f"{asked}{LEVEL_WORDS.get(level, level)}色预警（{KIND_WORDS.get(kind, kind)}）：{short(text)}"


def message_text(text: str, reasons: Sequence[str], samples: Sequence[str], number: str) -> str:
    """Return a message's lines; the first is the sentence that is read first."""
    lines = [
        *reasons[:1],
        f"说法：{short(text, 120)}",
        *(f"· {reason}" for reason in reasons[1:MOST_REASONS]),
    ]
    lines += [f"例：{short(sample, SAMPLE_CHARACTERS)}" for sample in samples]
    return "\n".join([*lines, f"编号 {number[:12]}（同号为同一条，重复收到不必再处理）"])


def digest_message(rows: Sequence[Mapping[str, Any]], now: datetime) -> tuple[str, str]:
    """Return title and lines of one message for several; held-back ones are counted with their reasons."""
    local = now.astimezone(LOCAL_TIME)
    held = [row for row in rows if row["mode"] != "now"]
    what = "超时汇总" if all(row["kind"] == "overdue" for row in rows) else "预警汇总"
    title = f"{what} {local:%m-%d %H:%M}：{len(rows)} 条"
    lines = [f"{n}. {row['title']}" for n, row in enumerate(rows[:LISTED], 1)]
    if len(rows) > LISTED:
        lines.append(f"……另有 {len(rows) - LISTED} 条，见预警页")
    reasons = dict.fromkeys(row["why"] for row in held)
    for why in reasons:
        lines.append(f"其中 {sum(row['why'] == why for row in held)} 条未单独发送：{why}")
    lines.append("编号 " + " ".join(row["notification_id"][:12] for row in rows[:LISTED]))
    return title, "\n".join(lines)


def heartbeat_text(facts: Mapping[str, Any], gaps: Sequence[str], now: datetime) -> tuple[str, str]:
    """Return the daily message that says that the system lives, so that silence is never ambiguous."""
    local = now.astimezone(LOCAL_TIME)
    troubles = bool(gaps) or bool(facts["gave_up"]) or not facts["posts"]
    head = "系统在运行，但有异常" if troubles else "系统正常"
    title = f"{head}，{facts['alerts']} 告警（{local:%m-%d %H:%M}）"
    lines = [
        f"过去 24 小时：帖文 {facts['posts']} 条，预警 {facts['alerts']} 条，"
        f"已确认 {facts['acknowledged']} 条，未确认 {facts['open']} 条"
    ]
    if facts["held"]:
        lines.append(f"留待汇总或未单独发送 {facts['held']} 条")
    if facts["gave_up"]:
        lines.append(f"有 {facts['gave_up']} 条通知没有送达，请看预警页")
    if gaps:
        lines.append(f"采集有缺口：{'、'.join(gaps[:8])}，安静不等于没有")
    if not facts["posts"]:
        lines.append("过去 24 小时没有新帖文，请检查采集")
    return title, "\n".join(lines)


def short(text: str, most: int = TITLE_CHARACTERS) -> str:
    """Return a text on one line, cut."""
    line = SPACES.sub(" ", text).strip()
    return line if len(line) <= most else line[: most - 1] + "…"
