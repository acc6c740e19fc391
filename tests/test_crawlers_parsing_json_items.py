"""Messages of JSON interfaces: answers and field paths come in, messages and next requests go out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.parsing.json_items import (
    ItemRules,
    PageRule,
    RuleError,
    ShapeError,
    check_rules,
    next_link,
    next_params,
    parse_items,
)

URL = "https://board.example.cn/threads/list"
BOARD = ItemRules(
    items="responseData",
    ok=("result", "success"),
    fields={
        "id": "tid",
        "title": "subject",
        "text": "content",
        "published": "dateline",
        "author": "nickName",
        "url": "/threads/content?tid={tid}",
        "answer_text": "answerContent",
        "answer_published": "answerDateline",
        "answer_department": "answerOrganization",
        "answer_status": "stateInfo",
        "answer_grade": "gradeLevel",
    },
    page=PageRule(kind="after", param="lastItem", path="tid"),
)
ANSWER = {
    "result": "success",
    "responseData": [
        {"tid": 12, "subject": "停水", "content": "三天<br>没水了", "dateline": 1795478400,
         "nickName": "匿名",
         "answerContent": "已抢修", "answerDateline": 1795564800, "answerOrganization": "某市委办",
         "stateInfo": "已办理"},
        {"tid": 11, "subject": "修路", "content": "", "dateline": 1795392000, "answerContent": None},
        {"subject": "没有编号"},
    ],
}  # fmt: skip


def test_letters_and_answers_are_read() -> None:
    first, answer, second = parse_items(ANSWER, BOARD, URL)
    assert (first.id, first.text, first.published) == ("12", "三天\n没水了", 1795478400.0)
    assert first.url == "https://board.example.cn/threads/content?tid=12"
    assert (answer.parent, answer.official, answer.title) == ("12", True, "答复:某市委办 · 已办理")
    assert (second.id, second.text) == ("11", "修路")


def test_an_interface_that_says_no_is_an_error_and_not_silence() -> None:
    with pytest.raises(ShapeError, match="fail"):
        parse_items({"result": "fail", "responseData": []}, BOARD, URL)
    with pytest.raises(ShapeError, match="responseData"):
        parse_items({"result": "success", "data": []}, BOARD, URL)


def test_the_next_request_starts_after_the_last_member() -> None:
    more = {"result": "success", "responseData": ANSWER["responseData"][:2]}
    assert next_params(more, BOARD, {"fid": "1", "lastItem": 0}) == {"fid": "1", "lastItem": 11}
    assert next_params({"result": "success", "responseData": []}, BOARD, {"lastItem": 11}) is None
    assert next_params(more, BOARD, {"lastItem": 11}) is None


def test_pages_are_counted_and_cursors_followed() -> None:
    rules = replace(BOARD, ok=None, items="list", page=PageRule(kind="number", param="page"))
    assert next_params({"list": [1]}, rules, {}) == {"page": 2}
    rules = replace(rules, page=PageRule(kind="cursor", param="after", path="next"))
    assert next_params({"list": [1], "next": "x9"}, rules, {"after": "x8"}) == {"after": "x9"}
    assert next_params({"list": [1], "next": ""}, rules, {"after": "x8"}) is None
    rules = replace(rules, page=PageRule(kind="link", path="links.next"))
    assert next_link({"list": [1], "links": {"next": "/p2"}}, rules, URL) == "https://board.example.cn/p2"
    assert next_params({"list": [1], "links": {"next": "/p2"}}, rules, {}) is None


def test_a_list_at_the_top_is_a_list_too() -> None:
    rules = ItemRules(items="$", fields={"id": "URL", "text": "TITLE"})
    assert [found.text for found in parse_items([{"URL": "/a", "TITLE": "条例"}], rules, URL)] == ["条例"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"id": "a"}, "text"),
        ({"id": "a", "text": "b", "colour": "c"}, "colour"),
        ({"id": "a..b", "text": "b"}, "a..b"),
        ({"id": "a", "text": "b", "url": "x{}"}, "url"),
    ],
)
def test_rules_that_cannot_work_are_refused(fields: dict[str, str], message: str) -> None:
    with pytest.raises(RuleError, match=message):
        check_rules(ItemRules(items="$", fields=fields))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["tid", "content", "x"]), inner)
    ),
    max_leaves=20,
)


@given(JSON)
def test_any_answer_is_read_or_refused(value: object) -> None:
    try:
        found = parse_items({"result": "success", "responseData": value}, BOARD, URL)
    except ShapeError:
        return
    assert all(entry.id and entry.text for entry in found)
