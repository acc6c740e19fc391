"""A list page or sitemap comes in, article addresses go out; an article's page comes in, its title, words and
time go out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from parsel import Selector

from crawlers.parsing.article_time import published_of
from crawlers.parsing.body import body_of
from crawlers.parsing.found import Found, Yield
from crawlers.parsing.fragments import words_of

META_TITLES = ("ArticleTitle", "og:title")
TITLE_TAIL = re.compile(r"\s*[-_|–—]\s*[^-_|–—]{2,30}$")
SITEMAP = re.compile(rb"<(?:\w+:)?(urlset|sitemapindex)[\s>]")


def parse_list(root: Selector, url: str, select: Mapping[str, str]) -> tuple[tuple[str, ...], str]:
    """Return the article addresses of a list page by the source's rule, in order, and the next page."""
    links = [urljoin(url, href) for href in root.css(f"{select['links']}").css("::attr(href)").getall()]
    following = root.css(select["next"]).css("::attr(href)").get() if select.get("next") else None
    kept = dict.fromkeys(link for link in links if urlsplit(link).scheme in {"http", "https"})
    return tuple(kept), urljoin(url, following) if following else ""


def parse_sitemap(body: bytes) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """Return (address, lastmod) of a sitemap's pages, and the addresses of further sitemaps
    (sitemaps.org).
    """
    root = Selector(text=body.decode("utf-8", "replace"), type="xml")
    root.remove_namespaces()
    pages = tuple(
        (entry.css("loc::text").get("").strip(), entry.css("lastmod::text").get("").strip())
        for entry in root.css("url")
    )
    return pages, tuple(loc.strip() for loc in root.css("sitemap > loc::text").getall())


def is_sitemap(body: bytes) -> bool:
    """Whether a document is a sitemap or an index of them."""
    return SITEMAP.search(body[:2000]) is not None


def parse_article(html: str, url: str, select: Mapping[str, str], served: datetime | None = None) -> Yield:
    """Read one article; the address without query and fragment is its identity, as such sites never reuse
    one.

    A warning says what could not be found; an article without text gives no post.
    """
    root = Selector(text=html)
    title = _title(root, select)
    text = _body(root, html, url, select, title)
    if not text:
        return Yield(warnings=(f"{url}：没有找到正文",))
    published = published_of(root, html, url, select, text, served)
    post = Found(id=identity(url), url=url, title=title, text=text, published=published, official=False)
    return Yield(posts=(post,), warnings=() if published else (f"{url}：没有找到发布时间",))


def identity(url: str) -> str:
    """Return what an article is known by: host and path, with the query where the path alone is a program."""
    parts = urlsplit(url)
    dynamic = re.search(r"\.(?:php|aspx?|jsp|do)$|/$", parts.path) and parts.query
    return f"{parts.hostname}{parts.path}{'?' + parts.query if dynamic else ''}"


def _body(root: Selector, html: str, url: str, select: Mapping[str, str], title: str) -> str:
    if select.get("body"):
        found = root.css(select["body"])
        if found:
            return words_of(found[0])
    return body_of(root, html, url, title)


def _title(root: Selector, select: Mapping[str, str]) -> str:
    if select.get("title"):
        return " ".join(" ".join(root.css(select["title"]).css("::text").getall()).split())
    for name in META_TITLES:
        said = root.css(f'meta[name="{name}"]::attr(content), meta[property="{name}"]::attr(content)').get()
        if said and said.strip():
            return said.strip()
    headline = " ".join(" ".join(root.css("h1 ::text").getall()).split())
    return headline or TITLE_TAIL.sub("", (root.css("title::text").get() or "").strip())
