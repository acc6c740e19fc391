"""Sites that misbehave: what a run asks of them, what it still collects, and that it says what was wrong."""

from __future__ import annotations

import gzip
import itertools
import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from crawl_site import RESET, Answer, Respond, crawl_site, run_source, source_text

RSS = {"Content-Type": "application/rss+xml; charset=utf-8"}
HTML = {"Content-Type": "text/html; charset=utf-8"}
FEED = (
    """<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>x</title>{}</channel></rss>"""
)
ENTRY = (
    '<item><guid isPermaLink="false">g{0}</guid><title>第{0}件事</title>'
    "<description>第{0}件事的说明，请大家留意。</description>"
    "<pubDate>Fri, 20 Nov 2026 0{0}:00:00 +0800</pubDate></item>"
)
MEGABYTE = 2**20


def feed(*numbers: int) -> bytes:
    return FEED.format("".join(ENTRY.format(number) for number in numbers)).encode()


def always(answer: Answer) -> Respond:
    return lambda method, target, body: answer


def feed_source(url: str, *paths: str) -> str:
    starts = '", "'.join(f"{url}{path}" for path in paths or ("/feed",))
    return source_text("feed", starts)


def test_a_busy_server_is_left_at_once_for_as_long_as_it_asks(tmp_path: Path) -> None:
    with crawl_site(always((429, {"Retry-After": "3600"}, b"slow down"))) as site:
        run = run_source(tmp_path, feed_source(site.url, "/a", "/b", "/c"))
        assert site.targets() == ["/a"]
    assert run.status == "red"
    assert "429" in run.reasons[0]
    rest = json.loads((tmp_path / "crawl" / "test-source.rest.json").read_text("utf-8"))
    waits = datetime.fromisoformat(rest["not_before"]) - datetime.now(UTC)
    assert timedelta(minutes=55) < waits <= timedelta(hours=1)


def test_an_overloaded_server_is_not_asked_again_in_the_same_run(tmp_path: Path) -> None:
    with crawl_site(always((503, {}, b""))) as site:
        run = run_source(tmp_path, feed_source(site.url))
        assert site.targets() == ["/feed"]
    assert run.status == "red"


def test_a_refusal_is_an_error_and_never_an_empty_success(tmp_path: Path) -> None:
    with crawl_site(always((403, HTML, b"<p>forbidden</p>"))) as site:
        run = run_source(tmp_path, feed_source(site.url))
        assert len(site.targets()) == 1
    assert run.status == "red"
    assert any("403" in reason for reason in run.reasons)


def test_a_passing_failure_is_tried_again(tmp_path: Path) -> None:
    asked = 0

    def respond(method: str, target: str, body: bytes) -> Answer:
        nonlocal asked
        asked += 1
        return (500, {}, b"") if asked == 1 else (200, RSS, feed(1, 2))

    with crawl_site(respond) as site:
        run = run_source(tmp_path, feed_source(site.url))
    assert len(run.posts) == 2
    assert run.status == "green"


@pytest.mark.parametrize(
    "broken",
    [
        (RESET, {}, b""),
        (302, {"Location": "/broken"}, b""),
        (200, {**RSS, "Content-Encoding": "gzip"}, gzip.compress(bytes(60 * MEGABYTE))),
        (200, RSS, bytes(30 * MEGABYTE)),
        (200, {**RSS, "Content-Encoding": "gzip"}, b"not gzip"),
        (200, HTML, b"<html><body><p>no feed</p></body></html>"),
        (200, RSS, b""),
        (302, {"Location": "ftp://example.cn/x"}, b""),
    ],
    ids=["reset", "redirect loop", "gzip bomb", "30 MB", "bad gzip", "no feed", "empty", "other scheme"],
)
def test_one_broken_page_is_said_and_the_others_are_collected(tmp_path: Path, broken: Answer) -> None:
    def respond(method: str, target: str, body: bytes) -> Answer:
        return broken if target == "/broken" else (200, RSS, feed(1, 2, 3))

    with crawl_site(respond) as site:
        run = run_source(tmp_path, feed_source(site.url, "/broken", "/feed"))
        assert len(site.targets()) < 12
    assert len(run.posts) == 3
    assert run.status == "amber", run.log[-1500:]
    assert run.reasons


def drip() -> Iterator[bytes]:
    """Yield a feed so slowly that it would take minutes; no pause between two bytes is long."""
    for letter in feed(1, 2, 3):
        time.sleep(0.2)
        yield bytes([letter])


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("endless", lambda: (200, RSS, itertools.repeat(b"<item>x</item>" * 4096))),
        ("slow drip", lambda: (200, RSS, drip())),
        ("wrong length", lambda: (200, {**RSS, "Content-Length": "999999"}, feed(4, 5))),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_page_that_never_ends_is_cut_off_and_the_others_are_collected(
    tmp_path: Path, name: str, answer: Callable[[], Answer]
) -> None:
    def respond(method: str, target: str, body: bytes) -> Answer:
        return answer() if target == "/broken" else (200, RSS, feed(1, 2, 3))

    with crawl_site(respond) as site:
        starts = f'{site.url}/broken", "{site.url}/feed'
        run = run_source(tmp_path, source_text("feed", starts, timeout="3"))
    assert len(run.posts) == 3
    assert run.status == "amber", run.log[-1500:]
    assert run.reasons, name


def test_broken_html_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    article = (
        "<html><title>停水通知</title><body><table><tr><td><h1>停水通知</h2>"
        "<span>发布时间：2026-11-20 08:00</b>"
        "<div id=zoom><p>因管网检修，剑江中路周五上午八点到下午六点停水。"
        "<p>请沿线居民提前储水备用，<b>给您带来不便敬请谅解"
        "</td></i></table></html></body>\x00 trailing <<<"
    )

    def respond(method: str, target: str, body: bytes) -> Answer:
        page = '<ul><li><a class=row href="/a/1.html">停水通知' if target == "/" else article
        return 200, HTML, page.encode()

    with crawl_site(respond) as site:
        run = run_source(
            tmp_path, source_text("article", f"{site.url}/", tables='[select]\nlinks = "a.row"\n')
        )
    (post,) = run.posts
    assert post["published_at"] == "2026-11-20T00:00:00+00:00"
    assert "提前储水备用" in post["text"]


def test_an_empty_feed_is_no_news_and_no_error(tmp_path: Path) -> None:
    with crawl_site(always((200, RSS, feed()))) as site:
        run = run_source(tmp_path, feed_source(site.url))
    assert (run.posts, run.status) == ([], "green")


def test_an_id_that_comes_twice_is_one_post(tmp_path: Path) -> None:
    with crawl_site(always((200, RSS, feed(1, 1, 2)))) as site:
        run = run_source(tmp_path, feed_source(site.url))
    assert sorted(post["id"] for post in run.posts) == ["g1", "g2"]


def test_a_page_in_gbk_with_a_false_label_is_read(tmp_path: Path) -> None:
    body = feed(1).decode().replace("utf-8", "gbk").encode("gbk")
    with crawl_site(always((200, {"Content-Type": "application/rss+xml"}, body))) as site:
        run = run_source(tmp_path, feed_source(site.url))
    assert [post["title"] for post in run.posts] == ["第1件事"]


def test_what_robots_forbids_is_not_asked_for(tmp_path: Path) -> None:
    with crawl_site(always((200, RSS, feed(1)))) as site:
        run = run_source(tmp_path, feed_source(site.url, "/admin/feed"))
        assert site.targets() == []
    assert run.status == "red"
    assert any("robots" in reason for reason in run.reasons)


def test_a_site_whose_robots_fails_is_left_alone(tmp_path: Path) -> None:
    with crawl_site(always((200, RSS, feed(1))), robots=(500, {}, b"")) as site:
        run = run_source(tmp_path, feed_source(site.url))
        assert site.targets() == []
    assert run.status == "red"


def test_a_challenge_stops_the_source_and_is_named(tmp_path: Path) -> None:
    def respond(method: str, target: str, body: bytes) -> Answer:
        return 200, HTML, "<html><title>百度安全验证</title><p>请完成验证</p></html>".encode()

    with crawl_site(respond) as site:
        run = run_source(tmp_path, feed_source(site.url, "/a", "/b", "/c", "/d"))
        # The next request may be on its way already when the page is read.
        assert site.targets() in (["/a"], ["/a", "/b"])
    assert run.status == "red"
    assert "验证" in run.reasons[0]


def test_an_unchanged_feed_answers_304_and_costs_nothing_more(tmp_path: Path) -> None:
    with crawl_site(always((200, {**RSS, "ETag": '"v1"'}, feed(1, 2)))) as site:
        text = feed_source(site.url)
        run_source(tmp_path, text)
        site.targets()
        run_source(tmp_path, text)
        (request,) = site.seen
    assert request[2]["if-none-match"] == '"v1"'


def test_the_same_words_again_and_again_are_noticed(tmp_path: Path) -> None:
    items = "".join(
        f"<item><guid>g{n}</guid><title>t{n}</title><description>系统维护中</description></item>"
        for n in range(12)
    )
    with crawl_site(always((200, RSS, FEED.format(items).encode()))) as site:
        run = run_source(tmp_path, feed_source(site.url))
    assert run.status == "amber"
    assert any("完全相同" in reason for reason in run.reasons)
    assert any("published" in reason for reason in run.reasons)


def test_a_source_that_brings_less_a_day_than_it_should_is_amber(tmp_path: Path) -> None:
    text = feed_source("{url}") + "\n[expect]\nmin_items_per_day = 3\n"
    with crawl_site(always((200, RSS, feed(1, 2, 3)))) as site:
        first = run_source(tmp_path, text.replace("{url}", site.url))
        assert first.status == "green"
        with sqlite3.connect(tmp_path / "crawl" / "state.sqlite") as state:  # a day and a half goes by
            state.execute("update days set day = strftime('%Y-%m-%dT%H', 'now', '-36 hours')")
        second = run_source(tmp_path, text.replace("{url}", site.url))
    assert second.status == "amber"
    assert any("一天内只有 0 条" in reason for reason in second.reasons)


def test_dates_that_stopped_are_noticed(tmp_path: Path) -> None:
    old = ENTRY.replace("20 Nov 2026", "20 Jan 2026").format(1)
    text = "\n[expect]\nmin_items_per_day = 1\n"
    with crawl_site(always((200, RSS, FEED.format(old).encode()))) as site:
        run = run_source(tmp_path, feed_source(site.url) + text)
    assert any("停在 2026-01-19" in reason or "停在 2026-01-20" in reason for reason in run.reasons)
