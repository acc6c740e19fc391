"""An alert in words: a claim's figures come in, Chinese sentences for a person who was just woken go out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.alert_rules import Evidence
from pipeline.config import LOCAL_TIME
from pipeline.records import Burst

FULL_BASELINE_DAYS = 28.0
FEWEST_FOR_GROWTH = 8  # posts: below this a doubling time is a guess
WINDOW_WORDS = {15: "15 分钟", 60: "1 小时", 180: "3 小时", 480: "8 小时"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """A doubling time in minutes with its 95 % interval; None where it cannot be told from no growth."""

    minutes: float
    low: float
    high: float


def growth_of(times: Sequence[datetime]) -> Growth | None:
    """Estimate the doubling time from the times of posts by comparing the two halves of their span.

    The log of the ratio of two Poisson counts has variance 1/n1 + 1/n2 (Rothman, Greenland and Lash 2008,
    ch. 14). None under eight posts, and where the interval includes no growth.
    """
    if len(times) < FEWEST_FOR_GROWTH:
        return None
    first, last = min(times), max(times)
    half = (last - first).total_seconds() / 120
    if half <= 0:
        return None
    middle = first + (last - first) / 2
    early = sum(moment <= middle for moment in times) + 0.5
    late = len(times) + 1 - early
    rate, error = math.log(late / early), math.sqrt(1 / early + 1 / late)
    if rate - 1.96 * error <= 0:
        return None
    return Growth(
        minutes=math.log(2) * half / rate,
        low=math.log(2) * half / (rate + 1.96 * error),
        high=math.log(2) * half / (rate - 1.96 * error),
    )


def first_sentence(burst: Burst | None, evidence: Evidence, score: float) -> str:
    """Return what is read first: the range and what was seen, and honestly how young the range is."""
    if burst is None:
        return (
            f"刚出现、条数还少，因内容进入预警：疑似程度与利害合计 {score:.0%}，已有 {evidence.voices} 人在说"
        )
    window = WINDOW_WORDS[burst.window_minutes]
    if burst.baseline_days >= FULL_BASELINE_DAYS:
        usual = f"过去28天同一时段 0–{burst.upper:.0f} 条"
    else:
        usual = f"按{_age(burst.baseline_days)}的基线，通常 0–{burst.upper:.0f} 条"
    return f"{usual}，最近 {window} {burst.observed} 条"


def reasons_of(
    claim: Mapping[str, Any],
    evidence: Evidence,
    burst: Burst | None,
    growth: Growth | None,
    shares: Mapping[str, Sequence[tuple[str, int]]],
    gaps: Sequence[str],
    score: float,
) -> list[str]:
    """Return the reasons in the order in which they are read."""
    first: datetime = claim["first_seen"]
    said = [
        first_sentence(burst, evidence, score),
        _growth_words(growth, evidence.posts),
        f"首次出现 {first.astimezone(LOCAL_TIME):%m-%d %H:%M}；"
        f"24 小时内 {evidence.posts} 条，{evidence.voices} 个不同发言者",
        f"地域：{_list(shares['county'])}；来源：{_list(shares['channel'])}",
        f"疑似不实 {evidence.rumor_score:.0%}（待核实）"
        + (f"，{evidence.asking} 条在求证" if evidence.asking else ""),
        "已有权威信息可能答复，请核对" if evidence.answered else "没有找到能答复它的权威信息",
    ]
    if claim["recurs"]:
        said.append("以前出现过相似说法，可查其结论")
    said.append(_unknown(burst, gaps))
    return said


def _growth_words(growth: Growth | None, posts: int) -> str:
    if growth is None:
        return "增长：不能确定" + ("（少于 8 条）" if posts < FEWEST_FOR_GROWTH else "（看不出持续加快）")
    return f"增长：约 {_minutes(growth.minutes)} 翻一番（{_minutes(growth.low)}–{_minutes(growth.high)}）"


def _unknown(burst: Burst | None, gaps: Sequence[str]) -> str:
    missing = [f"采集有缺口：{'、'.join(gaps)}"] if gaps else []
    if burst is not None and burst.baseline_days < FULL_BASELINE_DAYS:
        missing.append(f"基线只有{_age(burst.baseline_days)}")
    missing.append("没有监测到的渠道里有多少人在说")
    return f"还不知道：{'；'.join(missing)}"


def _age(days: float) -> str:
    return f" {days:.0f} 天" if days >= 2 else f" {max(days * 24, 0):.0f} 小时"


def _minutes(minutes: float) -> str:
    return f"{minutes:.0f} 分钟" if minutes < 120 else f"{minutes / 60:.0f} 小时"


def _list(shares: Sequence[tuple[str, int]]) -> str:
    return "、".join(f"{name or '未知'} {count} 条" for name, count in shares[:4]) or "未知"
