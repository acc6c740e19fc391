"""Numbers, units and dates in the many ways people write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.quantities import dates, number_of, quantities


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("停水三天", "停水3天"),
        ("停水三天", "要断七十二小时"),
        ("涨一毛五", "涨0.15元"),
        ("停航半年", "停航六个月"),
        ("死了四个人", "死了4人"),
        ("扑杀三万多只", "扑杀30000只"),
        ("一小时收五十", "一小时收50块"),
        ("两周", "14天"),
        ("裁五百号人", "裁500人"),
    ],
)
def test_the_same_amount_in_other_words(one: str, other: str) -> None:
    assert quantities(one) == quantities(other) != {}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("两千五", 2500),
        ("一百零五", 105),
        ("一万二", 12000),
        ("十五", 15),
        ("2.5万", 25000),
        ("三百二十一", 321),
    ],
)
def test_values_of_numerals(text: str, value: float) -> None:
    assert number_of(text) == value


@pytest.mark.parametrize("text", ["千万别去", "三都赛马", "一个都没有", "百姓", "万一停水"])
def test_words_that_only_look_like_numbers(text: str) -> None:
    assert quantities(text) == {}


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    assert all(value >= 0 for values in quantities(text).values() for value in values)
    assert isinstance(dates(text, date(2026, 3, 1)), dict)


def test_dates_are_told_apart_by_kind_and_counted_from_the_day_of_the_post() -> None:
    assert dates("12月15日开会") == {"day": frozenset({"12-15"})}
    assert dates("明年一月停运") == {"year": frozenset({"明年"}), "month": frozenset({"1"})}
    assert dates("明年一月停运", date(2026, 11, 2))["year"] == {"2027"}
    assert dates("下周一封城", date(2026, 3, 4))["weekday"] == {"2026-03-09"}
    assert dates("从明天起停水") == {}  # said anew every day
