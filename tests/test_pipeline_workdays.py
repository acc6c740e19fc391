from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config import LOCAL_TIME, ConfigError, Settings
from pipeline.rules import DueRule, Rules
from pipeline.workdays import after_working_days, is_workday, known_year


def local(*parts):
    return datetime(*parts, tzinfo=LOCAL_TIME)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2025, 10, 1), False),  # National Day
        (date(2025, 9, 28), True),  # a Sunday that is worked for it (国办发明电〔2024〕12号)
        (date(2025, 10, 11), True),  # a Saturday that is worked for it
        (date(2025, 1, 26), True),  # a Sunday worked for the Spring Festival
        (date(2025, 3, 1), False),  # an ordinary Saturday
        (date(2025, 3, 3), True),
    ],
)
def test_days_follow_the_yearly_notice(day, works):
    assert known_year(day)
    assert is_workday(day) is works


def test_a_year_without_a_notice_counts_monday_to_friday_and_says_so():
    assert not known_year(date(2090, 1, 2))
    assert [is_workday(date(2090, 1, day)) for day in range(2, 9)] == [
        True,
        True,
        True,
        True,
        True,
        False,
        False,
    ]


def test_three_working_days_run_over_a_holiday_and_the_day_of_the_start_does_not_count():
    # Assigned on Tuesday, 30 September 2025; the holiday is 1 to 8 October; Saturday the 11th is worked.
    end = after_working_days(local(2025, 9, 30, 17), 3)
    assert end.astimezone(LOCAL_TIME) == local(2025, 10, 11, 23, 59, 59)


@given(st.integers(0, 33_000), st.integers(0, 1439), st.integers(1, 40))
def test_there_are_just_that_many_working_days_after_the_start(day, minute, days):
    moment = datetime(2004, 1, 1, tzinfo=UTC) + timedelta(days=day, minutes=minute)
    first = moment.astimezone(LOCAL_TIME).date()
    last = after_working_days(moment, days).astimezone(LOCAL_TIME).date()
    assert is_workday(last)
    between = [first + timedelta(days=n) for n in range(1, (last - first).days + 1)]
    assert sum(is_workday(day) for day in between) == days


def test_less_than_a_day_is_refused():
    with pytest.raises(ValueError, match="got 0"):
        after_working_days(local(2025, 3, 3), 0)


def test_an_office_adds_a_rule_in_working_days():
    table = {
        "id": "local", "name": "3 个工作日内答复", "source": "本州办法", "applies": "other",
        "basis": "assigned", "working_days": 3,
    }  # fmt: skip
    rules = Rules.load(Settings(tables={"due": {"rule": [table]}}))
    assert {rule.id for rule in rules.due_rules(False)} == {"61-48h", "local"}
    own = next(rule for rule in rules.due if rule.id == "local")
    assert own.deadline(local(2025, 3, 7, 9)).astimezone(LOCAL_TIME) == local(2025, 3, 12, 23, 59, 59)


@pytest.mark.parametrize(
    "more",
    [{"hours": 5, "working_days": 1}, {}, {"hours": 5, "basis": "born"}, {"hours": 5, "applies": "some"},
     {"hours": 5, "met_by": "luck"}],
)  # fmt: skip
def test_a_rule_that_cannot_be_is_named(more):
    with pytest.raises(ConfigError, match="bad"):
        DueRule(**{"id": "bad", "name": "n", "source": "s", "applies": "other", "basis": "assigned", **more})
