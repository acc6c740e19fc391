from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.zh_time import read_time

SHANGHAI = ZoneInfo("Asia/Shanghai")
SERVED = datetime(2026, 11, 24, 10, 30, tzinfo=SHANGHAI)  # a Tuesday

FORMS = {
    "刚刚": ("2026-11-24 10:30", "relative"),
    "5分钟前": ("2026-11-24 10:25", "relative"),
    "半小时前": ("2026-11-24 10:00", "relative"),
    "3 小时前": ("2026-11-24 07:30", "relative"),
    "两天前": ("2026-11-22 10:30", "day"),
    "今天 08:12": ("2026-11-24 08:12", "minute"),
    "昨天 23:50": ("2026-11-23 23:50", "minute"),
    "昨天\xa023:50": ("2026-11-23 23:50", "minute"),
    "前天 00:05": ("2026-11-22 00:05", "minute"),
    "周三": ("2026-11-18 00:00", "day"),
    "上周五 18:00": ("2026-11-20 18:00", "minute"),
    "9-12": ("2026-09-12 00:00", "day"),
    "09-12 08:12": ("2026-09-12 08:12", "minute"),
    "12-24 08:12": ("2025-12-24 08:12", "minute"),
    "2022年9月12日": ("2022-09-12 00:00", "day"),
    "2022年9月12日 星期一 15时20分": ("2022-09-12 15:20", "minute"),
    "2026-11-3 09:05:12": ("2026-11-03 09:05:12", "second"),
    "2026/11/3 下午 3:05": ("2026-11-03 15:05", "minute"),
    "2026-11-24T02:00:00Z": ("2026-11-24 10:00", "second"),
    "2026-11-24T09:00+08:00": ("2026-11-24 09:00", "minute"),
    "Tue, 24 Nov 2026 01:00:00 GMT": ("2026-11-24 09:00", "second"),
    "1763949600": ("2025-11-24 10:00", "second"),
    "1763949600000": ("2025-11-24 10:00", "second"),
    "发表于 2026-11-20 08:00": ("2026-11-20 08:00", "minute"),
    "08:12": ("2026-11-24 08:12", "minute"),
}


@pytest.mark.parametrize("said", FORMS)
def test_every_written_form_is_read_against_the_servers_date(said):
    expected, precision = FORMS[said]
    found = read_time(said, SERVED)
    assert found is not None
    assert found.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S").startswith(expected)
    assert found.precision == precision
    assert found.at.tzinfo is UTC


@pytest.mark.parametrize(
    "said", ["", "农历九月初三", "2027-01-01 08:00", "明天", "1988-01-01", "阅读 1234", "25:70"]
)
def test_what_cannot_be_a_time_of_the_past_is_no_time(said):
    assert read_time(said, SERVED) is None


def test_the_machines_own_zone_changes_nothing(monkeypatch):
    import time

    results = []
    for zone in ("UTC", "Asia/Shanghai"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        results.append([read_time(said, SERVED) for said in FORMS])
    monkeypatch.undo()
    time.tzset()
    assert results[0] == results[1]


@given(st.text(max_size=60))
def test_no_text_raises_or_gives_a_future_time(said):
    found = read_time(said, SERVED)
    assert found is None or found.at <= SERVED.replace(hour=11)


@pytest.mark.parametrize(
    ("said", "local"),
    [
        ("Nov. 19, 2026, 7:06 a.m.", "2026-11-19 07:06"),
        ("By: u1 on Nov. 18, 2026, noon", "2026-11-18 12:00"),
        ("November 3, 2026, 12:05 a.m.", "2026-11-03 00:05"),
        ("Mon Nov 16, 2026 9:30 pm", "2026-11-16 21:30"),
        ("11-13-2026, 04:40 PM", "2026-11-13 16:40"),
        ("16 Nov 2026 21:30", "2026-11-16 21:30"),
    ],
)
def test_stamps_of_software_that_was_not_translated_are_read(said: str, local: str) -> None:
    at = read_time(said, datetime(2026, 11, 20, 8, tzinfo=UTC))
    assert at is not None
    assert (f"{at.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}", at.precision) == (local, "minute")


def test_english_words_without_a_time_are_none() -> None:
    for said in ("May 5 people come?", "Marching 12 miles", "ago", "30-45-2026"):
        assert read_time(said, datetime(2026, 11, 20, 8, tzinfo=UTC)) is None, said
