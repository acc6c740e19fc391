"""Dotted paths into JSON: values and paths come in, what stands there goes out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.parsing.json_paths import PathError, fill, find, find_all, steps_of

VALUE = {
    "data": {"list": [{"id": 7, "title": "停水", "body": ""}, {"id": 8, "title": "修路"}]},
    "a.b": {"c": 0},
    "threads": [{"posts": [1, 2]}, {"posts": [3]}],
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("data.list.0.title", "停水"),
        ("data.list[1].title", "修路"),
        ("data.list.9.title", None),
        ("data.list.0.body|data.list.0.title", "停水"),
        ('"a.b".c', 0),
        ("nothing.here", None),
        ("data.list.title", None),
    ],
)
def test_a_path_leads_to_its_value(path: str, found: object) -> None:
    assert find(VALUE, path) == found


def test_every_member_of_nested_lists_is_found_in_order() -> None:
    assert list(find_all(VALUE, "threads.*.posts.*")) == [1, 2, 3]
    assert list(find_all(VALUE, "threads[].posts[]")) == [1, 2, 3]


def test_the_value_itself() -> None:
    assert find([1], "$") == [1]
    assert list(find_all([1, 2], "*")) == [1, 2]


def test_a_template_is_filled_or_not_at_all() -> None:
    item = {"tid": 5, "f": {"name": "州长"}}
    assert fill("https://a.cn/t?tid={tid}&n={f.name}", item) == "https://a.cn/t?tid=5&n=州长"
    assert fill("https://a.cn/t?tid={missing}", item) is None
    assert fill("{f}", item) is None


@pytest.mark.parametrize("path", ["", "a..b", "a.", '"a', "a[x]", "]"])
def test_a_path_that_cannot_be_read_is_an_error(path: str) -> None:
    with pytest.raises(PathError):
        steps_of(path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=20,
)


@given(JSON, st.sampled_from(["a", "a.b", "*", "*.*", "0.1", "a|b", "$"]))
def test_any_json_is_walked_without_an_error(value: object, path: str) -> None:
    assert all(entry not in (None, "") for entry in find_all(value, path))


@given(st.dictionaries(st.text(st.characters(exclude_characters='"'), max_size=4), st.integers()))
def test_every_key_can_be_named_in_quotation_marks(value: dict[str, int]) -> None:
    for key, number in value.items():
        if "|" not in key:
            assert find(value, f'"{key}"') == number
