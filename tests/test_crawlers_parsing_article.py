from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.article_pages import pages
from crawlers.parsing.article import parse_article
from crawlers.saved import SavedPage
from crawlers.zh_time import SHANGHAI, read_time

SERVED = datetime(2026, 11, 25, 6, tzinfo=UTC)


@pytest.mark.parametrize("page", pages(), ids=lambda page: f"{page.shape}-{page.published[:10]}")
def test_words_and_time_of_an_article_are_read_from_every_shape_of_page(page):
    saved = SavedPage(url=page.url, body=page.body, fetched_at=SERVED)
    (post,) = parse_article(saved.text, page.url, {}, SERVED).posts
    assert "".join(post.text.split()) == "".join(page.text.split())
    at = read_time(post.published, SERVED)
    assert at is not None
    said = f"{at.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
    assert said.startswith(page.published)
    assert (at.precision == "day") == (len(page.published) == 10)


def page_of(body, head=""):
    return f"<html><head>{head}</head><body>{body}</body></html>"


BODY = (
    "<div id='zoom'><p>今天上午,全县冬春火灾防控工作会议在县会议中心召开,"
    "会议对下一步工作作出安排部署,提出明确要求。</p></div>"
)


def published(html, url="http://example.gov.cn/a/1.html"):
    posts = parse_article(html, url, {}, SERVED).posts
    at = read_time(posts[0].published, SERVED)
    return None if at is None else f"{at.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M} {at.precision}"


def test_the_date_of_today_in_the_head_of_a_page_is_not_the_articles():
    assert published(page_of(f"<div>今天是2026年11月25日 星期三</div>{BODY}")) is None


def test_a_meta_date_without_a_clock_is_made_exact_by_the_page_only_on_the_same_day():
    meta = '<meta name="PubDate" content="2026-11-20">'
    same = page_of(f"<h1>题</h1><p class='info'>2026-11-20 15:30</p>{BODY}", meta)
    other = page_of(f"<h1>题</h1><p class='info'>2026-11-21 15:30</p>{BODY}", meta)
    assert published(same) == "2026-11-20 15:30 minute"
    assert published(other) == "2026-11-20 00:00 day"


def test_a_future_or_unreadable_stamp_is_passed_over():
    html = page_of(
        f"<p class='info'>发布时间:2026-11-19 08:00</p>{BODY}",
        '<meta name="PubDate" content="2027-01-01"><meta name="date" content="soon">',
    )
    assert published(html) == "2026-11-19 08:00 minute"


def test_a_page_without_a_date_has_none_and_says_so():
    found = parse_article(page_of(BODY), "http://example.gov.cn/2026/a.html", {}, SERVED)
    assert found.posts[0].published is None
    assert "没有找到发布时间" in found.warnings[0]


def test_a_body_cut_in_parts_beside_each_other_is_read_whole():
    parts = [f"第{number}部分:各乡镇要落实好防火责任,加强巡查,做到早发现早处置。" for number in "一二三"]
    html = page_of(
        "<div>" + "".join(f"<div class='TRS_Editor'><p>{part}</p></div>" for part in parts) + "</div>"
    )
    assert parse_article(html, "http://e.cn/1", {}, SERVED).posts[0].text == "\n".join(parts)


def test_a_page_whose_body_a_script_fills_is_no_article():
    found = parse_article(
        page_of("<div id='zoom'></div><script>load()</script>"), "http://e.cn/1", {}, SERVED
    )
    assert not found.posts
    assert "没有找到正文" in found.warnings[0]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(pages()) - 1), st.floats(0, 1))
def test_a_page_cut_anywhere_raises_nothing_and_gives_no_future_time(number, share):
    page = pages()[number]
    cut = page.body[: int(len(page.body) * share)]
    saved = SavedPage(url=page.url, body=cut, fetched_at=SERVED)
    for post in parse_article(saved.text or "<html/>", page.url, {}, SERVED).posts:
        at = read_time(post.published, SERVED)
        assert at is None or at.at <= SERVED


def test_the_day_of_publication_stands_before_the_day_of_writing() -> None:
    rows = "<tr><td>成文日期</td><td>2026-11-18</td></tr><tr><td>发布日期</td><td>2026-11-20</td></tr>"
    body = f"<div id='zoom'><p>{'因管网检修，请沿线居民提前储水备用。' * 4}</p></div>"
    html = f"<body><table>{rows}</table>{body}</body>"
    (post,) = parse_article(html, "https://x.gov.cn/xxgk/1/2.html", {}).posts
    assert str(post.published).strip() == "2026-11-20"


def test_a_stamp_whose_parts_stand_in_elements_of_their_own_is_read_to_the_second() -> None:
    stamp = (
        "<span class='year'><em>2026</em></span> <em>11</em>/<em>20</em> <span class='time'>08:12:30</span>"
    )
    body = f"<div id='detail'><p>{'因管网检修，请沿线居民提前储水备用。' * 4}</p></div>"
    html = f"<body><div class='header-time'>{stamp}</div>{body}</body>"
    (post,) = parse_article(html, "https://www.news.example.cn/a/c.html", {}).posts
    at = read_time(post.published, datetime(2026, 11, 25, tzinfo=UTC))
    assert at is not None
    assert (at.at.isoformat(), at.precision) == ("2026-11-20T00:12:30+00:00", "second")
