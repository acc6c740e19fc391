"""Government mailboxes: a list of letters or an interface comes in; letters and their answers go out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from parsel import Selector
from scrapy import Request

from crawlers.parsing.article import identity, parse_list
from crawlers.parsing.found import Yield
from crawlers.parsing.mailbox import LetterError, parse_letter
from crawlers.saved import SavedPage
from crawlers.spiders.json_api import JsonApiSpider
from crawlers.spiders.walk import Walk
from crawlers.state import ThreadMark, rest_of

OPEN, ANSWERED = "open", "answered"
REVISITS = 20  # letters a run that wait for an answer and stand on no list any more


class GovMailboxSpider(JsonApiSpider):
    """Reads new letters, and those that still wait for an answer again, the older the rarer."""

    name = "gov_mailbox"

    def first_requests(self) -> Iterator[Request]:
        """Ask for the lists, and for open letters; where there is an interface, ask that."""
        if self.source.api:
            yield from super().first_requests()
            return
        self.asked_letters: set[str] = set()
        now = datetime.now(UTC)
        requests = [self.ask(url, self.read_list, walk=Walk(self.state, url)) for url in self.source.start]
        for url, mark in self.state.due_threads(now, REVISITS):
            if mark.mark == OPEN:
                requests.append(self._ask_letter(url, mark))
        yield from (request for request in requests if request is not None)

    def read_list(self, page: SavedPage, walk: Walk) -> Iterator[Request | None]:
        """Read a list of letters; go on while there are new ones."""
        links, following = parse_list(Selector(text=page.text or "<html/>"), page.url, self.source.select)
        if not links:
            self.collector.warn("列表页里没有找到信件")
        news = 0
        for url in links:
            mark = self.state.thread(url)
            news += mark is None
            if mark is None or (mark.mark == OPEN and _is_due(mark)):
                yield self._ask_letter(url, mark)
        if links and walk.goes_on(news, following):
            request = self.ask(following, self.read_list, walk=walk)
            if request is None:
                walk.end()
            yield request

    def read_letter(self, page: SavedPage, letter: str) -> Iterator[Request | None]:
        """Take a letter and its answer; remember whether it has one."""
        root = Selector(text=page.text or "<html/>")
        try:
            found = parse_letter(root, self.source.select, page.url, identity(letter))
        except LetterError as error:
            self.errors += 1
            self.collector.warn("信件页里没有找到内容")
            self.logger.warning("%s", error)
            return iter(())
        self.take_all(Yield(posts=tuple(found)), page)
        self.state.mark_thread(letter, ANSWERED if len(found) > 1 else OPEN, "")
        return iter(())

    def _ask_letter(self, url: str, mark: ThreadMark | None) -> Request | None:
        if url in self.asked_letters:
            return None
        self.asked_letters.add(url)
        return self.ask(url, self.read_letter, conditional=mark is not None, letter=url)


def _is_due(mark: ThreadMark) -> bool:
    now = datetime.now(UTC)
    return now >= mark.visited_at + rest_of(mark, now)
