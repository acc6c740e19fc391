"""An RSS, Atom or JSON Feed document comes in; its entries go out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

import feedparser

from crawlers.parsing.found import Found, Yield
from crawlers.parsing.fragments import words_of_html


class FeedError(ValueError):
    """The document is no feed; the message is Chinese."""


def parse_feed(body: bytes, url: str, headers: Mapping[str, str]) -> Yield:
    """Read a feed from its bytes, so that feedparser sees the encoding itself.

    Raises:
        FeedError: it is neither XML feed nor JSON Feed.
    """
    if body.lstrip()[:1] == b"{":
        return _json_feed(body, url)
    told = {"content-type": headers["content-type"]} if "content-type" in headers else {}
    found = feedparser.parse(body, response_headers={**told, "content-location": url}, sanitize_html=False)
    if not found.version and not found.entries:
        raise FeedError(f"{url} 不是 RSS、Atom 或 JSON Feed：{found.get('bozo_exception', '没有条目')}")
    return Yield(posts=tuple(_entry(entry, url) for entry in found.entries))


def _entry(entry: Mapping[str, Any], url: str) -> Found:
    contents = entry.get("content") or [{}]
    body = str(contents[0].get("value") or entry.get("summary") or "")
    link = urljoin(url, str(entry.get("link") or ""))
    title = words_of_html(str(entry.get("title") or ""))
    return Found(
        id=str(entry.get("id") or link or title),
        url=link,
        title=title,
        text=words_of_html(body) or title,
        published=entry.get("published") or entry.get("updated"),
        edited=entry.get("updated") if entry.get("published") else None,
        author=str(entry.get("author") or ""),
    )


def _json_feed(body: bytes, url: str) -> Yield:
    """JSON Feed 1.1 (jsonfeed.org)."""
    try:
        value = json.loads(body)
        items = value["items"]
    except (ValueError, KeyError, TypeError) as error:
        raise FeedError(f"{url} 不是 JSON Feed：{error}") from error
    return Yield(posts=tuple(_item(item, url) for item in items), next=str(value.get("next_url") or ""))


def _item(item: Mapping[str, Any], url: str) -> Found:
    text = str(item.get("content_text") or "") or words_of_html(str(item.get("content_html") or ""))
    authors = item.get("authors") or [{}]
    return Found(
        id=str(item.get("id") or item.get("url")),
        url=urljoin(url, str(item.get("url") or "")),
        title=str(item.get("title") or ""),
        text=text or str(item.get("summary") or item.get("title") or ""),
        published=item.get("date_published"),
        edited=item.get("date_modified"),
        author=str(authors[0].get("name") or ""),
    )
