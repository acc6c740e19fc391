"""WordPress: a site's address comes in; its articles and all their comments go out, by its interface."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from scrapy import Request

from crawlers.parsing import wordpress
from crawlers.saved import SavedPage
from crawlers.spiders.base import SourceSpider
from crawlers.spiders.walk import Walk

LISTS: tuple[Callable[[str], str], ...] = (wordpress.posts_url, wordpress.comments_url)


class WordPressSpider(SourceSpider):
    """Walks articles by their last change and comments by their date until a page has nothing new."""

    name = "wordpress"

    def first_requests(self) -> Iterator[Request]:
        """Ask for the newest articles and the newest comments."""
        for base in self.source.start:
            for address in LISTS:
                url = address(base)
                request = self.ask(url, self.read_list, walk=Walk(self.state, url))
                if request is not None:
                    yield request

    def read_list(self, page: SavedPage, walk: Walk) -> Iterator[Request | None]:
        """Take a page of articles or comments."""
        try:
            values = json.loads(page.text)
        except json.JSONDecodeError:
            values = None
        if not isinstance(values, list):
            self.errors += 1
            self.collector.warn("WordPress 接口的回答不是列表")
            return
        found = wordpress.parse(values, page.url, page.headers)
        news = self.take_all(found, page)
        if walk.goes_on(news, found.next):
            request = self.ask(found.next, self.read_list, walk=walk)
            if request is None:
                walk.end()
            yield request
