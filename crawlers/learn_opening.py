"""First pages of threads of unknown software come in; where their opening posts stand, if apart, goes out.

Some software puts the opening post into a block of its own above the replies, other makes it the first of
them. It stands apart where a thread has no block like the replies' but words of its own, or where words stand
above the replies that are older than the first of them. A headline with its author and time is no post.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement
from parsel import Selector

from crawlers.learn_thread import Part, parts_of, prose_of, selectors_of, stamps_of
from crawlers.parsing.custom_forum import stamps_in, title_of
from crawlers.parsing.fragments import words_of
from crawlers.saved import SavedPage
from crawlers.zh_time import read_time

FEWEST_PAGES = 2  # of different threads: what they have in common is layout, what differs is said
SHORTEST = 4  # characters that an opening post has besides its headline, in the mean
NO_PLACE = "header, footer, nav, aside, form"
WHOLE_SHARE = 0.9  # of the most words: blocks with so many hold the same post


@dataclass(frozen=True, slots=True)
class Thread:
    """The first page of a thread, its blocks of replies, and what states a time on it."""

    page: SavedPage
    root: Selector
    blocks: Sequence[Selector]
    stamps: set[HtmlElement]


def learn_opening(pages: Sequence[SavedPage], select: Mapping[str, str]) -> dict[str, str]:
    """Return ``opening`` and its parts; empty where the opening post is the first of the replies' blocks.

    ``pages`` are the first pages of different threads, ``select`` what was learnt of their replies.
    """
    threads = [_thread(page, select) for page in pages]
    if len(threads) < FEWEST_PAGES:
        return {}
    whole = _whole(threads)
    if whole is None or not _is_apart(threads, whole, select):
        return {}
    stamps = set().union(*(thread.stamps for thread in threads))
    parts = {"body": whole.selector, **parts_of(whole.nodes, stamps)}
    return {"opening": whole.selector, **{f"opening_{name}": value for name, value in parts.items()}}


def _thread(page: SavedPage, select: Mapping[str, str]) -> Thread:
    root = Selector(text=page.text or "<html/>")
    return Thread(page, root, root.css(select["post"]), stamps_of(root, page))


def _whole(threads: Sequence[Thread]) -> Part | None:
    """Return the place above the replies with most words that every thread has; the innermost of these."""
    places = [_places(thread) for thread in threads]
    common = set(places[0]).intersection(*places[1:])
    parts = [Part(selector, tuple(place[selector] for place in places)) for selector in common]
    titles = [title_of(thread.root) for thread in threads]
    masses = {part: mass for part in parts if (mass := _mass(part, titles)) >= SHORTEST * len(threads)}
    most = max(masses.values(), default=0)
    full = [part for part, mass in masses.items() if mass >= WHOLE_SHARE * most]
    dated = [
        part
        for part in full
        if all(_has_stamp(node, thread) for node, thread in zip(part.nodes, threads, strict=True))
    ]
    return max(dated or full, key=lambda part: (_depth(part.nodes[0]), part.selector), default=None)


def _places(thread: Thread) -> dict[str, Selector]:
    """Return the elements above the replies by a selector that finds them first on the page."""
    roots = {block.root for block in thread.blocks}
    around = {outer for root in roots for outer in root.iterancestors()}
    found: dict[str, Selector] = {}
    for node in thread.root.css("body [class], body [id], body article, body section"):
        if node.root in roots:
            break
        inside = any(outer in roots for outer in node.root.iterancestors())
        if node.root not in around and not inside and not node.xpath(_within(NO_PLACE)):
            for selector in selectors_of(node):
                found.setdefault(selector, node)
    return {selector: node for selector, node in found.items()
            if thread.root.css(selector)[0].root is node.root}  # fmt: skip


def _within(names: str) -> str:
    return "ancestor-or-self::*[" + " or ".join(f"self::{name}" for name in names.split(", ")) + "]"


def _mass(part: Part, titles: Sequence[str]) -> int:
    """Return how many characters the elements say besides headlines, links and numbers; 0 where alike."""
    said = [
        "".join(
            sign for sign in prose_of(node.root).replace("".join(title.split()), "") if not sign.isdigit()
        )
        for node, title in zip(part.nodes, titles, strict=True)
    ]
    return sum(map(len, said)) if len(set(said)) > len(said) / 2 else 0


def _has_stamp(node: Selector, thread: Thread) -> bool:
    return any(stamp is node.root or node.root in stamp.iterancestors() for stamp in thread.stamps)


def _is_apart(threads: Sequence[Thread], whole: Part, select: Mapping[str, str]) -> bool:
    """Whether a place holds posts: there are threads without replies, or it is older than the first reply."""
    if any(not thread.blocks for thread in threads):
        return True
    older = [_is_older(node, thread, select) for node, thread in zip(whole.nodes, threads, strict=True)]
    return all(older)


def _is_older(node: Selector, thread: Thread, select: Mapping[str, str]) -> bool:
    begun = [
        at.at
        for stamp in thread.stamps
        if node.root in (stamp, *stamp.iterancestors())
        and (at := read_time(words_of(Selector(root=stamp, type="html")), thread.page.date))
    ]
    first = [
        at.at
        for said in stamps_in(thread.blocks[0], select.get("date", ""))
        if (at := read_time(said, thread.page.date))
    ]
    return bool(begun and first) and min(begun) < min(first)


def _depth(node: Selector) -> int:
    return sum(1 for _ in node.root.iterancestors())
