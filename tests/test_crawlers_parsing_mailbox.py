"""Letters of government mailboxes: pages with labels or selectors come in, letters and answers go out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parsel import Selector

from crawlers.parsing.mailbox import LetterError, parse_letter

URL = "https://www.example.gov.cn/zmhd/lxxd/1024.html"
TABLE = """<html><body><table>
<tr><td>信件编号</td><td>QN20261120001</td></tr>
<tr><td>来信标题</td><td>滨江路自来水浑浊</td></tr><tr><td>来信时间：</td><td>2026-11-20 08:12</td></tr>
<tr><td>来信内容</td><td><p>这几天水是黄的。</p><p>请问什么原因？</p></td></tr>
<tr><td>回复单位</td><td>青溪市住建局</td></tr><tr><td>回复时间</td><td>2026-11-21 15:00:30</td></tr>
<tr><td>回复内容</td><td>您好：因管网检修，今晚恢复。</td></tr><tr><td>满意度</td><td>基本满意</td></tr>
</table></body></html>"""
INLINE = """<html><body><div class="box"><h1>问一下高龄补贴</h1><p>留言时间：2026年11月19日</p>
<div class="ask"><b>留言内容：</b>老人满八十怎么办手续？</div><div class="reply">暂无回复</div></div>
</body></html>"""


def test_a_letter_and_its_answer_are_read_by_their_labels() -> None:
    letter, answer = parse_letter(Selector(TABLE), {}, URL, "1024")
    assert (letter.id, letter.title, letter.published) == (
        "QN20261120001",
        "滨江路自来水浑浊",
        "2026-11-20 08:12",
    )
    assert letter.text == "这几天水是黄的。\n请问什么原因？"
    assert (answer.parent, answer.official, answer.published) == (letter.id, True, "2026-11-21 15:00:30")
    assert answer.text == "您好：因管网检修，今晚恢复。"
    assert answer.title == "答复:青溪市住建局 · 满意度 基本满意"
    assert not letter.official


def test_selectors_go_before_labels_and_an_open_letter_has_no_answer() -> None:
    select = {"title": "h1", "answer": ".reply"}
    (letter,) = parse_letter(Selector(INLINE), select, URL, "77")
    assert (letter.id, letter.title, letter.published) == ("77", "问一下高龄补贴", "2026年11月19日")
    assert letter.text == "老人满八十怎么办手续？"


def test_a_selector_that_takes_the_label_too_gives_the_value() -> None:
    (letter,) = parse_letter(Selector(INLINE), {"title": "h1", "body": ".ask", "answer": ".reply"}, URL, "77")
    assert letter.text == "老人满八十怎么办手续？"


def test_a_page_without_a_letter_is_an_error() -> None:
    with pytest.raises(LetterError, match=r"1024\.html"):
        parse_letter(Selector("<html><body><p>系统维护</p></body></html>"), {}, URL, "1")


@given(st.integers(0, len(TABLE)))
def test_a_page_cut_anywhere_gives_a_letter_or_that_error(end: int) -> None:
    try:
        found = parse_letter(Selector(TABLE[:end] or "<html/>"), {}, URL, "1024")
    except LetterError:
        return
    assert found[0].text
