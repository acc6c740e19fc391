"""A world, a start and a speed come in; a web site on loopback that shows what has been said so far goes out.

``python -m pipeline.demo.site --port 0 --speed 1.0`` prints one JSON line, ``{"port": N}``, and serves until
SIGTERM or SIGINT.
"""

from __future__ import annotations

import argparse
import json
import re
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import FrameType
from urllib.parse import parse_qsl, urlsplit

from pipeline.config import LOCAL_TIME
from pipeline.demo import forum, portal
from pipeline.demo.page import Headers, Page, shell
from pipeline.demo.world import World, WorldError, read_world

HOST = "127.0.0.1"
ROBOTS = "User-agent: *\nDisallow: /admin/\nDisallow: /search.php\nDisallow: /api/\nCrawl-delay: 0\n"
FORBIDDEN = ("/admin/", "/search.php", "/api/")
THREAD = re.compile(r"/thread-(\d{1,9})-(\d{1,5})-\d{1,5}\.html")
ARTICLE = re.compile(r"/news/(\d{1,9})\.html")
NEWS_PAGE = re.compile(r"/news/(?:index(?:_(\d{1,5}))?\.html)?")
ITEM = re.compile(r"/feed/(\d{1,9})\.html")
NUMBER = re.compile(r"\d{1,9}")


@dataclass(frozen=True)
class Site:
    """The pages: an address comes in, a page goes out; ``clock`` says what time it is."""

    world: World
    clock: Callable[[], datetime]

    def page(self, target: str, base: str) -> Page:
        """Return the page at a path with its query, as visible now.

        Args:
            target: path and query, as in ``/forum.php?mod=viewthread&tid=3``.
            base: the site's own address, without a slash at the end, for links that must be absolute.
        """
        url = urlsplit(target)
        now = self.clock()
        if url.path == "/robots.txt":
            return Page(ROBOTS, media_type="text/plain")
        if url.path.startswith(FORBIDDEN):
            return Page(shell("无权访问", "<p>本页不对外开放。</p>"), status=403)
        if url.path in ("/forum.php", "/forum/"):
            return self._forum(dict(parse_qsl(url.query)), now)
        if found := THREAD.fullmatch(url.path):
            return forum.thread_page(self.world, now, int(found[1]), int(found[2]))
        return self._portal(url.path, base, now)

    def _forum(self, query: Mapping[str, str], now: datetime) -> Page:
        page = _number(query.get("page"), 1)
        if query.get("mod") == "viewthread":
            return forum.thread_page(self.world, now, _number(query.get("tid"), 0), page)
        if query.get("mod") == "forumdisplay":
            kept = "".join(
                f"&{key}={query[key]}" for key in ("filter", "orderby") if query.get(key, "").isalpha()
            )
            return forum.board_page(self.world, now, query.get("fid", ""), page, kept)
        return forum.index_page(self.world, now)

    def _portal(self, path: str, base: str, now: datetime) -> Page:
        if path in ("/", "/index.html"):
            return portal.home_page(self.world, now)
        if path == "/feed.xml":
            return portal.feed_page(self.world, now, base)
        if found := NEWS_PAGE.fullmatch(path):
            return portal.news_page(self.world, now, int(found[1] or 0))
        if found := ARTICLE.fullmatch(path):
            return portal.article_page(self.world, now, int(found[1]))
        if found := ITEM.fullmatch(path):
            return portal.item_page(self.world, now, int(found[1]))
        return forum.missing_page("抱歉，您访问的页面不存在")


class SiteServer(ThreadingHTTPServer):
    """The site on a port of the loopback address; port 0 takes a free one."""

    daemon_threads = True

    def __init__(self, site: Site, port: int = 0) -> None:
        super().__init__((HOST, port), _Handler)
        self.site = site

    @property
    def base(self) -> str:
        """The site's address, without a slash at the end."""
        return f"http://{HOST}:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: SiteServer
    server_version = "huiying-demo"
    sys_version = ""

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet: standard output and error belong to whoever started the site."""

    def _answer(self, *, with_body: bool) -> None:
        page = self.server.site.page(self.path, self.server.base)
        unchanged = page.validators is not None and self._has_newest(page.validators)
        body = b"" if unchanged else page.body
        self.send_response(304 if unchanged else page.status)
        if page.validators is not None:
            self.send_header("ETag", page.validators.etag)
            self.send_header("Last-Modified", page.validators.last_modified)
        if not unchanged:
            self.send_header("Content-Type", f"{page.media_type}; charset={page.charset}")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def _has_newest(self, validators: Headers) -> bool:
        """Tell whether the client holds this very content; an ETag decides alone (RFC 9110, 13.2.2)."""
        if tags := self.headers.get("If-None-Match"):
            return tags.strip() == "*" or validators.etag in [
                tag.strip().removeprefix("W/") for tag in tags.split(",")
            ]
        since = self.headers.get("If-Modified-Since")
        if not since:
            return False
        try:
            return parsedate_to_datetime(since) >= parsedate_to_datetime(validators.last_modified)
        except (ValueError, TypeError):
            return False  # a date that cannot be read is ignored (RFC 9110, 13.1.3)


def main(arguments: list[str] | None = None) -> int:
    """Serve the demo's world until told to stop; return the exit code."""
    options = _parser().parse_args(arguments)
    started_at = options.start or datetime.now(UTC)
    try:
        world = World.publish(read_world(), started_at, options.speed)
        server = SiteServer(Site(world, lambda: datetime.now(UTC)), options.port)
    except (WorldError, OSError, OverflowError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    _stop_on_signals(server)
    sys.stdout.write(json.dumps({"port": server.server_port}) + "\n")
    sys.stdout.flush()
    with server:
        server.serve_forever(poll_interval=0.1)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.demo.site", description="虚构的云岭州：演示用网站"
    )
    parser.add_argument("--port", type=int, default=0, help="端口；0 为任意空闲端口")
    parser.add_argument("--speed", type=float, default=1.0, help="时间倍速")
    parser.add_argument("--start", type=_moment, help="开站时刻（ISO 8601，默认现在；无时区按北京时间）")
    return parser


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=LOCAL_TIME)


def _stop_on_signals(server: SiteServer) -> None:
    def stop(_signal: int, _frame: FrameType | None) -> None:
        threading.Thread(target=server.shutdown, daemon=True).start()  # shutdown waits for the serving loop

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


def _number(text: str | None, default: int) -> int:
    return int(text) if text and NUMBER.fullmatch(text) else default


if __name__ == "__main__":
    sys.exit(main())
