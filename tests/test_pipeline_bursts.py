from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.alert_rules import AlertRules, Evidence, calls_by_content, content_score, level_of, may_burst
from pipeline.alert_text import growth_of
from pipeline.bursts import BurstDetector, DetectorSettings
from pipeline.negative_binomial import upper_bound

START = datetime(2026, 6, 1, tzinfo=UTC)
BIN = timedelta(minutes=15)


def run(detector, rows):
    return [detector.step(START + BIN * number, np.array(row, float)) for number, row in enumerate(rows)]


def test_a_new_series_that_jumps_is_found_and_says_how_young_it_is():
    detector = BurstDetector()
    detector.follow(["claim:a", "claim:b"])
    found = run(detector, [[0, 0]] * 4 + [[12, 0]])
    assert [len(step) for step in found] == [0, 0, 0, 0, 1]
    burst = found[-1][0]
    assert (burst.series, burst.observed, burst.opened) == ("claim:a", 12, True)
    assert burst.expected < 1
    assert burst.age_days < 0.1


def test_a_steady_series_is_quiet():
    random = np.random.default_rng(5)
    detector = BurstDetector()
    detector.follow(["a", "b"])
    rows = random.poisson([0.5, 2.0], (96 * 28, 2))
    opened = [burst for step in run(detector, rows)[96 * 7 :] for burst in step if burst.opened]
    assert len(opened) <= 1


def test_a_burst_is_opened_once_until_it_is_over():
    detector = BurstDetector()
    detector.follow(["a"])
    found = run(detector, [[1]] * 96 + [[20]] * 8 + [[1]] * 40)
    assert sum(burst.opened for step in found for burst in step) == 1


def test_what_is_saved_goes_on_bit_for_bit():
    random = np.random.default_rng(9)
    rows = random.poisson(1.0, (60, 3))
    whole = BurstDetector()
    whole.follow(["a", "b", "c"])
    run(whole, rows)
    half = BurstDetector()
    half.follow(["a", "b", "c"])
    run(half, rows[:30])
    restored = BurstDetector()
    restored.load(half.dump())
    for number in range(30, 60):
        restored.step(START + BIN * number, rows[number].astype(float))
    assert restored.dump() == whole.dump()


def test_nothing_later_is_used():
    random = np.random.default_rng(2)
    rows = random.poisson(0.4, (200, 2))
    rows[150] += 15
    whole, cut = BurstDetector(), BurstDetector()
    whole.follow(["a", "b"])
    cut.follow(["a", "b"])
    assert run(whole, rows)[:160] == run(cut, rows[:160])


@pytest.mark.parametrize("wrong", [-1.0, 0.5, float("nan"), float("inf")])
def test_a_count_that_is_none_is_refused(wrong):
    detector = BurstDetector()
    detector.follow(["a"])
    with pytest.raises(ValueError, match="whole number"):
        detector.step(START, np.array([wrong]))


def test_a_naive_time_and_a_wrong_length_are_refused():
    detector = BurstDetector()
    detector.follow(["a"])
    with pytest.raises(ValueError, match="aware"):
        detector.step(datetime(2026, 1, 1), np.array([1.0]))  # noqa: DTZ001 - that is the point
    with pytest.raises(ValueError, match="expected 1 counts"):
        detector.step(START, np.array([1.0, 2.0]))


def test_a_series_that_is_dropped_takes_nothing_of_the_others_along():
    detector = BurstDetector(DetectorSettings(step_minutes=5))
    detector.follow(["a", "b", "c"])
    detector.step(START, np.array([1.0, 2.0, 3.0]))
    detector.drop(["b", "unknown"])
    assert detector.keys == ["a", "c"]
    detector.follow(["d"])
    assert detector.keys == ["a", "c", "d"]
    detector.step(START + BIN, np.array([1.0, 2.0, 3.0]))


@settings(deadline=None, max_examples=30)
@given(st.floats(0.001, 200), st.floats(1.0, 8.0))
def test_the_upper_bound_is_above_the_mean(mean, dispersion):
    assert upper_bound(mean, dispersion) >= int(mean)


def evidence(**more):
    values = {
        "claim_id": "c", "need": "unverified_claim", "rumor_score": 0.8, "stake": 0.9,
        "voices": 5, "posts": 6,
        "asking": 2, "counties": 1, "answered": False, "doubling_minutes": None,
    }  # fmt: skip
    return Evidence(**{**values, **more})


def test_a_small_grave_rumor_is_alerted_by_its_content_and_cheer_never():
    rules = AlertRules()
    assert calls_by_content(evidence(), rules)
    assert not calls_by_content(evidence(need="none"), rules)
    assert not calls_by_content(evidence(voices=1), rules)
    assert not may_burst(evidence(need="none", voices=300), rules)


def test_a_complaint_that_takes_off_without_a_rumor_in_it_is_no_rumor_alert():
    assert not may_burst(evidence(need="problem", rumor_score=0.1, voices=60), AlertRules())


def test_an_answered_claim_weighs_less_and_stays_below_orange():
    assert content_score(evidence(answered=True)) < content_score(evidence())
    assert level_of(evidence(voices=90, counties=5, answered=True), AlertRules()) == "yellow"
    assert level_of(evidence(voices=90, counties=5), AlertRules()) == "red"


def test_growth_is_not_estimated_from_few_posts_or_a_steady_flow():
    steady = [START + timedelta(minutes=5 * number) for number in range(40)]
    assert growth_of(steady[:7]) is None
    assert growth_of(steady) is None
    rising = [START + timedelta(minutes=60 * (number / 40) ** 0.4) for number in range(41)]
    growth = growth_of(rising)
    assert growth is not None
    assert growth.low < growth.minutes < growth.high
