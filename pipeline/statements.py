"""Statements that people add, withdraw or replace come in as events; rows of the table ``statements`` go out.

Crawled official posts become statements at ingest; this is for what people enter. An event says the whole, so
the newest event of a statement is its state, and running the stage twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from pipeline.identity import digest
from pipeline.privacy import mask
from pipeline.store import Store
from pipeline.times import TimeError, check_published, parse_time

TEXT_CHARACTERS = (4, 20_000)  # shorter says nothing; the longest notices of the State Council stay below
TITLE_CHARACTERS = 120
ISSUER_CHARACTERS = 60


class StatementError(ValueError):
    """A statement cannot be recorded as it is; the message is Chinese and names the field and the value."""


class Kind(StrEnum):
    """What happened to a statement."""

    ADDED = "added"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStatement:
    """A statement as a person enters it; times are aware, ``valid_until`` None means that it stays valid."""

    text: str
    title: str
    issuer: str
    url: str
    published_at: datetime
    valid_until: datetime | None = None

    @property
    def statement_id(self) -> str:
        """The same words of the same issuer at the same time are one statement."""
        return digest("statement", self.issuer, self.published_at.isoformat(), self.text)

    def body(self) -> dict[str, str]:
        """Return what the event of adding it carries, as JSON can hold it."""
        values = asdict(self)
        return {
            name: value.isoformat() if isinstance(value, datetime) else value or ""
            for name, value in values.items()
        }


def new_statement(values: Mapping[str, Any], now: datetime) -> NewStatement:
    """Check what a person or a file gave: text, title, issuer, url, published_at, valid_until.

    Phone and identity-card numbers and the like are masked, as in everything that is stored.

    Raises:
        StatementError: a field is missing or cannot be what it should be.
    """
    text = _words(values, "text", "正文", *TEXT_CHARACTERS)
    published, until = _time(values, "published_at", "发布时间"), _time(values, "valid_until", "有效期")
    if published is None:
        raise StatementError("缺少发布时间")
    try:
        check_published(published, now)
    except TimeError as error:
        raise StatementError(str(error)) from error
    if until is not None and until <= published:
        raise StatementError(f"有效期 {values['valid_until']} 不晚于发布时间")
    return NewStatement(
        text=mask(text),
        title=mask(_words(values, "title", "标题", 0, TITLE_CHARACTERS)),
        issuer=_words(values, "issuer", "发布单位", 2, ISSUER_CHARACTERS),
        url=_address(values),
        published_at=published,
        valid_until=until,
    )


class StatementStage:
    """Brings the table ``statements`` in step with what people recorded."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._seen = -1

    def run(self) -> int:
        """Apply new events; return how many statements were written."""
        events = int(self.store.rows("statement_event_count")[0]["events"])
        if not events:
            return 0
        with self.store.transaction():
            added = self.store.run("write_added_statements") if events != self._seen else 0
            ended = self.store.run("end_statements")
        self._seen = events
        return added + ended


def _words(values: Mapping[str, Any], field: str, word: str, least: int, most: int) -> str:
    given = str(values.get(field) or "")
    found = given.strip() if field == "text" else " ".join(given.split())
    if len(found) < least:
        raise StatementError(f"{word}太短:{found!r}" if found else f"缺少{word}")
    if len(found) > most:
        raise StatementError(f"{word}超过 {most} 字(有 {len(found)} 字)")
    return found


def _time(values: Mapping[str, Any], field: str, word: str) -> datetime | None:
    given = values.get(field)
    if given is None or (isinstance(given, str) and not given.strip()):
        return None
    try:
        return parse_time(given)[0]
    except TimeError as error:
        raise StatementError(f"{word}:{error}") from error


def _address(values: Mapping[str, Any]) -> str:
    """Return the link to the source, without which nobody could check the statement."""
    url = str(values.get("url") or "").strip()
    if not url:
        raise StatementError("缺少原文链接")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise StatementError(f"原文链接要以 http:// 或 https:// 开头:{url[:80]}")
    return url
