"""A page of a forum of unknown software comes in; its boards and the selectors of its posts go out.

The page's links are tried by their shape: what they lead to is a thread if posts can be learnt from it, and a
board if it holds more links to threads than the page itself. At most ``MOST_LOOKS`` pages are asked for.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urljoin, urlsplit

from parsel import Selector

from crawlers.detect import Finding
from crawlers.learn_thread import learn_thread
from crawlers.listing import text_of
from crawlers.parsing.addresses import first_page, shape_of, thread_number
from crawlers.saved import SavedPage

Look = Callable[[str], SavedPage]
OK = 200
MOST_LOOKS = 20  # pages asked for, at a few seconds each
MOST_OF_SHAPE = 3  # pages of one shape: the first threads of a list may have no reply to learn from
MOST_SHAPES = 6
MOST_BOARDS = 60
FEWEST_THREADS = 2  # links to threads that make a page a list of them
NEVER = re.compile(
    r"log[io]n|logout|sign|regist|password|user|member|profile|people|search|feed|rss|atom|tag|help|faq|about|privacy|"
    r"terms|rules|static|upload|download|attach|\.(?:css|js|png|jpe?g|gif|xml|json|zip|pdf)$|/(?:new|create|publish|submit|vote|like|find|reply|edit|"
    r"delete|report|quote|compose|markread|ucp|memberlist)",
    re.IGNORECASE,
)


class LearnError(ValueError):
    """Nothing was learnt: no thread with replies was found behind the page's links; Chinese message."""


@dataclass(frozen=True, slots=True)
class Links:
    """Links of one shape on a page."""

    shape: str
    anchors: Sequence[Selector]
    urls: tuple[str, ...]


def learn_forum(finding: Finding, page: SavedPage, look: Look) -> Finding:
    """Return the finding with its boards and selectors.

    Raises:
        LearnError: no page behind the links has posts with times of their own.
    """
    seen = _Seen(look)
    here = links_of(page)
    thread_shape, select = _thread(here, seen)
    for links in () if thread_shape else here:
        thread_shape, select = _deeper(links, seen)
        if thread_shape:
            break
    if not thread_shape:
        raise LearnError(f"{page.url}：看过 {seen.looks} 页，没有找到每帖都带时间的主题页")
    boards = _boards(page, here, thread_shape, seen)
    lists = [(board, seen.get(urljoin(page.url, board["id"]))) for board in boards]
    fullest = max(
        (list_page or page for _, list_page in lists), key=lambda one: _count(one, thread_shape), default=page
    )
    threads = threads_selector(fullest, thread_shape)
    # A group of boards has a page too, which lists no threads of its own.
    boards = tuple(board for board, list_page in lists if list_page is None or _lists(list_page, threads))
    if not boards:
        parts = urlsplit(page.url)
        boards = ({"id": parts.path + (f"?{parts.query}" if parts.query else ""), "name": finding.title},)
    return replace(finding, start=(page.url,), boards=boards, select={"threads": threads, **select})


class _Seen:
    """Looks at each address once, and at no more than ``MOST_LOOKS`` of them."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self.pages: dict[str, SavedPage] = {}

    @property
    def looks(self) -> int:
        return len(self.pages)

    def of(self, urls: Sequence[str]) -> list[SavedPage]:
        """Return the pages of some addresses: those looked at already, else the first one."""
        known: list[SavedPage | None] = [self.pages[url] for url in urls if url in self.pages]
        asked = known or [self.get(urls[0])]
        return [page for page in asked if page is not None and page.status == OK]

    def get(self, url: str) -> SavedPage | None:
        if url not in self.pages:
            if self.looks >= MOST_LOOKS:
                return None
            self.pages[url] = self.look(url)
        return self.pages[url]


def links_of(page: SavedPage) -> list[Links]:
    """Return a page's links to its own site by their shape, those with most links first."""
    root = Selector(text=page.text or "<html/>")
    host = urlsplit(page.url).hostname
    groups: dict[str, dict[str, Selector]] = defaultdict(dict)
    for anchor in root.css("body a[href]"):
        url = urljoin(page.url, anchor.attrib["href"].strip())
        parts = urlsplit(url)
        named = f"{parts.path}?{parts.query}"
        if parts.scheme not in {"http", "https"} or parts.hostname != host or NEVER.search(named):
            continue
        if text_of(anchor) and first_page(url) != first_page(page.url):
            groups[shape_of(url)].setdefault(first_page(url), anchor)
    kept = [Links(shape, list(found.values()), tuple(found)) for shape, found in groups.items()]
    return sorted(kept, key=lambda links: -len(links.urls))[:MOST_SHAPES]


def _thread(groups: Sequence[Links], seen: _Seen) -> tuple[str, dict[str, str]]:
    """Return the shape of links that lead to threads, and what was learnt there; empty where none does."""
    for links in groups:
        if not thread_number(links.urls[0]).isdigit():
            continue  # an address without a number names a section, not a thread
        for url in _busiest(links)[:MOST_OF_SHAPE]:
            page = seen.get(url)
            learnt = learn_thread(page) if page is not None and page.status == OK else None
            if learnt:
                return links.shape, learnt
    return "", {}


def _busiest(links: Links) -> list[str]:
    """Return addresses, those first whose row has the largest number: it has replies to learn from."""

    def largest(anchor: Selector) -> int:
        row = anchor.xpath("ancestor::*[self::tr or self::li or self::article or self::div][position() <= 3]")
        said = (
            [
                int(number)
                for number in re.findall(r"(?<![\d:\-/.])\d{1,4}(?![\d:\-/.年月日])", text_of(row[0]))
            ]
            if row
            else []
        )
        return max(said, default=0)

    order = sorted(range(len(links.urls)), key=lambda at: -largest(links.anchors[at]))
    return [links.urls[at] for at in order]


def _deeper(links: Links, seen: _Seen) -> tuple[str, dict[str, str]]:
    """Look at some pages of a shape, and for threads behind their links."""
    for url in _busiest(links)[:MOST_OF_SHAPE]:
        page = seen.get(url)
        if page is None or page.status != OK:
            continue
        found = _thread([group for group in links_of(page) if group.shape != links.shape], seen)
        if found[0]:
            return found
    return "", {}


def _boards(
    page: SavedPage, here: Sequence[Links], thread_shape: str, seen: _Seen
) -> tuple[Mapping[str, str], ...]:
    """Return the boards that a page links to; none where the page is a board, or a list of all threads."""
    own = _count(page, thread_shape)
    for links in here:
        if links.shape == thread_shape:
            continue
        most = max((_count(behind, thread_shape) for behind in seen.of(links.urls)), default=0)
        if most >= FEWEST_THREADS and (most > own or len(links.urls) > 1):
            return tuple(
                {"id": urlsplit(url)._replace(scheme="", netloc="").geturl(), "name": text_of(anchor)}
                for url, anchor in zip(links.urls, links.anchors, strict=True)
            )[:MOST_BOARDS]
    return ()


def _lists(page: SavedPage, threads: str) -> bool:
    return bool(Selector(text=page.text or "<html/>").css(threads))


def _count(page: SavedPage, shape: str) -> int:
    return next((len(links.urls) for links in links_of(page) if links.shape == shape), 0)


def threads_selector(page: SavedPage, shape: str) -> str:
    """Return the selector of a list's links to its threads: by class, else by what their addresses share."""
    root = Selector(text=page.text or "<html/>")
    anchors = [
        anchor
        for anchor in root.css("body a[href]")
        if shape_of(urljoin(page.url, anchor.attrib["href"])) == shape
    ]
    wanted = {
        thread_number(urljoin(page.url, anchor.attrib["href"])) for anchor in anchors if text_of(anchor)
    }
    for selector in _candidates(anchors):
        found = root.css(selector)
        numbers = {thread_number(urljoin(page.url, anchor.attrib.get("href", ""))) for anchor in found}
        inside = all(shape_of(urljoin(page.url, anchor.attrib.get("href", ""))) == shape for anchor in found)
        if inside and numbers == wanted:
            return selector
    return _by_address(shape)


def _candidates(anchors: Sequence[Selector]) -> list[str]:
    classes = [f"a.{name}" for anchor in anchors for name in anchor.attrib.get("class", "").split()]
    around = [
        f"{parent.root.tag}.{name} a"
        for anchor in anchors
        for parent in anchor.xpath("parent::* | parent::*/parent::*")
        for name in parent.attrib.get("class", "").split()
    ]
    return [name for name in dict.fromkeys(classes + around) if re.fullmatch(r"[\w. -]+", name)]


def _by_address(shape: str) -> str:
    path = shape.partition("/")[2].partition("?")[0]
    fixed = [segment for segment in path.split("/") if segment and not set(segment) & {"#", "*"}]
    return f'a[href*="/{fixed[-1]}/"]' if fixed else "a[href]"
