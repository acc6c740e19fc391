"""A single polite look at a page: what a loopback server answers, and what is asked of it."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from crawlers.look import LARGEST, Looker, LookError

ANSWERS: dict[str, tuple[int, dict[str, str], bytes]] = {
    "/robots.txt": (200, {}, b"User-agent: *\nDisallow: /private\nCrawl-delay: 7\n"),
    "/": (200, {"Content-Type": "text/html; charset=gbk"}, "<p>停水通知</p>".encode("gbk")),
    "/moved": (302, {"Location": "/"}, b""),
    "/inside": (302, {"Location": "/private/x"}, b""),
    "/file": (302, {"Location": "file:///etc/passwd"}, b""),
    "/loop": (301, {"Location": "/loop"}, b""),
    "/packed": (200, {"Content-Encoding": "gzip"}, gzip.compress(b"<p>x</p>")),
    "/bomb": (200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(4 * LARGEST))),
    "/large": (200, {}, bytes(LARGEST + 10)),
    "/broken": (200, {"Content-Encoding": "gzip"}, b"no gzip at all"),
    "/中文?q=水": (200, {}, b"ok"),
}


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.seen.append((self.path, self.headers["User-Agent"]))  # type: ignore[attr-defined]
        status, headers, body = self.server.answers.get(self.path, (404, {}, b"gone"))  # type: ignore[attr-defined]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        return


@contextmanager
def serving(
    changes: dict[str, tuple[int, dict[str, str], bytes]] | None = None,
) -> Iterator[tuple[str, list]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.answers, server.seen = {**ANSWERS, **(changes or {})}, []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", server.seen  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def looker() -> Looker:
    return Looker(contact="0854-8220000", allow_private=True)


def test_a_page_is_read_after_robots_with_one_honest_name() -> None:
    with serving() as (base, seen):
        page = looker().look(f"{base}/")
        assert "停水通知" in page.text
        assert [path for path, _ in seen] == ["/robots.txt", "/"]
        assert {agent for _, agent in seen} == {"huiying/0.1 (+0854-8220000)"}


def test_redirects_and_packed_pages_are_followed_and_unpacked() -> None:
    with serving() as (base, _):
        page = looker().look(f"{base}/moved")
        assert page.url == f"{base}/"
        assert looker().look(f"{base}/packed").body == b"<p>x</p>"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/private/x", "robots"),
        ("/inside", "robots"),
        ("/file", "http"),
        ("/loop", "重定向"),
        ("/bomb", "超过 8 MB"),
        ("/large", "超过 8 MB"),
        ("/broken", "没有取到"),
    ],
)
def test_what_may_not_or_cannot_be_read_is_said(path: str, reason: str) -> None:
    with serving() as (base, _), pytest.raises(LookError, match=reason):
        looker().look(base + path)


def test_what_robots_forbids_is_never_asked_for() -> None:
    with serving() as (base, seen):
        with pytest.raises(LookError):
            looker().look(f"{base}/private/x")
        assert [path for path, _ in seen] == ["/robots.txt"]


def test_a_site_whose_robots_fails_is_left_alone() -> None:
    with serving({"/robots.txt": (503, {}, b"")}) as (base, seen):
        with pytest.raises(LookError, match="9309"):
            looker().look(f"{base}/")
        assert len(seen) == 1


def test_a_site_without_robots_may_be_read() -> None:
    with serving({"/robots.txt": (404, {}, b"")}) as (base, _):
        assert looker().look(f"{base}/").status == 200


def test_the_delay_that_robots_asks_for_is_known() -> None:
    with serving() as (base, _):
        assert looker().crawl_delay(f"{base}/") == 7


def test_a_private_address_is_refused_before_anything_is_asked() -> None:
    with serving() as (base, seen):
        with pytest.raises(LookError, match="内网"):
            Looker(contact="x").look(f"{base}/")
        assert seen == []


@pytest.mark.parametrize("url", ["ftp://example.cn/", "file:///etc/passwd", "http://", "http://127.0.0.1:1/"])
def test_what_is_no_web_address_or_does_not_answer_is_an_error(url: str) -> None:
    with pytest.raises(LookError):
        looker().look(url)
