"""A list page comes in; the CSS selector of its article links, and of its next page, goes out.

News lists of government sites are rows of one shape: a link whose text is a headline, and often a date beside
it. Menus, friendly links and footers are rows too, with short words and no dates.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from parsel import Selector

SHORTEST_HEADLINE = 8  # characters; menus are shorter
FEWEST_ROWS = 4
DATE = re.compile(r"(?:20\d{2}\s*[-/.年]\s*)?\d{1,2}\s*[-/.月]\s*\d{1,2}")
NEXT = re.compile(r"^\s*(?:下一页|下页|后一页|next|›|»|>)\s*[>›»]?\s*$", re.IGNORECASE)
PAGER = re.compile(
    r"""createPageHTML\(\s*(["']\w+["']\s*,\s*)?(\d{1,5})\s*,\s*(\d{1,5})\s*,"""
    r"""\s*["'](\w+)["']\s*,\s*["'](\w+)["']"""
)
NAME = re.compile(r"^[A-Za-z_][\w-]*$")
# Classes that say the state of a row, not what it is.
STATES = frozenset(
    {"active", "current", "on", "cur", "hover", "first", "last", "odd", "even", "selected", "clearfix"}
)
ARTICLE_PATH = re.compile(r"\d{4,}|/t\d{8}_|/art/|/info/|/content|detail|show|\.s?html?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Rows that look like a list of articles; ``score`` only orders the lists of one page."""

    links: str
    next: str
    urls: tuple[str, ...]
    titles: tuple[str, ...]
    dated: float
    score: float


def find_lists(page: Selector, url: str) -> list[Listing]:
    """Return the lists of articles on a page, the likeliest first; empty if there is none."""
    rows: dict[str, list[Selector]] = defaultdict(list)
    for anchor in page.css("a[href]"):
        if _is_article_link(anchor, url):
            rows[_path_of(anchor)].append(anchor)
    following = find_next(page)
    found = [_listing(page, path, anchors, url, following) for path, anchors in rows.items()]
    return sorted((entry for entry in found if entry), key=lambda entry: -entry.score)


def find_next(page: Selector) -> str:
    """Return a CSS selector of the link to the next page, or nothing."""
    for anchor in page.css("a[href]"):
        if not NEXT.match(text_of(anchor)) or anchor.attrib["href"].startswith(("javascript:", "#")):
            continue
        step = _step(anchor)
        if step != "a":
            return step
        return f"{_path_of(anchor)}:last-of-type"
    return ""


def scripted_next(html: str, url: str) -> str:
    """Return the next page's address where a script writes the pager; empty at the end or without one.

    TRS sites call ``createPageHTML(pages, current, "index", "html")`` with the current page from 0, newer
    ones ``createPageHTML("id", pages, current, "index", "shtml", rows)`` from 1; page n is ``index_n.html``.
    """
    match = PAGER.search(html)
    if not match:
        return ""
    holder, pages, current, name, suffix = match.groups()
    following = int(current) + 1
    last = int(pages) if holder else int(pages) - 1
    return urljoin(url, f"{name}_{following}.{suffix}") if following <= last else ""


def text_of(node: Selector) -> str:
    """Return an element's words, with single spaces."""
    return " ".join("".join(node.css("*::text").getall()).split())


def _is_article_link(anchor: Selector, url: str) -> bool:
    href = anchor.attrib["href"].strip()
    if href.startswith(("javascript:", "#", "mailto:", "tel:")):
        return False
    target = urlsplit(urljoin(url, href))
    if target.scheme not in {"http", "https", "file"} or target.path in {"", "/"}:
        return False
    return len(_headline(anchor)) >= SHORTEST_HEADLINE


def _headline(anchor: Selector) -> str:
    """Return a link's headline: its title attribute is the whole one where the text was cut with dots."""
    return max(text_of(anchor), anchor.attrib.get("title", "").strip(), key=len)


def _listing(
    page: Selector, path: str, anchors: Sequence[Selector], url: str, following: str
) -> Listing | None:
    anchors = _unique(anchors, url)
    if len(anchors) < FEWEST_ROWS:
        return None
    titles = [_headline(anchor) for anchor in anchors]
    urls = [urljoin(url, anchor.attrib["href"].strip()) for anchor in anchors]
    dated = sum(bool(DATE.search(_beside(anchor))) for anchor in anchors) / len(anchors)
    articles = sum(bool(ARTICLE_PATH.search(urlsplit(target).path)) for target in urls) / len(urls)
    length = min(sum(map(len, titles)) / len(titles), 40) / 40
    return Listing(
        links=path,
        next=following,
        urls=tuple(urls),
        titles=tuple(titles),
        dated=dated,
        score=min(len(anchors), 30) / 30 * (0.3 + length) * (0.3 + articles) * (0.3 + dated),
    )


def _unique(anchors: Sequence[Selector], url: str) -> list[Selector]:
    first: dict[str, Selector] = {}
    for anchor in anchors:
        first.setdefault(urljoin(url, anchor.attrib["href"].strip()), anchor)
    return list(first.values())


def _beside(anchor: Selector) -> str:
    """Return the words of the row that a link stands in, without the link's own."""
    row = anchor.xpath("ancestor::*[self::li or self::tr or self::dd or self::div][1]")
    whole = text_of(row[0]) if row else ""
    return whole.replace(text_of(anchor), " ", 1)


def _path_of(anchor: Selector) -> str:
    """Return the CSS path of a row's link, from the nearest ancestor with a name of its own downwards."""
    steps = [_step(anchor)]
    for parent in anchor.xpath("ancestor::*")[::-1]:
        if parent.root.tag in {"body", "html"}:
            break
        steps.insert(0, _step(parent))
        if "#" in steps[0] or ("." in steps[0] and parent.root.tag not in {"li", "tr", "td", "dd"}):
            break
    return " > ".join(steps)


def _step(node: Selector) -> str:
    """Return one step of a path: tag, and its id or its lasting classes where they are plain words."""
    tag = str(node.root.tag)
    identifier = node.attrib.get("id", "")
    if NAME.match(identifier) and not re.search(r"\d{2,}", identifier):
        return f"{tag}#{identifier}"
    if tag in {"li", "tr"}:
        return tag
    classes = [
        name for name in node.attrib.get("class", "").split() if NAME.match(name) and name not in STATES
    ]
    return tag + "".join(f".{name}" for name in classes[:2])
