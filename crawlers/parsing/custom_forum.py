"""Pages of a forum of any software and its source's selectors come in; threads and posts go out.

``[select]`` names ``threads`` (links of a board's list to its threads), ``post`` (one block a post), and
within a post ``body``, ``date`` and ``author``; where the post that opens a thread is no block like the
others, ``opening`` is its block, and ``opening_body``, ``opening_date`` and ``opening_author`` lie within it.
``huiying source new`` learns them from the pages themselves.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urljoin

from parsel import Selector

from crawlers.counts import read_count
from crawlers.parsing.addresses import first_page, thread_number
from crawlers.parsing.found import Found, FoundThread, Yield
from crawlers.parsing.fragments import words_of
from crawlers.parsing.pager import pager_of

STAMP_ATTRIBUTES = ("datetime", "data-time", "data-timestamp", "data-datetime", "data-date", "title")
# The number that a database gave a post, before the id of its block, which may only count places on the page.
KEY_ATTRIBUTES = ("data-post-id", "data-pid", "data-comment-id", "data-pk", "data-reply-id")
POST_ATTRIBUTES = ("data-id", "data-post", "data-index", "data-number")
LONGEST_STAMP = 60  # characters: more is a line in which a time stands
HEADLINES = "[class*='title'], [class*='subject'], [class*='headline']"
TITLE_TAIL = re.compile(r"\s+[-_|–—]\s+[^-_|–—]{2,30}$")  # the site's name
SHORT_PAGE = 3000  # characters: a page that says why it shows nothing is shorter
NUMBER = re.compile(r"(\d+)$")
POST_LINK = re.compile(r"(?:[?&;](?:post|pid|p|comment)=|/posts?/|#\D{0,20})(\d+)")
PINNED = re.compile(r"stick|pinned|announce|置顶|公告")
REPLIES_CLASS = re.compile(r"repl|comment|answer|post|count|num", re.IGNORECASE)
VIEWS_CLASS = re.compile(r"view|hit|read|click|visit", re.IGNORECASE)
REPLIES_WORDS = re.compile(
    r"(?:回复|回帖|评论|跟帖|回应|repl(?:y|ies)|comments?|posts?)\s*[:\uff1a]?\s*(\d[\d,]*)|"
    r"(?<![^\s(（])(\d[\d,]*)\s*(?:个|条)?\s*(?:回复|回帖|评论|跟帖|回应|repl(?:y|ies)|comments?|posts?)",
    re.IGNORECASE,
)
WHOLE_STAMP = re.compile(r"(?:20\d{2})\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}[^<]{0,12}?(?:\d{1,2}:\d{2})?")
GONE = re.compile(
    r"(?:不存在|已被?删除|找不到|not found|does not exist|has been (?:deleted|removed))", re.IGNORECASE
)
CLOSED = re.compile(
    r"没有权限|无权|请先?登录|登录后|需要登录|log ?in to (?:view|read)|not authori[sz]ed", re.IGNORECASE
)


def board_url(base: str, board: str, newest: bool = False) -> str:
    """Return a board's list; its id is its path on the site."""
    return urljoin(base, board)


def thread_url(base: str, thread: str) -> str:
    """Return the address of a thread's first page, given any of its pages as ``base``."""
    return first_page(base)


def parse_board(root: Selector, url: str, select: Mapping[str, str]) -> Yield:
    """Read a page of a board's list; a thread's mark changes with its replies, whatever the page shows."""
    links = [(thread_number(urljoin(url, link.attrib.get("href", ""))), link)
             for link in root.css(select["threads"]) if link.attrib.get("href")]  # fmt: skip
    rows = _rows(links)
    threads: dict[str, FoundThread] = {}
    for number, link in links:
        threads.setdefault(number, _thread(number, link, rows.get(number), url))
    return Yield(threads=tuple(threads.values()), next=pager_of(root, url).next)


def parse_thread(root: Selector, url: str, select: Mapping[str, str]) -> Yield:
    """Read a page of a thread. The first post of the first page opens it; it is every reply's parent."""
    pager = pager_of(root, url)
    thread, title = thread_number(pager.first), title_of(root)
    opening = _opening(root, select) if pager.rank <= 1 else None
    posts = [] if opening is None else [_post(opening, thread, pager.first, _opening_parts(select), title)]
    for place, block in enumerate(root.css(select["post"])):
        opens = pager.rank <= 1 and place == 0 and opening is None
        at, headline = (pager.first, title) if opens else (url, None)
        posts.append(_post(block, thread, at, select, headline))
    return Yield(posts=tuple(post for post in posts if post), next=pager.next)


def is_forbidden(root: Selector, select: Mapping[str, str]) -> bool:
    """Whether a page without posts says that it may not be read without an account."""
    return not _has_posts(root, select) and bool(CLOSED.search(_said(root)))


def is_missing(root: Selector, select: Mapping[str, str]) -> bool:
    """Whether a page without posts says that a thread does not exist any more."""
    return not _has_posts(root, select) and bool(GONE.search(_said(root)))


def title_of(root: Selector) -> str:
    """Return a page's headline: what its title begins with, else a heading in it, else the first one."""
    whole = " ".join((root.css("title::text").get() or "").split())
    headings = _words(root.css("h1, h2, h3, h4, h5"))
    begun = [said for said in (*headings, *_words(root.css(HEADLINES))) if whole.startswith(said)]
    held = [said for said in headings if said in whole]
    best = max(begun or held, key=len, default="")
    return best or next(iter(headings), "") or TITLE_TAIL.sub("", whole)


def _words(nodes: Sequence[Selector]) -> list[str]:
    return [said for node in nodes if (said := " ".join(words_of(node).split()))]


def stamps_in(block: Selector, selector: str) -> Iterator[str]:
    """Yield what may be a post's time: what attributes say exactly before the words."""
    for node in block.css(selector) if selector else ():
        for name in STAMP_ATTRIBUTES:
            if any(sign.isdigit() for sign in node.attrib.get(name, "")):
                yield node.attrib[name]
        yield words_of(node)


def post_number(block: Selector) -> str:
    """Return a post's number as its block, an anchor or its permanent link says it; empty if none does."""
    inner = NUMBER.search(block.attrib.get("id", ""))
    keys = [block.attrib.get(name, "") for name in KEY_ATTRIBUTES]
    others = [block.attrib.get(name, "") for name in POST_ATTRIBUTES]
    numbers = (*keys, inner.group(1) if inner else "", *others)
    if number := next(filter(str.isdigit, numbers), ""):
        return number
    for said in block.css("a[name]::attr(name), a[id]::attr(id)").getall():
        if match := NUMBER.search(said):
            return match.group(1)
    links = block.css("a[href]::attr(href)").getall()
    return next((match.group(1) for link in links if (match := POST_LINK.search(link))), "")


def _has_posts(root: Selector, select: Mapping[str, str]) -> bool:
    return bool(root.css(select["post"])) or _opening(root, select) is not None


def _opening(root: Selector, select: Mapping[str, str]) -> Selector | None:
    """Return the block of the post that opens a thread, where it is none like the others."""
    found = root.css(select["opening"]) if select.get("opening") else None
    return found[0] if found else None


def _opening_parts(select: Mapping[str, str]) -> dict[str, str]:
    return {
        name: select[f"opening_{name}"] for name in ("body", "date", "author") if f"opening_{name}" in select
    }


def _rows(links: list[tuple[str, Selector]]) -> dict[str, Selector]:
    """Return each thread's row: the widest element around its link that holds no other thread's."""
    held: dict[object, set[str]] = {}
    for number, link in links:
        for around in link.root.iterancestors():
            held.setdefault(around, set()).add(number)
    rows: dict[str, Selector] = {}
    for number, link in links:
        alone = [around for around in link.xpath("ancestor::*") if len(held[around.root]) == 1]
        rows.setdefault(number, alone[0] if alone else link)
    return rows


def _thread(number: str, link: Selector, row: Selector | None, url: str) -> FoundThread:
    row = row or link
    marks = " ".join((*row.css("::attr(class)").getall(), row.attrib.get("class", ""), words_of(row)))
    replies = _replies(row)
    return FoundThread(
        id=number,
        url=first_page(urljoin(url, link.attrib["href"])),
        title=words_of(link) or link.attrib.get("title", ""),
        replies=replies,
        mark=_mark(row, number, replies, url),
        pinned=bool(PINNED.search(marks.lower())),
    )


def _replies(row: Selector) -> int | None:
    """Return a row's count of replies: a number in an element named after it, else words beside a number."""
    for node in row.css("[class]"):
        name, said = node.attrib["class"], words_of(node)
        if (
            len(said) < 9
            and said[:1].isdigit()
            and REPLIES_CLASS.search(name)
            and not VIEWS_CLASS.search(name)
        ):
            return read_count(said)
    if match := REPLIES_WORDS.search(words_of(row)):
        return int((match.group(1) or match.group(2)).replace(",", ""))
    cells = (words_of(cell) for cell in row.css("td"))
    return next((int(said) for said in cells if said.isdigit()), None)  # replies stand before views


def _mark(row: Selector, number: str, replies: int | None, url: str) -> str:
    """Return what changes when a thread gets a reply: count, links to its newest post, whole time stamps.

    Views and relative times change by themselves; they count only where there is nothing else.
    """
    hrefs = {urljoin(url, href) for href in row.css("a::attr(href)").getall()}
    newest = sorted(href for href in hrefs if thread_number(href) == number and POST_LINK.search(href))
    words = words_of(row)
    stamps = [*row.css("time::attr(datetime)").getall(), *WHOLE_STAMP.findall(words)]
    said = [str(replies), *newest, *stamps] if replies is not None or newest or stamps else [words]
    return hashlib.blake2b("\n".join(said).encode(), digest_size=8).hexdigest()


def _post(
    block: Selector, thread: str, url: str, parts: Mapping[str, str], title: str | None
) -> Found | None:
    """Return a post with the parts that lie within its block; the one that opens the thread has a title."""
    body = block.css(parts["body"])
    if not body:
        return None
    text = words_of(body[0])
    stamp = max(stamps_in(block, parts.get("date", "")), key=_exactness, default="")
    author = block.css(parts["author"]) if parts.get("author") else None
    name = words_of(author[0]) if author else ""
    number = post_number(block) or hashlib.blake2b(f"{name}\n{text}".encode(), digest_size=6).hexdigest()
    return Found(
        id=f"t{thread}-{number}" if title is None else f"t{thread}",
        url=url if title is not None else f"{url.partition('#')[0]}#{block.attrib.get('id', number)}",
        title=title or "",
        text=text,
        published=stamp or None,
        author=name,
        parent=f"t{thread}" if title is None else None,
    )


def _exactness(said: str) -> int:
    """Order what a page says of one time: with clock and year, with either, with neither."""
    clock = len(re.findall(r"\d{1,2}[:\uff1a]\d{2}", said))
    return 2 * bool(clock) + bool(re.search(r"\d{4}|1\d{9}", said)) - (len(said) > LONGEST_STAMP)


def _said(root: Selector) -> str:
    words = words_of(root.css("body")[0]) if root.css("body") else ""
    return words if len(words) < SHORT_PAGE else ""
