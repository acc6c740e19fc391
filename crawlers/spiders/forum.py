"""Forums: boards come in; every thread's first post and every reply go out once, whatever page they are
on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from scrapy import Request

from crawlers.families import FAMILIES, ForumPageError
from crawlers.parsing.found import FoundThread, Yield
from crawlers.saved import SavedPage
from crawlers.source import Board
from crawlers.spiders.base import SourceSpider

COMPLETE = "complete"  # a board whose whole list was walked once: from then on only its news is
REVISITS = 10  # threads a run that no list shows as changed: edits and deletions are found this way


class ForumSpider(SourceSpider):
    """Walks boards until a page has no news, then the threads that have; a known thread from its last
    page on.
    """

    name = "forum"

    def first_requests(self) -> Iterator[Request]:
        """Ask for every board, and for some threads that were quiet."""
        self.family = FAMILIES[self.source.family]
        self.visited: set[str] = set()
        for board in self.source.boards:
            whole = self.state.validators(f"board:{board.id}")[0] != COMPLETE
            url = self.family.board_url(self.source.start[0], board.id, whole)
            request = self.ask(url, self.read_board, board=board, whole=whole)
            if request is not None:
                yield request
        for thread, mark in self.state.due_threads(datetime.now(UTC), REVISITS):
            county = mark.mark.partition("@")[2]
            request = self._visit(thread, mark.mark, county, "")
            if request is not None:
                yield request

    def read_board(self, page: SavedPage, board: Board, whole: bool) -> Iterator[Request | None]:
        """Read a page of a list; go on while there is news, or until the end the first time."""
        if self.family.forbidden(page):
            self.collector.warn(f"版块 {board.name or board.id} 需要登录才能看")
            return
        found = self._read(self.family.board, page)
        if found is None:
            return
        for warning in found.warnings:
            self.collector.warn(warning.split("：", 1)[-1])
        news = [thread for thread in found.threads if self._has_news(thread, board)]
        for thread in news:
            known = self.state.thread(thread.id)
            yield self._visit(thread.id, _mark(thread, board), board.county, known.last_page if known else "")
        if not found.threads:
            self.collector.warn(f"版块 {board.name or board.id} 的列表里没有主题")
        elif found.next and (whole or any(not thread.pinned for thread in news)):
            yield self.ask(found.next, self.read_board, board=board, whole=whole)
        elif whole and not found.next:
            self.state.mark_page(f"board:{board.id}", COMPLETE, "")

    def read_thread(self, page: SavedPage, thread: str, mark: str, county: str) -> Iterator[Request | None]:
        """Read a page of a thread and go on to its next one; a thread that is gone twice is marked
        deleted.
        """
        if page.status != 200 or self.family.missing(page):
            if self.state.confirm_missing(thread, datetime.now(UTC)):
                self.collector.mark_deleted(f"t{thread}")
            return
        if self.family.forbidden(page):
            self.state.mark_thread(thread, mark, "")
            return
        found = self._read(self.family.thread, page)
        if found is None:
            return
        self.take_all(found, page, county)
        if found.next:
            yield self.ask(found.next, self.read_thread, thread=thread, mark=mark, county=county)
        else:
            self.state.mark_thread(thread, mark, page.url)

    def _visit(self, thread: str, mark: str, county: str, last_page: str) -> Request | None:
        if thread in self.visited:
            return None
        self.visited.add(thread)
        url = last_page or self.family.thread_url(self.source.start[0], thread)
        return self.ask(url, self.read_thread, thread=thread, mark=mark, county=county, any_status=True)

    def _has_news(self, thread: FoundThread, board: Board) -> bool:
        known = self.state.thread(thread.id)
        return known is None or known.mark != _mark(thread, board)

    def _read(self, parse: Callable[[SavedPage], Yield], page: SavedPage) -> Yield | None:
        try:
            return parse(page)
        except ForumPageError as error:
            self.errors += 1
            self.collector.warn(str(error)[:120])
            return None


def _mark(thread: FoundThread, board: Board) -> str:
    """Return what changes when a thread gets a reply (a relative time changes by itself), and its county."""
    return f"{thread.replies}@{board.county}"
