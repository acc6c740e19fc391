"""What a page is taken for: pages with the signs of each kind of software come in, proposals go out."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.detect import detect, is_official
from crawlers.refuse import PageError, WallError
from crawlers.saved import SavedPage, SavedPageError, load_page, save_page

ROWS = "".join(
    f'<li><a href="./202611/t202611{day:02d}_8800{day:02d}.html" title="关于第{day}次停水检修的情况通报">'
    f"关于第{day}次停水检修的情况…</a><span>2026-11-{day:02d}</span></li>"
    for day in range(1, 13)
)
MENU = "".join(f'<li><a href="/m{n}/">栏目导航第{n}项</a></li>' for n in range(30))
GOVERNMENT_LIST = f"""<html><head><title>要闻</title></head><body><ul class="menu">{MENU}</ul>
<div class="NewsList"><ul>{ROWS}</ul></div><a class="pagenext" href="index_1.html">下一页</a>
<script>createPageHTML(50, 0, "index", "html");</script></body></html>"""


def page(body: str, url: str = "https://www.example.gov.cn/xwdt/yw/", **more: object) -> SavedPage:
    return SavedPage(url=url, body=body.encode(), **more)  # type: ignore[arg-type]


def test_a_feed_is_taken_as_it_is() -> None:
    (found,) = detect(
        page('<?xml version="1.0"?><rss version="2.0"><channel><title>溪城</title></channel></rss>')
    )
    assert (found.kind, found.title) == ("feed", "溪城")


def test_a_json_feed_and_an_interface_are_told_apart() -> None:
    feed = '{"version": "https://jsonfeed.org/version/1.1", "items": []}'
    assert detect(page(feed))[0].kind == "feed"
    assert detect(page('{"data": [1]}'))[0].kind == "json_api"


def test_a_sitemap_is_a_source_of_articles() -> None:
    body = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>x</loc></url></urlset>'
    assert detect(page(body))[0].kind == "article"


def test_the_list_of_a_government_site_is_found_beside_its_menu() -> None:
    best = detect(page(GOVERNMENT_LIST))[0]
    assert (best.kind, best.software, best.official) == ("article", "拓尔思 TRS", True)
    assert best.select["links"] == "div.NewsList > ul > li > a"
    assert best.select["next"] == "a.pagenext"
    assert "trs_editor_view" in best.select["body"]


def test_a_discuz_forum_shows_its_boards() -> None:
    body = """<html><head><meta name="generator" content="Discuz! X3.5" /></head><body>
    <a href="forum.php?mod=forumdisplay&amp;fid=2">民生杂谈</a>
    <a href="forum.php?mod=forumdisplay&amp;fid=36"><b>房产家居</b></a>
    <a href="forum-40-1.html">亲子教育</a></body></html>"""
    best = detect(page(body, "https://bbs.example.cn/"))[0]
    assert (best.kind, best.family, best.start) == ("forum", "discuz", ("https://bbs.example.cn/forum.php",))
    assert best.boards == (
        {"id": "2", "name": "民生杂谈"},
        {"id": "36", "name": "房产家居"},
        {"id": "40", "name": "亲子教育"},
    )


@pytest.mark.parametrize(
    ("body", "family"),
    [
        ('<body id="phpbb"><a href="./viewforum.php?f=3">本地生活</a></body>', "phpbb"),
        ('<li component="categories/category"><a href="/category/5/x">民生</a></li>', "nodebb"),
    ],
)
def test_other_forums_are_known_by_their_marks(body: str, family: str) -> None:
    best = detect(page(body, "https://bbs.example.cn/"))[0]
    assert (best.kind, best.family, len(best.boards)) == ("forum", family, 1)


def test_wordpress_is_read_by_its_feed_first_and_its_comments_can_be_had() -> None:
    body = """<html><head><meta name="generator" content="WordPress 6.1.9">
    <link rel="alternate" type="application/rss+xml" href="/feed/">
    <link rel="https://api.w.org/" href="/wp-json/"></head><body></body></html>"""
    found = detect(page(body, "https://news.example.cn/"))
    assert [(entry.kind, entry.family) for entry in found] == [("feed", ""), ("forum", "wordpress")]
    assert found[0].start == ("https://news.example.cn/feed/",)


def test_an_article_asks_for_its_list() -> None:
    start, end = '<script type="application/ld+json">', "</script>"
    block = start + '{"@type": "NewsArticle"}' + end + start + "{" + end
    best = detect(page(f"<html><head>{block}</head></html>", "https://a.example.cn/news/t1.html"))[0]
    assert best.start == ("https://a.example.cn/news/",)
    assert "列表页" in best.reasons[0]


@pytest.mark.parametrize(
    "body",
    [
        "<title>百度安全验证</title>",
        "<p>您需要登录后才可以继续本操作</p>",
        "<script>document.location.reload()</script>",
    ],
)
def test_a_challenge_is_an_error_of_its_own(body: str) -> None:
    with pytest.raises(WallError):
        detect(page(body))


def test_a_long_article_about_captchas_is_no_challenge() -> None:
    assert detect(page(GOVERNMENT_LIST + "<p>" + "收到验证码不要告诉别人。" * 400 + "</p>"))


@pytest.mark.parametrize("status", [401, 403, 429])
def test_a_refusal_is_respected(status: int) -> None:
    with pytest.raises(WallError, match=str(status)):
        detect(page(GOVERNMENT_LIST, status=status))


def test_nothing_recognised_is_an_empty_list() -> None:
    assert detect(page("<html><body><p>暂无内容</p></body></html>")) == []


def test_only_gov_cn_is_official() -> None:
    assert is_official("http://www.qiannan.gov.cn/x")
    assert not is_official("http://gov.cn.example.com/")
    assert not is_official("http://notgov.cn/")


def test_a_gbk_page_with_a_false_utf8_label_is_read() -> None:
    body = GOVERNMENT_LIST.replace("<head>", '<head><meta charset="gbk">').encode("gbk")
    saved = SavedPage(
        url="https://a.gov.cn/", body=body, headers={"content-type": "text/html; charset=utf-8"}
    )
    assert saved.charset == "gb18030"
    assert "停水检修" in detect(saved)[0].title + saved.text


def test_a_saved_page_comes_back_as_it_was(tmp_path) -> None:
    kept = page(
        GOVERNMENT_LIST,
        status=200,
        headers={"content-type": "text/html", "date": "Tue, 24 Nov 2026 00:00:00 GMT"},
    )
    assert load_page(save_page(kept, tmp_path, "list")) == kept
    assert kept.date.isoformat() == "2026-11-24T00:00:00+00:00"


def test_a_broken_headers_file_is_named(tmp_path) -> None:
    path = save_page(page("x"), tmp_path, "list")
    path.with_suffix(".json").write_text("{}")
    with pytest.raises(SavedPageError, match=r"list\.json"):
        load_page(path)


@given(
    st.binary(max_size=400), st.sampled_from(["text/html", "application/json", "", "text/html; charset=x"])
)
def test_no_bytes_whatever_are_an_unknown_error(body: bytes, kind: str) -> None:
    try:
        detect(SavedPage(url="https://a.example.cn/", body=body, headers={"content-type": kind}))
    except PageError:
        return


@given(st.integers(1, len(GOVERNMENT_LIST)))
def test_a_list_cut_anywhere_is_read_as_far_as_it_goes(end: int) -> None:
    for finding in detect(page(GOVERNMENT_LIST[:end])):
        assert finding.kind == "article"


@pytest.mark.parametrize(
    ("body", "more", "said"),
    [
        ('<div id="app"></div><script src="/app.js"></script>', {}, "由脚本生成"),
        ("<p>x</p>", {"status": 404}, "没有这个页面"),
        ("<p>x</p>", {"status": 502}, "稍后再试"),
        ("  ", {}, "空的"),
        ("%PDF-1.4 \0", {"headers": {"content-type": "application/pdf"}}, "不是网页(application/pdf)"),
    ],
)
def test_a_page_without_words_says_what_it_is(body: str, more: dict[str, object], said: str) -> None:
    with pytest.raises(PageError, match=re.escape(said)):
        detect(page(body, **more))


def test_a_forum_of_unknown_software_is_suspected_by_its_threads_and_words() -> None:
    threads = "".join(f'<a href="/topic/{n}/tingshui/">停水的事</a>' for n in range(8))
    assert detect(page(threads, "https://town.example.cn/"))[0].family == "custom"
    boards = '<p>版块 主题 回复</p><a href="/forum/3/">民生</a><a href="/forum/4/">房产</a>'
    assert detect(page(boards, "https://town.example.cn/"))[0].family == "custom"
    assert all(found.family != "custom" for found in detect(page(GOVERNMENT_LIST)))
