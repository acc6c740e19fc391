"""One page of a site comes in; what kind of source it would be, and why one thinks so, goes out.

The signs are those that software leaves in its pages: the generator tag, paths, ids and classes. Forums
are looked for before lists, since a board's page is a list too; feeds and the software's own public
interfaces are preferred to pages, since they are meant for readers like us.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser
from parsel import Selector

from crawlers.guess import guess_api
from crawlers.listing import Listing, find_lists, text_of
from crawlers.refuse import refuse
from crawlers.saved import SavedPage

FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")
FEED_ROOT = re.compile(rb"<(?:\w+:)?(rss|feed|RDF)[\s>]")
SITEMAP_ROOT = re.compile(rb"<(?:\w+:)?(urlset|sitemapindex)[\s>]")
WORDPRESS_API = 'link[rel="https://api.w.org/"]::attr(href)'
HEAD = 2000  # bytes in which the root element of a feed must stand
MOST_BOARDS = 60

# Government content systems, by what they leave in a page: name, pattern, body selectors.
GOVERNMENT: tuple[tuple[str, re.Pattern[str], str], ...] = (
    (
        "拓尔思 TRS",
        re.compile(r"trs_editor|TRS_Editor|trs_paper|createPageHTML|/t20\d{6}_\d+\.s?html|TRS_PreAppend"),
        ".trs_editor_view, .TRS_Editor, .trs_paper_default, .trs_web",
    ),
    (
        "大汉 JCMS",
        re.compile(r"/art/20\d{2}/\d{1,2}/\d{1,2}/art_\d+_\d+\.html|/col/col\d+/|jpage"),
        "#zoom, .bt_content, .main-txt",
    ),
    ("博达 VSB", re.compile(r"vsb_content|_vsl|/info/\d+/\d+\.htm"), "#vsb_content, .v_news_content"),
    ("开普云 UCAP", re.compile(r"UCAP-?CONTENT", re.IGNORECASE), "#UCAP-CONTENT, .UCAP-CONTENT, ucapcontent"),
    (
        "织梦 DedeCMS",
        re.compile(r"dedecms|DedeCMS|/plus/(?:list|view)\.php"),
        ".content, .article-content",
    ),
    ("帝国 CMS", re.compile(r"EmpireCMS|/e/(?:public|action|search)/"), "#text, .content"),
    ("SiteServer CMS", re.compile(r"siteserver", re.IGNORECASE), ".content, .article"),
)
# The guideline for government sites prescribes these meta names (国办发〔2017〕47号).
GOVERNMENT_META = (
    "ArticleTitle",
    "PubDate",
    "ContentSource",
    "ColumnName",
    "SiteName",
    "SiteDomain",
    "SiteIDCode",
)


# Signs of a forum of any software: words of its tables, words of its addresses, names of its hosts.
FORUM_WORDS = re.compile(
    r"主题|帖子|回复|回帖|版块|板块|论坛|发帖|楼主|最后发表|"
    r"topics|posts|replies|threads|forum|discussions|last post|views"
)
FORUM_PATH = re.compile(
    r"(?:^|[/?&.=-])(?:forums?|boards?|topics?|threads?|discussions?|forumdisplay|viewforum|showthread|viewtopic|viewthread|t|d|bbs|category|"
    r"categories|nodes?|tabs?|go|groups?|sections?|read|posts?)(?:[/?=.-]|$)",
    re.IGNORECASE,
)
THREAD_PATH = re.compile(
    r"(?:^|[/?&])(?:t|topics?|threads?|discussions?|showthread|viewtopic|viewthread)(?:\.php\?|[/=-])[^/]*\d",
    re.IGNORECASE,
)
FORUM_HOST = re.compile(r"(?:bbs|forum|club|luntan|tieba)\d*\.")
FEWEST_FORUM_WORDS, FEWEST_FORUM_LINKS, FEWEST_THREAD_LINKS = 3, 2, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a page seems to be; ``reasons`` are Chinese, for the person who approves."""

    kind: str
    family: str = ""
    software: str = ""
    start: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    select: Mapping[str, str] = field(default_factory=dict)
    boards: tuple[Mapping[str, str], ...] = ()
    title: str = ""
    official: bool = False
    channel: str = "网页"
    api: Mapping[str, Any] = field(default_factory=dict)


def detect(page: SavedPage) -> list[Finding]:
    """Return what a page could be as a source, the best first; empty if nothing was recognised.

    Raises:
        WallError: it is a challenge or a log-in page, or the server refused it (401, 403, 429).
        PageError: there is no such page, it is empty, no text, or filled by a script only.
    """
    refuse(page)
    if FEED_ROOT.search(page.body[:HEAD]) or page.content_type in FEED_TYPES:
        reasons = ("页面本身就是 RSS/Atom 订阅",)
        title = str(feedparser.parse(page.body).feed.get("title") or "")
        return [Finding(kind="feed", start=(page.url,), channel="订阅", reasons=reasons, title=title)]
    if SITEMAP_ROOT.search(page.body[:HEAD]):
        return [
            Finding(kind="article", start=(page.url,), channel="新闻", reasons=("页面是站点地图 sitemap",))
        ]
    if _json_of(page) is not None:
        return list(_from_json(page))
    root = Selector(page.text or "<html></html>", base_url=page.url)
    found = [finding for look in LOOKS for finding in look(root, page)]
    if any(finding.kind == "forum" and finding.family != "custom" for finding in found):
        found = [finding for finding in found if finding.family != "custom"]
    title = text_of(root.css("title")[0]) if root.css("title") else ""
    official = is_official(page.url)
    return [replace(finding, title=title, official=official) for finding in found]


def is_official(url: str) -> bool:
    """Tell whether an address is under gov.cn, which only state bodies may register."""
    host = urlsplit(url).hostname or ""
    return host == "gov.cn" or host.endswith(".gov.cn")


def feed_links(root: Selector, url: str) -> tuple[str, ...]:
    """Return the feeds that a page's head announces (RSS autodiscovery)."""
    links = root.css("link[rel~=alternate][href]")
    wanted = (link for link in links if link.attrib.get("type", "").lower() in FEED_TYPES)
    return tuple(dict.fromkeys(urljoin(url, link.attrib["href"]) for link in wanted))


def linked_data(root: Selector) -> Iterator[Mapping[str, object]]:
    """Yield the objects of a page's JSON-LD blocks; a broken block is passed over."""
    for block in root.css('script[type="application/ld+json"]::text').getall():
        try:
            value = json.loads(block)
        except json.JSONDecodeError:
            continue
        entries = (
            value
            if isinstance(value, list)
            else value.get("@graph", [value])
            if isinstance(value, dict)
            else []
        )
        yield from (entry for entry in entries if isinstance(entry, dict))


def _json_of(page: SavedPage) -> object | None:
    if page.content_type not in {"application/json", "text/json"} and page.body[:1] not in (b"{", b"["):
        return None
    try:
        value: object = json.loads(page.text)
    except json.JSONDecodeError:
        return None
    return value


def _from_json(page: SavedPage) -> Iterator[Finding]:
    value = _json_of(page)
    if isinstance(value, dict) and str(value.get("version", "")).startswith("https://jsonfeed.org/"):
        yield Finding(
            kind="feed", start=(page.url,), channel="订阅", reasons=("页面本身就是 JSON Feed 订阅",)
        )
    elif isinstance(value, dict) and "categories" in value and "loggedIn" in value:
        boards = tuple(_json_board(entry) for entry in value["categories"][:MOST_BOARDS])
        yield _forum("nodebb", "NodeBB", (urljoin(page.url, "/"),), ("接口返回 NodeBB 的版块列表",), boards)
    else:
        api = guess_api(value)
        reason = "页面是 JSON 接口,字段按名称猜出,请核对" if api else "页面是 JSON 接口,需填写字段路径"
        yield Finding(kind="json_api", start=(page.url,), channel="接口", reasons=(reason,), api=api)


def _json_board(entry: Mapping[str, object]) -> dict[str, str]:
    return {"id": str(entry.get("cid", "")), "name": str(entry.get("name", ""))}


def _discuz(root: Selector, page: SavedPage) -> Iterator[Finding]:
    generator = _generator(root)
    signs = [
        ("页面写明 Discuz!" if "Discuz" in generator else ""),
        ("有 Discuz! 的主题列表" if root.css("tbody[id^=normalthread_]") else ""),
        ("有 Discuz! 的帖子结构" if root.css("[id^=postmessage_], [id^=authorposton]") else ""),
        ("链接是 forum.php?mod=… 的形式" if root.css('a[href*="forum.php?mod=forumdisplay"]') else ""),
        (
            "页脚写明 Powered by Discuz!"
            if re.search(r"Powered by\s*(?:<[^>]+>\s*)*Discuz!", page.text)
            else ""
        ),
    ]
    reasons = tuple(sign for sign in signs if sign)
    if not reasons:
        return
    fid = re.compile(r"(?:[?&;]fid=|forum-)(\d+)")
    boards = _boards(root, 'a[href*="mod=forumdisplay"], a[href^="forum-"], a[href*="/forum-"]', fid)
    yield _forum("discuz", generator or "Discuz!", (urljoin(page.url, "forum.php"),), reasons, boards)


def _phpbb(root: Selector, page: SavedPage) -> Iterator[Finding]:
    signs = [
        ("页面主体是 #phpbb" if root.css("body#phpbb") else ""),
        ("页脚写明 phpBB" if re.search(r"Powered by\s*(?:<[^>]+>\s*)*phpBB", page.text) else ""),
        ("链接是 viewforum.php?f=… 的形式" if root.css('a[href*="viewforum.php?f="]') else ""),
    ]
    reasons = tuple(sign for sign in signs if sign)
    if reasons:
        boards = _boards(root, 'a[href*="viewforum.php"]', re.compile(r"[?&;]f=(\d+)"))
        yield _forum("phpbb", "phpBB", (urljoin(page.url, "index.php"),), reasons, boards)


def _nodebb(root: Selector, page: SavedPage) -> Iterator[Finding]:
    powered = "nodebb" in page.headers.get("x-powered-by", "").lower()
    if powered or root.css(
        '[component^="category/"], [component="categories/category"], [component="topic"]'
    ):
        boards = _boards(root, 'a[href*="/category/"]', re.compile(r"/category/(\d+)"))
        reason = "服务器说明是 NodeBB" if powered else "有 NodeBB 的版块或主题结构"
        yield _forum("nodebb", "NodeBB", (urljoin(page.url, "/"),), (reason,), boards)


def _wordpress(root: Selector, page: SavedPage) -> Iterator[Finding]:
    if not _is_wordpress(root, page):
        return
    api = root.css(WORDPRESS_API).get()
    generator = _generator(root)
    feeds = feed_links(root, page.url)
    reasons = (
        "WordPress 站点" + (f"({generator})" if generator else ""),
        *(("有公开的 REST 接口",) if api else ()),
    )
    if feeds:
        yield Finding(
            kind="feed",
            start=feeds[:2],
            software="WordPress",
            channel="订阅",
            reasons=(*reasons, "页头给出订阅地址"),
        )
    home = urljoin(page.url, "/")
    yield replace(
        _forum("wordpress", generator or "WordPress", (home,), (*reasons, "评论也可采集"), ()), channel="新闻"
    )


def _is_wordpress(root: Selector, page: SavedPage) -> bool:
    named = _generator(root).startswith("WordPress") or "/wp-content/" in page.text
    return named or root.css(WORDPRESS_API).get() is not None


def _other_forum(root: Selector, page: SavedPage) -> Iterator[Finding]:
    """Say that a page looks like a forum of software without a name here; its parts are learnt."""
    host = urlsplit(page.url).hostname or ""
    words = {word for word in FORUM_WORDS.findall(text_of(root).lower())}
    hrefs = root.css("a::attr(href)").getall()
    paths = sum(bool(FORUM_PATH.search(href)) for href in hrefs)
    threads = {href.partition("#")[0] for href in hrefs if THREAD_PATH.search(href)}
    named = bool(FORUM_HOST.match(host))
    worded = len(words) + 2 * named >= FEWEST_FORUM_WORDS and (paths >= FEWEST_FORUM_LINKS or named)
    if not worded and len(threads) < FEWEST_THREAD_LINKS:
        return
    generator = _generator(root)
    reasons = ("像是论坛,软件不在已知之列:版块、帖子、正文和时间的位置从网页上学得,请仔细核对",)
    yield _forum("custom", generator or "论坛", (page.url,), reasons, ())


def _announced_feeds(root: Selector, page: SavedPage) -> Iterator[Finding]:
    feeds = feed_links(root, page.url)
    if feeds and not _is_wordpress(root, page):
        yield Finding(kind="feed", start=feeds, channel="订阅", reasons=("页头给出订阅地址",))


def _lists(root: Selector, page: SavedPage) -> Iterator[Finding]:
    system, body = _government_system(root, page)
    for listing in find_lists(root, page.url)[:3]:
        reasons = [f"有 {len(listing.urls)} 条标题的列表,{round(listing.dated * 100)}% 带日期"]
        if system:
            reasons.append(f"像是{system}发布的页面")
        yield Finding(
            kind="article",
            software=system,
            start=(page.url,),
            channel="政务" if is_official(page.url) else "新闻",
            reasons=tuple(reasons),
            select=_selectors(listing, body),
        )


def _articles(root: Selector, page: SavedPage) -> Iterator[Finding]:
    """Say so if the page is one article: its list is wanted, not itself."""
    kinds = {str(entry.get("@type")) for entry in linked_data(root)}
    if kinds & {"NewsArticle", "Article", "BlogPosting"} or root.css('meta[name="ArticleTitle"]'):
        folder = urljoin(page.url, ".")
        yield Finding(
            kind="article", start=(folder,), channel="新闻", reasons=("这是一篇文章,请给出它所在的列表页",)
        )


def _selectors(listing: Listing, body: str) -> dict[str, str]:
    chosen = {"links": listing.links, "next": listing.next, "body": body}
    return {name: value for name, value in chosen.items() if value}


def _government_system(root: Selector, page: SavedPage) -> tuple[str, str]:
    for name, pattern, body in GOVERNMENT:
        if pattern.search(page.text):
            return name, body
    names = {meta.lower() for meta in root.css("meta::attr(name)").getall()}
    if sum(name.lower() in names for name in GOVERNMENT_META) >= 2:
        return "政府网站规范系统", ""
    return "", ""


def _generator(root: Selector) -> str:
    return root.css('meta[name="generator" i]::attr(content)').get(default="").strip()


def _forum(
    family: str,
    software: str,
    start: tuple[str, ...],
    reasons: tuple[str, ...],
    boards: tuple[Mapping[str, str], ...],
) -> Finding:
    return Finding(
        kind="forum",
        family=family,
        software=software,
        start=start,
        reasons=reasons,
        boards=boards,
        channel="论坛",
    )


def _boards(root: Selector, links: str, number: re.Pattern[str]) -> tuple[Mapping[str, str], ...]:
    """Return the boards that a page links to, by number; the longest name of a number is its name."""
    names: dict[str, str] = {}
    for anchor in root.css(links):
        match = number.search(anchor.attrib.get("href", ""))
        name = text_of(anchor)
        if match and name and not name.isdigit():
            names.setdefault(match.group(1), name)
    return tuple({"id": board, "name": name} for board, name in list(names.items())[:MOST_BOARDS])


Look = Callable[[Selector, SavedPage], Iterator[Finding]]
LOOKS: tuple[Look, ...] = (
    _discuz, _phpbb, _nodebb, _wordpress, _other_forum, _announced_feeds, _lists, _articles,
)  # fmt: skip
