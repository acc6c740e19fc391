"""Lists of articles and their pagers: pages come in, selectors and next addresses go out."""

from __future__ import annotations

import pytest
from crawl_site import Answer, crawl_site, run_source, source_text
from hypothesis import given
from hypothesis import strategies as st
from parsel import Selector

from crawlers.listing import find_lists, find_next, scripted_next

URL = "https://www.example.gov.cn/xwdt/yw/index.html"


@pytest.mark.parametrize(
    ("call", "following"),
    [
        ('createPageHTML(122, 0, "index", "html")', "index_1.html"),
        ('createPageHTML(122,5,"index","html");', "index_6.html"),
        ('createPageHTML(3, 2, "index", "html")', ""),
        ("createPageHTML('page_div',24, 1,'tzgg','shtml',469)", "tzgg_2.shtml"),
        ("createPageHTML('page_div',24, 24,'tzgg','shtml',469)", ""),
        ("function createPageHTML(_nPageCount, _nCurrIndex)", ""),
        ("", ""),
    ],
)
def test_a_pager_written_by_a_script_is_followed(call: str, following: str) -> None:
    wanted = f"https://www.example.gov.cn/xwdt/yw/{following}" if following else ""
    assert scripted_next(f"<script>{call}</script>", URL) == wanted


@pytest.mark.parametrize("word", ["下一页", "下页 >", "next", "»"])
def test_a_link_to_the_next_page_is_found_by_its_word(word: str) -> None:
    assert find_next(Selector(f'<div><a class="pg" href="/2">{word}</a></div>')) == "a.pg"
    assert find_next(Selector(f'<a href="javascript:go(2)">{word}</a>')) == ""


def test_menus_footers_and_scripts_are_no_lists() -> None:
    page = "".join(f'<li><a href="/m{n}/">栏目{n}</a></li>' for n in range(40))
    page += "".join(f'<p><a href="javascript:open({n})">点击查看第{n}份公告的全文</a></p>' for n in range(40))
    assert find_lists(Selector(page), URL) == []


def test_the_selector_finds_the_same_rows_again() -> None:
    rows = "".join(
        f'<li class="{"odd" if n % 2 else ""}"><a href="/a/{n}.html">关于第{n}号事项的通报</a></li>'
        for n in range(9)
    )
    page = Selector(f'<div class="con wide"><ul>{rows}</ul></div>')
    (found,) = find_lists(page, URL)
    assert len(page.css(found.links)) == len(found.urls) == 9


def test_a_whole_column_is_walked_over_its_scripted_pages(tmp_path) -> None:
    def respond(method: str, target: str, body: bytes) -> Answer:
        html = {"Content-Type": "text/html; charset=utf-8"}
        if target.startswith("/yw/t2026"):
            number = int(target[-7:-5])
            return (
                200,
                html,
                (
                    f'<html><head><meta name="ArticleTitle" content="第{number}条"><meta name="PubDate" '
                    f'content="2026-11-{number:02d} 09:00"></head><body><div class="trs_editor_view">'
                    f"<p>第{number}条要闻的正文。</p></div></body></html>"
                ).encode(),
            )
        page = 0 if target == "/yw/" else int(target.split("_")[1].split(".")[0])
        rows = "".join(
            f'<li><a href="./t2026_{n:02d}.html">第{n}条</a></li>'
            for n in range(20 - 5 * page, 15 - 5 * page, -1)
        )
        return (
            200,
            html,
            f'<ul>{rows}</ul><script>createPageHTML(4, {page}, "index", "html");</script>'.encode(),
        )

    with crawl_site(respond) as site:
        select = '[select]\nlinks = "a[href*=\'/t20\']"\nbody = ".trs_editor_view"\n'
        text = source_text("article", f"{site.url}/yw/", tables=select)
        assert len(run_source(tmp_path, text).posts) == 20
        site.targets()
        assert run_source(tmp_path, text).posts == []
        assert [target for target in site.targets() if "index" in target] == []


@given(st.text(max_size=60))
def test_any_text_is_a_pager_or_none(text: str) -> None:
    scripted_next(f"createPageHTML({text}", URL)
