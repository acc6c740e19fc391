"""The tree of an article's page comes in; when it was published, as the page writes it, goes out.

Asked in this order: the source's own rule, meta PubDate and its kin, JSON-LD, ``time`` elements, a stamp with
a label (发布时间), a stamp in a line about the article or in the words right before its body, the address,
htmldate by the day. A candidate that is no time of the past is passed over; one of the same day that is more
exact is taken instead. Nothing is made up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from htmldate import find_date
from parsel import Selector

from crawlers.zh_time import SHANGHAI, ReadTime, read_time

# Names in the order of trust: the government sites' guideline prescribes PubDate; the rest are Open Graph,
# Dublin Core and what news systems write.
META_DATES = (
    "PubDate", "pubdate", "publishdate", "PublishDate", "article:published_time", "og:published_time",
    "og:release_date", "datePublished", "DC.date.issued", "dcterms.created", "publish-date", "pubtime",
    "date",
    "weibo: article:create_at", "apub:time",
)  # fmt: skip
EXACTNESS = ("day", "hour", "minute", "second")
# "2026 11/20" is what xinhuanet's split elements read as.
DAY = r"(?:20|19)\d{2}(?:\s*[-/.年]\s*|\s+(?=\d{1,2}\s*/))\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?"
CLOCK = r"(?:[\sT|]{0,4}(?:(?:星期|周).\s*)?\d{1,2}\s*[:\uff1a时]\s*\d{2}(?:\s*[:\uff1a分]\s*\d{2})?)?"
LABELLED = re.compile(
    rf"(?:发布|发表|刊发|发稿|公开|上网|录入|创建|更新|发文)?(?:时间|日期)\s*[:\uff1a]?\s*({DAY}{CLOCK})"
)
PUBLISHED = re.compile(r"发布|发表|刊发|发稿|公开|上网")
WRITTEN = re.compile(r"成文|印发|签发|生效|实施|施行|失效|截止|废止")
BARE = re.compile(f"{DAY}{CLOCK}")
# Elements that speak about the article; a stamp in the body itself may be the date of anything.
ABOUT = (
    "[class*='time'], [class*='date'], [class*='info'], [class*='source'], [class*='meta'], [class*='pub'],"
    "[class*='attr'], [class*='property'], [class*='laiyuan'], [class*='msg'], [id*='time'], [id*='date'],"
    "[id*='source'], [id*='info'], h1 + *, h2 + *, header"
)
TODAY = re.compile(r"今天是|今日|欢迎您|现在是|农历")
CLOCK_OF_PAGE = re.compile(rf"(?:今天是|今日是?|现在是|现在时间|当前时间)\W{{0,4}}{DAY}{CLOCK}")
IN_ADDRESS = re.compile(
    r"/(20\d{2})[-/]?(\d{2})[-/]?(\d{2})(?=[/_.-])|/t(20\d{2})(\d{2})(\d{2})_|(20\d{2})(\d{2})/t?(\d{2})/"
)
# Between title and body, where the year is often left out and the time said as long ago.
NEAR = re.compile(
    rf"{DAY}{CLOCK}|\d{{1,2}}\s*[-月]\s*\d{{1,2}}日?\s+\d{{1,2}}:\d{{2}}|(?:今天|昨天|前天)\s*\d{{1,2}}:\d{{2}}|"
    r"\d{1,2}\s*(?:分钟|小时|天)前"
)
MOST_ABOUT = 200  # characters of such an element: a longer one is a block of the page
LIST_LIKE = 3  # stamps in one element: above it is a list of other articles
BEFORE_BODY = 200  # characters of the page read before the body's first words
FIRST_WORDS = 14  # characters that find the body in the page


def published_of(
    root: Selector,
    html: str,
    url: str,
    select: Mapping[str, str],
    body: str = "",
    served: datetime | None = None,
    zone: ZoneInfo = SHANGHAI,
) -> str | None:
    """Return the first candidate that is a time of the past, or a more exact one of the same day, or None.

    ``body`` is the article's text, ``served`` when the page was served (an aware time; now if unknown).
    """
    now = served or datetime.now(UTC)
    first: tuple[str, ReadTime] | None = None
    for said in candidates(root, url, select, body):
        at = read_time(said, now, zone)
        if at is None:
            continue
        if first is None:
            first = (said, at)
        elif _is_more_exact(at, first[1], zone):
            return said
        if _exactness(first[1]) > 0:
            break
    return first[0] if first else _guess(html, url)


def candidates(root: Selector, url: str, select: Mapping[str, str], body: str = "") -> Iterator[str]:
    """Yield what may be the time of publication, the surest first."""
    if select.get("date"):
        for node in root.css(select["date"]):
            yield " ".join(node.css("::text, ::attr(datetime)").getall())
    for name in META_DATES:
        said = root.css(f'meta[name="{name}"]::attr(content), meta[property="{name}"]::attr(content)').get()
        if said and said.strip():
            yield said.strip()
    yield from _json_ld(root)
    yield from (said for said in root.css("time::attr(datetime)").getall() if said)
    words = CLOCK_OF_PAGE.sub(" ", _words(root))
    yield from _labelled(words)
    yield from _about(root)
    yield from _before(words, body)
    yield from _address(url)


def _labelled(words: str) -> Iterator[str]:
    """Yield stamps with a label: of publication first, of when a document was written or takes force last."""
    found = list(LABELLED.finditer(words))
    surest = [match for match in found if PUBLISHED.match(match.group())]
    written = [match for match in found if WRITTEN.search(words[: match.start()][-2:])]
    others = [match for match in found if match not in surest and match not in written]
    yield from (match.group(1) for match in (*surest, *others, *written))


def _guess(html: str, url: str) -> str | None:
    """Return htmldate's day where no rule of ours found one: it costs more than all of them."""
    day: str | None = find_date(
        CLOCK_OF_PAGE.sub(" ", html), url=url, extensive_search=False, max_date="2100-01-01"
    )
    return None if day is None or day.endswith("-01-01") else day  # January 1st is made of a year alone


def _json_ld(root: Selector) -> Iterator[str]:
    for script in root.css('script[type="application/ld+json"]::text').getall():
        try:
            value = json.loads(script)
        except ValueError:
            continue  # a broken block says nothing; the next rule is asked
        graph = value.get("@graph", [value]) if isinstance(value, dict) else value
        for entry in graph if isinstance(graph, list) else []:
            if isinstance(entry, dict) and isinstance(entry.get("datePublished"), str):
                yield entry["datePublished"]


def _words(root: Selector) -> str:
    said = root.xpath("//body//text()[not(ancestor::script or ancestor::style)]").getall()
    return " ".join(" ".join(said).split())


def _before(words: str, body: str) -> Iterator[str]:
    """Yield stamps in the words right before the body, the nearest first."""
    first = " ".join(body[:FIRST_WORDS].split())
    at = words.find(first) if first else -1
    yield from reversed(NEAR.findall(words[max(0, at - BEFORE_BODY) : max(0, at)]))


def _about(root: Selector) -> Iterator[str]:
    for node in root.css(ABOUT):
        said = " ".join(" ".join(node.xpath(".//text()[not(ancestor::script)]").getall()).split())
        if len(said) > MOST_ABOUT or TODAY.search(said):
            continue
        stamps = BARE.findall(said)
        if 0 < len(stamps) <= LIST_LIKE:
            yield stamps[0]


def _address(url: str) -> Iterator[str]:
    for match in IN_ADDRESS.finditer(url):
        parts = [part for part in match.groups() if part]
        yield "-".join(parts)


def _exactness(at: ReadTime) -> int:
    return EXACTNESS.index(at.precision) if at.precision in EXACTNESS else 0


def _is_more_exact(at: ReadTime, than: ReadTime, zone: ZoneInfo) -> bool:
    same = at.at.astimezone(zone).date() == than.at.astimezone(zone).date()
    return same and _exactness(at) > _exactness(than)
