"""One page comes in; nothing goes out where it may be read, else an error that says what it is instead."""

from __future__ import annotations

import http.client
import re

from parsel import Selector

from crawlers.listing import text_of
from crawlers.saved import SavedPage

HEAD = 2000  # bytes in which a file that is no text has a zero
# What a site shows instead of its pages; never a source. Words of the big Chinese walls and of Cloudflare.
WALLS = (
    (
        re.compile(r"百度安全验证|安全验证|滑动验证|请完成验证|验证码|人机验证|captcha", re.IGNORECASE),
        "验证码或安全验证页",
    ),
    (
        re.compile(r"document\.location\.reload\(\)|location\.reload\(true\)"),
        "要求运行脚本后重新载入的检查页",
    ),
    (re.compile(r"Just a moment\.\.\.|cf-browser-verification|challenge-platform"), "浏览器检查页"),
    (re.compile(r"您需要登录|请先登录|登录后(?:才能|可)查看|需要先?登录才能"), "要求登录的页面"),
)
# A page that a script fills: an empty holder, or a word to those who run none.
SCRIPTED = re.compile(
    r"""<div[^>]+id=["']?(?:app|root|__next|__nuxt|main)["']?[^>]*>\s*</div>|"""
    r"enable JavaScript|需要启用 ?JavaScript",
    re.IGNORECASE,
)
FEWEST_WORDS = 200  # characters: with fewer, such a page has nothing but its title and a menu
NO_TEXT = (
    "application/pdf",
    "application/zip",
    "application/octet-stream",
    "application/vnd",
    "image/",
    "video/",
)
SHORT_PAGE = 4000  # characters; a wall is short, and an article about captchas is not one


class PageError(ValueError):
    """The page holds nothing that could be collected; the message is Chinese and says what it is instead."""


class WallError(PageError):
    """The page is a challenge, a captcha or a log-in page, and nothing may be collected; Chinese message."""


def refuse(page: SavedPage) -> None:
    """Pass a page that has words for everybody.

    Raises:
        WallError: it is a challenge or a log-in page, or the server refused it (401, 403, 429).
        PageError: there is no such page, it is empty, no text, or filled by a script only.
    """
    _refuse_walls(page)
    _refuse_nothing(page)


def _refuse_walls(page: SavedPage) -> None:
    if page.status in {401, 403, 429}:
        raise WallError(f"{page.url}:服务器拒绝访问(HTTP {page.status}),不采集")
    text = page.text
    if len(text) > SHORT_PAGE:
        return
    for pattern, name in WALLS:
        if pattern.search(text):
            raise WallError(f"{page.url}:是{name},不采集")


def _refuse_nothing(page: SavedPage) -> None:
    """Say what a page is that has no words for a reader without scripts."""
    if page.status >= http.client.INTERNAL_SERVER_ERROR:
        raise PageError(f"{page.url}:对方服务器出错(HTTP {page.status}),请稍后再试")
    if page.status >= http.client.BAD_REQUEST:
        raise PageError(f"{page.url}:没有这个页面(HTTP {page.status})")
    if not page.body.strip():
        raise PageError(f"{page.url}:页面是空的")
    if b"\0" in page.body[:HEAD] or page.content_type.startswith(NO_TEXT):
        raise PageError(
            f"{page.url}:不是网页({page.content_type or '二进制文件'});导出文件请用 huiying import"
        )
    if SCRIPTED.search(page.text) and len(text_of(Selector(page.text))) < FEWEST_WORDS:
        raise PageError(
            f"{page.url}:内容由脚本生成,网页里没有文字;请找它的订阅(RSS)、站点地图或公开接口的网址"
        )
