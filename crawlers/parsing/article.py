"""A list page or sitemap comes in, article addresses go out; an article's page comes in, its text and
time go out.

The time is looked for in this order: the source's own rule, meta PubDate, JSON-LD, ``time`` elements, a
stamp beside the title by our own Chinese rules, then htmldate by the day. Its precision is kept and never
made up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import urljoin, urlsplit

import trafilatura
from htmldate import find_date
from parsel import Selector

from crawlers.parsing.found import Found, Yield
from crawlers.parsing.fragments import words_of

META_DATES = (
    "PubDate", "pubdate", "publishdate", "article:published_time", "og:published_time", "date",
    "DC.date.issued",
)  # fmt: skip
META_TITLES = ("ArticleTitle", "og:title")
STAMP = re.compile(
    r"(?:发布时间|发布日期|发表时间|时间|日期|来源)[:：\s]*"
    r"(\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}日?(?:\s*\d{1,2}[:：]\d{2}(?:[:：]\d{2})?)?)"
)
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


def parse_article(html: str, url: str, select: Mapping[str, str]) -> Yield:
    """Read one article; the address without query and fragment is its identity, as such sites never reuse
    one.

    A warning says what could not be found; an article without text gives no post.
    """
    root = Selector(text=html)
    text = _body(root, html, url, select)
    title = _title(root, select)
    if not text:
        return Yield(warnings=(f"{url}：没有找到正文",))
    published = next(_dates(root, html, url, select), None)
    post = Found(id=identity(url), url=url, title=title, text=text, published=published, official=False)
    return Yield(posts=(post,), warnings=() if published else (f"{url}：没有找到发布时间",))


def identity(url: str) -> str:
    """Return what an article is known by: host and path, with the query where the path alone is a program."""
    parts = urlsplit(url)
    dynamic = re.search(r"\.(?:php|aspx?|jsp|do)$|/$", parts.path) and parts.query
    return f"{parts.hostname}{parts.path}{'?' + parts.query if dynamic else ''}"


def _body(root: Selector, html: str, url: str, select: Mapping[str, str]) -> str:
    if select.get("body"):
        found = root.css(select["body"])
        if found:
            return words_of(found[0])
    return trafilatura.extract(html, url=url, favor_precision=True, include_comments=False) or ""


def _title(root: Selector, select: Mapping[str, str]) -> str:
    if select.get("title"):
        return " ".join(" ".join(root.css(select["title"]).css("::text").getall()).split())
    for name in META_TITLES:
        said = root.css(f'meta[name="{name}"]::attr(content), meta[property="{name}"]::attr(content)').get()
        if said and said.strip():
            return said.strip()
    headline = " ".join(" ".join(root.css("h1 ::text").getall()).split())
    return headline or TITLE_TAIL.sub("", (root.css("title::text").get() or "").strip())


def _dates(root: Selector, html: str, url: str, select: Mapping[str, str]) -> Iterator[str]:
    if select.get("date"):
        yield from (
            " ".join(node.css("::text, ::attr(datetime)").getall()) for node in root.css(select["date"])
        )
    for name in META_DATES:
        said = root.css(f'meta[name="{name}"]::attr(content), meta[property="{name}"]::attr(content)').get()
        if said and said.strip():
            yield said.strip()
    yield from _json_ld_dates(root)
    yield from (said for said in root.css("time::attr(datetime)").getall() if said)
    yield from (match.group(1) for match in STAMP.finditer(" ".join(root.css("body ::text").getall())))
    guess = find_date(html, url=url, extensive_search=False, max_date="2100-01-01")
    if guess:
        yield guess


def _json_ld_dates(root: Selector) -> Iterator[str]:
    for script in root.css('script[type="application/ld+json"]::text').getall():
        try:
            value = json.loads(script)
        except ValueError:
            continue  # a broken block says nothing; the next rule is asked
        for entry in value if isinstance(value, list) else [value]:
            if isinstance(entry, dict) and isinstance(entry.get("datePublished"), str):
                yield entry["datePublished"]
