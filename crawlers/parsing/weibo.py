"""Answers of Weibo's official interface come in; posts, and the posts that they pass on, go out.

``https://api.weibo.com/2/search/topics.json`` is an advanced interface: an office applies for it and asks
with its own token. Fields and error codes as its documentation (open.weibo.com/wiki) names them; not tried on
the real interface. Nothing here asks for a page that a person would have to log in to see.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crawlers.parsing.found import Found
from crawlers.parsing.fragments import words_of_html

ADDRESS = "https://api.weibo.com/2/search/topics.json"
PAGE_SIZE = 50  # the most that the interface gives; 200 of a topic in all
LETTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
GOVERNMENT = 1  # verified_type of state bodies' accounts
# After the first, asking again does no good until a person has acted; the others only ask for patience.
TOKEN_ERRORS = frozenset({21301, 21314, 21315, 21316, 21317, 21327, 21332, 10006, 10014})
RATE_ERRORS = frozenset({10022, 10023, 10024})


class WeiboError(ValueError):
    """The interface said no; the message is Chinese. ``wait`` says whether asking again later may help."""

    def __init__(self, message: str, wait: bool) -> None:
        super().__init__(message)
        self.wait = wait


def parse_statuses(value: object) -> list[Found]:
    """Return the posts of an answer; a post that passes another on is followed by that other, once.

    Raises:
        WeiboError: the answer is an error of the interface, or not an answer of it at all.
    """
    if not isinstance(value, Mapping):
        raise WeiboError("微博接口的回答不是 JSON 对象", wait=True)
    if "error_code" in value:
        raise _error(value)
    statuses = value.get("statuses")
    if not isinstance(statuses, list):
        raise WeiboError("微博接口的回答里没有 statuses", wait=True)
    found = {post.id: post for status in statuses for post in _posts(status)}
    return list(found.values())


def weibo_url(user: str, mid: str) -> str:
    """Return a post's public address: the number in groups of seven digits, each in base 62."""
    groups = [mid[max(end - 7, 0) : end] for end in range(len(mid), 0, -7)]
    parts = [_base62(int(group)) for group in groups]
    padded = [part.rjust(4, "0") for part in parts[:-1]] + parts[-1:]
    return f"https://weibo.com/{user}/{''.join(reversed(padded))}"


def _error(value: Mapping[str, Any]) -> WeiboError:
    code = int(value.get("error_code") or 0)
    said = f"{value.get('error')}(错误码 {code})"
    if code in TOKEN_ERRORS:
        return WeiboError(f"微博接口的授权无效或过期,请管理员更换:{said}", wait=False)
    if code in RATE_ERRORS:
        return WeiboError(f"微博接口的调用次数已用完,稍后再试:{said}", wait=True)
    return WeiboError(f"微博接口报错:{said}", wait=True)


def _posts(status: Mapping[str, Any]) -> Iterator[Found]:
    original = status.get("retweeted_status")
    parent = str(original.get("idstr") or original.get("mid") or "") if isinstance(original, Mapping) else ""
    post = _post(status, parent or None)
    if post is not None:
        yield post
    if isinstance(original, Mapping):
        passed_on = _post(original, None)
        if passed_on is not None:
            yield passed_on


def _post(status: Mapping[str, Any], parent: str | None) -> Found | None:
    identifier = str(status.get("idstr") or status.get("mid") or "")
    text = words_of_html(str(status.get("text") or ""))
    if not identifier.isdecimal():
        return None
    user = status.get("user") or {}
    deleted = str(status.get("deleted") or "0") == "1"
    if not text and not deleted:
        return None
    return Found(
        id=identifier,
        url=weibo_url(str(user.get("idstr") or "u"), identifier),
        text=text,
        published=status.get("created_at"),
        author=str(user.get("idstr") or ""),
        parent=parent,
        official=user.get("verified_type") == GOVERNMENT,
        deleted=deleted,
        likes=status.get("attitudes_count"),
        replies=status.get("comments_count"),
        reposts=status.get("reposts_count"),
    )


def _base62(number: int) -> str:
    letters = ""
    while number:
        number, place = divmod(number, 62)
        letters = LETTERS[place] + letters
    return letters or "0"
