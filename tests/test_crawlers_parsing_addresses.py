# ruff: noqa: E501 - one case a line
"""Addresses of forums: which thread and which page they are, whatever the software."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parsel import Selector

from crawlers.parsing.addresses import first_page, page_rank, shape_of, thread_number
from crawlers.parsing.pager import next_page, pager_of

SITE = "https://bbs.example.cn"


@pytest.mark.parametrize(
    ("path", "number"),
    [
        ("/showthread.php?tid=45&page=2", "45"),
        ("/index.php?topic=45.20", "45"),
        ("/viewtopic.php?id=45&p=3", "45"),
        ("/threads/tingshui.45/page-2", "45"),
        ("/topic/45/%E5%81%9C%E6%B0%B42026/", "45"),
        ("/forum/x-3/topic/x-44-45/?page=2", "45"),
        ("/t/slug/45/3", "45"),
        ("/d/45-ting-shui", "45"),
        ("/thread-45-1-1.html", "45"),
        ("/read/45.html", "45"),
        ("/thread-45-3.htm", "45"),
        ("/thread/45/page/3", "45"),
        ("/forum/5/45", "45"),
        ("/forum/5/45/2", "45"),
        ("/topic/5f3a9cbe77aa01", "5f3a9cbe77aa01"),
        ("/topic/5f3a9cbe77aa01/2", "5f3a9cbe77aa01"),
        ("/p/aB3dE9xQ", "aB3dE9xQ"),
    ],
)
def test_a_thread_is_known_by_its_number_on_every_page(path: str, number: str) -> None:
    assert thread_number(SITE + path) == number


@pytest.mark.parametrize(
    ("path", "rank", "first"),
    [
        ("/a/5/?page=3", 3, "/a/5/"),
        ("/a/5/page-2", 2, "/a/5/"),
        ("/index.php?topic=5.20", 20, "/index.php?topic=5.0"),
        ("/index.php?topic=5.msg91", 0, "/index.php?topic=5.0"),
        ("/viewtopic.php?t=5&start=10", 11, "/viewtopic.php?t=5"),
        ("/viewtopic.php?id=5&p=2", 2, "/viewtopic.php?id=5"),
        ("/?p=123", 0, "/?p=123"),
        ("/a/5/?post=371#371", 0, "/a/5/"),
    ],
)
def test_a_page_and_its_first_page(path: str, rank: int, first: str) -> None:
    assert (page_rank(SITE + path), first_page(SITE + path)) == (rank, SITE + first)


def test_threads_of_a_site_have_one_shape_and_members_another() -> None:
    one, two = f"{SITE}/topic/4/%E5%81%9C/", f"{SITE}/topic/51/%E5%81%9C/?page=2"
    assert shape_of(one) == shape_of(two) != shape_of(f"{SITE}/user/4/u/")


@pytest.mark.parametrize(
    "pager",
    [
        '<a href="?page=2">«</a><a href="?page=4">»</a>',
        '<a rel="next" href="?page=4">x</a>',
        '<ul><li class="active"><a href="?page=3">3</a></li><li><a href="?page=4">4</a></li></ul>',
        '<ul><li>3</li><li><a href="?page=5">末页</a></li><li><a href="?page=4"><i></i></a></li></ul>',
        '<a href="?page=4" title="下一页"><i></i></a>',
    ],
)
def test_the_next_page_is_what_a_link_says(pager: str) -> None:
    assert next_page(Selector(f"<body>{pager}</body>"), f"{SITE}/t/5/?page=3") == f"{SITE}/t/5/?page=4"


@pytest.mark.parametrize(
    "pager",
    ['<a href="?page=2">«</a><a href="">»</a>', '<a href="/t/6/">下一页</a>', '<a href="?page=3">»</a>', ""],
)
def test_an_arrow_that_leads_nowhere_further_is_no_next_page(pager: str) -> None:
    assert next_page(Selector(f"<body>{pager}</body>"), f"{SITE}/t/5/?page=3") == ""


@pytest.mark.parametrize(
    ("here", "pager", "stands"),
    [
        ("/thread-12.htm", "<b>1</b> <a href='thread-12-2.htm'>2</a> <a href='thread-12-3.htm'>3</a>", (0, "/thread-12.htm", "/thread-12-2.htm")),
        ("/thread-12-2.htm", "<a href='thread-12.htm'>1</a> <b>2</b> <a href='thread-12-3.htm'>3</a>", (2, "/thread-12.htm", "/thread-12-3.htm")),
        ("/thread-12-3.htm", "<a href='thread-12.htm'>1</a> <a href='thread-12-2.htm'>2</a> <b>3</b>", (3, "/thread-12.htm", "")),
        ("/thread-12-2.htm", "<a href='thread-12.htm'>1</a> <b>2</b>", (2, "/thread-12.htm", "")),
        ("/t/12", "<a href='/t/12/2'>[2]</a><a href='/t/12/2'>下一页</a>", (0, "/t/12", "/t/12/2")),
        ("/t/12/2", "<a href='/t/12'>首页</a><a href='/t/12'>1</a><b>2</b>", (2, "/t/12", "")),
        ("/t/12/4", "<a href='/t/12/1'>首页</a><a href='/t/12/3'>3</a><a href='/t/12/5'>下一页</a>", (4, "/t/12/1", "/t/12/5")),
        ("/t/12/20", "<a href='/t/12'>1</a><b>2</b><a href='/t/12/40'>3</a>", (20, "/t/12", "/t/12/40")),
        ("/thread-12-1-1.html", "<a href='thread-12-2-1.html'>2</a>", (1, "/thread-12-1-1.html", "/thread-12-2-1.html")),
        ("/topic/5f3a9cbe77aa01", "<a href='/topic/5f3a9cbe77aa01/2'>2</a>", (0, "/topic/5f3a9cbe77aa01", "/topic/5f3a9cbe77aa01/2")),
        ("/t/12", "<a href='/t/11'>‹</a><a href='/t/13'>›</a>", (0, "/t/12", "")),
        ("/t/12", "<a href='/t/13'>13</a><a href='/t/7'>7</a>", (0, "/t/12", "")),
        ("/t/12", "<a href='#p3'>3</a><a href='/t/12#p2'>2</a>", (0, "/t/12", "")),
        ("/a/5/?page=3", "<a href='?page=4'>4</a>", (3, "/a/5/", "/a/5/?page=4")),
    ],
)  # fmt: skip
def test_a_page_stands_where_its_pager_says(here: str, pager: str, stands: tuple[int, str, str]) -> None:
    found = pager_of(Selector(f"<body>{pager}</body>"), SITE + here)
    assert (found.rank, found.first, found.next) == (
        stands[0],
        SITE + stands[1],
        stands[2] and SITE + stands[2],
    )


@given(st.text(max_size=60))
def test_any_address_has_a_thread_and_a_first_page(path: str) -> None:
    url = f"{SITE}/{path}"
    try:
        first = first_page(url)
    except ValueError:  # an address that urllib refuses
        return
    assert first_page(first) == first
    assert thread_number(first) == thread_number(url)
