"""Forum software by name: how its pages are addressed and read, in one shape for the forum spider."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from parsel import Selector

from crawlers.parsing import discuz, nodebb, phpbb
from crawlers.parsing.found import Yield
from crawlers.saved import SavedPage


class ForumPageError(ValueError):
    """A page is not what its software would send; the message is Chinese and names the address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One forum software. ``board_url`` takes base, board id and whether threads are wanted by their date."""

    board_url: Callable[[str, str, bool], str]
    thread_url: Callable[[str, str], str]
    board: Callable[[SavedPage], Yield]
    thread: Callable[[SavedPage], Yield]
    forbidden: Callable[[SavedPage], bool]
    missing: Callable[[SavedPage], bool]


def _html(parse: Callable[[Selector, str], Any]) -> Callable[[SavedPage], Any]:
    return lambda page: parse(Selector(text=page.text or "<html/>"), page.url)


def _json(parse: Callable[[Selector, str], Any]) -> Callable[[SavedPage], Any]:
    def read(page: SavedPage) -> Any:
        root = Selector(text=page.text or "null", type="json")
        if not isinstance(root.root, dict):  # parsel gives None for what is no JSON: never take it for empty
            raise ForumPageError(f"{page.url}：不是论坛接口的回答")
        try:
            return parse(root, page.url)
        except (ValueError, KeyError, TypeError) as error:
            raise ForumPageError(f"{page.url}：不是论坛接口的回答（{error!r}）") from error

    return read


FAMILIES: Mapping[str, Family] = {
    "discuz": Family(
        board_url=discuz.board_url,
        thread_url=discuz.thread_url,
        board=_html(lambda root, url: discuz.parse_board(root, url)),
        thread=_html(lambda root, url: discuz.parse_thread(root, url)),
        forbidden=_html(lambda root, url: discuz.is_forbidden(root)),
        missing=_html(lambda root, url: discuz.is_missing(root)),
    ),
    "phpbb": Family(
        board_url=phpbb.board_url,
        thread_url=phpbb.thread_url,
        board=_html(phpbb.parse_board),
        thread=_html(phpbb.parse_thread),
        forbidden=_html(lambda root, url: phpbb.is_forbidden(root)),
        missing=_html(lambda root, url: phpbb.is_missing(root)),
    ),
    "nodebb": Family(
        board_url=nodebb.board_url,
        thread_url=nodebb.thread_url,
        board=_json(nodebb.parse_board),
        thread=_json(nodebb.parse_thread),
        forbidden=_json(lambda root, url: nodebb.is_forbidden(root)),
        missing=_json(lambda root, url: nodebb.is_missing(root)),
    ),
}
