"""An alert in words: a claim's figures come in; Chinese sentences for a person who was just woken go out."""

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
WINDOW_WORDS = {15: "最近15分钟", 60: "本小时", 180: "近3小时", 480: "近8小时"}
VERDICT_WORDS = {"true": "属实", "false": "不实", "partly": "部分属实", "unverifiable": "无法核实"}
SHOWN_PLACES = 4
LOUD_VOICE = 0.4  # of the posts by one voice: then it is said, as a hint at copies


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """A doubling time in minutes with its 95 % interval."""

    minutes: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A county's or channel's posts among a claim's, and its usual share of all posts (None: not known)."""

    name: str
    posts: int
    share: float
    usual: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """All that an alert says of a claim.

    ``history_days`` is how far back the store's counts go; ``last_hour`` its posts in the hour before;
    ``loudest`` the share of the most active voice.
    """

    claim: Mapping[str, Any]
    evidence: Evidence
    burst: Burst | None
    growth: Growth | None
    score: float
    last_hour: int
    history_days: float
    loudest: float
    level_why: str
    counties: Sequence[Share]
    channels: Sequence[Share]
    first: Mapping[str, Any]
    known: Mapping[str, Any] | None
    gaps: Sequence[str]


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


def first_sentence(burst: Burst | None, last_hour: int, history_days: float) -> str:
    """Return what is read first: the usual range, how long it is known, and what was seen.

    As in 过去28天同一时段 0–3 条，本小时 14 条; with fewer days of past it says how many, and where less than
    an hour is known that there is none to compare with.
    """
    days = burst.baseline_days if burst else history_days
    if days * 24 < 1:
        seen = f"{WINDOW_WORDS[burst.window_minutes]} {burst.observed}" if burst else f"本小时 {last_hour}"
        return f"此前没有可比的记录，{seen} 条"
    past = f"过去{min(days, FULL_BASELINE_DAYS):.0f}天" if days >= 1 else f"过去{days * 24:.0f}小时"
    if burst is None:
        return f"{past}同一时段 0 条，本小时 {last_hour} 条"
    return f"{past}同一时段 0–{burst.upper:.0f} 条，{WINDOW_WORDS[burst.window_minutes]} {burst.observed} 条"


def reasons_of(found: Findings) -> list[str]:
    """Return the reasons in the order in which they are read."""
    evidence = found.evidence
    said = [
        first_sentence(found.burst, found.last_hour, found.history_days),
        _why_now(found),
        _growth_words(found.growth, evidence.posts),
        _first_seen(found),
        f"24 小时内 {evidence.posts} 条，{evidence.voices} 个不同发言者{_loud(found.loudest)}",
        f"地域：{_shares(found.counties)}",
        f"渠道：{_shares(found.channels)}",
        f"疑似不实 {evidence.rumor_score:.0%}（待核实）"
        + (f"，{evidence.asking} 条在求证" if evidence.asking else ""),
        novelty(found),
        "已有权威信息可能答复，请核对" if evidence.answered else "没有找到能答复它的权威信息",
        _confidence(found),
        f"还不知道：{_unknown(found)}",
    ]
    return [reason for reason in said if reason]


def novelty(found: Findings) -> str:
    """Return whether this was said before: new, a variant, or the same again, with what was found then."""
    known = found.known
    if known is None:
        return "曾经出现过的说法，当时没有登记结论" if found.claim["recurs"] else "新说法：资料库中没有相似的"
    kind = "旧说法变体" if known["novelty"] == "variant" else "旧说法重现"
    when = f"{known['decided_at'].astimezone(LOCAL_TIME):%Y-%m}" if known["decided_at"] else "此前"
    verdict = VERDICT_WORDS.get(known["verdict"], known["verdict"])
    other = (
        f"，不同处：{known['difference']}" if known["novelty"] == "variant" and known["difference"] else ""
    )
    return f"{kind}：{when} {known['issuer']}结论“{verdict}”{other}，{known['url']}".rstrip("，")


def _why_now(found: Findings) -> str:
    level = f"等级理由：{found.level_why}"
    if found.burst is None:
        return f"条数还少，因内容进入预警：疑似程度与利害合计 {found.score:.0%}；{level}"
    return f"按基线预期 {found.burst.expected:.1f} 条；{level}"


def _growth_words(growth: Growth | None, posts: int) -> str:
    if growth is None:
        return "增长：不可估计（少于 8 条）" if posts < FEWEST_FOR_GROWTH else "增长：看不出持续加快"
    interval = f"95% 区间 {_minutes(growth.low)}–{_minutes(growth.high)}"
    return f"增长：约 {_minutes(growth.minutes)} 翻一番（{interval}）"


def _first_seen(found: Findings) -> str:
    at: datetime = found.claim["first_seen"]
    where = "、".join(
        filter(None, (found.first.get("county"), found.first.get("channel"), found.first.get("name")))
    )
    return f"首次出现 {at.astimezone(LOCAL_TIME):%m-%d %H:%M}" + (f"，{where}" if where else "")


def _loud(share: float) -> str:
    return f"，其中一人发了 {share:.0%}，可能是复制转发" if share >= LOUD_VOICE else ""


def _shares(shares: Sequence[Share]) -> str:
    said = []
    for one in shares[:SHOWN_PLACES]:
        usual = "" if one.usual is None else f"，平时 {one.usual:.0%}"
        said.append(f"{one.name or '未知'} {one.posts} 条（{one.share:.0%}{usual}）")
    more = len(shares) - SHOWN_PLACES
    return "、".join(said) + (f"，另有 {more} 处" if more > 0 else "") if said else "未知"


def _confidence(found: Findings) -> str:
    days = found.burst.baseline_days if found.burst else found.history_days
    age = f"{days:.0f} 天" if days >= 2 else f"{max(days * 24, 0):.0f} 小时"
    base = f"基线 {age}" + ("" if days >= FULL_BASELINE_DAYS else "，不足 28 天")
    return f"把握：{base}；采集{'有缺口：' + '、'.join(found.gaps) if found.gaps else '正常'}"


def _unknown(found: Findings) -> str:
    missing = ["是否属实"] if not found.evidence.answered else []
    if found.gaps:
        missing.append("缺口来源里有多少人在说")
    if found.growth is None:
        missing.append("会不会继续增长")
    missing.append("没有监测到的渠道里有多少人在说")
    return "；".join(missing)


def _minutes(minutes: float) -> str:
    if minutes < 120:
        return f"{minutes:.0f} 分钟"
    return f"{minutes / 60:.0f} 小时" if minutes < 2880 else f"{minutes / 1440:.0f} 天"
