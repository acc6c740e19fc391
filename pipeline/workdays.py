"""A start and a number of working days come in; when the last of them ends goes out.

Working days follow the State Council's yearly holiday notice (放假与调休), as the package chinesecalendar
carries it. For a year whose notice it does not know, Monday to Friday count, and ``known_year`` says so.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import chinese_calendar

from pipeline.config import LOCAL_TIME

LAST_WEEKDAY = 4  # Friday
END_OF_DAY = time(23, 59, 59)


def known_year(day: date) -> bool:
    """Whether the holiday notice of this day's year is known."""
    try:
        chinese_calendar.is_workday(day)
    except NotImplementedError:
        return False
    return True


def is_workday(day: date) -> bool:
    """Whether offices work on this day."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:  # the notice is published in autumn for the next year
        return day.weekday() <= LAST_WEEKDAY


def after_working_days(start: datetime, days: int) -> datetime:
    """Return the end, in UTC, of the last of ``days`` working days that begin after the day of ``start``.

    The day on which a period begins is not counted (民法典 art. 201).

    Raises:
        ValueError: ``days`` is less than 1.
    """
    if days < 1:
        raise ValueError(f"working days must be 1 or more, got {days}")
    day = start.astimezone(LOCAL_TIME).date()
    left = days
    while left:
        day += timedelta(days=1)
        left -= is_workday(day)
    return datetime.combine(day, END_OF_DAY, LOCAL_TIME).astimezone(UTC)
