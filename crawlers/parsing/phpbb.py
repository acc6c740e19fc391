"""Pages of a phpBB forum (3.1 to 3.3, prosilver and its descendants) come in; threads and posts go out."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit, urlunsplit

from parsel import Selector

from crawlers.parsing.found import Found, FoundThread, Yield
from crawlers.parsing.fragments import words_of

# A guest's session is put into every link; it is nothing of the address.
SESSION = frozenset({"sid", "hilit", "view"})
NUMBER = re.compile(r"\d+")
WRITTEN = re.compile(r"»\s*(.+)$")
NO_ACCESS = re.compile(
    r"您没有(?:权限|被授权)|需要(?:注册并)?登录|not authori[sz]ed|requires you to be registered"
)


def board_url(base: str, board: str) -> str:
    """Return the address of a board, threads by the time they were opened."""
    return urljoin(base.rstrip("/") + "/", f"viewforum.php?f={board}&sk=t&sd=d")


def thread_url(base: str, thread: str) -> str:
    """Return the address of a thread's first page."""
    return urljoin(base.rstrip("/") + "/", f"viewtopic.php?t={thread}")


def parse_board(root: Selector, url: str) -> Yield:
    """Read a page of threads; announcements are marked as pinned."""
    rows = root.css("ul.topics > li.row, ul.topiclist.topics > li.row")
    threads = tuple(thread for row in rows if (thread := _thread(row, url)) is not None)
    return Yield(threads=threads, next=_next(root, url))


def parse_thread(root: Selector, url: str) -> Yield:
    """Read a page of a thread; only its first page says the id of the post that opened it."""
    posts = root.css("div.post[id^=p]")
    title = words_of(found[0]) if (found := root.css("h2.topic-title, h2.topic_title")) else ""
    start = parse_qs(urlsplit(url).query).get("start", ["0"])[0]
    first_page = start in {"", "0"}
    found_posts = [
        _post(post, title, url, opens=first_page and place == 0) for place, post in enumerate(posts)
    ]
    return Yield(posts=tuple(post for post in found_posts if post is not None), next=_next(root, url))


def is_forbidden(root: Selector) -> bool:
    """Tell whether a page says that guests may not read here; phpBB says it with status 200 or 403."""
    return bool(root.css("#message, .panel p, #login") and NO_ACCESS.search(words_of(root)))


def clean_url(url: str) -> str:
    """Return an address without the session that phpBB gives a guest."""
    parts = urlsplit(url)
    kept = [
        (name, value)
        for name, values in parse_qs(parts.query).items()
        for value in values
        if name not in SESSION
    ]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(kept), ""))


def _thread(row: Selector, url: str) -> FoundThread | None:
    title = row.css("a.topictitle")
    if not title:
        return None
    address = clean_url(urljoin(url, title[0].attrib.get("href", "")))
    number = parse_qs(urlsplit(address).query).get("t", [""])[0]
    if not number:
        return None
    last = row.css("dd.lastpost time::attr(datetime)").get() or " ".join(
        row.css("dd.lastpost *::text").getall()
    )
    classes = " ".join(row.css("::attr(class)").getall())
    return FoundThread(
        id=number,
        url=address,
        title=words_of(title[0]),
        replies=_number(row.css("dd.posts::text").get()),
        last_reply=" ".join(last.split()),
        pinned=any(mark in classes for mark in ("announce", "sticky", "global-announce")),
    )


def _post(post: Selector, title: str, url: str, opens: bool) -> Found | None:
    content = post.css(".content")
    number = NUMBER.search(post.attrib.get("id", ""))
    if not content or number is None:
        return None
    author = post.css(
        ".author a.username, .author a.username-coloured, .author span.username, .postprofile a.username"
    )
    return Found(
        id=number.group(),
        url=clean_url(url),
        title=title if opens else "",
        text=words_of(content[0]),
        published=_published(post),
        author=words_of(author[0]) if author else "",
    )


def _published(post: Selector) -> str | None:
    """Return the time: the exact one in 3.3 and later, else the words after the author's name."""
    exact = post.css(".author time::attr(datetime)").get()
    if exact:
        return exact
    line = post.css("p.author")
    match = WRITTEN.search(words_of(line[0]).replace("\n", " ")) if line else None
    return match.group(1) if match else None


def _next(root: Selector, url: str) -> str:
    link = root.css("a[rel=next]::attr(href), li.arrow.next a::attr(href), li.next a::attr(href)").get()
    return clean_url(urljoin(url, link)) if link else ""


def _number(text: str | None) -> int | None:
    digits = re.sub(r"[^\d]", "", text or "")
    return int(digits) if digits else None
