"""Weibo's official interface: topics come in, with the office's own token; their newest posts go out.

Without a token nothing is asked. There is no other lawful way to Weibo, and none is tried.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from scrapy import Request

from crawlers.parsing.found import Yield
from crawlers.parsing.weibo import PAGE_SIZE, WeiboError, parse_statuses
from crawlers.saved import SavedPage
from crawlers.spiders.base import SourceSpider

TOKEN = "HUIYING_WEIBO_TOKEN"  # noqa: S105 - the name of the variable
MOST_PAGES = 4  # the interface gives the newest 200 posts of a topic


class WeiboOpenSpider(SourceSpider):
    """Asks for each topic's posts until a page has nothing new."""

    name = "weibo_open"

    def first_requests(self) -> Iterator[Request]:
        """Ask for every topic's newest posts, or say that there is no token."""
        self.token = token_of(self.collector.spool.folder.parent)
        topics = self.source.api.get("topics") or []
        if not self.token:
            self.leave("没有微博开放平台的授权：获批后把 access_token 写进 secrets.toml 的 [weibo]")
        elif not topics:
            self.leave("来源文件的 [api] 里没有 topics")
        else:
            yield from (request for topic in topics if (request := self._ask(str(topic), 1)) is not None)

    def read_topic(self, page: SavedPage, topic: str, number: int) -> Iterator[Request | None]:
        """Take a page of a topic."""
        try:
            found = parse_statuses(json.loads(page.text))
        except json.JSONDecodeError:
            self.errors += 1
            self.collector.warn("微博接口的回答不是 JSON")
            return
        except WeiboError as error:
            self.errors += 1
            self.leave(str(error))
            return
        if self.take_all(Yield(posts=tuple(found)), page) and number < MOST_PAGES:
            yield self._ask(topic, number + 1)

    def _ask(self, topic: str, number: int) -> Request | None:
        query = urlencode({"q": topic, "count": PAGE_SIZE, "page": number})
        request = self.ask(
            f"{self.source.start[0]}?{query}", self.read_topic, topic=topic, number=number, any_status=True
        )
        if request is None:
            return None
        # In a header and not in the address, which is logged. The office was admitted to this interface by
        # name: that is the permission which robots.txt would otherwise state.
        headers = {**request.headers, "Authorization": f"OAuth2 {self.token}"}
        return request.replace(headers=headers, meta={**request.meta, "dont_obey_robotstxt": True})


def token_of(home: Path) -> str:
    """Return the office's token: from the environment, else ``[weibo] access_token`` of ``secrets.toml``."""
    given = os.environ.get(TOKEN, "")
    file = home / "secrets.toml"
    if given or not file.is_file():
        return given
    return str(tomllib.loads(file.read_text("utf-8")).get("weibo", {}).get("access_token", ""))
