"""Articles: list pages or sitemaps come in, one post for each article goes out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from parsel import Selector
from scrapy import Request

from crawlers.listing import scripted_next
from crawlers.parsing.article import identity, is_sitemap, parse_article, parse_list, parse_sitemap
from crawlers.saved import SavedPage
from crawlers.spiders.base import SourceSpider

LOOK_AGAIN = timedelta(days=3)  # an article this young may still be corrected
DEFAULT_LINKS = "a[href$='.html'], a[href$='.htm'], a[href$='.shtml']"


class ArticleSpider(SourceSpider):
    """Reads list pages until one has nothing new, then each new article; young ones are looked at again."""

    name = "article"

    def first_requests(self) -> Iterator[Request]:
        """Ask for every list page."""
        for url in self.source.start:
            request = self.ask(url, self.read)
            if request is not None:
                yield request

    def read(self, page: SavedPage, **more: object) -> Iterator[Request | None]:
        """Read a list page or a sitemap."""
        if is_sitemap(page.body):
            yield from self._read_sitemap(page)
            return
        select = {"links": DEFAULT_LINKS, **self.source.select}
        links, following = parse_list(Selector(text=page.text or "<html/>"), page.url, select)
        if not links:
            self.collector.warn("列表页里没有找到文章链接")
        new = 0
        for url in links:
            known = self.state.thread(identity(url))
            new += known is None
            if known is None or self._may_change(known.changed_at, known.visited_at):
                yield self.ask(url, self.read_article, conditional=known is not None, key=identity(url))
        following = following or scripted_next(page.text, page.url)
        if new and following:
            yield self.ask(following, self.read)

    def read_article(self, page: SavedPage, key: str) -> Iterator[Request | None]:
        """Read one article; a second look that finds the same words writes nothing."""
        found = parse_article(page.text, page.url, self.source.select, page.date)
        self.take_all(found, page)
        if found.posts:
            digest = hashlib.blake2b(found.posts[0].text.encode("utf-8", "replace"), digest_size=16)
            self.state.mark_thread(key, digest.hexdigest(), "")
        return iter(())

    def _read_sitemap(self, page: SavedPage) -> Iterator[Request | None]:
        pages, further = parse_sitemap(page.body)
        for url in further:
            yield self.ask(url, self.read, conditional=True)
        newest_first = sorted(pages, key=lambda entry: entry[1], reverse=True)
        for url, changed in newest_first:
            known = self.state.thread(identity(url))
            if known is None or (changed and changed > known.visited_at.isoformat()):
                yield self.ask(url, self.read_article, key=identity(url))

    @staticmethod
    def _may_change(changed_at: datetime, visited_at: datetime) -> bool:
        now = datetime.now(UTC)
        return now - changed_at < LOOK_AGAIN and now - visited_at > (now - changed_at) / 4 + timedelta(
            minutes=5
        )
