"""Pages of a Discuz! X forum come in; threads and posts go out.

HTML only: the default robots.txt forbids ``/api/``. A thread's first post is ``tTID`` and a reply
``tTID-PID``, whatever address they were read at. Selectors read from Discuz! X3.4 and X3.5.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qs, urljoin, urlsplit

from parsel import Selector, SelectorList

from crawlers.parsing.found import Found, FoundThread, Yield
from crawlers.parsing.fragments import words_of

THREAD_ROW = re.compile(r"(normal|stick)thread_(\d+)")
POST_ID = re.compile(r"post_(\d+)")
THREAD_PATH = re.compile(r"thread-(\d+)-")
EDITED = re.compile(r"本帖最后由\s.{1,40}?\s于\s*([\d\- :]+)\s*编辑")
FORBIDDEN = re.compile(r"阅读权限|需要登录|请先登录|没有权限|尚未登录|无权")


def board_url(base: str, board: str, newest: bool = False) -> str:
    """Return a board's list: by last reply, or by date of the thread.

    Without ``filter=author`` the second page of a list by date would be by last reply, and one in eight
    threads would be missed.
    """
    order = "&filter=author&orderby=dateline" if newest else ""
    return urljoin(base, f"forum.php?mod=forumdisplay&fid={board}{order}")


def thread_url(base: str, thread: str) -> str:
    """Return the address of a thread's first page."""
    return urljoin(base, f"forum.php?mod=viewthread&tid={thread}")


def parse_board(root: Selector, url: str, select: Mapping[str, str] | None = None) -> Yield:
    """Read a page of a board's list; its own order is kept."""
    rows = root.css("tbody[id^=normalthread_], tbody[id^=stickthread_]")
    threads = [thread for row in rows if (thread := _thread(row, url))]
    return Yield(threads=tuple(threads), next=_next(root, url))


def parse_thread(root: Selector, url: str, select: Mapping[str, str] | None = None) -> Yield:
    """Read a page of a thread. The first post of the first page opens it; it is every reply's parent."""
    thread = _thread_number(root, url)
    title = " ".join(root.css("#thread_subject::text").getall()).strip()
    first_page = _page_number(root) == 1
    posts = []
    for place, box in enumerate(root.css("div[id^=post_]")):
        post = _post(box, thread, title if first_page and place == 0 else "", first_page and place == 0, url)
        if post is not None:
            posts.append(post)
    return Yield(posts=tuple(posts), next=_next(root, url))


def is_forbidden(root: Selector) -> bool:
    """Whether the page says that this may not be read without an account (Discuz answers 200)."""
    said = " ".join(root.css("#messagetext ::text, .alert_error ::text, .alert_nologin ::text").getall())
    return bool(FORBIDDEN.search(said)) and not root.css("div[id^=post_]")


def is_missing(root: Selector) -> bool:
    """Whether the page says that a thread does not exist any more."""
    said = " ".join(root.css("#messagetext ::text, .alert_error ::text").getall())
    return "不存在" in said or "已被删除" in said or "正在被审核" in said


def _thread(row: Selector, url: str) -> FoundThread | None:
    match = THREAD_ROW.fullmatch(row.attrib.get("id", ""))
    link = row.css("a.xst")
    if not match or not link:
        return None
    replies = row.css("td.num a::text, td.num .xi2::text").get("")
    return FoundThread(
        id=match.group(2),
        url=urljoin(url, link.attrib.get("href", "")),
        title=" ".join(link.css("::text").getall()).strip(),
        replies=int(replies) if replies.strip().isdigit() else None,
        pinned=match.group(1) == "stick",
    )


def _post(box: Selector, thread: str, title: str, opens: bool, url: str) -> Found | None:
    match = POST_ID.fullmatch(box.attrib.get("id", ""))
    body = box.css("[id^=postmessage_]")
    if not match or not body:
        return None
    number = match.group(1)
    stamp = box.css(f"#authorposton{number}")
    edited = EDITED.search(" ".join(box.css("i.pstatus ::text").getall()))
    for node in body.css("i.pstatus, .jammer, .attach_nopermission, script"):
        node.drop()
    likes = box.css("[id^=review_support_]::text, .replyadd span::text").get()
    return Found(
        id=f"t{thread}" if opens else f"t{thread}-{number}",
        url=thread_url(url, thread) if opens else f"{thread_url(url, thread)}#pid{number}",
        title=title,
        text=words_of(body[0]),
        published=_stamp(stamp),
        edited=edited.group(1) if edited else None,
        author=(box.css(".authi a.xw1::text").get() or "").strip(),
        parent=None if opens else f"t{thread}",
        likes=likes,
    )


def _stamp(stamp: SelectorList[Selector]) -> str:
    """Return the exact time, which is the title of the relative one, where there is one."""
    exact = stamp.css("span::attr(title)").get()
    return str(exact or " ".join(stamp.css("::text").getall())).replace("发表于", "").strip()


def _thread_number(root: Selector, url: str) -> str:
    match = THREAD_PATH.search(urlsplit(url).path)
    if match:
        return match.group(1)
    return parse_qs(urlsplit(url).query).get("tid", [""])[0]


def _page_number(root: Selector) -> int:
    current = root.css("div.pg strong::text").get("1").strip()
    return int(current) if current.isdigit() else 1


def _next(root: Selector, url: str) -> str:
    """Only a link called next says that there is more: the page after the last one is not empty."""
    following = root.css("div.pg a.nxt::attr(href)").get()
    return urljoin(url, following) if following else ""
