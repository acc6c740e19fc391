"""Disguised words are made whole, and nothing else is touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.clean import for_model
from models.disguise import undisguised


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("核suan点排队", "核酸点排队"),
        ("he酸结果", "核酸结果"),
        ("明天Feng城", "明天封城"),
        ("yq又来了", "疫情又来了"),
        ("縣醫院的人說供電要停三天", "县医院的人说供电要停三天"),
        ("用iphone的he和she", "用iphone的he和she"),  # letters that are words of their own
        ("yqx是什么", "yqx是什么"),
        ("HS code", "HS code"),  # no Han beside it: not ours to read
        ("", ""),
    ],
)
def test_split_words_and_traditional_script_are_undone(text, plain):
    assert undisguised(text) == plain


def test_spacing_is_closed_before_words_are_made_whole():
    assert for_model("這 個 核suan點 沒 人 管") == "这个核酸点没人管"


@given(st.text(alphabet="核酸suanyq水电 。！", max_size=20))
def test_a_second_reading_changes_nothing(text):
    once = undisguised(text)
    assert undisguised(once) == once
