"""Two texts' facts come in; why they cannot be the same claim (or nothing) goes out.

Embeddings blur what decides: place, number and unit, date, cause, supply and state. Each is read by rule
and compared here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from pipeline.quantities import dates, quantities

# Counts that grow while one event unfolds: deaths 3, then 5, then 10 are one claim with a history.
EVOLVING = frozenset({"人", "起", "户", "头"})
GROWTH = 5.0  # so many times the one count is the other at most: nine poisoned and a hundred are two claims
UNFOLDING = re.compile(r"死|伤|亡|遇难|失联|被困|中毒|确诊|感染|阳性|溺水|送医|住院|受灾|隔离")
CAUSES = {
    "爆炸": "爆炸|炸了|爆燃", "泄漏": "泄漏|泄露", "投毒": "投毒|下毒", "食物中毒": "食物中毒|吃坏|食堂",
    "触电": "触电|漏电", "溺水": "溺水|淹死|溺亡", "火灾": "火灾|着火|起火", "车祸": "车祸|撞车|追尾|翻车",
    "洪水": "洪水|山洪|暴雨|决堤|溃坝", "地震": "地震", "滑坡": "滑坡|泥石流|塌方|垮塌",
    "检修": "检修|抢修|维修",
    "污染": "污染|超标|有毒|死鱼", "疫情": "疫情|确诊|病毒|阳性",
    "施工": "施工|挖断|修路",
    "天气": "大雾|冰雹|高温|中暑|雷击|雷打|大风|凝冻|下雪", "煤气": "煤气中毒|一氧化碳",
    "爆破": "爆破|放炮", "装修": "装修|翻新",
    "演练": "演练|演习", "撞坏": "撞坏|撞断|撞垮",
}  # fmt: skip
CAUSE = {name: re.compile(words) for name, words in CAUSES.items()}
# Two ends of one matter; a text that denies one end says nothing of the other.
STATES = (
    ("恢复|(?<!自)来水|来电|通水|通电", "停水|停电|断水|断电|停气"),
    ("解封|解除封控|放开", "封城|封控|封闭管理"),
    (
        "(?<!暂停)(?<!停止)开放|开门|(?<!暂停)营业|复课|开学|复工|通车|恢复通行",
        "暂停开放|停止开放|关闭|关门|停业|暂停营业|停课|停工|封路|封闭施工|停运",
    ),
    ("涨价|上涨|上调|提高", "降价|下降|下调|降低"),
)
# Things that go alike in words and are not alike: water and power, the First School and the Tenth.
WHATS = re.compile(r"[停断][水电气网]|[一二三四五六七八九十]+[小中](?!时|学生|型|心|午|国|医)")
STATE = tuple((re.compile(one), re.compile(other)) for one, other in STATES)


# The matter is over or turned round: what came before is another claim.
SETTLED = re.compile(
    r"恢复|修好|解决了|追回|找到了|救(?:上来|起来|出来|活)|重新(?:开|刷|营)|正常了|清亮|解封|复[航课工产]|补发|到账|被?(?:拘留|停职|免职|刑拘|抓获)|"
    r"停止了|叫停|终止|不[拆停涨搬裁封关]了|堵住|出院|搜救结束|全部找到|找到尸|整改完|加固完|维持不变|清退|亮了|免费(?:进|通行|开放)|重新开|交还|归还|结算|通过验收|立案|处理了|上任|扩建|招人|提高了|下[调降]|取消了|撤了|开通|开业|投用|开诊|抓到了|清理完|查到了|滞销|退[款钱]了"
)
# Counties and cities around, for texts that name no county of the region: what is said of them is said of
# another place. Names that are also plain words (大方, 江口, 沿河) are left out.
OUTSIDE = re.compile(
    r"贵阳|遵义|六盘水|安顺|毕节|铜仁|兴义|凯里|黔东南|黔西南|清镇|修文|息烽|开阳|花溪|乌当|观山湖|仁怀|赤水|桐梓|绥阳|正安|道真|务川|"
    r"凤冈|湄潭|余庆|习水|播州|红花岗|普定|镇宁|关岭|紫云|平坝|西秀|黔西|织金|纳雍|威宁|赫章|七星关|石阡|思南|印江|德江|松桃|万山|"
    r"兴仁|普安|晴隆|贞丰|望谟|册亨|安龙|黄平|施秉|三穗|镇远|岑巩|锦屏|台江|黎平|榕江|从江|雷山|麻江|丹寨|盘州|六枝|河池|南丹|桂林"
)
NOW = re.compile(
    r"刚才|刚刚|今[天晚早日]|昨[天晚夜日]|明[天早日年]|后天|现在|马上|这几天|近期|下周|下个?月|即将|要[停封涨撤拆垮裁关搬]|从.{1,4}起"
)
PAST = re.compile(r"去年|前年|上个?月|当年|以前|曾经|那年|世纪|[二三四五六七八九]十年代|\d0年代")
# How far off a thing is said to be: now, within days, within weeks, later.
HORIZONS = tuple(
    re.compile(words)
    for words in (
        r"刚才|刚刚|今[天早日晚]|昨[天晚夜日]|现在|正在|这会|此刻",
        r"今晚|明[天早晚日]|后天|下周|本周|周末|连夜|马上",
        r"月底|月初|这个月|本月|下个?月|过几天|近期",
        r"明年|后年|年后|年底|春节|过年|中秋|元旦|国庆|五一|清明|端午|[一二三四五六七八九十\d]月",
    )
)
# A cause is named as one.
BECAUSE = re.compile(r"因(?!此|而)|由于|(?<![联关])系(?!统|列)|导致|引发|引起|造成")
# Something that lies in one place: 克度镇 and 边阳镇, 东山隧道 and 银盏隧道.
SPOT = re.compile(
    r"([\u4e00-\u9fff]{2})(镇|乡|村|街道|社区|大道|隧道|大桥|广场|小区|景区|湖|河|江|水库|车站|站|工业园|开发区|新区|物流园|古镇|老街)"
)
NO_SPOT = re.compile(r"[这那哪我你他咱们个在的了到从去是和各全整]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What decides whether two texts claim the same."""

    places: frozenset[str] = frozenset()
    spots: Mapping[str, frozenset[str]] = field(default_factory=dict)
    numbers: Mapping[str, frozenset[float]] = field(default_factory=dict)
    dates: Mapping[str, frozenset[str]] = field(default_factory=dict)
    causes: frozenset[str] = frozenset()
    states: frozenset[tuple[int, int]] = frozenset()
    whats: frozenset[str] = frozenset()
    unfolding: bool = False
    settled: bool = False
    past: bool = False
    now: bool = False
    because: bool = False
    horizons: frozenset[int] = frozenset()


def facts_of(text: str, places: Iterable[str] = (), said_on: date | None = None) -> Facts:
    """Read the facts of a (simplified) text.

    ``places`` are the county names it speaks of; ``said_on`` is its local day, which 明年 and 周三 are
    counted from.
    """
    when = dates(text, said_on)
    return Facts(
        places=frozenset(places) or frozenset(OUTSIDE.findall(text)),
        spots=_spots(text),
        numbers=quantities(text),
        dates=when,
        causes=frozenset(name for name, words in CAUSE.items() if words.search(text)),
        states=frozenset(
            (index, side) for index, pair in enumerate(STATE) for side in (0, 1) if pair[side].search(text)
        ),
        whats=frozenset(found[-2:] for found in WHATS.findall(text)),
        unfolding=UNFOLDING.search(text) is not None,
        settled=SETTLED.search(text) is not None,
        past=PAST.search(text) is not None or _gone(when, said_on),
        now=NOW.search(text) is not None,
        because=BECAUSE.search(text) is not None,
        horizons=frozenset(at for at, words in enumerate(HORIZONS) if words.search(text)),
    )


def conflict(one: Facts, other: Facts, *, denied: bool = False) -> str | None:
    """Return, in Chinese, the decisive difference of two texts, or None if nothing sets them apart.

    A fact that only one of the two states decides nothing. Where one of them denies (``denied``), only the
    place,
    the date and the thing can set them apart: a denial gives the true cause, number and state beside the
    false.
    """
    if _apart(one.places, other.places):
        return f"地点不同:{_list(one.places)}与{_list(other.places)}"
    for kind in one.dates.keys() & other.dates.keys():
        if _other_date(one.dates[kind], other.dates[kind]):
            return f"日期不同:{_list(one.dates[kind])}与{_list(other.dates[kind])}"
    if _apart(one.whats, other.whats):
        return f"对象不同:{_list(one.whats)}与{_list(other.whats)}"
    if denied:
        return None
    if (one.past and not one.now and not other.past) or (other.past and not other.now and not one.past):
        return "时间不同:过去的事与现在的事"
    if _apart(one.causes, other.causes):
        return f"原因不同:{_list(one.causes)}与{_list(other.causes)}"
    return other_number(one, other) or other_state(one, other)


def other_number(one: Facts, other: Facts) -> str | None:
    """Return how two texts' numbers differ, or None: one number in common is enough, but not a 1 (每小时).

    Counts of people that grow with an event do not differ.
    """
    if not one.numbers or not other.numbers:
        return None
    shared = one.numbers.keys() & other.numbers.keys()
    if any((one.numbers[unit] & other.numbers[unit]) - {1.0} for unit in shared):
        return None
    for unit in sorted(shared):
        if not unit or (unit in EVOLVING and one.unfolding and other.unfolding and _grows(one, other, unit)):
            continue
        if one.numbers[unit].isdisjoint(other.numbers[unit]):
            return f"数字不同:{_amounts(one, unit)}与{_amounts(other, unit)}"
    return None


def other_state(one: Facts, other: Facts) -> str | None:
    """Return that two texts state the two ends of one matter: 停水 and 恢复供水."""
    if not one.states or not other.states:
        return None
    for index in range(len(STATE)):
        mine = {side for matter, side in one.states if matter == index}
        theirs = {side for matter, side in other.states if matter == index}
        if mine and theirs and mine.isdisjoint(theirs):
            return "状态相反"
    return None


def other_date(one: Facts, other: Facts) -> bool:
    """Tell whether two texts state different dates of one kind."""
    return any(
        _other_date(one.dates[kind], other.dates[kind]) for kind in one.dates.keys() & other.dates.keys()
    )


def horizons_apart(one: Facts, other: Facts) -> int:
    """Return how far apart the times are that two texts speak of: 0 (also where one is silent) to 3."""
    return min((abs(mine - theirs) for mine in one.horizons for theirs in other.horizons), default=0)


def other_spot(one: Facts, other: Facts) -> bool:
    """Tell whether two texts name different places of one kind: 克度镇 and 边阳镇."""
    return any(
        one.spots[kind].isdisjoint(other.spots[kind]) for kind in one.spots.keys() & other.spots.keys()
    )


def _spots(text: str) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for name, kind in SPOT.findall(text):
        if not NO_SPOT.search(name):
            found.setdefault(kind, set()).add(name)
    return {kind: frozenset(names) for kind, names in found.items()}


def _gone(when: Mapping[str, frozenset[str]], said_on: date | None) -> bool:
    """Tell whether a year is named that was over when the text was said (or now, if that is unknown)."""
    this_year = (said_on or datetime.now(UTC)).year
    return any(year.isdigit() and int(year) < this_year for year in when.get("year", ()))


def _other_date(one: frozenset[str], other: frozenset[str]) -> bool:
    """明年 and 2027 may be the same: a word is compared with words only."""
    words = [{value for value in values if not value[0].isdigit()} for values in (one, other)]
    numbers = [values - said for values, said in zip((one, other), words, strict=True)]
    return one.isdisjoint(other) and (all(words) or all(numbers))


def _grows(one: Facts, other: Facts, unit: str) -> bool:
    """Tell whether one count may have become the other while an event unfolded."""
    low, high = sorted((max(one.numbers[unit]), max(other.numbers[unit])))
    return high <= low * GROWTH


def _apart(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one and other) and one.isdisjoint(other)


def _amounts(facts: Facts, unit: str) -> str:
    return "、".join(f"{value:g}{unit}" for value in sorted(facts.numbers[unit]))


def _list(values: frozenset[str]) -> str:
    return "、".join(sorted(values))
