"""Numbers, lengths of time and texts of the public as the pages write them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import formats


@pytest.mark.parametrize(
    ("value", "written"),
    [(0, "0"), (999, "999"), (1234, "1,234"), (12_345, "1.2万"), (20_000, "2万"), (340_000_000, "3.4亿")],
)
def test_counts_are_written_as_people_here_say_them(value, written):
    assert formats.number(value) == written


@pytest.mark.parametrize(
    ("value", "written"), [(0, "0 B"), (2048, "2 KB"), (50 * 2**20, "50 MB"), (1.5 * 2**30, "1.5 GB")]
)
def test_sizes_are_written_in_the_largest_unit(value, written):
    assert formats.size(value) == written


@given(st.timedeltas(min_value=timedelta(days=-400), max_value=timedelta(days=400)))
def test_no_age_is_negative_whichever_clock_runs_ahead(distance):
    moment = datetime.now(UTC) - distance
    for words in (
        formats.ago(moment),
        formats.deadline(moment),
        formats.span(distance),
        formats.both(moment),
    ):
        assert "- " not in words
        assert not any(f"-{digit} " in words for digit in "0123456789")
    if distance < timedelta(minutes=-2):
        assert formats.ago(moment).endswith("后")


@given(st.text(max_size=300))
def test_text_of_the_public_keeps_no_control_or_bidirectional_character(text):
    shown = formats.shown(text + "\u202e\u0000\u2066", 200)
    assert not {"\u202e", "\u0000", "\u2066"} & set(shown)
    assert "\n" not in formats.one_line(text)
