from datetime import UTC, date, datetime

import pytest

from pipeline.times import TimeError, check_published, parse_time

NOW = datetime(2025, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "utc", "precision"),
    [
        ("2025-01-02T03:04:05+08:00", "2025-01-01T19:04:05", "second"),
        ("2025-01-02T03:04:05Z", "2025-01-02T03:04:05", "second"),
        ("2025-01-02 03:04:05", "2025-01-01T19:04:05", "second"),
        ("2025-01-02 03:04", "2025-01-01T19:04:00", "minute"),
        ("2025/1/2 3:04", "2025-01-01T19:04:00", "minute"),
        ("2025年1月2日 3时4分", "2025-01-01T19:04:00", "minute"),
        ("2025年1月2日3点", "2025-01-01T19:00:00", "hour"),
        ("2025年1月2日", "2025-01-01T16:00:00", "day"),
        ("2025-01-02", "2025-01-01T16:00:00", "day"),
        ("20250102", "2025-01-01T16:00:00", "day"),
        (date(2025, 1, 2), "2025-01-01T16:00:00", "day"),
        (1735758245, "2025-01-01T19:04:05", "second"),
        ("1735758245000", "2025-01-01T19:04:05", "second"),
        (45659.5, "2025-01-02T04:00:00", "second"),
    ],
)
def test_every_usual_way_to_write_a_time_is_read(value, utc, precision):
    assert parse_time(value) == (datetime.fromisoformat(utc).replace(tzinfo=UTC), precision)


@pytest.mark.parametrize(
    "value", ["昨天", "2025-13-01", "2025年2月30日", "", "1e999", True, [], float("nan"), 1e300]
)
def test_what_is_no_time_is_refused_with_its_words(value):
    with pytest.raises(TimeError, match="看不懂"):
        parse_time(value)


@pytest.mark.parametrize(("value", "reason"), [("1970-01-01", "早于"), ("2026-01-01", "未来")])
def test_a_clock_that_was_never_set_or_runs_ahead_is_refused(value, reason):
    with pytest.raises(TimeError, match=reason):
        check_published(parse_time(value)[0], NOW)
