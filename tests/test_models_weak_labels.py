"""Weak labels: what rules read off letters and replies, and where they keep silent."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from models.corpus import load_corpus, weak_examples
from models.weak_labels import letter_need, reply_stance

DATA = Path(__file__).parents[2] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="the shared data folder is not on this machine")


@pytest.mark.parametrize(
    ("title", "text", "need"),
    [
        ("咨询孩子转学的问题", "孩子可以从农村转学到市内吗？该怎么办手续？", "question"),
        ("建议在幸福路口增设红绿灯", "车多人多，设个红绿灯更安全，谢谢。", "suggestion"),
        ("投诉某小区物业乱收费", "请有关部门严肃查处。", "problem"),
        ("楼下麻将馆扰民", "请领导管管。", "problem"),
        (
            "请问水厂何时能修好",
            "拖了三年，请求领导尽快解决！",
            None,
        ),  # presses: a complaint asked as a question
        ("投诉并建议在路口增设路灯的建议", "请处理。", None),  # two needs at once
        ("一个普通的上午", "今天天气不错。", None),
    ],
)
def test_a_letter_gets_the_need_its_words_name(title, text, need):
    assert letter_need(title, text) == need


@pytest.mark.parametrize(
    ("text", "stance"),
    [
        ("假的，早就辟谣了", "deny"),
        ("纯属造谣", "deny"),
        ("真的假的？", "query"),
        ("求证", "query"),
        ("这是真的吗", "query"),
        ("求辟谣", None),
        ("不知道是不是真的", None),
        ("假的吧？", None),
        ("好多姑娘啊", None),
        ("谣言" + "啊" * 60, None),
    ],
)
def test_a_reply_gets_a_stance_only_where_it_says_so(text, stance):
    assert reply_stance(text) == stance


@needs_data
def test_weak_rows_are_capped_and_never_dev():
    rows = list(weak_examples(DATA, letters=5, replies=3))
    counts = Counter((row.set, row.labels.get("need", row.labels.get("stance"))) for row in rows)
    assert set(counts.values()) == {5, 3}
    assert {row.split for row in rows} == {"train"}


@needs_data
def test_weak_labels_can_be_switched_off_and_are_not_for_free_use():
    weak = {"weak_need", "weak_stance"}
    assert weak <= {row.set for row in load_corpus(DATA).examples}
    assert not weak & {row.set for row in load_corpus(DATA, weak=False).examples}
    assert not weak & {row.set for row in load_corpus(DATA, research=False).examples}
