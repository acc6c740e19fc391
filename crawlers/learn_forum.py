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
from crawlers.learn_opening import learn_opening
from crawlers.learn_thread import learn_thread
from crawlers.listing import text_of
from crawlers.parsing.addresses import family_of, first_page, has_shape, is_numbered, shape_of, thread_number
from crawlers.parsing.pager import PAGE_TEXT
from crawlers.saved import SavedPage

Look = Callable[[str], SavedPage]


@dataclass(frozen=True, slots=True)
class Way:
    """What threads are looked for: by a number or key in their address or by words, with times or none."""

    numbered: bool
    timed: bool


# The surest first: an address without a number mostly names a section,
# and a post without a time may be anything.
WAYS = (Way(True, True), Way(False, True), Way(True, False))
OK = 200
MOST_LOOKS = 20  # pages asked for, at a few seconds each
MOST_OF_SHAPE = 3  # pages of one shape: the first threads of a list may have no reply to learn from
MOST_SHAPES = 6
MOST_BOARDS = 60
FEWEST_OF_FAMILY = 4  # addresses that differ in one word: fewer are a menu
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


@dataclass(frozen=True, slots=True)
class Threads:
    """Links that lead to threads, and the selectors that were learnt behind one of them."""

    links: Links
    page: SavedPage
    select: Mapping[str, str]


def learn_forum(finding: Finding, page: SavedPage, look: Look) -> Finding:
    """Return the finding with its boards and selectors.

    Raises:
        LearnError: no page behind the links has posts that differ and say when they were written, or who.
    """
    seen = _Seen(look)
    threads = next((found for way in WAYS if (found := _search(page, seen, way))), None)
    if threads is None:
        raise LearnError(
            f"{page.url}：看过 {seen.looks} 页，没有找到主题页：要有两条以上内容不同、结构相同的帖子"
        )
    shape = threads.links.shape
    boards = _boards(page, links_of(page), shape, seen)
    lists = [(board, seen.get(urljoin(page.url, board["id"]))) for board in boards]
    fullest = max(
        (list_page or page for _, list_page in lists), key=lambda one: _count(one, shape), default=page
    )
    selector = threads_selector(fullest, shape)
    # A group of boards has a page too, which lists no threads of its own.
    boards = tuple(board for board, list_page in lists if list_page is None or _lists(list_page, selector))
    if not boards:
        parts = urlsplit(page.url)
        boards = ({"id": parts.path + (f"?{parts.query}" if parts.query else ""), "name": finding.title},)
    select = {"threads": selector, **threads.select, **_opening(threads, seen)}
    return replace(finding, start=(page.url,), boards=boards, select=select)


def _opening(threads: Threads, seen: _Seen) -> Mapping[str, str]:
    """Look at a busy and at a quiet thread more, and learn whether their opening posts stand apart."""
    order = [url for url in _busiest(threads.links) if url != threads.page.url]
    pages = [seen.get(url) for url in dict.fromkeys((*order[:1], *order[-1:]))]
    return learn_opening(
        [threads.page, *(page for page in pages if page and page.status == OK)], threads.select
    )


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
        said = text_of(anchor)
        if said and not PAGE_TEXT.match(said) and first_page(url) != first_page(page.url):
            groups[shape_of(url)].setdefault(first_page(url), anchor)
    kept = [Links(shape, list(found.values()), tuple(found)) for shape, found in _merged(groups).items()]
    return sorted(kept, key=lambda links: -len(links.urls))[:MOST_SHAPES]


def _merged(groups: Mapping[str, dict[str, Selector]]) -> dict[str, dict[str, Selector]]:
    """Put together the links that differ in their last word alone: threads known by words and no number."""
    families: dict[str, list[str]] = defaultdict(list)
    for shape in groups:
        if family := family_of(shape):
            families[family].append(shape)
    merged = {family: shapes for family, shapes in families.items() if len(shapes) >= FEWEST_OF_FAMILY}
    gone = {shape for shapes in merged.values() for shape in shapes}
    return {shape: found for shape, found in groups.items() if shape not in gone} | {
        family: {url: anchor for shape in shapes for url, anchor in groups[shape].items()}
        for family, shapes in merged.items()
    }


def _search(page: SavedPage, seen: _Seen, way: Way) -> Threads | None:
    """Look for threads behind a page's links, then behind the links of the pages there."""
    here = links_of(page)
    return _thread(here, seen, way) or next(
        (found for links in here if (found := _deeper(links, seen, way))), None
    )


def _thread(groups: Sequence[Links], seen: _Seen, way: Way) -> Threads | None:
    """Return the links that lead to threads, and what was learnt there; None where none does."""
    for links in groups:
        if is_numbered(links.urls[0]) != way.numbered:
            continue
        for url in _busiest(links)[:MOST_OF_SHAPE]:
            page = seen.get(url)
            learnt = learn_thread(page, way.timed) if page is not None and page.status == OK else None
            if page is not None and learnt:
                return Threads(links, page, learnt)
    return None


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


def _deeper(links: Links, seen: _Seen, way: Way) -> Threads | None:
    """Look at some pages of a shape, and for threads behind their links."""
    for url in _busiest(links)[:MOST_OF_SHAPE]:
        page = seen.get(url)
        if page is None or page.status != OK:
            continue
        found = _thread([group for group in links_of(page) if group.shape != links.shape], seen, way)
        if found:
            return found
    return None


def _boards(
    page: SavedPage, here: Sequence[Links], thread_shape: str, seen: _Seen
) -> tuple[Mapping[str, str], ...]:
    """Return the boards that a page links to; none where the page is a board, or a list of all threads."""
    own = _count(page, thread_shape)
    for links in here:
        if has_shape(links.urls[0], thread_shape):
            continue
        most = max((_count(behind, thread_shape) for behind in seen.of(links.urls)), default=0)
        kin = [
            other for other in here if _are_kin(links, other)
        ]  # boards known by words have shapes of their own
        entries = [entry for other in kin for entry in zip(other.urls, other.anchors, strict=True)]
        if most >= FEWEST_THREADS and (most > own or len(entries) > 1):
            return tuple(
                {"id": urlsplit(url)._replace(scheme="", netloc="").geturl(), "name": text_of(anchor)}
                for url, anchor in entries
            )[:MOST_BOARDS]
    return ()


def _are_kin(one: Links, other: Links) -> bool:
    family = family_of(one.shape)
    return one.shape == other.shape or bool(family and family == family_of(other.shape))


def _lists(page: SavedPage, threads: str) -> bool:
    return bool(Selector(text=page.text or "<html/>").css(threads))


def _count(page: SavedPage, shape: str) -> int:
    return sum(len(links.urls) for links in links_of(page) if has_shape(links.urls[0], shape))


def threads_selector(page: SavedPage, shape: str) -> str:
    """Return the selector of a list's links to its threads: by the class of those that say most, else by
    what their addresses share.
    """
    root = Selector(text=page.text or "<html/>")
    anchors = [
        anchor
        for anchor in root.css("body a[href]")
        if has_shape(urljoin(page.url, anchor.attrib["href"]), shape)
    ]
    wanted = {
        thread_number(urljoin(page.url, anchor.attrib["href"])) for anchor in anchors if text_of(anchor)
    }
    for candidates in (_classes(anchors), _classes_around(anchors)):
        said = {}
        for selector in candidates:
            found = root.css(selector)
            urls = [urljoin(page.url, anchor.attrib.get("href", "")) for anchor in found]
            if all(has_shape(url, shape) for url in urls) and {thread_number(url) for url in urls} == wanted:
                said[selector] = sum(len(text_of(anchor)) for anchor in found)
        if said:
            return max(said, key=lambda one: said[one])
    return _by_address(shape)


def _classes(anchors: Sequence[Selector]) -> list[str]:
    named = [f"a.{name}" for anchor in anchors for name in anchor.attrib.get("class", "").split()]
    return _plain(named)


def _classes_around(anchors: Sequence[Selector]) -> list[str]:
    return _plain(
        [
            f"{parent.root.tag}.{name} a"
            for anchor in anchors
            for parent in anchor.xpath("parent::* | parent::*/parent::*")
            for name in parent.attrib.get("class", "").split()
        ]
    )


def _plain(selectors: Sequence[str]) -> list[str]:
    return [name for name in dict.fromkeys(selectors) if re.fullmatch(r"[\w. -]+", name)]


def _by_address(shape: str) -> str:
    path = shape.partition("/")[2].partition("?")[0]
    fixed = [segment for segment in path.split("/") if segment and not set(segment) & {"#", "*"}]
    return f'a[href*="/{fixed[-1]}/"]' if fixed else "a[href]"
