"""Forums: boards come in; every thread's first post and every reply go out once, whatever page they are
on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from scrapy import Request

from crawlers.families import FAMILIES, ForumPageError
from crawlers.parsing.found import FoundThread, Yield
from crawlers.saved import SavedPage
from crawlers.source import Board
from crawlers.spiders.base import OK, SourceSpider

COMPLETE = "complete"  # a board whose whole list was walked once: from then on only its news is
GONE, CLOSED = (404, 410), (401, 403)
REVISITS = 10  # threads a run that no list shows as changed: edits and deletions are found this way


class ForumSpider(SourceSpider):
    """Walks boards until a page has no news, then the threads that have; a known thread from its last
    page on.
    """

    name = "forum"

    def first_requests(self) -> Iterator[Request]:
        """Ask for every board, for threads whose news an earlier run missed, and for quiet threads."""
        self.family = FAMILIES[self.source.family]
        self.visited: set[str] = set()
        requests = [request for board in self.source.boards for request in self._board_requests(board)]
        for thread, mark, url in self.state.owed():
            requests.append(self._visit(thread, mark, url))
            if requests[-1] is not None:
                self.state.count_try(thread)
        for thread, known in self.state.due_threads(datetime.now(UTC), REVISITS):
            requests.append(self._visit(thread, known.mark, self._first_page(thread, known.last_page)))
        yield from (request for request in requests if request is not None)

    def read_board(self, page: SavedPage, board: Board, whole: bool, here: str) -> Iterator[Request | None]:
        """Read a page of a list; go on while there is news, or until the end the first time."""
        if self.family.forbidden(page, self.source.select):
            self.collector.warn(f"版块 {board.name or board.id} 需要登录才能看")
            return
        found = self._read(self.family.board, page)
        if found is None:
            return
        for warning in found.warnings:
            self.collector.warn(warning.split("：", 1)[-1])
        if not found.threads:
            self.collector.warn(f"版块 {board.name or board.id} 的列表里没有主题")
            return
        news = [thread for thread in found.threads if self._has_news(thread, board)]
        visits = [(thread, _mark(thread, board), self._page_to_read(thread)) for thread in news]
        for thread, mark, url in visits:
            self.state.owe(thread.id, mark, url)
            if self.family.by_address:
                self.state.mark_page(_first(thread.id), thread.url, "")
        goes_on = found.next and (whole or any(not thread.pinned for thread in news))
        self._note_walk(board, here, found.next if goes_on else "", whole)
        if news:
            self.collector.keep()  # a run that is killed now leaves word of what it did not get to
        for thread, mark, url in visits:
            yield self._visit(thread.id, mark, url)
        if goes_on:
            yield self._ask_board(found.next, board, whole)

    def _board_requests(self, board: Board) -> Iterator[Request | None]:
        """Ask for a board's newest page, and for the pages at which earlier walks were cut short."""
        rests = {whole: self.state.validators(_rest(board, whole))[0] for whole in (True, False)}
        whole = self.state.validators(f"board:{board.id}")[0] != COMPLETE
        url = self.family.board_url(self.source.start[0], board.id, whole)
        yield self._ask_board(url, board, whole and not rests[True])
        for whole_rest, rest in rests.items():
            if rest:
                yield self._ask_board(rest, board, whole_rest)

    def _ask_board(self, url: str, board: Board, whole: bool) -> Request | None:
        return self.ask(url, self.read_board, board=board, whole=whole, here=url)

    def _note_walk(self, board: Board, here: str, following: str, whole: bool) -> None:
        """Remember where a walk is, so that a cap, a crash or a server that fails does not end it.

        A walk that an earlier run left unfinished keeps its place while the newest pages are read beside it.
        """
        place = _rest(board, whole)
        left = self.state.validators(place)[0]
        if following and left in {"", here}:
            self.state.mark_page(place, following, "")
        elif left == here:
            self.state.forget_page(place)
        if whole and not following:
            self.state.mark_page(f"board:{board.id}", COMPLETE, "")

    def read_thread(
        self, page: SavedPage, thread: str, mark: str, again: bool = False, taken: int = 0
    ) -> Iterator[Request | None]:
        """Read a page of a thread and go on to its next one; a thread that is gone twice is marked
        deleted. ``taken`` counts what its earlier pages gave.
        """
        if page.status not in (OK, *GONE, *CLOSED):
            self.errors += 1
            self.collector.warn(f"HTTP {page.status}")
            return
        if page.status in GONE or (page.status == OK and self.family.missing(page, self.source.select)):
            yield from self._gone(page, thread, mark, again)
            return
        if page.status in CLOSED or self.family.forbidden(page, self.source.select):
            self.state.mark_thread(thread, mark, "")
            return
        found = self._read(self.family.thread, page)
        if found is None:
            return
        if not found.posts:
            # Not marked as visited: the next run looks again, and a layout that changed stays loud.
            self.errors += 1
            self.collector.warn("主题页里没有找到帖子")
            return
        taken += self.take_all(found, page, mark.partition("@")[2])
        if found.next:
            yield self.ask(found.next, self.read_thread, thread=thread, mark=mark, again=again, taken=taken)
        elif taken or again or not self._is_news_elsewhere(thread, mark, page.url):
            self.state.mark_thread(thread, mark, page.url)
        else:
            yield self._ask_first(page, thread, mark)

    def _gone(self, page: SavedPage, thread: str, mark: str, again: bool) -> Iterator[Request | None]:
        """Look at the first page before a thread counts as gone: its last one goes with deleted posts."""
        if not again and self._first_page(thread, page.url) != page.url:
            yield self._ask_first(page, thread, mark)
        elif self.state.confirm_missing(thread, datetime.now(UTC)):
            self.collector.mark_deleted(f"t{thread}")

    def _is_news_elsewhere(self, thread: str, mark: str, last_page: str) -> bool:
        """Whether a list showed news that the last page does not have: some forums put the newest first."""
        known = self.state.thread(thread)
        return known is not None and known.mark != mark and self._first_page(thread, last_page) != last_page

    def _ask_first(self, page: SavedPage, thread: str, mark: str) -> Request | None:
        first = self._first_page(thread, page.url)
        return self.ask(first, self.read_thread, thread=thread, mark=mark, any_status=True, again=True)

    def _first_page(self, thread: str, address: str) -> str:
        """Return where a thread begins; ``address`` is one of its pages, for software that needs it."""
        if self.family.by_address and (listed := self.state.validators(_first(thread))[0]):
            return listed
        if self.family.by_address and not address:
            return ""  # it was closed to guests when it was seen first; its board's list has the address
        return self.family.thread_url(address if self.family.by_address else self.source.start[0], thread)

    def _page_to_read(self, thread: FoundThread) -> str:
        """Return the page from which a thread is read: its last known one, since replies come at the end."""
        known = self.state.thread(thread.id)
        return (known.last_page if known else "") or self._first_page(thread.id, thread.url)

    def _visit(self, thread: str, mark: str, url: str) -> Request | None:
        if thread in self.visited or not url:
            return None
        self.visited.add(thread)
        return self.ask(url, self.read_thread, thread=thread, mark=mark, any_status=True)

    def _has_news(self, thread: FoundThread, board: Board) -> bool:
        known = self.state.thread(thread.id)
        return known is None or known.mark != _mark(thread, board)

    def _read(self, parse: Callable[[SavedPage, Mapping[str, str]], Yield], page: SavedPage) -> Yield | None:
        try:
            return parse(page, self.source.select)
        except ForumPageError as error:
            self.errors += 1
            self.collector.warn(str(error)[:120])
            return None


def _mark(thread: FoundThread, board: Board) -> str:
    """Return what changes when a thread gets a reply (a relative time changes by itself), and its county."""
    return f"{thread.mark or thread.replies}@{board.county}"


def _rest(board: Board, whole: bool) -> str:
    """Return the name under which the place of an unfinished walk is kept: to the list's end, or for news."""
    return f"board:{board.id}:{'whole' if whole else 'news'}"


def _first(thread: str) -> str:
    """Return the name under which the address of a thread's first page is kept, as its list links to it."""
    return f"thread:{thread}:first"
