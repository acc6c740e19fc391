"""Answers of a WordPress' public REST interface come in; articles and their comments go out.

``/wp-json/wp/v2/posts`` and ``…/comments`` are open to guests; ``X-WP-TotalPages`` says how many pages there
are, and a page after the last is a 400. ``date_gmt`` is UTC without saying so (read on WordPress 6.1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from crawlers.parsing.found import Found, Yield
from crawlers.parsing.fragments import words_of_html

PAGE_SIZE = 100  # the most that WordPress gives
POST, COMMENT = "p", "c"  # both are numbered from 1: a letter tells their ids apart
POST_FIELDS = "id,link,date_gmt,modified_gmt,title,content"
COMMENT_FIELDS = "id,post,parent,link,date_gmt,content,author_name,status"


def posts_url(base: str) -> str:
    """Return the address of the newest articles."""
    query = f"per_page={PAGE_SIZE}&orderby=modified&order=desc&_fields={POST_FIELDS}"
    return f"{base.rstrip('/')}/wp-json/wp/v2/posts?{query}"


def comments_url(base: str) -> str:
    """Return the address of the newest comments of all articles."""
    query = f"per_page={PAGE_SIZE}&orderby=date_gmt&order=desc&_fields={COMMENT_FIELDS}"
    return f"{base.rstrip('/')}/wp-json/wp/v2/comments?{query}"


def parse(values: Sequence[Mapping[str, Any]], url: str, headers: Mapping[str, str]) -> Yield:
    """Read a page of articles or of comments; which one it is, the members say themselves."""
    posts = tuple(_comment(value) if "post" in value else _article(value) for value in values)
    return Yield(posts=posts, next=_next(url, headers))


def _article(value: Mapping[str, Any]) -> Found:
    published, modified = _utc(value.get("date_gmt")), _utc(value.get("modified_gmt"))
    return Found(
        id=f"{POST}{value['id']}",
        url=str(value.get("link") or ""),
        title=words_of_html(_rendered(value.get("title"))),
        text=words_of_html(_rendered(value.get("content"))),
        published=published,
        edited=modified if modified != published else None,
    )


def _comment(value: Mapping[str, Any]) -> Found:
    parent = int(value.get("parent") or 0)
    return Found(
        id=f"{COMMENT}{value['id']}",
        url=str(value.get("link") or ""),
        text=words_of_html(_rendered(value.get("content"))),
        published=_utc(value.get("date_gmt")),
        author=str(value.get("author_name") or ""),
        parent=f"{COMMENT}{parent}" if parent else f"{POST}{value['post']}",
    )


def _utc(moment: object) -> str | None:
    return f"{moment}+00:00" if moment else None


def _rendered(value: object) -> str:
    return str(value.get("rendered") or "") if isinstance(value, Mapping) else str(value or "")


def _next(url: str, headers: Mapping[str, str]) -> str:
    """Return the address of the next page by the server's own count; never by counting until it is empty."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    page, pages = int(query.get("page", "1")), int(headers.get("x-wp-totalpages") or 1)
    if page >= pages:
        return ""
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode({**query, "page": page + 1}), ""))
