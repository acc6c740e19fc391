"""What every spider shares: an answer comes in as a page, what it gave goes to the collector, failures
are counted.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from typing import Any

from scrapy import Request, Spider
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from twisted.python.failure import Failure

from crawlers.collector import Collector
from crawlers.parsing.found import Yield
from crawlers.refuse import SHORT_PAGE, WALLS
from crawlers.saved import SavedPage
from crawlers.source import SourceConfig
from crawlers.state import CrawlState

log = logging.getLogger(__name__)

OK, NOT_MODIFIED = 200, 304
Handler = Callable[..., Any]


class SourceSpider(Spider):  # type: ignore[misc,unused-ignore]
    """One run of one source. Subclasses say what to ask for first and how to read an answer."""

    name = "source"

    def __init__(self, source: SourceConfig, collector: Collector, state: CrawlState) -> None:
        super().__init__()
        self.source = source
        self.collector = collector
        self.state = state
        self.asked = 0
        self.errors = 0
        self.not_before: datetime | None = None
        self.stopped = False
        self.left = False

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the first pages."""
        for request in self.first_requests():
            yield request

    def first_requests(self) -> Iterator[Request]:
        """Yield the first requests of a run."""
        raise NotImplementedError

    def ask(self, url: str, handler: Handler, conditional: bool = False, **more: Any) -> Request | None:
        """Return a request, or None when the run has asked for enough pages or was told to leave.

        ``conditional`` sends the page's validators, so that an unchanged page costs next to nothing.
        """
        if self.stopped or self.asked >= self.source.polite.max_pages:
            if not self.stopped:
                self.collector.warn("到达每次运行的页数上限，余下的下次再取")
                self.stopped = True
            return None
        self.asked += 1
        headers = {}
        if conditional:
            etag, modified = self.state.validators(url)
            headers = {k: v for k, v in {"If-None-Match": etag, "If-Modified-Since": modified}.items() if v}
        return Request(
            url, self._answered, headers=headers, errback=self._failed, dont_filter=True,
            cb_kwargs={"handler": handler, "asked_url": url, "more": more},
        )  # fmt: skip

    def leave(self, reason: str, not_before: datetime | None = None) -> None:
        """Stop this run: nothing more is asked for, not even what was queued, and the reason shows as red."""
        self.stopped = self.left = True
        self.not_before = not_before
        if reason not in self.collector.stop_reasons:
            self.collector.stop_reasons.append(reason)
            log.warning("%s: %s", self.source.id, reason)

    def take_all(self, found: Yield, page: SavedPage, county: str = "") -> int:
        """Give a page's posts to the collector; return how many were new or changed."""
        for warning in found.warnings:
            self.collector.warn(warning.split("：", 1)[-1])
            log.warning("%s", warning)
        return sum(self.collector.take(post, page, county) for post in found.posts)

    def read(self, page: SavedPage, **more: Any) -> Iterator[Request | None]:
        """Read an answer; the default handler of a spider with one kind of page."""
        raise NotImplementedError

    def _answered(
        self, response: Response, handler: Handler, asked_url: str, more: dict[str, Any]
    ) -> Iterator[Request]:
        if response.status == NOT_MODIFIED:
            return
        page = _page(response)
        any_status = more.pop("any_status", False)
        if response.status != OK and not any_status:
            self.errors += 1
            self.collector.warn(f"HTTP {response.status}")
            log.warning("%s: HTTP %d", response.url, response.status)
            return
        wall = wall_of(page)
        if wall:
            self.leave(f"遇到{wall}，已停止（{response.url}）")
            return
        yield from (request for request in handler(page, **more) if request is not None)
        self.state.mark_page(
            asked_url,
            page.headers.get("etag", ""),
            page.headers.get("last-modified", ""),
        )

    def _failed(self, failure: Failure) -> None:
        error = failure.value
        if self.left and isinstance(error, IgnoreRequest):
            return  # it was queued when the run stopped; why it stopped is said already
        self.errors += 1
        said = str(error) if isinstance(error, IgnoreRequest) else type(error).__name__
        if "robots.txt" in said:
            said = "robots.txt 不允许采集"
        self.collector.warn(said[:120])
        log.warning("%s: %s", getattr(failure, "request", ""), said)


def wall_of(page: SavedPage) -> str:
    """Return what a page is instead of its content (log-in, captcha, script check), or nothing."""
    if len(page.body) > SHORT_PAGE * 3 or not page.content_type.startswith(("text/html", "")):
        return ""
    text = page.text
    if len(text) > SHORT_PAGE:
        return ""
    return next((said for pattern, said in WALLS if pattern.search(text)), "")


def _page(response: Response) -> SavedPage:
    headers = {
        name.decode("latin-1").lower(): values[-1].decode("latin-1")
        for name, values in response.headers.items()
        if values
    }
    return SavedPage(url=response.url, body=response.body, status=response.status, headers=headers)
