"""Feeds: RSS, Atom and JSON Feed addresses come in, their entries go out."""

from __future__ import annotations

from collections.abc import Iterator

from scrapy import Request

from crawlers.parsing.feed import FeedError, parse_feed
from crawlers.saved import SavedPage
from crawlers.spiders.base import SourceSpider


class FeedSpider(SourceSpider):
    """Reads each feed once a run; an unchanged one answers 304."""

    name = "feed"

    def first_requests(self) -> Iterator[Request]:
        """Ask for every feed."""
        for url in self.source.start:
            request = self.ask(url, self.read, conditional=True)
            if request is not None:
                yield request

    def read(self, page: SavedPage, **more: object) -> Iterator[Request | None]:
        """Take a feed's entries, and its next page where it names one."""
        try:
            found = parse_feed(page.body, page.url, page.headers)
        except FeedError as error:
            self.errors += 1
            self.collector.warn(str(error)[:120])
            return
        if self.take_all(found, page) and found.next:
            yield self.ask(found.next, self.read)
