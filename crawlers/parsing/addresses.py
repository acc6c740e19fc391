"""An address of a forum or a list comes in; its shape, its thread, its page and the page after it go out.

Nothing here knows a software: a shape is the address with its numbers left out, so that all threads of a site
have one, and a page is what the usual names of paging say.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urljoin, urlsplit, urlunsplit

from parsel import Selector

# Names of paging in queries: some count pages from 1, others count what was shown before, from 0.
PAGE_NAMES = frozenset({"page", "pg", "paged", "pageno", "pagenum", "pageindex", "currentpage"})
OFFSET_NAMES = frozenset({"start", "offset", "st"})
# Parameters that change with the visitor or name a place within a page.
PASSING = frozenset(
    {"sid", "phpsessid", "s", "highlight", "hilit", "post", "goto", "action", "unread", "view"}
)
THREAD_NAMES = (
    "tid",
    "thread_id",
    "threadid",
    "topic_id",
    "topicid",
    "thread",
    "topic",
    "showtopic",
    "t",
    "id",
)
# topic=5.20 of SMF: a number and what was shown before; topic=5.msg91 leads to one post, on any page.
DOTTED = re.compile(r"^(\d+)\.(?:(\d+)|msg\d+|new)$")
PAGE_IN_PATH = re.compile(r"/(?:page[-/_]?|p)(\d{1,5})(?=/?$|\.)", re.IGNORECASE)
NAMED_IN_PATH = re.compile(r"(?:thread|topic|tid|read|discussion|question)[-_](\d+)", re.IGNORECASE)
NUMBER_BESIDE_SLUG = re.compile(r"^(\d+)(?=[-._])|[-._](\d+)(?:\.[a-z]{1,5})?$")
NUMBER_AT_END = re.compile(r"(\d+)(?:\.[a-z]{1,5})?$")
NEXT_WORDS = re.compile(r"^\s*(?:下一?页|后一?页|next(?:\s+page)?|[›»→>]{1,2})\s*[>›»→]*\s*$", re.IGNORECASE)


def shape_of(url: str) -> str:
    """Return an address without its numbers, slugs, page and fragment."""
    parts = urlsplit(first_page(url))
    segments = [_segment_shape(unquote(segment)) for segment in parts.path.split("/")]
    names = sorted(name for name, _ in parse_qsl(parts.query, keep_blank_values=True))
    return f"{parts.netloc}{'/'.join(segments).rstrip('/')}?{'&'.join(names)}"


def thread_number(url: str) -> str:
    """Return what tells a thread of its site from another: a number, else the path where there is none."""
    parts = urlsplit(first_page(url))
    query = {name.lower(): value.partition(".")[0] for name, value in parse_qsl(parts.query)}
    for name in THREAD_NAMES:
        if query.get(name, "").isdigit():
            return query[name]
    path = unquote(parts.path)
    if named := NAMED_IN_PATH.search(path):
        return named.group(1)
    # A number that stands alone says more than one in a slug; in /t/slug/12/3 the first is the thread's.
    if alone := re.findall(r"/(\d+)(?:/\d+)*(?=/|$)", path):
        return str(alone[-1])
    for form in (NUMBER_BESIDE_SLUG, NUMBER_AT_END):
        for segment in reversed(path.split("/")):
            if match := form.search(segment):
                return str(next(filter(None, match.groups())))
    return f"{path}?{parts.query}" if parts.query else path


def page_rank(url: str) -> int:
    """Return the place of a page among those of its list; 0 and 1 are the first."""
    parts = urlsplit(url)
    for name, value in parse_qsl(parts.query):
        if dotted := DOTTED.match(value):
            return int(dotted.group(2) or 0)
        if value.isdigit() and _is_paging(name, parts):
            return int(value) + (name.lower() in OFFSET_NAMES and value != "0")
    match = PAGE_IN_PATH.search(parts.path)
    return int(match.group(1)) if match else 0


def first_page(url: str) -> str:
    """Return an address without its page, its place in the page, and what belongs to the visitor."""
    parts = urlsplit(url)
    query = parse_qsl(parts.query.replace(";", "&"), True)
    kept = [(name, DOTTED.sub(r"\1.0", value)) for name, value in query
            if name.lower() not in PASSING and not _is_paging(name, parts)]  # fmt: skip
    path = PAGE_IN_PATH.sub("/", parts.path).replace("//", "/")
    return urlunsplit((parts.scheme, parts.netloc, path or "/", urlencode(kept), ""))


def next_page(root: Selector, url: str) -> str:
    """Return the address of the page after this one; empty where no link leads to a later page.

    A link that says next is taken first, then the link to the lowest page after this one: the arrow of the
    last page often leads to itself, and some pagers have no arrow at all.
    """
    said = root.css("link[rel~=next][href], a[rel~=next][href]")
    arrows = [link for link in root.css("a[href]") if _says_next(link)]
    here, rank = first_page(url).rstrip("/"), page_rank(url)
    for link in (*said, *arrows):
        target = urljoin(url, link.attrib["href"].strip()).partition("#")[0]
        if first_page(target).rstrip("/") == here and page_rank(target) > rank:
            return target
    later = {
        page_rank(target): target
        for href in root.css("a::attr(href)").getall()
        if first_page(target := urljoin(url, href.strip()).partition("#")[0]).rstrip("/") == here
        and page_rank(target) > max(rank, 1)
    }
    return later[min(later)] if later else ""


def _is_paging(name: str, parts: SplitResult) -> bool:
    """Whether a parameter counts pages; ``p`` does where something else says which thread it is."""
    lower = name.lower()
    other = "&" in parts.query or re.search(r"\d", parts.path)
    return lower in PAGE_NAMES or lower in OFFSET_NAMES or (lower == "p" and bool(other))


def _segment_shape(segment: str) -> str:
    if re.fullmatch(r"\d+", segment):
        return "#"
    if re.match(r"\d+[-._]", segment):
        return "#-*"
    if re.search(r"\d+(?:\.\w{1,5})?$", segment):
        return re.sub(r"^(?:.*[-._])?\D*?\d+(\.\w{1,5})?$", r"*-#\1", segment)
    return segment


def _says_next(link: Selector) -> bool:
    said = "".join(link.css("*::text").getall())
    return any(NEXT_WORDS.match(text) for text in (said, link.attrib.get("aria-label", ""),
                                                   link.attrib.get("title", "")))  # fmt: skip
