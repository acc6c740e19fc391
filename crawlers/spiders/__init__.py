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
    "json_api": "crawlers.spiders.json_api:JsonApiSpider",
    "gov_mailbox": "crawlers.spiders.gov_mailbox:GovMailboxSpider",
    "weibo_open": "crawlers.spiders.weibo_open:WeiboOpenSpider",
    "files": "crawlers.spiders.files:FilesSpider",
}


def spider_of(kind: str) -> Any:
    """Return the spider class of a kind."""
    module, name = SPIDERS[kind].split(":")
    return getattr(import_module(module), name)
