"""Answers of a NodeBB's public JSON interface come in; threads and posts go out.

``/api/categories`` has the boards, ``/api/category/ID`` a page of topics, ``/api/topic/ID`` a page of posts.
The default robots.txt forbids only ``/admin/``. Both interfaces say their next page themselves (read from
NodeBB 1.4; the names are the same in 3.x).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from parsel import Selector

from crawlers.parsing.found import Found, FoundThread, Yield
from crawlers.parsing.fragments import words_of_html

TOPIC = re.compile(r"/api/topic/(\d+)")
ERRORS = {"not-authorized", "no-privileges", "not-logged-in"}


def board_url(base: str, board: str, newest: bool = False) -> str:
    """Return a board's list in the forum's own order, by last reply unless its owner chose otherwise.

    No ``sort`` is asked for: 1.4 takes every name that it does not know for *oldest first*, and the names
    changed between versions (``newest_to_oldest`` means last reply there). ``parse_board`` says if the order
    is another.
    """
    return urljoin(base, f"api/category/{board}")


def thread_url(base: str, thread: str) -> str:
    """Return the address of a topic's first posts; ``base`` may be any address of the interface."""
    folder = base.partition("/api/")[0] + "/" if "/api/" in base else base
    return urljoin(folder, f"api/topic/{thread}")


def parse_board(root: Selector, url: str, select: Mapping[str, str] | None = None) -> Yield:
    """Read a page of topics; deleted ones are left out, since they say nothing to a guest."""
    value = _value(root)
    threads = [_thread(topic, url) for topic in value.get("topics") or [] if not _is(topic.get("deleted"))]
    replies = [thread.last_reply for thread in threads if not thread.pinned and thread.last_reply]
    in_order = replies == sorted(replies, reverse=True)
    warnings = () if in_order else (f"{url}：版块不按最后回复排序，新回复可能漏掉",)
    return Yield(threads=tuple(threads), next=_next(value, url), warnings=warnings)


def parse_thread(root: Selector, url: str, select: Mapping[str, str] | None = None) -> Yield:
    """Read a page of a topic; each reply's parent is the post it answers, else the topic's first post."""
    value = _value(root)
    match = TOPIC.search(urlsplit(url).path)
    thread = str(value.get("tid") or (match.group(1) if match else ""))
    posts = tuple(_post(post, value, thread, url) for post in value.get("posts") or [])
    return Yield(posts=posts, next=_next(value, url))


def is_forbidden(root: Selector) -> bool:
    """Tell whether the answer says that guests may not read this."""
    said = str(_value(root).get("error") or (_value(root).get("status") or {}))
    return any(error in said for error in ERRORS) or bool(
        _value(root).get("loggedIn") is False and "login" in said
    )


def is_missing(root: Selector) -> bool:
    """Tell whether the answer says that a topic does not exist any more."""
    value = _value(root)
    return _is(value.get("deleted")) or any(
        word in str(value.get("error") or "") for word in ("no-topic", "not-found", "404")
    )


def _value(root: Selector) -> Mapping[str, Any]:
    """Return the answer's object; anything else holds neither topics nor posts."""
    return root.root if root.type == "json" and isinstance(root.root, Mapping) else {}


def _thread(topic: Mapping[str, Any], url: str) -> FoundThread:
    number = str(topic["tid"])
    return FoundThread(
        id=number,
        url=thread_url(url, number),
        title=words_of_html(str(topic.get("titleRaw") or topic.get("title", ""))),
        replies=int(topic.get("postcount") or 1) - 1,
        last_reply=str(topic.get("lastposttimeISO") or topic.get("lastposttime") or ""),
        pinned=_is(topic.get("pinned")),
    )


def _post(post: Mapping[str, Any], topic: Mapping[str, Any], thread: str, url: str) -> Found:
    first, number = str(topic.get("mainPid") or ""), str(post["pid"])
    opens = number == first or (not first and post.get("index") == 0)
    edited = str(post.get("editedISO") or "")
    return Found(
        id=f"t{thread}" if opens else f"t{thread}-{number}",
        url=f"{url.partition('/api/')[0]}/topic/{topic.get('slug') or thread}",
        title=words_of_html(str(topic.get("titleRaw") or topic.get("title", ""))) if opens else "",
        text=words_of_html(str(post.get("content") or "")),
        published=str(post.get("timestampISO") or "") or _milliseconds(post.get("timestamp")),
        # 1.4 writes "" for a post that nobody edited, later versions leave it out.
        edited=edited or None,
        author=str((post.get("user") or {}).get("username") or ""),
        parent=None if opens else _parent(str(post.get("toPid") or ""), first, thread),
        deleted=_is(post.get("deleted")),
        likes=post.get("upvotes", post.get("votes")),
        replies=int(topic["postcount"]) - 1 if opens and topic.get("postcount") else None,
        views=topic.get("viewcount") if opens else None,
    )


def _parent(answered: str, first: str, thread: str) -> str:
    return f"t{thread}" if answered in {"", first} else f"t{thread}-{answered}"


def _is(value: object) -> bool:
    """Read a mark; old versions keep some as the texts "0" and "1"."""
    return str(value) in {"1", "true", "True"}


def _milliseconds(value: object) -> float | None:
    """Return seconds; NodeBB writes milliseconds since 1970, in old versions as a string."""
    return float(str(value)) / 1000 if value not in (None, "") else None


def _next(value: Mapping[str, Any], url: str) -> str:
    following = (value.get("pagination") or {}).get("next") or {}
    if not following.get("active"):
        return ""
    query = str(following.get("qs") or f"page={following.get('page')}")
    return urlsplit(url)._replace(query=query, fragment="").geturl()
