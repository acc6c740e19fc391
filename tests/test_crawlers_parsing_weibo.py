"""Weibo's official interface: answers and errors as documented come in, posts or a clear refusal go out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.parsing.weibo import WeiboError, parse_statuses, weibo_url

STATUS = {
    "idstr": "5100000000000002",
    "created_at": "Fri Nov 20 09:08:07 +0800 2026",
    "text": "都匀今天又停水？<a href='x'>#都匀停水#</a>",
    "user": {"idstr": "77", "verified_type": -1},
    "attitudes_count": 3,
    "comments_count": 2,
    "reposts_count": 1,
    "retweeted_status": {
        "idstr": "5100000000000001",
        "created_at": "Fri Nov 20 08:00:00 +0800 2026",
        "text": "停水通告",
        "user": {"idstr": "88", "verified_type": 1},
    },
}


def test_a_post_and_what_it_passes_on_are_read_once() -> None:
    first, original = parse_statuses({"statuses": [STATUS, STATUS]})
    assert (first.id, first.parent, first.official) == ("5100000000000002", "5100000000000001", False)
    assert first.text == "都匀今天又停水？#都匀停水#"
    assert (first.likes, first.replies, first.reposts) == (3, 2, 1)
    assert (original.official, original.parent, original.published) == (
        True,
        None,
        "Fri Nov 20 08:00:00 +0800 2026",
    )


def test_the_address_is_the_number_in_base_62() -> None:
    assert weibo_url("1", "3501756485200075") == "https://weibo.com/1/z0JH2lOMb"


@pytest.mark.parametrize(("code", "wait"), [(21327, False), (10023, True), (10001, True)])
def test_an_error_of_the_interface_is_never_an_empty_list(code: int, wait: bool) -> None:
    with pytest.raises(WeiboError, match=str(code)) as caught:
        parse_statuses({"error": "x", "error_code": code, "request": "/2/search/topics.json"})
    assert caught.value.wait is wait


@pytest.mark.parametrize("value", [[], {}, {"statuses": None}])
def test_what_is_no_answer_is_an_error(value: object) -> None:
    with pytest.raises(WeiboError):
        parse_statuses(value)


def test_a_deleted_post_is_marked() -> None:
    (post,) = parse_statuses({"statuses": [{"idstr": "1", "deleted": "1", "text": ""}]})
    assert post.deleted


@given(st.integers(1, 10**18))
def test_every_number_has_one_address(number: int) -> None:
    assert weibo_url("1", str(number)) != weibo_url("1", str(number + 1))
