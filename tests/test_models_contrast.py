from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.clean import for_model
from models.contrast import ASKED, LONGEST, REFUTED, claimed, in_another_mood
from models.corpus import OWN_CONTRAST, own_examples
from models.labels import HEADS


@pytest.mark.parametrize(
    ("headed", "statement"),
    [
        ("喝酒能预防新冠肺炎？", "喝酒能预防新冠肺炎"),
        ("吃大蒜可以杀菌，真的吗？", "吃大蒜可以杀菌"),
        ("全城明天封路，真的假的", "全城明天封路"),
        ("水库垮了。", "水库垮了"),
        ("水库垮了", "水库垮了"),
    ],
)
def test_a_fact_checkers_question_becomes_the_claim_it_asks_about(headed, statement):
    assert claimed(headed) == statement


@pytest.mark.parametrize("open_question", ["为什么不能喝水？", "喝醋能不能杀死病毒", "谁？", "？", ""])
def test_a_question_without_a_claim_gives_none(open_question):
    assert claimed(open_question) is None


@given(st.text(alphabet="吗么呢?？真的假水,，。是", max_size=30))
def test_a_statement_has_no_question_mark_left_and_stays_as_it_is(text):
    statement = claimed(text)
    if statement is not None:
        assert not statement.endswith(("?", "？"))
        assert text.startswith(statement)


def test_a_claim_comes_back_in_the_same_words_every_time_asked_or_refuted():
    statements = [f"第{number}水厂投毒了" for number in range(200)]
    turned = [in_another_mood(statement) for statement in statements]
    assert turned == [in_another_mood(statement) for statement in statements]
    assert all(statement in text for statement, (text, _) in zip(statements, turned, strict=True))
    assert {asked for _, asked in turned} == {True, False}
    words = {text.replace(statement, "{}") for statement, (text, _) in zip(statements, turned, strict=True)}
    assert words == {*ASKED, *REFUTED}


def test_a_claim_that_is_too_long_does_not_come_back():
    assert in_another_mood("水" * (LONGEST + 1)) is None


def test_our_own_rumors_are_contrasted_in_training_only():
    rows = list(own_examples())
    turned = [row for row in rows if row.set == OWN_CONTRAST]
    assert {row.split for row in turned} == {"train"}
    assert {row.labels["rumor"] for row in turned} == {0}
    assert {HEADS["need"][row.labels["need"]] for row in turned} == {"question", "none"}
    assert all(row.text == for_model(row.text) for row in turned)
    rumors = [row for row in rows if row.split == "train" and row.labels.get("rumor") == 1]
    assert len(rumors) / 2 < len(turned) <= len(rumors)
