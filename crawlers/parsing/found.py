"""What one page gave: a record for each message and each thread of a list; parsers write, spiders read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One message as its page says it.

    ``published`` and ``edited`` are as written: a text, a number of seconds or milliseconds, or an aware
    time; spiders turn them into UTC against the page's Date. ``author`` is hashed before anything is written.
    ``parent`` is the external id of the message that it answers. ``channel`` is given where one file holds
    messages of several platforms.
    """

    id: str
    url: str = ""
    title: str = ""
    text: str = ""
    published: str | float | datetime | None = None
    edited: str | float | datetime | None = None
    author: str = ""
    parent: str | None = None
    official: bool = False
    deleted: bool = False
    channel: str = ""
    likes: int | str | None = None
    replies: int | str | None = None
    reposts: int | str | None = None
    views: int | str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundThread:
    """A row of a list of threads; a change of ``mark``, else of ``replies``, says that it has news."""

    id: str
    url: str
    title: str = ""
    replies: int | None = None
    last_reply: str = ""
    mark: str = ""
    pinned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Yield:
    """All that one page gave; ``next`` is the address of the page after it, empty at the end."""

    posts: tuple[Found, ...] = ()
    threads: tuple[FoundThread, ...] = ()
    next: str = ""
    warnings: tuple[str, ...] = field(default=())
