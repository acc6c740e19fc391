"""The tree of an article's page comes in; the words of its body, without menus, tools and signatures, go out.

Three ways, the surest first: the container that the content systems of Chinese government and news sites
name; the block with the most punctuated words of its own (text density, as Sun, Song and Liao 2011,
doi:10.1145/2009916.2009952, weighed by punctuation); trafilatura. Lines that belong to the page and not to
the article are cut at both ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy

import trafilatura
from lxml import etree
from parsel import Selector

from crawlers.parsing.fragments import words_of

# Where content systems put an article: TRS and the State Council's, county portals, people.cn, xinhuanet,
# cctv, universities' VSB, WordPress, schema.org. Ordered from the narrow to the wide.
CONTAINERS = (
    "#UCAP-CONTENT", ".trs_editor_view", ".TRS_UEDITOR", ".TRS_Editor", "#zoomcon", "#zoom", "#Zoom",
    ".pages_content", ".rm_txt_con", "#rwb_zw", "#articleContnet", "#vsb_content", ".v_news_content",
    "#js_content", "[itemprop='articleBody']", ".content_area", "#detailContent", "#p-detail",
    "#detail .main-aticle", ".article-content", ".article_content", "#article_content", "#articleContent",
    ".articleContent", ".entry-content", ".post-content", ".news_content", ".newsContent", "#newsContent",
    ".news-content", ".detail-content", ".detail_content", ".text_content", "#ContentRegion", ".xl_content",
    ".view.TRS_UEDITOR", ".ewb-article", ".arc_body", "#fontzoom", ".con_text", "#content_body", "#Content",
)  # fmt: skip
BLOCKS = ("article", "section", "div", "td", "main")
NO_PROSE = frozenset({"article", "section", "div", "main", "ul", "ol", "script", "style", "a"})
LEAST = 40  # characters: a container with less is a shell that a script fills
MOST_LINKED = 0.4  # share of a container's characters in links: above it is a list
PUNCTUATION = re.compile(r"[。,、;:!?“”《》()\uff0c\uff1b\uff1a\uff01\uff1f\uff08\uff09]")
ASIDE = re.compile(
    r"nav|menu|crumb|breadcrumb|footer|foot|header|sidebar|side|share|related|recommend|hot|rank|comment|pager|"
    r"page-?nav|copyright|toolbar|tools?\b|tag-?list|banner|advert|\bad\b|login|qrcode|ewm|xgwd|xglj|relevant",
    re.IGNORECASE,
)
KEPT_ASIDE = re.compile(r"content|article|zoom|main|text|wrap", re.IGNORECASE)
# A line that speaks about the page: source, tools, signatures of editors, neighbours.
FURNITURE = re.compile(
    r"""^[\s【\[((\uff08〖]*(?:
        (?:信息|文章|稿件|新闻)?来源\s*[::\uff1a]|(?:发布|发表|更新|成文|生成|印发)?(?:时间|日期)\s*[::\uff1a]|(?:作者|记者|通讯员|编辑|责编|审核|校对|
        撰稿|供稿|摄影|初审|复审|终审|二审|三审|编审|监制|责任编辑|值班编辑|录入|供图|浏览|点击|阅读)(?:人|数|量|次数|者)?\s*[::\uff1a]|
        字\s*[体号]\s*[::\uff1a]|字体大小|分享(?:到|至|:|\uff1a)|扫一扫|扫描二维码|打印(?:本页|此页)?$|关闭(?:窗口|本页)?$|收藏$|上一[篇条页]|下一[篇条页]|
        相关(?:链接|新闻|阅读|文章|文件|稿件|解读|附件下载)|(?:您|你)?(?:当前|现在)?(?:的)?位置\s*[::\uff1a]|当前位置|首页\s*[>>»]|返回(?:顶部|首页|列表)|
        版权(?:所有|声明)|主办单位\s*[::\uff1a]|承办单位\s*[::\uff1a]|技术支持\s*[::\uff1a]|网站标识码|.{0,4}ICP备|.{0,4}公网安备|
        【?(?:大|中|小)】?$|T\|?\s*T$|\d+$|微信$|微博$|QQ(?:空间|好友)$|我要(?:评论|纠错)|网友评论|热门(?:推荐|阅读|新闻)|猜你喜欢|为您推荐|
        推荐阅读|延伸阅读|原标题\s*[::\uff1a]|(?:原文)?链接\s*[::\uff1a]|免责声明|特别声明|声明\s*[::\uff1a]|\(?\s*(?:责任)?编辑\s*[::\uff1a]?
    )""",
    re.VERBOSE,
)
SHORT_LINE = 60  # characters: a longer line is prose, whatever it begins with
ENDS = re.compile(
    r"^[\s【\[]*(?:相关(?:链接|新闻|阅读|文章|文件|稿件|解读)|上一[篇条]|下一[篇条]|网友评论|热门(?:推荐|阅读|新闻)|猜你喜欢|"
    r"为您推荐|推荐阅读|延伸阅读|版权(?:所有|声明)|免责声明|特别声明|扫一扫)"
)


def body_of(root: Selector, html: str, url: str, title: str = "") -> str:
    """Return an article's words, paragraphs on lines of their own; empty where the page has none."""
    found = _named(root) or _densest(root)
    if len(found) < LEAST:  # trafilatura drops short paragraphs and tables: it is asked last
        other = trafilatura.extract(html, url=url, favor_precision=True, include_comments=False) or ""
        found = max(found, other, key=len)
    return trimmed(found, title)


def trimmed(text: str, title: str = "") -> str:
    """Cut the page's own lines at both ends: the title again, source, tools, editors, neighbours."""
    lines = [line for line in text.split("\n") if line.strip()]
    lines = lines[: next((at for at, line in enumerate(lines) if at and _ends(line)), len(lines))]
    while lines and (_is_furniture(lines[0]) or _same(lines[0], title)):
        lines.pop(0)
    while lines and _is_furniture(lines[-1]):
        lines.pop()
    return "\n".join(lines)


def _named(root: Selector) -> str:
    """Return the words of the first named container that holds an article; editors may have cut it in parts
    that stand beside each other.
    """
    for css in CONTAINERS:
        nodes = root.css(css)
        roots = {node.root for node in nodes}
        for node in nodes:
            if _linked(node) >= MOST_LINKED:
                continue
            parts = [part for part in node.xpath("following-sibling::*") if part.root in roots]
            words = "\n".join(words_of(_without_asides(part)) for part in (node, *parts))
            if len(words) >= LEAST:
                return words
    return ""


def _densest(root: Selector) -> str:
    """Return the words of the block whose own paragraphs have most punctuation, or nothing."""
    best, most = None, 0.0
    for node in root.xpath("//body//*[" + " or ".join(f"self::{name}" for name in BLOCKS) + "]"):
        score = _score(node.root)
        if score > most:
            best, most = node, score
    return words_of(_without_asides(best)) if best is not None else ""


def _score(element: etree._Element) -> float:
    """Return how much prose stands in a block's own paragraphs: punctuated characters outside links."""
    if _is_aside(element):
        return 0.0
    total = 0.0
    for text in _own_texts(element):
        marks = len(PUNCTUATION.findall(text))
        total += len(text) * min(1.0, marks / 2) + 10 * marks if len(text) > 8 else 0.0
    return total


def _own_texts(element: etree._Element) -> Iterator[str]:
    """Yield an element's own texts and those of its paragraphs, lists and tables, not of blocks inside it."""
    yield (element.text or "").strip()
    for child in element:
        if isinstance(child.tag, str) and child.tag not in NO_PROSE:
            yield "".join(child.itertext("p", "span", "strong", "b", "em", "font", "u", "i", "sup")).strip()
        elif isinstance(child.tag, str) and child.tag == "div" and not len(child):
            yield (child.text or "").strip()  # paragraphs of editors that write div for p
        yield (child.tail or "").strip()


def _without_asides(node: Selector) -> Selector:
    """Return a copy of a block without the menus, share bars and lists of neighbours in it."""
    copy = deepcopy(node.root)
    copy.tail = None
    for element in [child for child in copy.iter() if isinstance(child.tag, str) and child is not copy]:
        if element.getparent() is not None and (_is_aside(element) or _is_list_of_links(element)):
            _cut(element)
    return Selector(root=copy, type="html")


def _cut(element: etree._Element) -> None:
    """Remove an element and keep the text that follows it, which lxml holds in its tail."""
    parent, before = element.getparent(), element.getprevious()
    if element.tail and before is not None:
        before.tail = (before.tail or "") + element.tail
    elif element.tail:
        parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def _is_aside(element: etree._Element) -> bool:
    if element.tag in {"nav", "footer", "aside", "header", "form", "select", "button"}:
        return True
    names = f"{element.get('class', '')} {element.get('id', '')}"
    return bool(ASIDE.search(names)) and not KEPT_ASIDE.search(names)


def _is_list_of_links(element: etree._Element) -> bool:
    words = sum(len(text.strip()) for text in element.itertext())
    linked = sum(len(text.strip()) for anchor in element.iter("a") for text in anchor.itertext())
    return element.tag in {"ul", "ol", "div", "dl"} and words > 0 and linked / words > 0.7


def _linked(node: Selector) -> float:
    words = len("".join(node.css("*::text").getall()).strip())
    return len("".join(node.css("a *::text, a::text").getall())) / max(words, 1)


def _is_furniture(line: str) -> bool:
    said = line.strip()
    return len(said) <= SHORT_LINE and bool(FURNITURE.match(said)) and not said.endswith("。")


def _ends(line: str) -> bool:
    return len(line) <= SHORT_LINE and bool(ENDS.match(line.strip()))


def _same(line: str, title: str) -> bool:
    return bool(title) and "".join(line.split()) == "".join(title.split())
