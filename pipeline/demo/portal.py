"""News articles and feed items come in; the pages of a small government portal and an RSS feed go out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from hashlib import sha256
from html import escape
from xml.sax.saxutils import escape as escape_xml

from pipeline.config import LOCAL_TIME
from pipeline.demo.forum import missing_page
from pipeline.demo.page import Headers, Page, shell
from pipeline.demo.world import Thread, World

SITE = "云岭州人民政府"
ARTICLES_A_PAGE = 10
RELATED = 4
FEED_ITEMS = 60  # more than arrive between two visits of the spider


def home_page(world: World, now: datetime) -> Page:
    """Return the entrance with the newest articles."""
    newest = "".join(_entry(article) for article in world.threads("news", now)[:8])
    body = (
        f'<h1>云岭州</h1><ul class="list">{newest}</ul><p><a href="/news/">更多要闻</a> · '
        '<a href="/forum.php">云岭生活网论坛</a> · <a href="/feed.xml">随手拍 RSS</a></p>'
    )
    return Page(shell("云岭州", body))


def news_page(world: World, now: datetime, page: int) -> Page:
    """Return one page of the news list, newest first; page 1 (``index_1.html``) is the second."""
    articles = world.threads("news", now)
    pages = max(1, -(-len(articles) // ARTICLES_A_PAGE))
    if not 0 <= page < pages:
        return missing_page("抱歉，您访问的页面不存在")
    shown = articles[page * ARTICLES_A_PAGE : (page + 1) * ARTICLES_A_PAGE]
    rows = "".join(_entry(article) for article in shown)
    body = f'<h1>要闻动态</h1><ul class="list">{rows}</ul><div class="pg">{_news_links(page, pages)}</div>'
    return Page(shell(f"要闻动态 - {SITE}", body))


def article_page(world: World, now: datetime, number: int) -> Page:
    """Return an article with the meta tags of a government site and links to related ones."""
    article = world.thread("news", number, now)
    if article is None:
        return missing_page("抱歉，您访问的页面不存在或已删除")
    line, published = article.opener.line, f"{article.opener.published.astimezone(LOCAL_TIME):%Y-%m-%d %H:%M}"
    meta = "".join(
        f'<meta name="{name}" content="{escape(value)}">'
        for name, value in {
            "SiteName": SITE,
            "ArticleTitle": line.title,
            "PubDate": published,
            "ContentSource": line.author,
            "ColumnName": line.board,
        }.items()
    )
    body = (
        f'<p class="crumb"><a href="/">首页</a> › <a href="/news/">要闻动态</a></p>'
        f"<h1>{escape(line.title)}</h1>"
        f'<p class="info">发布时间：{published} 来源：{escape(line.author)}</p>'
        f'<div class="trs_editor_view">{_paragraphs(line.text)}</div>{_related(world, article, now)}'
    )
    return Page(shell(f"{line.title} - {SITE}", body, meta=meta))


def item_page(world: World, now: datetime, number: int) -> Page:
    """Return the page of a feed item."""
    item = world.thread("feed", number, now)
    if item is None:
        return missing_page("抱歉，该内容不存在或已删除")
    line = item.opener.line
    published = f"{item.opener.published.astimezone(LOCAL_TIME):%Y-%m-%d %H:%M:%S}"
    body = (
        f"<h1>{escape(line.title or line.text[:20])}</h1>"
        f'<p class="info">{escape(line.author)} 发布于 {published}</p>'
        f'<div class="content">{_paragraphs(line.text)}</div>'
    )
    return Page(shell(f"随手拍 - {line.title or line.text[:20]}", body))


def feed_page(world: World, now: datetime, base: str) -> Page:
    """Return the RSS feed of short public messages, with validators that change only with its content."""
    items = world.threads("feed", now)[:FEED_ITEMS]
    newest = max((item.opener.published for item in items), default=world.started_at)
    text = (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<channel><title>云岭随手拍</title><link>{base}/</link><description>云岭州网友的随手拍</description>"
        f"<language>zh-cn</language>{''.join(_feed_item(item, base) for item in items)}</channel></rss>\n"
    )
    etag = f'"{sha256(text.encode()).hexdigest()[:20]}"'
    validators = Headers(etag=etag, last_modified=format_datetime(newest, usegmt=True))
    return Page(text, media_type="application/rss+xml", validators=validators)


def _entry(article: Thread) -> str:
    day = f"{article.opener.published.astimezone(LOCAL_TIME):%Y-%m-%d}"
    title = escape(article.opener.line.title)
    return f'<li><a href="/news/{article.number}.html">{title}</a><span>{day}</span></li>'


def _news_links(page: int, pages: int) -> str:
    before = f'<a href="{_news_url(page - 1)}">上一页</a>' if page > 0 else ""
    after = f'<a href="{_news_url(page + 1)}" class="next">下一页</a>' if page + 1 < pages else ""
    return f"{before}<strong>{page + 1} / {pages}</strong>{after}"


def _news_url(page: int) -> str:
    return "/news/" if page == 0 else f"/news/index_{page}.html"


def _related(world: World, article: Thread, now: datetime) -> str:
    others: Sequence[Thread] = [
        other for other in world.threads("news", now) if other.number != article.number
    ]
    rows = "".join(_entry(other) for other in others[:RELATED])
    return f'<div class="related"><h2>相关链接</h2><ul class="list">{rows}</ul></div>'


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(paragraph)}</p>" for paragraph in text.split("\n"))


def _feed_item(item: Thread, base: str) -> str:
    line, link = item.opener.line, f"{base}/feed/{item.number}.html"
    title = escape_xml(line.title or line.text[:20])
    return (
        f'<item><title>{title}</title><link>{link}</link><guid isPermaLink="true">{link}</guid>'
        f"<description>{escape_xml(line.text)}</description><dc:creator>{escape_xml(line.author)}</dc:creator>"
        f"<category>{escape_xml(line.board)}</category>"
        f"<pubDate>{format_datetime(item.opener.published, usegmt=True)}</pubDate></item>"
    )
