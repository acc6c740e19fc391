"""A moment comes in; the way a Chinese forum or news site writes it (Asia/Shanghai) goes out."""

from __future__ import annotations

from datetime import datetime, timedelta
from html import escape

from pipeline.config import LOCAL_TIME

WEEK_DAYS = 7  # forums of the Discuz kind name the day by its distance for a week


def exact_time(moment: datetime) -> str:
    """Write a moment to the second, as in ``2026-11-3 09:05:12``."""
    local = moment.astimezone(LOCAL_TIME)
    return f"{day(moment)} {local:%H:%M:%S}"


def minute_time(moment: datetime) -> str:
    """Write a moment to the minute, as in ``2026-11-3 09:05``."""
    return f"{day(moment)} {moment.astimezone(LOCAL_TIME):%H:%M}"


def day(moment: datetime) -> str:
    """Write a moment's day without leading zeros, as in ``2026-11-3``."""
    local = moment.astimezone(LOCAL_TIME)
    return f"{local.year}-{local.month}-{local.day}"


def relative_time(moment: datetime, now: datetime) -> str | None:
    """Say how long ago a moment was in the words of Discuz, or None when it is older than a week.

    刚刚, N 秒前, N 分钟前, 半小时前, N 小时前 within today; then 昨天 HH:MM, 前天 HH:MM, N 天前.
    """
    midnight = now.astimezone(LOCAL_TIME).replace(hour=0, minute=0, second=0, microsecond=0)
    if moment >= midnight:
        return _today((now - moment).total_seconds())
    days = (midnight - moment) // timedelta(days=1) + 1
    clock = f"{moment.astimezone(LOCAL_TIME):%H:%M}"
    if days > WEEK_DAYS:
        return None
    return {1: f"昨天 {clock}", 2: f"前天 {clock}"}.get(days, f"{days} 天前")


def _today(seconds: float) -> str:
    if seconds >= 3600:
        return f"{int(seconds // 3600)} 小时前"
    if seconds > 1800:
        return "半小时前"
    if seconds >= 60:
        return f"{int(seconds // 60)} 分钟前"
    return f"{int(seconds)} 秒前" if seconds >= 1 else "刚刚"


def time_html(moment: datetime, now: datetime, exact: str) -> str:
    """Write a moment as markup: relative words with the exact time as the title, or the bare exact time."""
    words = relative_time(moment, now)
    if words is None:
        return escape(exact)
    return f'<span title="{escape(exact)}">{words.replace(" ", "&nbsp;")}</span>'
