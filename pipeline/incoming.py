"""One spool line, already decoded, comes in; one row of the posts, runs or sources table goes out.

Everything that a source can get wrong is judged here: what can be read is cleaned, masked and placed, and
what cannot is refused with a reason in Chinese that the office can act on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from pipeline.identity import digest, post_id, text_hash
from pipeline.normalise import clean, match_text
from pipeline.places import Region
from pipeline.privacy import mask
from pipeline.records import Precision
from pipeline.times import SKEW, TimeError, check_published, parse_time

LONGEST_RAW = 2000  # characters of a refused line that are kept
LONGEST_FIELD = 2000  # characters of a title, address or id

POST_FIELDS = (
    *("kind", "source", "channel", "id", "url", "title", "text", "published_at", "precision", "collected_at"),
    *("county", "parent_id", "author_hash", "official", "likes", "replies", "reposts", "views"),
    *("edited_at", "deleted"),
)
COUNT_FIELDS = ("likes", "replies", "reposts", "views")
UNKNOWN_COUNTS = frozenset({"", "-", "--", "—", "——", "/", "无", "null", "none", "nan", "n/a"})
COUNT = re.compile(r"(\d+(?:\.\d+)?)\s*([万wW亿]?)\+?")
MULTIPLES = {"": 1, "万": 10_000, "w": 10_000, "亿": 100_000_000}
LARGEST_COUNT = 2**62
YES = frozenset({"1", "true", "yes", "y", "t", "是", "官方"})
NO = frozenset({"", "0", "false", "no", "n", "f", "否", "非官方", "null", "none"})
# Whatever follows such a key in a line that is not JSON may be a person's name.
NAMED = re.compile(
    r'("?(?:author|user|user_?name|nick_?name|screen_name|作者|昵称|用户名?|发布[者人])"?\s*[::]\s*)("[^"]*"|[^,,}\s]+)',
    re.I,
)


class BadRowError(ValueError):
    """A line cannot become a row; the message is Chinese and names the value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """A mark that a source has deleted a post that we may have."""

    post_id: str
    deleted_at: datetime


def post_row(line: Mapping[str, Any], region: Region, now: datetime) -> dict[str, Any] | Deletion:
    """Return a row of the posts table, without ``batch`` and ``ingested_at``, or the mark of a deletion.

    A post without a time of its own takes the time of its collection (precision ``relative``).

    Raises:
        BadRowError: no text, no source, a time that is none, of before 2000 or of the future.
    """
    source = _words(line, "source") or _refuse("没有来源(source)")
    external_id = _words(line, "id") or None
    collected_at = _time(line, "collected_at") or now
    if collected_at > now + SKEW:
        raise BadRowError(f"采集时间 {collected_at.isoformat()} 在未来")
    deleted = _flag(line, "deleted")
    if deleted and external_id and not line.get("text"):
        return Deletion(post_id=post_id(source, external_id, "", now), deleted_at=collected_at)
    text = mask(_text(line))
    folded = match_text(text)
    published_at, precision = _published(line, collected_at, now)
    county = region.county_name(_words(line, "county"))
    title = mask(clean(_words(line, "title")))
    return {
        "post_id": post_id(source, external_id, folded or text, published_at),
        "source": source,
        "channel": _words(line, "channel") or source,
        "external_id": external_id,
        "url": _words(line, "url"),
        "title": title,
        "text": text,
        "first_text": text,
        "match_text": folded,
        "text_hash": text_hash(folded, text),
        "published_at": published_at,
        "precision": precision,
        "collected_at": collected_at,
        "edited_at": _time(line, "edited_at"),
        "deleted_at": collected_at if deleted else None,
        "county": county,
        "places": list(region.places_of(f"{title}\n{text}" if title else text, county)),
        "parent_id": _parent(line, source, external_id),
        "author_hash": _words(line, "author_hash") or None,
        "official": _flag(line, "official"),
        **{name: _count(line, name) for name in COUNT_FIELDS},
    }


def run_row(line: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return a row of the runs table.

    Raises:
        BadRowError: a field is missing or of the wrong kind.
    """
    status = _needed(line, "status")
    if status not in {"green", "amber", "red"}:
        raise BadRowError(f"运行状态 {status} 不是 green、amber、red 之一")
    return {
        "run_id": _needed(line, "run_id"),
        "source": _needed(line, "source"),
        "started_at": _time(line, "started_at") or now,
        "finished_at": _time(line, "finished_at") or now,
        **{name: _count(line, name) or 0 for name in ("items", "new_items", "requests", "errors")},
        "status": status,
        "reasons": [str(reason) for reason in line.get("reasons") or []],
        "stats": json.dumps(line.get("stats") or {}, ensure_ascii=False, sort_keys=True),
    }


def source_row(line: Mapping[str, Any], region: Region, now: datetime) -> dict[str, Any]:
    """Return a row of the sources table.

    Raises:
        BadRowError: a field is missing or of the wrong kind.
    """
    try:
        minutes = float(line.get("every_minutes") or 0)
    except (TypeError, ValueError) as error:
        raise BadRowError(f"every_minutes 不是数字:{line.get('every_minutes')}") from error
    return {
        "source": _needed(line, "source"),
        "name": _words(line, "name") or _needed(line, "source"),
        "kind": _words(line, "kind_of_source"),
        "url": _words(line, "url"),
        "channel": _words(line, "channel"),
        "county": region.county_name(_words(line, "county")),
        "official": _flag(line, "official"),
        "every_minutes": minutes,
        "updated_at": now,
    }


def statement_row(post: Mapping[str, Any], issuer: str, now: datetime) -> dict[str, Any]:
    """Return the statement that an official post is."""
    return {
        "statement_id": digest("statement", post["post_id"]),
        "text": post["text"],
        "title": post["title"],
        "issuer": issuer,
        "url": post["url"],
        "published_at": post["published_at"],
        "valid_until": None,
        "added_by": f"来源 {post['source']}",
        "added_at": now,
    }


def raw_of(line: Mapping[str, Any] | str) -> str:
    """Return what is kept of a refused line: known fields only, masked, at most 2,000 characters.

    A field that is not a post's is left out, because it may be a person's name.
    """
    if isinstance(line, str):
        return mask(clean(NAMED.sub(r"\1…", line[: LONGEST_RAW * 2])))[:LONGEST_RAW]
    kept = {name: _short(line[name]) for name in POST_FIELDS if line.get(name) is not None}
    return mask(json.dumps(kept, ensure_ascii=False, default=str))[:LONGEST_RAW]


# Sources, channels and counties come back in every row.
_tidy = lru_cache(maxsize=4096)(clean)


def _short(value: Any) -> Any:
    return clean(value[: LONGEST_RAW // 2]) if isinstance(value, str) else value


def _refuse(reason: str) -> str:
    raise BadRowError(reason)


def _text(line: Mapping[str, Any]) -> str:
    value = line.get("text")
    if value is None or value == "":
        raise BadRowError("没有正文(text)")
    if isinstance(value, bool | list | dict):
        raise BadRowError(f"正文不是文字:{str(value)[:40]}")
    return clean(str(value)) or _refuse("正文去掉标签和不可见字符后是空的")


def _published(line: Mapping[str, Any], collected_at: datetime, now: datetime) -> tuple[datetime, str]:
    value = line.get("published_at")
    if value is None or value == "":
        if not line.get("collected_at"):
            raise BadRowError("没有发布时间(published_at)")
        return collected_at, Precision.RELATIVE
    try:
        moment, precision = parse_time(value)
        check_published(moment, now)
    except TimeError as error:
        raise BadRowError(str(error)) from error
    given = line.get("precision")
    return moment, given if given in set(Precision) else precision


def _parent(line: Mapping[str, Any], source: str, external_id: str | None) -> str | None:
    """Return the post_id of the post that this one answers; a thread's first post answers none."""
    parent = _words(line, "parent_id")
    if not parent or parent == external_id:
        return None
    return post_id(source, parent, "", datetime.now(UTC))


def _time(line: Mapping[str, Any], name: str) -> datetime | None:
    value = line.get(name)
    if value is None or value == "":
        return None
    try:
        return parse_time(value)[0]
    except TimeError as error:
        raise BadRowError(f"{name}:{error}") from error


def _needed(line: Mapping[str, Any], name: str) -> str:
    return _words(line, name) or _refuse(f"没有 {name}")


def _words(line: Mapping[str, Any], name: str) -> str:
    """Return a short field as a string; a spreadsheet's 123.0 is 123."""
    value = line.get(name)
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        return _tidy(value[:LONGEST_FIELD])
    if isinstance(value, bool | list | dict):
        raise BadRowError(f"{name} 不是文字:{str(value)[:40]}")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _tidy(str(value)[:LONGEST_FIELD])


def _flag(line: Mapping[str, Any], name: str) -> bool:
    value = line.get(name)
    if value is None or value is False:
        return False
    word = str(value).strip().lower().removesuffix(".0")
    if word in YES:
        return True
    if word in NO:
        return False
    raise BadRowError(f"{name} 应为是或否:{str(value)[:40]}")


def _count(line: Mapping[str, Any], name: str) -> int | None:
    value = line.get(name)
    if value is None:
        return None
    if type(value) is int and value >= 0:
        return min(value, LARGEST_COUNT)
    if value != value:  # a NaN is a spreadsheet's empty cell
        return None
    word = str(value).strip().replace(",", "").replace(",", "")
    if word.lower() in UNKNOWN_COUNTS:
        return None
    match = COUNT.fullmatch(word)
    if not match:
        raise BadRowError(f"{name} 不是数字:{word[:40]}")
    return min(round(float(match.group(1)) * MULTIPLES[match.group(2).lower()]), LARGEST_COUNT)
