"""Pages of a phpBB forum (3.1 to 3.3, prosilver and its descendants) come in; threads and posts go out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit, urlunsplit

from parsel import Selector

from crawlers.parsing.found import Found, FoundThread, Yield
from crawlers.parsing.fragments import words_of

# A guest's session is put into every link; it is nothing of the address.
SESSION = frozenset({"sid", "hilit", "view"})
NUMBER = re.compile(r"\d+")
WRITTEN = re.compile(r"»\s*(.+)$")
GONE = re.compile(r"(?:主题|帖子)不存在|topic does not exist", re.IGNORECASE)
NO_ACCESS = re.compile(
    r"您没有(?:权限|被授权)|需要(?:注册并)?登录|not authori[sz]ed|requires you to be registered"
)


def board_url(base: str, board: str, newest: bool = False) -> str:
    """Return a board's list; phpBB orders by last reply and knows no order by the date of the thread."""
    return urljoin(base, f"viewforum.php?f={board}")


def thread_url(base: str, thread: str) -> str:
    """Return the address of a thread's first page."""
    return urljoin(base, f"viewtopic.php?t={thread}")


def parse_board(root: Selector, url: str, select: Mapping[str, str] | None = None) -> Yield:
    """Read a page of threads; announcements are marked as pinned."""
    rows = root.css("ul.topics > li.row, ul.topiclist.topics > li.row")
    threads = tuple(thread for row in rows if (thread := _thread(row, url)) is not None)
    return Yield(threads=threads, next=_next(root, url))


def parse_thread(root: Selector, url: str, select: Mapping[str, str] | None = None) -> Yield:
    """Read a page of a thread. The first post of the first page opens it; it is every reply's parent."""
    query = parse_qs(urlsplit(url).query)
    thread = query.get("t", [""])[0]
    first_page = query.get("start", ["0"])[0] in {"", "0"}
    title = words_of(found[0]) if (found := root.css("h2.topic-title, h2.topic_title")) else ""
    posts = [
        _post(post, thread, title if first_page and place == 0 else "", first_page and place == 0, url)
        for place, post in enumerate(root.css("div.post[id^=p]"))
    ]
    return Yield(posts=tuple(post for post in posts if post is not None), next=_next(root, url))


def is_forbidden(root: Selector) -> bool:
    """Tell whether a page says that guests may not read here; phpBB says it with status 200 or 403."""
    said = " ".join(root.css("#message ::text, form#login ::text").getall())
    return bool(NO_ACCESS.search(said)) and not root.css("div.post[id^=p]")


def is_missing(root: Selector) -> bool:
    """Tell whether a page says that a thread does not exist any more."""
    return bool(GONE.search(" ".join(root.css("#message ::text").getall())))


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


def _post(post: Selector, thread: str, title: str, opens: bool, url: str) -> Found | None:
    content = post.css(".content")
    number = NUMBER.search(post.attrib.get("id", ""))
    if not content or number is None:
        return None
    author = post.css(
        ".author a.username, .author a.username-coloured, .author span.username, .postprofile a.username"
    )
    return Found(
        id=f"t{thread}" if opens else f"t{thread}-{number.group()}",
        url=thread_url(url, thread) if opens else f"{thread_url(url, thread)}#p{number.group()}",
        title=title,
        text=words_of(content[0]),
        published=_published(post),
        author=words_of(author[0]) if author else "",
        parent=None if opens else f"t{thread}",
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
