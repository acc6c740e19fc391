"""Which facts set two texts apart, and how the vectors of claims are kept."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from pipeline.neighbours import WAITING, Neighbours
from pipeline.quantities import dates, quantities
from pipeline.same_claim import conflict, facts_of, horizons_apart


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("长顺2008年高考有学生作弊", "长顺高考有学生作弊", "时间不同"),
        ("罗甸上世纪九十年代发现过霍乱", "罗甸发现霍乱", "时间不同"),
        ("从元旦起收十五", "从五月起收十五", "日期不同"),
        ("查获死鸡三百只", "死鸡十万只流入市场", "数字不同"),
        ("采茶工中毒送医九人", "采茶工中毒，一百多人送医", "数字不同"),
        ("瓮安地震2.1级", "瓮安地震了，四点六级", "数字不同"),
        ("老人被骗走两百多万元", "老人被骗走八千块", "数字不同"),
    ],
)
def test_what_sets_two_texts_apart_is_told(one: str, other: str, said: str) -> None:
    found = conflict(facts_of(one), facts_of(other))
    assert found is not None
    assert found.startswith(said)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("翻车死了3人", "翻车死了10人"),
        ("工资只发百分之六十", "工资打六折"),
        ("骗了两百多万元", "骗走200多万元"),
        ("明年重划学区", "2027年重划学区"),
        ("今年2026年停水", "马上停水"),
    ],
)
def test_the_same_in_other_figures_does_not_set_apart(one: str, other: str) -> None:
    said_on = date(2026, 11, 20)
    assert conflict(facts_of(one, (), said_on), facts_of(other, (), said_on)) is None


def test_a_denial_may_tell_of_a_past_year() -> None:
    denial, claim = facts_of("网传视频是2019年的旧事"), facts_of("红水河翻船")
    assert conflict(denial, claim, denied=True) is None


def test_times_far_from_each_other_count_and_silence_does_not() -> None:
    assert horizons_apart(facts_of("刚刚翻船"), facts_of("明年涨价")) == 3
    assert horizons_apart(facts_of("明天停水"), facts_of("月底停水")) == 1
    assert horizons_apart(facts_of("停水"), facts_of("月底停水")) == 0


def test_figures_of_speech_are_read_in_one_form() -> None:
    assert quantities("十来万只鸡") == {"头": frozenset({100_000.0})}
    assert quantities("震级四点六级") == {"级": frozenset({4.6})}
    assert dates("国庆起收费") == {"month": frozenset({"10"})}
    assert dates("过年前停运") == {"festival": frozenset({"春节"})}


def test_vectors_are_found_whether_they_wait_or_are_in_the_graph_and_not_after_they_are_removed() -> None:
    vectors = np.random.default_rng(3).normal(size=(WAITING + 40, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found = Neighbours()
    for key, vector in enumerate(vectors):
        found.add(key, vector)
    assert len(found) == WAITING + 40
    for key in (0, WAITING - 1, WAITING, WAITING + 39):
        nearest, cosine = found.nearest(vectors[key], 3)[0]
        assert nearest == key
        assert cosine == pytest.approx(1.0, abs=0.02)  # bytes are coarse
        found.remove(key)
        assert key not in {other for other, _ in found.nearest(vectors[key], 5)}
    assert len(found) == WAITING + 36
    with pytest.raises(ValueError, match="already"):
        found.add(5, vectors[5])
    with pytest.raises(ValueError, match="384"):
        found.add(9_999, np.zeros(3, np.float32))
