"""A text comes in; the numbers with their units and the dates it states, in one form, go out.

三天, 3天 and 七十二小时 are the same; so are 一毛五 and 0.15元, 半年 and 六个月.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
SCALES = {"十": 10, "百": 100, "千": 1000}
LARGE = {"万": 10_000, "亿": 100_000_000}
NUMERAL = (
    r"(?:\d+(?:\.\d+)?[万千百亿]?|[零〇一二三四五六七八九十]+点[零〇一二三四五六七八九]+"
    r"|[零〇一二两三四五六七八九十百千万]+)"
)
# Each unit in its own measure and how much of it: a week is seven days.
UNITS: dict[str, tuple[str, float]] = {
    "天": ("天", 1), "日内": ("天", 1), "个星期": ("天", 7), "周": ("天", 7), "星期": ("天", 7),
    "小时": ("小时", 1), "个小时": ("小时", 1), "个钟头": ("小时", 1),
    "钟头": ("小时", 1), "分钟": ("分钟", 1),
    "个月": ("天", 30), "年": ("天", 365),
    "元": ("元", 1), "块钱": ("元", 1), "块": ("元", 1), "万元": ("元", 10_000), "万块": ("元", 10_000),
    "毛": ("元", 0.1), "角": ("元", 0.1), "分钱": ("元", 0.01),
    "%": ("%", 1), "折": ("%", 10), "成": ("%", 10),
    "人": ("人", 1), "名": ("人", 1), "例": ("人", 1), "个": ("人", 1), "号人": ("人", 1), "具": ("人", 1),
    "口人": ("人", 1), "头": ("头", 1), "条": ("头", 1), "只": ("头", 1), "匹": ("头", 1),
    "户": ("户", 1), "家": ("户", 1), "起": ("起", 1), "公里": ("公里", 1),
    "里": ("公里", 0.5), "吨": ("吨", 1),
    "米": ("米", 1), "级": ("级", 1), "斤": ("斤", 1), "公斤": ("斤", 2), "次": ("次", 1), "台": ("辆", 1),
    "辆": ("辆", 1), "趟": ("趟", 1), "倍": ("倍", 1), "岁": ("岁", 1), "亩": ("亩", 1), "度": ("度", 1),
}  # fmt: skip
UNIT = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
QUANTITY = re.compile(rf"({NUMERAL})\s*[多几余来]?\s*({UNIT})(?!份|起来|代|期|底|末|初|前|级中|小学|中学)")
# 两百多万 and 十来万 are two million and a hundred thousand; 百分之六十 is 60%.
ABOUT = re.compile(r"(?<=[\d十百千])[多余来](?=[万亿千百])")
PERCENT = re.compile(rf"百分之({NUMERAL})")
HALF = re.compile(r"半(年|个月|天|个小时|小时)")
HALVES = {
    "年": ("天", 180.0),
    "个月": ("天", 15.0),
    "天": ("小时", 12.0),
    "个小时": ("分钟", 30.0),
    "小时": ("分钟", 30.0),
}
DIMES = re.compile(rf"({NUMERAL})毛([一二三四五六七八九\d])(?![一二三四五六七八九十\d])")
PLAIN = re.compile(
    r"\d{2,}(?:\.\d+)?[万千]?|(?:[一二两三四五六七八九]十?[百千万]+[零〇]?)+[一二三四五六七八九]?十?"
)
MONEY = re.compile(
    rf"(?:收|卖|交|赔|补|罚|涨到?|降到?|跌到?|每辆|一张|门票)({NUMERAL})(?![\d零〇一二两三四五六七八九十百千万亿点]|[^，。！？,!?\s]?(?:天|人|小时))"
)
ARTICLES = frozenset({"人", "头", "户", "起", "次", "辆", "趟", "度"})  # 一个, 一家, 一次: no count is meant
IDIOMS = re.compile(
    r"千万(?=[别不要莫]|注意|小心|当心)|万一|万万|百姓|百分|三都|四川|九江|六盘水|百鸟河|九龙|八达|(?<![百千万])五一(?!平|个|斤)|十一假|千户"
)

LEAST_MONEY = 5  # yuan without the word: 收五十; below it 收一 and 交两 count something else

MONTH_DAY = re.compile(rf"({NUMERAL})月({NUMERAL})[日号]")
DAY = re.compile(rf"(?<!月)(?<!\d)({NUMERAL})号(?!线|楼|院|店|人|文|桥|机|台|路|门|洞|井)")
MONTH = re.compile(
    r"(?<![\d一二三四五六七八九十个])(\d{1,2}|十[一二]?|[一二三四五六七八九])月(?!\d|[一二三四五六七八九十]+[日号]|亮|饼)"
)
YEAR = re.compile(r"((?:19|20)\d\d)年?(?!\d)")
WEEKDAY = re.compile(r"(上|下|这|本)?(?:周|星期|礼拜)([一二三四五六日天])(?![年月])")
NAMED = re.compile(r"去年|前年|明年|今年|后年|上个?月|下个?月|这个月|本月|当年")
FESTIVALS = {
    "元旦": "1",
    "五一": "5",
    "国庆": "10",
    "春节": "",
    "过年": "",
    "中秋": "",
    "端午": "",
    "清明": "",
}
FESTIVAL = re.compile(r"元旦|(?<![百千万])五一(?!平|个|斤)|国庆|春节|过年|中秋|端午|清明(?!了|的|河)")
YEARS = {"前年": -2, "去年": -1, "今年": 0, "明年": 1, "后年": 2}
MONTHS = {"上月": -1, "上个月": -1, "本月": 0, "这个月": 0, "下月": 1, "下个月": 1}


def quantities(text: str) -> dict[str, frozenset[float]]:
    """Return values by measure (天, 元, 人 …); under the empty measure stand large numbers without a unit."""
    found: dict[str, set[float]] = {}
    text = IDIOMS.sub("，", PERCENT.sub(r"\1%", ABOUT.sub("", _without_dates(text))))
    for unit, value, span in _stated(text):
        text = text[: span[0]] + "，" * (span[1] - span[0]) + text[span[1] :]
        if value != 1 or unit not in ARTICLES:
            found.setdefault(unit, set()).add(round(value, 4))
    for match in PLAIN.finditer(text):
        value_of = number_of(match.group())
        if value_of is not None and value_of >= 10:
            found.setdefault("", set()).add(value_of)
    return {unit: frozenset(values) for unit, values in found.items()}


def dates(text: str, said_on: date | None = None) -> dict[str, frozenset[str]]:
    """Return stated dates by kind: ``day`` (12-15), ``month`` (6), ``year`` (2014), ``weekday`` (周三).

    今天 and 明天 are left out: a rumor says 明天 every day. With ``said_on`` (the local day), 明年 and
    下个月 become numbers and 周三 also a day; without it they stay words.
    """
    found: dict[str, set[str]] = {}
    for match in MONTH_DAY.finditer(text):
        month, day = number_of(match.group(1)), number_of(match.group(2))
        if month is not None and day is not None:
            found.setdefault("day", set()).add(f"{month:.0f}-{day:.0f}")
    rest = MONTH_DAY.sub(" ", text)
    simple = (("dayofmonth", DAY), ("month", MONTH))
    for kind, pattern in simple:
        values = [number_of(match.group(1)) for match in pattern.finditer(rest)]
        found.setdefault(kind, set()).update(f"{value:.0f}" for value in values if value is not None)
    found.setdefault("year", set()).update(match.group(1) for match in YEAR.finditer(rest))
    for match in WEEKDAY.finditer(rest):
        found.setdefault("weekday", set()).add(_weekday(match, said_on))
    for festival in FESTIVAL.findall(rest):
        in_month = FESTIVALS[festival]
        kind = "month" if in_month else "festival"
        found.setdefault(kind, set()).add(in_month or festival.replace("过年", "春节"))
    for match in NAMED.finditer(rest):
        kind, name = _named(match.group(), said_on)
        found.setdefault(kind, set()).add(name)
    return {kind: frozenset(values) for kind, values in found.items() if values}


def number_of(text: str) -> float | None:
    """Return the value of Arabic or Chinese numerals below a thousand million, None for anything else.

    两千五 is 2500: after the last scale a lone digit counts its tenths, unless 零 stands before it.
    """
    if match := re.fullmatch(r"(\d+(?:\.\d+)?)([万千百亿]?)", text):
        return float(match[1]) * ((SCALES | LARGE)[match[2]] if match[2] else 1)
    if "点" in text:
        whole, _, tenths = text.partition("点")
        value = number_of(whole)
        return None if value is None else float(f"{value:.0f}." + "".join(f"{DIGITS[at]}" for at in tenths))
    total, part, digit, scale, zero = 0.0, 0.0, 0, 1, False
    for character in text:
        if character in SCALES:
            part, digit, scale = part + (digit or 1) * SCALES[character], 0, SCALES[character]
            zero = False
        elif character in LARGE:
            total, part, digit = (total + part + digit or 1) * LARGE[character], 0, 0
            scale = LARGE[character]
        elif character in DIGITS:
            zero, digit = zero if character not in "零〇" else True, DIGITS[character]
        else:
            return None
    tail = digit * scale / 10 if digit and scale >= 100 and not zero else digit
    return total + part + tail if text else None


def _stated(text: str) -> Iterator[tuple[str, float, tuple[int, int]]]:
    for match in DIMES.finditer(text):
        dimes, cents = number_of(match.group(1)), number_of(match.group(2))
        if dimes is not None and cents is not None:
            yield "元", dimes / 10 + cents / 100, match.span()
    text = DIMES.sub(lambda match: "，" * len(match.group()), text)
    for match in HALF.finditer(text):
        yield (*HALVES[match.group(1)], match.span())
    for match in QUANTITY.finditer(text):
        value = number_of(match.group(1))
        text = text[: match.start()] + "，" * len(match.group()) + text[match.end() :]
        if value is not None:
            unit, factor = UNITS[match.group(2)]
            unit, value = ("天", value / 24) if unit == "小时" and value >= 24 else (unit, value * factor)
            yield unit, value, match.span()
    for match in MONEY.finditer(text):
        value = number_of(match.group(1))
        if value is not None and value >= LEAST_MONEY:
            yield "元", value, match.span()


def _without_dates(text: str) -> str:
    for pattern in (MONTH_DAY, YEAR, DAY, WEEKDAY):
        text = pattern.sub("，", text)
    return text


def _weekday(match: re.Match[str], said_on: date | None) -> str:
    which, name = match.group(1), match.group(2).replace("天", "日")
    if said_on is None:
        return "周" + name
    monday = said_on - timedelta(days=said_on.weekday())
    weeks = {"上": -1, "下": 1}.get(which or "", 0)
    return (monday + timedelta(days="一二三四五六日".index(name), weeks=weeks)).isoformat()


def _named(word: str, said_on: date | None) -> tuple[str, str]:
    if word in YEARS:
        return "year", str(said_on.year + YEARS[word]) if said_on else word
    if word in MONTHS:
        return "month", str((said_on.month - 1 + MONTHS[word]) % 12 + 1) if said_on else word.replace(
            "个", ""
        )
    return "year", word
