"""Times as files write them come in; an aware UTC time and how exact it is go out."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from pipeline.config import LOCAL_TIME
from pipeline.records import Precision

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)  # before it nobody posted; 1970 is a clock that was never set
SKEW = timedelta(minutes=10)  # how far another machine's clock may run ahead

EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's day numbers have no zone
EXCEL_DAYS = (20_000, 80_000)  # 1954 to 2119: numbers in between are days, larger ones seconds
MILLISECONDS = 10**11

NUMBER = re.compile(r"\d+(?:\.\d+)?")
WRITTEN = re.compile(
    r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*日?"
    r"(?:[T\s]*(?P<hour>\d{1,2})\s*[::时点]\s*(?P<minute>\d{1,2})?\s*分?"
    r"(?:[::]?\s*(?P<second>\d{1,2})(?:\.\d+)?\s*秒?)?)?"
)


class TimeError(ValueError):
    """A value is not a time, or not one at which a post can have been published; the message is Chinese."""


def parse_time(value: object) -> tuple[datetime, Precision]:
    """Read a time and how exact it is.

    Forms: ISO 8601, 2025/1/2 3:04, 2025年1月2日 3时4分, seconds or milliseconds since 1970, a spreadsheet's
    day number. A time without a zone is Asia/Shanghai's.

    Raises:
        TimeError: the value cannot be read as a time.
    """
    try:
        found, precision = _read(value)
        return _aware(found).astimezone(UTC), precision
    except (ValueError, OverflowError, OSError) as error:
        raise TimeError(f"看不懂的时间:{str(value)[:40]}") from error


def check_published(moment: datetime, now: datetime) -> None:
    """Refuse a publication time before 2000 or in the future.

    Raises:
        TimeError: it is; the message names the time.
    """
    if EARLIEST <= moment <= now + SKEW:
        return
    shown = f"{moment.astimezone(LOCAL_TIME):%Y-%m-%d %H:%M}"
    if moment < EARLIEST:
        raise TimeError(f"发布时间 {shown} 早于 2000 年")
    raise TimeError(f"发布时间 {shown} 在未来")


def _read(value: object) -> tuple[datetime, Precision]:
    if isinstance(value, datetime):
        return value, Precision.SECOND
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day), Precision.DAY  # noqa: DTZ001 - _aware gives the zone
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _from_number(float(value))
    if not isinstance(value, str):
        raise ValueError(f"not a time: {value!r}")
    return _from_text(value.strip())


def _from_number(value: float) -> tuple[datetime, Precision]:
    first, last = EXCEL_DAYS
    if first < value < last:
        return EXCEL_EPOCH + timedelta(days=value), Precision.DAY if value.is_integer() else Precision.SECOND
    seconds = value / 1000 if value > MILLISECONDS else value
    return datetime.fromtimestamp(seconds, UTC), Precision.SECOND


def _from_text(text: str) -> tuple[datetime, Precision]:
    if NUMBER.fullmatch(text) and len(text) != len("20250102"):
        return _from_number(float(text))
    try:
        return datetime.fromisoformat(text), _precision_of(text)
    except ValueError:
        return _from_written(text)


def _from_written(text: str) -> tuple[datetime, Precision]:
    match = WRITTEN.fullmatch(text)
    if not match:
        raise ValueError(f"not a time: {text!r}")
    parts = {name: int(number) for name, number in match.groupdict().items() if number is not None}
    found = datetime(**parts)  # type: ignore[arg-type] # noqa: DTZ001 - _aware gives the zone
    if "hour" not in parts:
        return found, Precision.DAY
    if "minute" not in parts:
        return found, Precision.HOUR
    return found, Precision.SECOND if "second" in parts else Precision.MINUTE


def _precision_of(iso: str) -> Precision:
    if len(iso) <= len("2025-01-02"):
        return Precision.DAY
    clock = re.split(r"[T ]", iso, maxsplit=1)[-1]
    return Precision.SECOND if clock.count(":") > 1 and clock[6:8].isdigit() else Precision.MINUTE


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=LOCAL_TIME) if moment.tzinfo is None else moment
