"""A guest's manners: requests and answers pass through here, and what a good guest would not do is refused.

Mends what Scrapy 2.19 does by default: a robots.txt that fails with 5xx or cannot be reached forbids
everything (RFC 9309 section 2.3.1.4), its Crawl-delay is kept, and 429 or 503 stops the source instead of
a retry in 0.2 s.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.utils.misc import build_from_crawler

from crawlers.source import LOOPBACK

log = logging.getLogger(__name__)

FORBID_ALL = b"User-agent: *\nDisallow: /"
TOO_MANY = frozenset({429, 503})
DEFAULT_REST = timedelta(minutes=30)  # where an overloaded server does not say how long
LONGEST_REST = timedelta(days=1)


class Rfc9309Middleware(RobotsTxtMiddleware):  # type: ignore[misc,unused-ignore]
    """robots.txt as RFC 9309 says: 4xx allows, 5xx and silence forbid; its Crawl-delay is kept."""

    crawl_delay = 0.0

    async def process_request(self, request: Request, spider: Any = None) -> None:
        """Obey robots.txt; once it asked for a delay, nothing makes the delay shorter."""
        if self.crawl_delay:
            request.meta["autothrottle_dont_adjust_delay"] = True
        await super().process_request(request)

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status >= 500:
            log.warning("robots.txt of %s answered %d: nothing is collected there", netloc, response.status)
            response = response.replace(body=FORBID_ALL)
        elif response.status >= 400:
            response = response.replace(body=b"")
        await super()._parse_robots(response, netloc, request)
        rules = getattr(self._parsers[netloc], "rp", None)
        self._keep_delay(float((rules and rules.crawl_delay(self.crawler.settings["USER_AGENT"])) or 0))

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        waiting: Any = self._parsers[netloc]
        rules = build_from_crawler(self._parserimpl, self.crawler, FORBID_ALL)
        self._parsers[netloc] = rules
        waiting.callback(rules)

    def _keep_delay(self, seconds: float) -> None:
        if seconds <= self.crawl_delay:
            return
        self.crawl_delay = seconds
        engine: Any = self.crawler.engine
        for slot in engine.downloader.slots.values():
            slot.delay = max(slot.delay, seconds)


class GuestMiddleware:
    """Refuses addresses that are none of our business, and goes away when the server says it is busy."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.loopback = bool(crawler.settings.getbool("HUIYING_LOOPBACK"))
        self._checked: dict[str, bool] = {}
        self.leaving = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way to make a middleware."""
        made = cls(crawler)
        crawler.signals.connect(made.spider_opened, signals.spider_opened)
        return made

    def spider_opened(self) -> None:
        """Begin a run."""
        self.leaving = False

    async def process_request(self, request: Request) -> None:
        """Refuse other schemes and, for sources on the public web, private addresses (server-side request
        forgery).

        Raises:
            IgnoreRequest: the address is refused, or the server asked us to leave.
        """
        if self.leaving or getattr(self.crawler.spider, "left", False):
            raise IgnoreRequest("本次运行已停止，不再访问")
        parts = urlsplit(request.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise IgnoreRequest(f"只访问 http 和 https：{request.url[:200]}")
        if not await self._may_visit(parts.hostname):
            raise IgnoreRequest(f"指向内网或本机地址，拒绝访问：{request.url[:200]}")

    def process_response(self, request: Request, response: Response) -> Response:
        """Leave at once on 429 and 503, for as long as the server asks.

        Raises:
            IgnoreRequest: the server asked us to leave.
        """
        if response.status in TOO_MANY and not request.url.endswith("/robots.txt"):
            self.leaving = True
            until = retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
            spider: Any = self.crawler.spider
            spider.leave(f"对方忙（HTTP {response.status}），{until:%H:%M} UTC 后再来", until)
            raise IgnoreRequest(f"HTTP {response.status}")
        return response

    async def _may_visit(self, host: str) -> bool:
        if host not in self._checked:
            self._checked[host] = await self._is_public(host)
        return self._checked[host]

    async def _is_public(self, host: str) -> bool:
        if self.loopback:
            return host in LOOPBACK
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except OSError:
            return True  # the downloader says better than we could that there is no such host
        return all(ipaddress.ip_address(entry[4][0]).is_global for entry in found)


def retry_after(header: bytes | None, now: datetime) -> datetime:
    """Return until when to stay away: seconds or a date (RFC 9110 section 10.2.3), at most a day."""
    said = (header or b"").decode("ascii", "replace").strip()
    until = now + DEFAULT_REST
    if said.isdigit():
        until = now + timedelta(seconds=int(said))
    elif said:
        try:
            until = parsedate_to_datetime(said)
        except ValueError:
            log.info("Retry-After %r is neither seconds nor a date", said)
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(until, now), now + LONGEST_REST)
