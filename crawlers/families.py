"""Forum software by name: how its pages are addressed and read, in one shape for the forum spider."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from parsel import Selector

from crawlers.parsing import custom_forum, discuz, nodebb, phpbb
from crawlers.parsing.found import Yield
from crawlers.saved import SavedPage

Select = Mapping[str, str]


class ForumPageError(ValueError):
    """A page is not what its software would send; the message is Chinese and names the address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One forum software; a page is read with its source's ``[select]``.

    ``board_url`` takes base, board id and whether threads are wanted by their date. Where threads are known
    ``by_address``, the ``base`` of ``thread_url`` is an address of the thread itself.
    """

    board_url: Callable[[str, str, bool], str]
    thread_url: Callable[[str, str], str]
    board: Callable[[SavedPage, Select], Yield]
    thread: Callable[[SavedPage, Select], Yield]
    forbidden: Callable[[SavedPage, Select], bool]
    missing: Callable[[SavedPage, Select], bool]
    by_address: bool = False


def _html(parse: Callable[[Selector, str, Select], Any]) -> Callable[[SavedPage, Select], Any]:
    return lambda page, select: parse(Selector(text=page.text or "<html/>"), page.url, select)


def _json(parse: Callable[[Selector, str], Any]) -> Callable[[SavedPage, Select], Any]:
    def read(page: SavedPage, select: Select) -> Any:
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
        board=_html(discuz.parse_board),
        thread=_html(discuz.parse_thread),
        forbidden=_html(lambda root, url, select: discuz.is_forbidden(root)),
        missing=_html(lambda root, url, select: discuz.is_missing(root)),
    ),
    "phpbb": Family(
        board_url=phpbb.board_url,
        thread_url=phpbb.thread_url,
        board=_html(phpbb.parse_board),
        thread=_html(phpbb.parse_thread),
        forbidden=_html(lambda root, url, select: phpbb.is_forbidden(root)),
        missing=_html(lambda root, url, select: phpbb.is_missing(root)),
    ),
    "nodebb": Family(
        board_url=nodebb.board_url,
        thread_url=nodebb.thread_url,
        board=_json(nodebb.parse_board),
        thread=_json(nodebb.parse_thread),
        forbidden=_json(lambda root, url: nodebb.is_forbidden(root)),
        missing=_json(lambda root, url: nodebb.is_missing(root)),
    ),
    "custom": Family(
        board_url=custom_forum.board_url,
        thread_url=custom_forum.thread_url,
        board=_html(custom_forum.parse_board),
        thread=_html(custom_forum.parse_thread),
        forbidden=_html(lambda root, url, select: custom_forum.is_forbidden(root, select)),
        missing=_html(lambda root, url, select: custom_forum.is_missing(root, select)),
        by_address=True,
    ),
}
