"""Generic spiders, one a kind of place; ``SPIDERS`` finds them by the kind that a source file names."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

# Imported when needed: a run needs one of them.
SPIDERS: Mapping[str, str] = {
    "feed": "crawlers.spiders.feed:FeedSpider",
    "article": "crawlers.spiders.article:ArticleSpider",
    "forum": "crawlers.spiders.forum:ForumSpider",
    "forum/wordpress": "crawlers.spiders.wordpress:WordPressSpider",
    "json_api": "crawlers.spiders.json_api:JsonApiSpider",
    "gov_mailbox": "crawlers.spiders.gov_mailbox:GovMailboxSpider",
    "weibo_open": "crawlers.spiders.weibo_open:WeiboOpenSpider",
    "files": "crawlers.spiders.files:FilesSpider",
}


def spider_of(kind: str, family: str = "") -> Any:
    """Return the spider class of a kind, or of a family that has one of its own."""
    module, name = SPIDERS.get(f"{kind}/{family}", SPIDERS[kind]).split(":")
    return getattr(import_module(module), name)
