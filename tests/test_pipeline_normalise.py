import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.normalise import LONGEST_TEXT, clean, match_text, simplify


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("<p>停水&nbsp;三天</p><p>了</p>", "停水 三天\n了"),
        ("a<script>alert('<b>')</script>b<!-- c -->d", "abd"),
        ("5 &lt; 6,我<3你,<电话>", "5 < 6,我<3你,<电话>"),
        ("http://x.cn/?a=1&copy=2", "http://x.cn/?a=1&copy=2"),
        ("停\u200b水\u202e了\ufeff", "停水了"),
        ("a\x00b\x07c", "abc"),
        ("坏\ud800了", "坏\ufffd了"),
        ("A\r\n\r\n \u3000B\t C", "A\nB C"),
        (chr(0xFF21) + chr(0xFF11) + ",。!?", "A1,。!?"),
        ("①②³㎡½", "①②³㎡½"),
        ("👨\u200d👩\u200d👧❤\ufe0f", "👨\u200d👩\u200d👧❤\ufe0f"),
        ("   ", ""),
    ],
)
def test_what_is_not_words_goes_and_what_is_stays(text, kept):
    assert clean(text) == kept


def test_a_text_of_two_megabytes_is_cut_and_says_so():
    text = clean("停水" * 1_000_000)
    assert text.startswith("停水停水")
    assert text.endswith("〔原文共 2000000 字,已截断〕")
    assert len(text) < LONGEST_TEXT + 40


@pytest.mark.parametrize("text", ["<!--" * 300_000, "<a " * 300_000, "<script" * 200_000, "&#" * 400_000])
def test_broken_markup_without_end_is_read_to_its_end(text):
    assert len(clean(text)) <= LONGEST_TEXT + 40


@given(st.text(max_size=300))
def test_a_clean_text_can_be_stored_and_has_nothing_invisible(text):
    kept = clean(text)
    kept.encode("utf-8")
    assert "\x00" not in kept
    assert "\u200b" not in kept
    assert kept == kept.strip()


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("獨山縣停水三天!!", "独山县停水三天"),
        ("独山县 停水三天。", "独山县停水三天"),
        ("@黔南发布 请问ABC http://t.cn/x 是真的[允悲]吗😀", "请问abc是真的吗"),
        ("@都匀人民请问停水吗", "都匀人民请问停水吗"),
        ("😀😀", ""),
    ],
)
def test_only_the_words_count_for_matching(text, folded):
    assert match_text(text) == folded


def test_a_simplified_text_is_left_as_it_is():
    assert simplify("干净的后面") == "干净的后面"
    assert simplify("乾淨的後面") == "干净的后面"


@given(st.text(max_size=200))
def test_folding_takes_any_text(text):
    assert not any(character.isspace() for character in match_text(text))
