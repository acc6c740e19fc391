"""Answers of a NodeBB's public JSON interface come in; threads and posts go out.

``/api/categories`` has the boards, ``/api/category/ID`` a page of topics, ``/api/topic/ID`` a page of posts.
The default robots.txt forbids only ``/admin/``. Both interfaces say their next page themselves (read from
NodeBB 1.4; the names are the same in 3.x).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from crawlers.parsing.found import Found, FoundThread, Yield
from crawlers.parsing.fragments import words_of_html


def board_url(base: str, board: str) -> str:
    """Return the address of a board's newest topics."""
    return f"{base.rstrip('/')}/api/category/{board}?sort=newest_to_oldest"


def thread_url(base: str, thread: str) -> str:
    """Return the address of a topic's posts."""
    return f"{base.rstrip('/')}/api/topic/{thread}"


def parse_board(value: Mapping[str, Any], url: str) -> Yield:
    """Read a page of topics; deleted ones are left out, since they say nothing to a guest."""
    topics = [topic for topic in value.get("topics", []) if not topic.get("deleted")]
    return Yield(threads=tuple(_thread(topic, url) for topic in topics), next=_next(value, url))


def parse_thread(value: Mapping[str, Any], url: str) -> Yield:
    """Read a page of a topic; each reply's parent is the post it answers, else the topic's first post."""
    first = str(value.get("mainPid") or "")
    posts = tuple(_post(post, value, first, url) for post in value.get("posts", []))
    return Yield(posts=posts, next=_next(value, url))


def _thread(topic: Mapping[str, Any], url: str) -> FoundThread:
    number = str(topic["tid"])
    return FoundThread(
        id=number,
        url=thread_url(_base(url), number),
        title=words_of_html(str(topic.get("titleRaw") or topic.get("title", ""))),
        replies=int(topic.get("postcount") or 1) - 1,
        last_reply=str(topic.get("lastposttimeISO") or topic.get("lastposttime") or ""),
        pinned=bool(topic.get("pinned")),
    )


def _post(post: Mapping[str, Any], topic: Mapping[str, Any], first: str, url: str) -> Found:
    number = str(post["pid"])
    opens = number == first or (not first and post.get("index") == 0)
    edited = str(post.get("editedISO") or "")
    return Found(
        id=number,
        url=f"{_base(url)}/topic/{topic.get('slug') or topic.get('tid')}",
        title=words_of_html(str(topic.get("titleRaw") or topic.get("title", ""))) if opens else "",
        text=words_of_html(str(post.get("content") or "")),
        published=str(post.get("timestampISO") or "") or _milliseconds(post.get("timestamp")),
        # 1.4 writes "" for a post that nobody edited, later versions leave it out.
        edited=edited or None,
        author=str((post.get("user") or {}).get("username") or ""),
        parent=None if opens else str(post.get("toPid") or first or "") or None,
        deleted=bool(post.get("deleted")),
        likes=post.get("upvotes", post.get("votes")),
        replies=int(topic["postcount"]) - 1 if opens and topic.get("postcount") else None,
        views=topic.get("viewcount") if opens else None,
    )


def _milliseconds(value: object) -> float | None:
    """Return seconds; NodeBB writes milliseconds since 1970, in old versions as a string."""
    return float(str(value)) / 1000 if value not in (None, "") else None


def _next(value: Mapping[str, Any], url: str) -> str:
    following = (value.get("pagination") or {}).get("next") or {}
    if not following.get("active"):
        return ""
    query = str(following.get("qs") or f"page={following.get('page')}")
    return urlsplit(url)._replace(query=query, fragment="").geturl()


def _base(url: str) -> str:
    """Return the forum's own address; a forum in a folder keeps its folder."""
    return url.partition("/api/")[0].rstrip("/")
