"""A page of a list or a thread comes in; which of its pages it is, and where the first and the next are, go
out.

Addresses that name their page (``page=2``, ``/page-2``) are read by their names. Where they do not
(``/thread-12-2.htm``, ``/t/12/3``), the page's own pager says it: links whose words are the number of a page
and whose addresses differ from this one in that number alone.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from parsel import Selector

from crawlers.listing import text_of
from crawlers.parsing.addresses import cleaned, first_page, page_rank

PAGE_TEXT = re.compile(r"^[\[\(【第\s]*(\d{1,5})\s*[页\]\)】]*$")
NEXT_WORDS = re.compile(r"^\s*(?:下一?页|后一?页|next(?:\s+page)?|[›»→>]{1,2})\s*[>›»→]*\s*$", re.IGNORECASE)
FIRST_WORDS = re.compile(r"^\W*(?:首页|第一页|最前页|first(?:\s+page)?)\W*$", re.IGNORECASE)
WORDS_OF_PAGES = re.compile(r"页|page", re.IGNORECASE)
# What is put into an address to name a later page: it has a sign that sets it off from what stands before it.
PUT_IN = re.compile(r"(?=.*[^\d])[?&/_.-]?(?:[a-z]+[=/_-]?)?(\d{1,6})[/_.-]?", re.IGNORECASE)
PUT = ("put in", 0)
FEWEST_A_PAGE = 5  # posts that a page holds at least, where addresses count posts instead of pages


@dataclass(frozen=True, slots=True)
class Pager:
    """``rank`` orders the pages of one list, 0 and 1 are the first; ``next`` is empty on the last."""

    rank: int
    first: str
    next: str


@dataclass(frozen=True, slots=True)
class Step:
    """A link from this page to another of its list: what it says, where its number stands, and both numbers.

    ``said`` is 0 where the link only says next. ``here`` is 0 where this page's address has no number there,
    ``there`` where the other's has none.
    """

    said: int
    place: tuple[str, int]
    here: int
    there: int
    url: str


def pager_of(root: Selector, url: str) -> Pager:
    """Return where a page stands among those of its list."""
    following = next_page(root, url)
    if following or page_rank(url) > 1:
        return Pager(page_rank(url), first_page(url), following)
    counted = _counted(list(_steps(root, cleaned(url))), cleaned(url))
    return counted or Pager(page_rank(url), first_page(url), "")


def next_page(root: Selector, url: str) -> str:
    """Return the address of the page after this one, where addresses name their page; else nothing.

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


def _says_next(link: Selector) -> bool:
    said = (text_of(link), link.attrib.get("aria-label", ""), link.attrib.get("title", ""))
    return any(NEXT_WORDS.match(text) for text in said) or "next" in link.attrib.get("rel", "").split()


def _steps(root: Selector, here: str) -> Iterator[Step]:
    """Yield the links that may be a pager's."""
    for link in root.css("a[href]"):
        said = _number_said(link)
        if not said and not _says_next(link):
            continue
        target = cleaned(urljoin(here, link.attrib["href"].strip()))
        difference = _difference(here, target)
        if difference and (said or _may_be_arrow(link, here, difference)):
            yield Step(said, *difference, target)


def _number_said(link: Selector) -> int:
    said = text_of(link)
    number = PAGE_TEXT.match(said)
    return int(number.group(1)) if number else int(bool(FIRST_WORDS.match(said)))


def _difference(here: str, there: str) -> tuple[tuple[str, int], int, int] | None:
    """Return the one place in which two addresses differ by a number, and the number of each."""
    if urlsplit(here).netloc != urlsplit(there).netloc:
        return None
    mine, theirs = re.split(r"(\d+)", here), re.split(r"(\d+)", there)
    if len(mine) == len(theirs):
        places = [at for at, (one, other) in enumerate(zip(mine, theirs, strict=True)) if one != other]
        if len(places) == 1 and places[0] % 2:
            return ("replaced", places[0]), int(mine[places[0]]), int(theirs[places[0]])
    longer, shorter = (here, there) if len(here) > len(there) else (there, here)
    start = _same(here, there)
    end = _same(here[start:][::-1], there[start:][::-1])
    if start + end != len(shorter) or not re.search(r"\d", urlsplit(shorter).path + urlsplit(shorter).query):
        return None
    put_in = PUT_IN.fullmatch(longer[start : len(longer) - end])
    if not put_in:
        return None
    number = int(put_in.group(1))
    return PUT, number if longer == here else 0, number if longer == there else 0


def _same(one: str, other: str) -> int:
    """Return how many signs two texts have in common at their beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (mine, theirs) in pairs if mine != theirs), min(len(one), len(other)))


def _may_be_arrow(link: Selector, here: str, difference: tuple[tuple[str, int], int, int]) -> bool:
    """Whether an arrow leads to the page after this one, and not to the thread after this one."""
    (kind, _), mine, _ = difference
    alone = len(re.findall(r"\d+", urlsplit(here).path + urlsplit(here).query)) == 1
    return kind == "put in" or (mine <= 1 and not alone) or bool(WORDS_OF_PAGES.search(text_of(link)))


def _counted(steps: Sequence[Step], here: str) -> Pager | None:
    """Return what a pager's links say together; None where they are none."""
    places: dict[tuple[str, int], list[Step]] = defaultdict(list)
    for step in steps:
        places[step.place].append(step)
    fitting = [(place, kept) for place, found in places.items() if (kept := _fitting(found))]
    if not fitting:
        return None
    best = max(fitting, key=lambda entry: (entry[0] != PUT, len(entry[1])))
    # The first page often has no number in its address, and the others have.
    found = [step for place, kept in fitting if place in (best[0], PUT) for step in kept]
    first = next((step.url for step in found if step.said == 1), "")
    rank = max(step.here for step in found)
    later = {step.there: step.url for step in found if step.there > rank and (rank or step.there > 1)}
    if rank > 1 and not first:
        return None  # a pager has a link to its first page: these are numbers of something else
    return Pager(rank, first if rank > 1 else here, later[min(later)] if later else "")


def _fitting(steps: Sequence[Step]) -> list[Step]:
    """Return the links of one place whose words and addresses say the same page, or count posts evenly."""
    numbered = [step for step in steps if step.said]
    arrows = [step for step in steps if not step.said and step.there > step.here]
    exact = [step for step in numbered if step.there == step.said or (step.said == 1 and step.there <= 1)]
    if len(exact) == len(numbered):
        return exact + arrows
    sizes = {step.there / (step.said - 1) for step in numbered if step.said > 1}
    if len(sizes) == 1 and (size := sizes.pop()) >= FEWEST_A_PAGE and size.is_integer():
        return numbered + arrows
    return exact if len(exact) > 1 else []
