"""Two texts' facts come in; why they cannot be the same claim (or nothing) goes out.

Embeddings blur what decides: place, number and unit, date, cause, supply and state. Each is read by rule
and compared here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
SCALES = {"十": 10, "百": 100, "千": 1000}
NUMERAL = r"\d+(?:\.\d+)?|[零〇一二两三四五六七八九十百千]+"
UNITS = {
    "天": "天", "日内": "天", "小时": "小时", "分钟": "分钟", "个月": "个月", "年": "年",
    "元": "元", "块": "元", "万元": "万元", "万": "万", "亿": "亿", "%": "%", "折": "折",
    "人": "人", "名": "人", "例": "人", "个人": "人", "个孩子": "人", "个学生": "人",
    "起": "起", "公里": "公里", "吨": "吨", "米": "米", "级": "级", "斤": "斤", "户": "户", "次": "次",
}  # fmt: skip
UNIT = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
QUANTITY = re.compile(rf"({NUMERAL})\s*({UNIT})(?!份|级|起来)")
DATE = re.compile(
    rf"({NUMERAL})月({NUMERAL})[日号]|(?<!月)(?<!\d)({NUMERAL})号(?!线|楼|院|店)|(?:周|星期)([一二三四五六日天])"
)
# Counts that grow while one event unfolds: deaths 3, then 5, then 10 are one claim with a history.
EVOLVING = frozenset({"人", "起", "户"})
UNFOLDING = re.compile(r"死|伤|亡|遇难|失联|被困|中毒|确诊|感染|阳性|溺水|送医|住院|受灾|隔离")
CAUSES = {
    "爆炸": "爆炸|炸了|爆燃", "泄漏": "泄漏|泄露", "投毒": "投毒|下毒", "食物中毒": "食物中毒|吃坏|食堂",
    "触电": "触电|漏电", "溺水": "溺水|淹死|溺亡", "火灾": "火灾|着火|起火", "车祸": "车祸|撞车|追尾|翻车",
    "洪水": "洪水|山洪|暴雨|决堤|溃坝", "地震": "地震", "滑坡": "滑坡|泥石流|塌方|垮塌",
    "检修": "检修|抢修|维修",
    "污染": "污染|超标|有毒|死鱼", "疫情": "疫情|确诊|病毒|阳性", "施工": "施工|挖断|修路",
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What decides whether two texts claim the same."""

    places: frozenset[str] = frozenset()
    numbers: dict[str, frozenset[float]] = field(default_factory=dict)
    dates: frozenset[str] = frozenset()
    causes: frozenset[str] = frozenset()
    states: frozenset[tuple[int, int]] = frozenset()
    whats: frozenset[str] = frozenset()
    unfolding: bool = False


def facts_of(text: str, places: Iterable[str] = ()) -> Facts:
    """Read the facts of a (simplified) text; ``places`` are the county names it speaks of."""
    return Facts(
        places=frozenset(places),
        numbers=_numbers(DATE.sub(" ", text)),
        dates=frozenset(_date(match) for match in DATE.finditer(text)),
        causes=frozenset(name for name, words in CAUSE.items() if words.search(text)),
        states=frozenset(
            (index, side) for index, pair in enumerate(STATE) for side in (0, 1) if pair[side].search(text)
        ),
        whats=frozenset(found[-2:] for found in WHATS.findall(text)),
        unfolding=UNFOLDING.search(text) is not None,
    )


def conflict(one: Facts, other: Facts) -> str | None:
    """Return, in Chinese, the decisive difference of two texts, or None if nothing sets them apart.

    A fact that only one of the two states decides nothing.
    """
    if _apart(one.places, other.places):
        return f"地点不同:{_list(one.places)}与{_list(other.places)}"
    if _apart(one.dates, other.dates):
        return f"日期不同:{_list(one.dates)}与{_list(other.dates)}"
    if _apart(one.causes, other.causes):
        return f"原因不同:{_list(one.causes)}与{_list(other.causes)}"
    if _apart(one.whats, other.whats):
        return f"对象不同:{_list(one.whats)}与{_list(other.whats)}"
    return _other_number(one, other) or _other_state(one, other)


def number_of(text: str) -> float | None:
    """Return the value of Arabic or Chinese numerals below ten thousand, None for anything else."""
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return float(text)
    total, digit = 0, 0
    for character in text:
        if character in SCALES:
            total, digit = total + (digit or 1) * SCALES[character], 0
        elif character in DIGITS:
            digit = DIGITS[character]
        else:
            return None
    return float(total + digit) if text else None


def _numbers(text: str) -> dict[str, frozenset[float]]:
    found: dict[str, set[float]] = {}
    for amount, unit in QUANTITY.findall(text):
        value = number_of(amount)
        if value is not None:
            found.setdefault(UNITS[unit], set()).add(value)
    return {unit: frozenset(values) for unit, values in found.items()}


def _date(match: re.Match[str]) -> str:
    month, day, lone, weekday = match.groups()
    if weekday:
        return "周" + weekday.replace("天", "日")
    return (
        f"{number_of(day or lone):.0f}日" if not month else f"{number_of(month):.0f}月{number_of(day):.0f}日"
    )


def _apart(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one and other) and one.isdisjoint(other)


def _other_number(one: Facts, other: Facts) -> str | None:
    for unit in one.numbers.keys() & other.numbers.keys():
        if unit in EVOLVING and one.unfolding and other.unfolding:
            continue
        if one.numbers[unit].isdisjoint(other.numbers[unit]):
            return f"数字不同:{_amounts(one, unit)}与{_amounts(other, unit)}"
    return None


def _other_state(one: Facts, other: Facts) -> str | None:
    for index in range(len(STATE)):
        mine = {side for matter, side in one.states if matter == index}
        theirs = {side for matter, side in other.states if matter == index}
        if mine and theirs and mine.isdisjoint(theirs):
            return "状态相反"
    return None


def _amounts(facts: Facts, unit: str) -> str:
    return "、".join(f"{value:g}{unit}" for value in sorted(facts.numbers[unit]))


def _list(values: frozenset[str]) -> str:
    return "、".join(sorted(values))
