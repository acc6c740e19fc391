"""A source and one of its pages come in; the items that its spider would take from that page go out.

``huiying source new`` shows them for approval, ``source check`` compares them with the golden file. Only
pages are read here: where a list leads to further pages, ``look`` is asked for them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from parsel import Selector

from crawlers.families import FAMILIES, ForumPageError
from crawlers.parsing import wordpress
from crawlers.parsing.article import is_sitemap, parse_article, parse_list, parse_sitemap
from crawlers.parsing.feed import FeedError, parse_feed
from crawlers.parsing.found import Found
from crawlers.parsing.json_items import RuleError, ShapeError, parse_items, rules_of
from crawlers.parsing.mailbox import LetterError, parse_letter
from crawlers.saved import SavedPage
from crawlers.source import SourceConfig
from crawlers.zh_time import read_time

Look = Callable[[str], SavedPage]
MOST = 10
BROKEN = (FeedError, ForumPageError, ShapeError, RuleError, LetterError, json.JSONDecodeError)
LONGEST = 2000  # characters of a text in a golden file


class PreviewError(ValueError):
    """A page gives nothing where its source says that it should; the message is Chinese."""


def preview(source: SourceConfig, page: SavedPage, look: Look, most: int = MOST) -> list[Found]:
    """Return the first items of a page.

    Raises:
        PreviewError: the page is not what the source declares, or nothing was found on it.
    """
    reader = READERS.get(source.kind)
    if reader is None:
        raise PreviewError(f"{source.id}:{source.kind} 类的数据源没有网页可看")
    try:
        found = list(islice(reader(source, page, look), most))
    except BROKEN as error:
        raise PreviewError(f"{page.url}:{error}") from error
    if not found:
        raise PreviewError(f"{page.url}:按 {source.id} 的规则没有取到任何条目")
    return found


def plain(found: Found, source: SourceConfig, page: SavedPage) -> dict[str, Any]:
    """Return an item as golden files keep it: times in UTC with their precision, no names of people."""
    at = read_time(found.published, page.date, source.zone)
    return {
        "id": found.id,
        "url": found.url,
        "title": found.title,
        "text": found.text[:LONGEST],
        "published_at": at.at.isoformat() if at else None,
        "precision": at.precision if at else None,
        "parent": found.parent,
        "official": found.official or source.official,
        "has_author": bool(found.author),
    }


def _feed(source: SourceConfig, page: SavedPage, look: Look) -> Iterator[Found]:
    yield from parse_feed(page.body, page.url, page.headers).posts


def _articles(source: SourceConfig, page: SavedPage, look: Look) -> Iterator[Found]:
    if is_sitemap(page.body):
        pages, further = parse_sitemap(page.body)
        links = tuple(address for address, _ in pages)
        if not links and further:
            yield from _articles(source, look(further[-1]), look)
            return
    elif not source.select.get("links"):
        raise PreviewError(f"{source.id}:[select] 里缺少 links,不知道列表中哪些是文章")
    else:
        links, _ = parse_list(Selector(text=page.text or "<html/>"), page.url, source.select)
    for link in links:
        article = look(link)
        yield from parse_article(article.text, article.url, source.select, article.date).posts


def _forum(source: SourceConfig, page: SavedPage, look: Look) -> Iterator[Found]:
    if source.family == "wordpress":
        yield from _wordpress(page, look)
        return
    family = FAMILIES[source.family]
    for thread in _threads(source, page, look):
        yield from family.thread(look(thread), source.select).posts


def _threads(source: SourceConfig, page: SavedPage, look: Look) -> Iterator[str]:
    """Yield addresses of threads: those of the page if it is a board's, else those of the first board."""
    family = FAMILIES[source.family]
    # The index of an unknown forum may have links of the same kind as its boards' lists.
    threads = () if family.by_address else family.board(page, source.select).threads
    if not threads and source.boards:
        board = look(family.board_url(source.start[0], source.boards[0].id, True))
        threads = family.board(board, source.select).threads
    for thread in threads:
        if not thread.pinned:
            yield thread.url


def _wordpress(page: SavedPage, look: Look) -> Iterator[Found]:
    for address in (wordpress.posts_url(page.url), wordpress.comments_url(page.url)):
        answer = look(address)
        yield from islice(
            wordpress.parse(json.loads(answer.text), answer.url, answer.headers).posts, MOST // 2
        )


def _json_api(source: SourceConfig, page: SavedPage, look: Look) -> Iterator[Found]:
    yield from parse_items(json.loads(page.text), rules_of(source.api), page.url)


def _mailbox(source: SourceConfig, page: SavedPage, look: Look) -> Iterator[Found]:
    if source.api:
        yield from _json_api(source, page, look)
        return
    links, _ = parse_list(Selector(text=page.text or "<html/>"), page.url, source.select)
    for link in links:
        letter = look(link)
        root = Selector(text=letter.text or "<html/>")
        yield from parse_letter(root, source.select, letter.url, letter.url)


Reader = Callable[[SourceConfig, SavedPage, Look], Iterator[Found]]
READERS: dict[str, Reader] = {
    "feed": _feed,
    "article": _articles,
    "forum": _forum,
    "json_api": _json_api,
    "gov_mailbox": _mailbox,
}
