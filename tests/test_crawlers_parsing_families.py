"""Forum families: minimal pages in the shape of their software come in, threads and posts go out.

The pages are written here, with the names that the software gives to its fields, ids and classes.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parsel import Selector

from crawlers.parsing import nodebb, phpbb, wordpress

BASE = "https://bbs.example.cn/"
PAGES = Path(__file__).parent / "fixtures" / "families"
BOARD = Selector((PAGES / "nodebb_board.json").read_text("utf-8"), type="json")
TOPIC = Selector((PAGES / "nodebb_topic.json").read_text("utf-8"), type="json")
VIEWFORUM = (PAGES / "phpbb_board.html").read_text("utf-8")
VIEWTOPIC = (PAGES / "phpbb_topic.html").read_text("utf-8")


def test_a_nodebb_board_gives_its_threads_and_next_page() -> None:
    given_ = nodebb.parse_board(BOARD, nodebb.board_url(BASE, "5"))
    (thread,) = given_.threads
    assert (thread.id, thread.title, thread.replies, thread.pinned) == ("31", "滨江路停水&停电", 2, True)
    assert thread.url == f"{BASE}api/topic/31"
    assert given_.next == f"{BASE}api/category/5?sort=newest_to_oldest&page=2"


def test_a_nodebb_board_in_another_order_is_said() -> None:
    rows = [{"tid": n, "title": "x", "lastposttimeISO": f"2026-11-2{n}T00:00:00.000Z"} for n in (1, 2)]
    told = nodebb.parse_board(Selector(json.dumps({"topics": rows}), type="json"), BASE).warnings
    assert len(told) == 1
    rows.reverse()
    assert not nodebb.parse_board(Selector(json.dumps({"topics": rows}), type="json"), BASE).warnings


def test_a_nodebb_topic_gives_every_post_with_its_parent() -> None:
    opener, reply, gone = nodebb.parse_thread(TOPIC, nodebb.thread_url(f"{BASE}forum/", "31")).posts
    assert (opener.title, opener.text, opener.parent) == ("滨江路停水", "停了三天\n有人管吗", None)
    assert (opener.replies, opener.views, opener.likes, opener.author) == (2, 90, 4, "老街")
    assert opener.url == f"{BASE}forum/topic/31/停水"
    assert opener.edited == "2026-11-23T17:00:00.000Z"
    assert (reply.parent, reply.published, reply.edited, reply.title) == ("t31", 1795478405.0, None, "")
    assert (gone.parent, gone.deleted) == ("t31-71", True)
    assert [opener.id, reply.id] == ["t31", "t31-71"]


def test_a_phpbb_board_gives_its_threads_without_sessions() -> None:
    given_ = phpbb.parse_board(Selector(VIEWFORUM), phpbb.board_url(BASE, "3"))
    sticky, thread = given_.threads
    assert (sticky.pinned, sticky.last_reply) == (True, "2026-01-01T00:00:00+00:00")
    assert (thread.id, thread.replies, thread.pinned) == ("12", 1204, False)
    assert thread.url == f"{BASE}viewtopic.php?f=3&t=12"
    assert given_.next == f"{BASE}viewforum.php?f=3&start=25"


def test_a_phpbb_thread_gives_exact_times_or_the_words() -> None:
    opener, reply = phpbb.parse_thread(Selector(VIEWTOPIC), phpbb.thread_url(BASE, "12")).posts
    assert (opener.id, opener.title, opener.author) == ("t12", "公交改线", "路人")
    assert opener.text == "6路不到医院了？\n老人怎么办"
    assert opener.published == "2026-11-23T13:07:09+00:00"
    assert (reply.id, reply.parent, reply.published) == ("t12-56", "t12", "2026年11月23日 21:30")


def test_a_later_page_of_a_phpbb_thread_has_no_opener() -> None:
    posts = phpbb.parse_thread(Selector(VIEWTOPIC), f"{BASE}viewtopic.php?t=12&start=10").posts
    assert [post.title for post in posts] == ["", ""]


def test_a_phpbb_board_for_members_only_is_known() -> None:
    assert phpbb.is_forbidden(Selector('<div id="message"><p>您没有权限阅读此版面的主题。</p></div>'))
    assert not phpbb.is_forbidden(Selector(VIEWTOPIC))


def test_wordpress_pages_end_where_the_server_says() -> None:
    url = wordpress.comments_url(BASE)
    assert wordpress.parse([], url, {"x-wp-totalpages": "1"}).next == ""
    following = wordpress.parse([], url, {"x-wp-totalpages": "3"}).next
    assert "page=2" in following
    assert "page=3" in wordpress.parse([], following, {"x-wp-totalpages": "3"}).next


def test_a_reply_to_a_comment_belongs_to_the_comment() -> None:
    values = [
        {
            "id": 5,
            "post": 2,
            "parent": 0,
            "date_gmt": "2026-11-24T00:00:00",
            "content": {"rendered": "<p>赞</p>"},
        },
        {
            "id": 6,
            "post": 2,
            "parent": 5,
            "date_gmt": "2026-11-24T00:00:01",
            "content": {"rendered": "<p>谢</p>"},
        },
    ]
    first, second = wordpress.parse(values, wordpress.comments_url(BASE), {}).posts
    assert (first.parent, second.parent, second.published) == ("p2", "c5", "2026-11-24T00:00:01+00:00")


@given(st.integers(0, len(VIEWTOPIC)), st.integers(0, len(VIEWFORUM)))
def test_pages_cut_anywhere_give_what_is_there(topic: int, board: int) -> None:
    for post in phpbb.parse_thread(Selector(VIEWTOPIC[:topic] or "<p/>"), f"{BASE}viewtopic.php?t=12").posts:
        assert post.id in {"t12", "t12-56", "t12-5"}
    phpbb.parse_board(Selector(VIEWFORUM[:board] or "<p/>"), BASE)


@pytest.mark.parametrize("text", ["{}", '{"posts": [], "topics": []}', '{"pagination": null}', "[]", "1"])
def test_an_empty_answer_gives_nothing_and_no_error(text: str) -> None:
    assert nodebb.parse_board(Selector(text, type="json"), BASE).threads == ()
    assert nodebb.parse_thread(Selector(text, type="json"), BASE).posts == ()


def test_what_is_gone_or_closed_is_told_from_what_is_empty() -> None:
    assert nodebb.is_missing(Selector('{"error": "[[error:no-topic]]"}', type="json"))
    assert nodebb.is_forbidden(Selector('{"error": "not-authorized"}', type="json"))
    assert not nodebb.is_missing(TOPIC)
    assert not nodebb.is_forbidden(TOPIC)
    assert phpbb.is_missing(Selector('<div id="message"><p>请求的主题不存在。</p></div>'))
