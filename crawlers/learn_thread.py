"""A page of a thread of unknown software comes in; the selectors of its posts, their words and times go out.

Posts are blocks of one shape, each with a time of its own and words that differ from the others'. Of all
groups of elements that share a class or an id's prefix, the one with most such words is taken; within it the
time and the words are what every block has in one place.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin

from lxml.html import HtmlElement
from parsel import Selector

from crawlers.listing import STATES
from crawlers.parsing.addresses import family_of, first_page, shape_of, thread_number
from crawlers.parsing.custom_forum import STAMP_ATTRIBUTES, parse_thread, post_number
from crawlers.parsing.fragments import words_of
from crawlers.saved import SavedPage
from crawlers.zh_time import AGO, read_time

SHORTEST_HEADLINE = 4  # characters: links within a post say 举报, 回复, #3
LISTED = 0.8  # share of the blocks with a headline of their own: then they are rows and not posts
FEWEST_POSTS = 2  # blocks of one shape; a thread without a reply teaches nothing
MOST_FILLED = 0.9  # share of the blocks that must have a part
LONGEST_STAMP = 80  # characters of an element that speaks of a time
CLASS = re.compile(r"^[A-Za-z][\w-]*$")
ID = re.compile(r"^([A-Za-z][\w-]*?[-_]?)\d+$")
CLOCK = re.compile(
    r"\d{1,2}[:\uff1a]\d{2}|(?:19|20)\d{2}\s*[-/.年]\s*\d{1,2}|刚刚|just now|\bago\b|昨天|前天|[ap]\.?m\.?\b"
)
TIMES = re.compile(  # in words without spaces
    r"(?:(?:19|20)\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?T?)?\d{1,2}[:\uff1a]\d{2}(?:[:\uff1a]\d{2})?|(?:19|20)\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|"
    r"\d+(?:秒|分钟|小时|天|周|个?月|年)前|\d+\w{3,8}ago|"
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\d{1,2},?\d{4},?(?:\d{1,2}(?::\d{2})?[ap]\.?m\.?)?",
    re.IGNORECASE,
)
POST_NAME = re.compile(r"post|comment|reply|article|message", re.IGNORECASE)
BODY_NAME = re.compile(r"content|body|message|text|entry|bbcode|markdown|cooked|prose|postmsg", re.IGNORECASE)
NO_BODY_NAME = re.compile(
    r"sig|user|author|avatar|profile|side|meta|info|time|date|foot|head|tool|action|control|quote|subject|title|wrap",
    re.IGNORECASE,
)
AUTHOR_LINK = re.compile(
    r"/(?:u|user|users|member|members|profile|space|people)[/-]|[?&](?:uid|u|user)=|member\.php"
)
INNER_SHARE = 0.85  # of the words of the element around it: an inner element with so many is the better body
NAMED_SHARE = 0.5  # the same among elements named after their words: the outer ones hold titles and names too
NUMBERED_SHARE = (
    0.5  # the same where blocks have numbers: the opening post with its headline may not be among them
)
FRAME_SHARE = 0.6  # of a block's words that lie in blocks of another kind: then it is a frame around posts
OUTER_SHARE = 0.9  # of the most words: groups with so many hold the same posts

Group = Sequence[Selector]


@dataclass(frozen=True, slots=True)
class Part:
    """A place that blocks have in common: its selector, and the element of each block that has it."""

    selector: str
    nodes: tuple[Selector, ...]


def learn_thread(page: SavedPage, timed: bool = True) -> dict[str, str] | None:
    """Return ``post``, ``body``, ``date`` and, with links to members, ``author``; None without posts.

    Without ``timed``, posts may say no time: they are blocks that are called so and have numbers.
    """
    root = Selector(text=page.text or "<html/>")
    stamps = stamps_of(root, page)
    for selector, blocks in _groups(root, stamps, timed):
        if _is_list(blocks, page.url):
            return None
        learnt = parts_of(blocks, stamps)
        if "body" in learnt and _reads(root, page, {"post": selector, **learnt}, timed):
            return {"post": selector, **learnt}
    return None


def stamps_of(root: Selector, page: SavedPage) -> set[HtmlElement]:
    """Return the innermost elements that state a time."""
    found: set[HtmlElement] = set()
    for node in root.css("body *"):
        said = [node.attrib[name] for name in STAMP_ATTRIBUTES if name in node.attrib]
        if not len(node.root) or node.root.tag in {"small", "span", "p", "time", "a", "li", "td", "div"}:
            said.append(" ".join(node.xpath("text()").getall()))
        if any(_is_stamp(text, page) for text in said):
            found.add(node.root)
    return found


def _is_stamp(text: str, page: SavedPage) -> bool:
    text = " ".join(text.split())
    if not 2 <= len(text) <= LONGEST_STAMP or not (CLOCK.search(text) or AGO.search(text)):
        return text[:10].isdigit() and len(text) in {10, 13} and read_time(text, page.date) is not None
    return read_time(text, page.date) is not None


def _groups(root: Selector, stamps: set[HtmlElement], timed: bool) -> Iterator[tuple[str, Group]]:
    """Yield groups of blocks: of those with most words of their own, the numbered and the wide first."""
    members: dict[str, list[Selector]] = defaultdict(list)
    for node in root.css("body [class], body [id], article"):
        for selector in selectors_of(node):
            members[selector].append(node)
    dated = _with_stamps(stamps)
    scored = [
        (mass, selector, blocks)
        for selector, blocks in members.items()
        if len(blocks) >= FEWEST_POSTS
        and (_is_group(blocks, dated) if timed else _is_called_posts(selector, blocks))
        and (mass := _own_words(blocks))
    ]
    scored = [entry for entry in scored if not _wraps(entry[2], [other for _, _, other in scored])]
    most = max((mass for mass, _, _ in scored), default=0)
    share = {True: NUMBERED_SHARE, False: OUTER_SHARE}
    good = [entry for entry in scored if entry[0] >= share[_numbered(entry[2])] * most]
    good.sort(
        key=lambda entry: (
            -_numbered(entry[2]),
            not POST_NAME.search(entry[1]),
            -sum(len(words_of(block)) for block in entry[2]),
            entry[1],
        )
    )
    yield from ((selector, blocks) for _, selector, blocks in good)


def selectors_of(node: Selector) -> Iterator[str]:
    """Yield the selectors that an element shares with others of its kind."""
    tag = node.root.tag
    if match := ID.match(node.attrib.get("id", "")):
        yield f'{tag}[id^="{match.group(1)}"]'
    for name in node.attrib.get("class", "").split():
        if CLASS.match(name) and name not in STATES and not re.search(r"\d{2,}", name):
            yield f"{tag}.{name}"
    if tag == "article":
        yield tag


def _with_stamps(stamps: set[HtmlElement]) -> set[HtmlElement]:
    return {around for stamp in stamps for around in (stamp, *stamp.iterancestors())}


def _wraps(blocks: Group, groups: Sequence[Group]) -> bool:
    """Whether one of the blocks holds little but several blocks of another group: it is a frame of posts."""
    roots = {block.root: len(prose_of(block.root)) for block in blocks}
    for others in groups:
        held: dict[HtmlElement, list[int]] = defaultdict(list)
        for other in others:
            for around in other.root.iterancestors():
                if around in roots:
                    held[around].append(len(prose_of(other.root)))
        if any(len(words) > 1 and sum(words) >= FRAME_SHARE * roots[root] for root, words in held.items()):
            return True
    return False


def _is_group(blocks: Group, dated: set[HtmlElement]) -> bool:
    """Whether elements lie beside each other and not in each other, nearly all with a time."""
    roots = {block.root for block in blocks}
    return not _is_nested(blocks) and sum(root in dated for root in roots) >= MOST_FILLED * len(roots)


def _is_called_posts(selector: str, blocks: Group) -> bool:
    """Whether elements lie beside each other, are named after what they are and tell themselves apart."""
    return bool(POST_NAME.search(selector)) and _numbered(blocks) and not _is_nested(blocks)


def _is_nested(blocks: Group) -> bool:
    roots = {block.root for block in blocks}
    return any(around in roots for root in roots for around in root.iterancestors())


def _own_words(blocks: Group) -> int:
    """Return how many characters of words the blocks have that are neither links nor times nor alike."""
    said = [TIMES.sub("", prose_of(block.root)) for block in blocks]
    different = set(said)
    return sum(map(len, different)) if len(different) >= max(FEWEST_POSTS, len(said) / 2) else 0


def prose_of(root: HtmlElement) -> str:
    """Return what an element says outside links, scripts and forms, without spaces."""
    parts = []
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node.tag, str) and node.tag not in {"a", "script", "style", "button", "form"}:
            parts.append(node.text or "")
            stack.extend(node)
        if node is not root:
            parts.append(node.tail or "")
    return "".join("".join(parts).split())


def _is_list(blocks: Group, url: str) -> bool:
    """Whether the blocks are rows of a list: each has a headline that leads to an address of its own."""
    led: dict[str, dict[str, str]] = defaultdict(dict)
    for block in blocks:
        for link in block.css("a[href]"):
            target, said = urljoin(url, link.attrib["href"]), words_of(link)
            own = first_page(target) == first_page(url) or AUTHOR_LINK.search(target)
            timed = CLOCK.search(said) or AGO.search(said)
            if len(said) >= SHORTEST_HEADLINE and not own and not timed:
                shape = shape_of(target)
                led[family_of(shape) or shape].setdefault(thread_number(target), said)
    return any(len(heads) >= LISTED * len(blocks) and len(set(heads.values())) >= LISTED * len(heads)
               for heads in led.values())  # fmt: skip


def _numbered(blocks: Group) -> bool:
    numbers = [post_number(block) for block in blocks]
    return all(numbers) and len(set(numbers)) == len(numbers)


def parts_of(blocks: Group, stamps: set[HtmlElement]) -> dict[str, str]:
    """Return where the parts of blocks are: of the places of a time, the first that leaves words beside it.

    Blocks without a common place of a time have no ``date``, those without words no ``body``.
    """
    author = _author(blocks)
    found = {"author": author} if author else {}
    for date in _dates(blocks, stamps):
        body = _body(blocks, {node.root for node in date.nodes})
        if body is not None:
            return {"body": body.selector, "date": date.selector, **found}
    body = _body(blocks, set())
    return {"body": body.selector, **found} if body is not None else found


def _common(blocks: Group) -> list[Part]:
    """Return the places that nearly all blocks have, the first of each block, in the order of the page."""
    firsts: dict[str, list[Selector]] = defaultdict(list)
    for block in blocks:
        seen: set[str] = set()
        for node in block.css("*"):
            for selector in (*selectors_of(node), *_by_tag(node)):
                if selector not in seen and node.root is not block.root:
                    seen.add(selector)
                    firsts[selector].append(node)
    return [Part(selector, tuple(nodes)) for selector, nodes in firsts.items()
            if len(nodes) >= MOST_FILLED * len(blocks)]  # fmt: skip


def _by_tag(node: Selector) -> Iterator[str]:
    if node.root.tag in {"time", "small", "blockquote", "p", "abbr"}:
        yield node.root.tag
    parent = node.root.getparent()
    if node.root.tag in {"a", "span", "em", "i", "td", "div", "li"} and not node.attrib.get("class"):
        yield f"{parent.tag} > {node.root.tag}"
    if kind := node.attrib.get("itemprop"):
        yield f'{node.root.tag}[itemprop="{kind}"]'


def _dates(blocks: Group, stamps: set[HtmlElement]) -> list[Part]:
    """Return the places of a time: exact ones before words, those with few other words first."""
    places = [
        part
        for part in _common(blocks)
        if sum(node.root in stamps for node in part.nodes) >= MOST_FILLED * len(part.nodes)
    ]

    def order(part: Part) -> tuple[bool, int]:
        other = sum(len(TIMES.sub("", "".join(words_of(node).split()))) for node in part.nodes)
        return not all(_has_attribute(node) for node in part.nodes), other // len(part.nodes)

    return sorted(places, key=order)


def _has_attribute(node: Selector) -> bool:
    return any(any(sign.isdigit() for sign in node.attrib.get(name, "")) for name in STAMP_ATTRIBUTES)


def _body(blocks: Group, dates: set[HtmlElement]) -> Part | None:
    """Return the place of the words: without the time, differing from block to block, named so if any is."""
    around_dates = _with_stamps(dates)
    parts = [part for part in _common(blocks) if not any(node.root in around_dates for node in part.nodes)]
    mass = {part.selector: _different(part) for part in parts}
    named = [
        part for part in parts if BODY_NAME.search(part.selector) and not NO_BODY_NAME.search(part.selector)
    ]
    named = [part for part in named if mass[part.selector]]
    chosen = named or [
        part for part in parts if mass[part.selector] and not NO_BODY_NAME.search(part.selector)
    ]
    most = max((mass[part.selector] for part in chosen), default=0)
    share = NAMED_SHARE if named else INNER_SHARE
    inner = [part for part in chosen if mass[part.selector] >= share * most]
    return max(inner, key=lambda part: _depth(part.nodes[0]), default=None)


def _different(part: Part) -> int:
    said = {words_of(node) for node in part.nodes}
    return sum(map(len, said)) if len(said) > len(part.nodes) / 2 else 0


def _depth(node: Selector) -> int:
    return sum(1 for _ in node.root.iterancestors())


def _author(blocks: Group) -> str:
    for part in _common(blocks):
        if part.nodes[0].root.tag == "a" and all(
            AUTHOR_LINK.search(node.attrib.get("href", "")) and words_of(node) for node in part.nodes
        ):
            return part.selector
    links = [block.css("a[href]") for block in blocks]
    for mark in ("/member", "/user", "/u/", "/profile", "uid=", "/space"):
        if all(any(mark in link.attrib["href"] for link in found) for found in links):
            return f'a[href*="{mark}"]'
    return ""


def _reads(root: Selector, page: SavedPage, select: Mapping[str, str], timed: bool) -> bool:
    """Whether the selectors read what they should: nearly all posts with words and a time."""
    posts = parse_thread(root, page.url, select).posts
    times = sum(read_time(post.published, page.date) is not None for post in posts)
    worded = sum(bool(post.text) for post in posts)
    return len(posts) >= FEWEST_POSTS and min(times if timed else worded, worded) >= MOST_FILLED * len(posts)
