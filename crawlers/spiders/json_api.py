"""Interfaces: declared endpoints come in, with their paging and field paths; their messages go out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from scrapy import Request

from crawlers.parsing.found import Yield
from crawlers.parsing.json_items import (
    ItemRules,
    RuleError,
    ShapeError,
    next_link,
    next_params,
    parse_items,
    rules_of,
)
from crawlers.saved import SavedPage
from crawlers.spiders.base import SourceSpider
from crawlers.spiders.walk import Walk

Params = Mapping[str, object]


class JsonApiSpider(SourceSpider):
    """Asks each endpoint from its newest page on until a page has nothing new."""

    name = "json_api"

    def first_requests(self) -> Iterator[Request]:
        """Ask every endpoint for its first page."""
        try:
            self.rules = rules_of(self.source.api)
        except RuleError as error:
            self.leave(f"来源文件的 [api] 有误：{error}")
            return
        for url in self.source.start:
            walk = Walk(self.state, url)
            request = self._ask(url, dict(self.rules.form), walk, conditional=not walk.whole)
            if request is not None:
                yield request

    def read_answer(
        self, page: SavedPage, endpoint: str, params: Params, walk: Walk
    ) -> Iterator[Request | None]:
        """Take an answer's messages and go on to its next page."""
        try:
            value = json.loads(page.text)
            news = self.take_all(Yield(posts=tuple(parse_items(value, self.rules, page.url))), page)
            link, more = next_link(value, self.rules, page.url), next_params(value, self.rules, params)
        except (json.JSONDecodeError, ShapeError) as error:
            # Silence that looks like calm is the worst failure: an answer of another shape is an error.
            self.errors += 1
            self.collector.warn(f"接口的回答不是约定的样子：{str(error)[:80]}")
            return
        if not walk.goes_on(news, link or more):
            return
        request = self._ask(link or endpoint, more or {}, walk)
        if request is None:
            walk.end()
        yield request

    def _ask(self, url: str, params: Params, walk: Walk, conditional: bool = False) -> Request | None:
        request = self.ask(
            address_of(url, params, self.rules),
            self.read_answer,
            conditional=conditional and self.rules.method == "GET",
            endpoint=url,
            params=params,
            walk=walk,
        )
        return None if request is None else with_body(request, params, self.rules)


def address_of(url: str, params: Params, rules: ItemRules) -> str:
    """Return the address to ask: with the parameters in it, unless they are sent as a form."""
    if rules.method != "GET" or not params:
        return url
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query)) | {name: str(value) for name, value in params.items()}
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(query), ""))


def with_body(request: Request, params: Params, rules: ItemRules) -> Request:
    """Return the request as the interface wants it: its own headers, and the parameters as a form or JSON."""
    headers = {**request.headers, **rules.headers}
    if rules.method == "GET":
        return request.replace(headers=headers)
    if rules.json_body:
        headers["Content-Type"] = "application/json"
        return request.replace(method=rules.method, headers=headers, body=json.dumps(dict(params)))
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    return request.replace(method=rules.method, headers=headers, body=urlencode(dict(params)))
