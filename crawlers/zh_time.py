"""A time as a Chinese page writes it comes in, with when the page was served; an aware UTC time goes out.

Rules of our own: general date parsers read about two thirds of these forms and turn ``11-20 09:08`` into the
year 2011 without complaint. A time is never invented: what cannot be read is None, and so is a future time.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
SKEW = timedelta(minutes=10)  # clocks of two machines may differ by this much
OLDEST_YEAR = 1995

CLOCK = (
    r"(?P<half>凌晨|早上|上午|中午|下午|傍晚|晚上|晚|AM|PM)?\s*(?P<hour>\d{1,2})[:：时点]"
    r"(?P<minute>\d{1,2})?(?:[:：分](?P<second>\d{1,2}))?分?秒?"
)
DAY_WORDS = {"今天": 0, "今日": 0, "昨天": 1, "昨日": 1, "前天": 2, "大前天": 3}
WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}
UNITS = {
    "秒": "seconds", "分钟": "minutes", "分": "minutes", "小时": "hours", "个小时": "hours",
    "天": "days", "周": "weeks", "个星期": "weeks", "星期": "weeks",
}  # fmt: skip

AGO = re.compile(
    r"(半|\d+(?:\.\d+)?|[一二两三四五六七八九十]+)\s*(个小时|小时|分钟|分|秒|个星期|星期|周|天|个月|月|年)钟?[以之]?前"
)
NAMED_DAY = re.compile(rf"(大前天|前天|昨天|昨日|今天|今日)\s*(?:{CLOCK})?")
WEEKDAY = re.compile(rf"(?P<last>上)?(?:周|星期|礼拜)(?P<day>[一二三四五六日天])\s*(?:{CLOCK})?")
FULL = re.compile(
    rf"(?P<year>\d{{4}}|\d{{2}}(?=年))(?:\s*[-/.年]\s*|\s+(?=\d{{1,2}}\s*/\s*\d))(?P<month>\d{{1,2}})\s*[-/.月]\s*(?P<day>\d{{1,2}})\s*[日号]?\s*T?\s*(?:(?:星期|周).)?\s*(?:{CLOCK})?"
)
SHORT = re.compile(rf"(?P<month>\d{{1,2}})\s*[-/.月]\s*(?P<day>\d{{1,2}})\s*[日号]?\s*(?:{CLOCK})?")
# Software that was not translated: "Nov. 23, 2026, 4:40 a.m.", "23 Nov 2026 21:30", "11-23-2026, 04:40 AM".
MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
EN_MONTH = r"(?P<name>jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
EN_CLOCK = (
    r"(?:(?:[,\s]|at|-)+(?P<hour>\d{1,2})(?::(?P<minute>\d{2})(?::(?P<second>\d{2}))?)?)?"
    r"(?:[,\s]*(?P<half>noon|midnight|[ap]\.?m\.?))?"
)
ENGLISH = (
    re.compile(
        rf"\b{EN_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}}){EN_CLOCK}", re.IGNORECASE
    ),
    re.compile(
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+{EN_MONTH},?\s+(?P<year>\d{{4}}){EN_CLOCK}", re.IGNORECASE
    ),
    re.compile(rf"\b(?P<month>\d{{1,2}})-(?P<day>\d{{1,2}})-(?P<year>\d{{4}}){EN_CLOCK}", re.IGNORECASE),
)
EN_DAY = re.compile(rf"\b(?P<word>today|yesterday)\b{EN_CLOCK}", re.IGNORECASE)
EN_AGO = re.compile(
    r"\b(\d+|an?|one)\s*(second|minute|min|hour|day|week|month|year)s?\b[^.]{0,24}?\bago\b", re.IGNORECASE
)
ONLY_CLOCK = re.compile(CLOCK)
ISO = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s?(?:Z|[+-]\d{2}:?\d{2})")
STAMP = re.compile(r"1\d{9}(?:\d{3})?")
LUNAR = re.compile(r"农历|[正腊冬]月初|初[一二三四五六七八九十]")
NUMERALS = {char: value for value, char in enumerate("零一二三四五六七八九十")} | {"两": 2}


class ReadTime(NamedTuple):
    """A time in UTC and how exactly the page states it: second, minute, hour, day or relative."""

    at: datetime
    precision: str


def read_time(
    said: str | float | datetime | None, served: datetime, zone: ZoneInfo = SHANGHAI
) -> ReadTime | None:
    """Read a time against when its page was served (an aware time); None if it cannot be or is in the future.

    Lunar dates are not read (农历 has no place in a post's stamp).
    """
    if said is None or said == "":
        return None
    if isinstance(said, datetime):
        found: ReadTime | None = ReadTime(said if said.tzinfo else said.replace(tzinfo=zone), "second")
    elif isinstance(said, int | float):
        found = _stamp(float(said))
    else:
        found = _words(" ".join(said.replace("\xa0", " ").split()), served.astimezone(zone), zone)
    if found is None or found.at > served + SKEW or found.at.year < OLDEST_YEAR:
        return None
    return ReadTime(found.at.astimezone(UTC), found.precision)


def _words(said: str, now: datetime, zone: ZoneInfo) -> ReadTime | None:
    if STAMP.fullmatch(said):
        return _stamp(float(said))
    if LUNAR.search(said):
        return None
    for rule in RULES:
        found = rule(said, now, zone)
        if found is not None:
            return found
    return None


def _stamp(value: float) -> ReadTime:
    return ReadTime(datetime.fromtimestamp(value / 1000 if value > 1e11 else value, UTC), "second")


def _iso(said: str, now: datetime, zone: ZoneInfo) -> ReadTime | None:
    match = ISO.search(said)
    if not match:
        return None
    written = match.group().replace(" ", "T", 1).replace(" ", "")
    return ReadTime(
        datetime.fromisoformat(written),
        "second" if written.count(":") > 2 or written.endswith("Z") else "minute",
    )


def _mail(said: str, now: datetime, zone: ZoneInfo) -> ReadTime | None:
    """RFC 5322, as RSS writes it."""
    if not re.search(r"[A-Z][a-z]{2} \d{4} \d{2}:\d{2}", said):
        return None
    try:
        at = parsedate_to_datetime(said)
    except ValueError:
        return None
    if at.tzinfo is None:  # "-0000" is UTC of an unknown place; no zone at all is the site's own
        at = at.replace(tzinfo=UTC if "-0000" in said else zone)
    return ReadTime(at, "second" if said.count(":") > 1 else "minute")


def _just_now(said: str, now: datetime, zone: ZoneInfo) -> ReadTime | None:
    return ReadTime(now, "relative") if re.search(r"刚刚|刚才|just now", said) else None


def _ago(said: str, now: datetime, zone: ZoneInfo) -> ReadTime | None:
    match = AGO.search(said)
    if not match:
        return None
    amount, unit = _amount(match.group(1)), match.group(2)
    if unit in {"个月", "月", "年"}:
        days = amount * (365 if unit == "年" else 30)
        return ReadTime(now - timedelta(days=days), "day")
    length = timedelta(**{UNITS[unit]: amount})
    if unit == "天" and (clock := ONLY_CLOCK.match(said[match.end() :].lstrip())):
        return _on(now - length, clock, zone)
    return ReadTime(now - length, "day" if unit in {"天", "周", "个星期", "星期"} else "relative")


def _named_day(said: str, now: datetime, zone: ZoneInfo) -> ReadTime | None:
    match = NAMED_DAY.search(said)
    if not match:
        return None
    return _on(now - timedelta(days=DAY_WORDS[match.group(1)]), match, zone)


def _english(said: str, now: datetime, zone: ZoneInfo) -> ReadTime | None:
    """Month names, or month-day-year with dashes, as forums write that were never translated."""
    for form in ENGLISH:
        if match := form.search(said):
            parts = match.groupdict()
            month = (
                int(parts["month"])
                if parts.get("month")
                else MONTH_NAMES.index(parts["name"][:3].lower()) + 1
            )
            return _on_english(_day(int(parts["year"]), month, int(parts["day"]), zone), match)
    if match := EN_DAY.search(said):
        return _on_english(now - timedelta(days=match.group("word").lower() == "yesterday"), match)
    return None


def _english_ago(said: str, now: datetime, zone: ZoneInfo) -> ReadTime | None:
    match = EN_AGO.search(said)
    if not match:
        return None
    amount = int(match.group(1)) if match.group(1).isdigit() else 1
    unit = {"min": "minute"}.get(match.group(2).lower(), match.group(2).lower())
    if unit in {"month", "year"}:
        return ReadTime(now - timedelta(days=amount * (365 if unit == "year" else 30)), "day")
    return ReadTime(now - timedelta(**{f"{unit}s": amount}), "day" if unit in {"day", "week"} else "relative")


def _on_english(day: datetime | None, match: re.Match[str]) -> ReadTime | None:
    """Put an English clock on a day; a bare number after the date is none."""
    if day is None:
        return None
    start = day.replace(hour=0, minute=0, second=0, microsecond=0)
    half = (match.group("half") or "").replace(".", "").lower()
    if half in {"noon", "midnight"} and match.group("hour") is None:
        return ReadTime(start.replace(hour=12 if half == "noon" else 0), "minute")
    if match.group("hour") is None or not (match.group("minute") or half):
        return ReadTime(start, "day")
    hour = int(match.group("hour")) % 12 + 12 * (half in {"pm", "noon"}) if half else int(match.group("hour"))
    minute, second = match.group("minute"), match.group("second")
    try:
        return ReadTime(start.replace(hour=hour, minute=int(minute or 0), second=int(second or 0)),
                        "second" if second else "minute")  # fmt: skip
    except ValueError:
        return None


def _weekday(said: str, now: datetime, zone: ZoneInfo) -> ReadTime | None:
    match = WEEKDAY.search(said)
    if not match or FULL.search(said):
        return None
    back = (now.weekday() - WEEKDAYS[match.group("day")]) % 7
    if match.group("last"):
        back = now.weekday() - WEEKDAYS[match.group("day")] + 7
    return _on(now - timedelta(days=back), match, zone)


def _full(said: str, now: datetime, zone: ZoneInfo) -> ReadTime | None:
    match = FULL.search(said)
    if not match:
        return None
    year = int(match.group("year"))
    return _dated(year + 2000 if year < 100 else year, match, zone)


def _short(said: str, now: datetime, zone: ZoneInfo) -> ReadTime | None:
    """Month and day without a year: the last time that day came."""
    match = SHORT.search(said)
    if not match:
        return None
    found = _dated(now.year, match, zone)
    if found is not None and found.at > now + SKEW:
        found = _dated(now.year - 1, match, zone)
    return found


def _clock(said: str, now: datetime, zone: ZoneInfo) -> ReadTime | None:
    match = ONLY_CLOCK.fullmatch(said)
    return _on(now, match, zone) if match else None


def _dated(year: int, match: re.Match[str], zone: ZoneInfo) -> ReadTime | None:
    day = _day(year, int(match.group("month")), int(match.group("day")), zone)
    return None if day is None else _on(day, match, zone)


def _day(year: int, month: int, day: int, zone: ZoneInfo) -> datetime | None:
    try:
        return datetime(year, month, day, tzinfo=zone)
    except ValueError:
        return None


def _on(day: datetime, match: re.Match[str], zone: ZoneInfo) -> ReadTime | None:
    """Put the clock of a match on a day; without a clock, the day's beginning with precision day."""
    start = day.replace(hour=0, minute=0, second=0, microsecond=0)
    if match.group("hour") is None:
        return ReadTime(start, "day")
    hour = int(match.group("hour"))
    half = match.group("half") or ""
    if half in {"下午", "傍晚", "晚上", "晚", "PM"} and hour < 12:
        hour += 12
    elif half in {"凌晨", "AM"} and hour == 12:
        hour = 0
    minute, second = match.group("minute"), match.group("second")
    try:
        at = start.replace(hour=hour, minute=int(minute or 0), second=int(second or 0))
    except ValueError:
        return None
    return ReadTime(at, "second" if second else "minute" if minute else "hour")


def _amount(said: str) -> float:
    if said == "半":
        return 0.5
    if said[0].isdigit():
        return float(said)
    if "十" in said:
        tens, ones = said.split("十", 1)
        return float((NUMERALS[tens] if tens else 1) * 10 + (NUMERALS[ones] if ones else 0))
    return float(NUMERALS[said[0]])


RULES: tuple[Callable[[str, datetime, ZoneInfo], ReadTime | None], ...] = (
    _iso, _mail, _full, _english, _just_now, _ago, _english_ago, _named_day, _weekday, _short, _clock,
)  # fmt: skip
