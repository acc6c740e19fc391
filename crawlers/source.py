"""A source file (TOML) comes in; a checked description of one place to collect from goes out.

Unknown keys are errors: a misspelt ``delay`` must not silently mean the default.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SLUG = re.compile(r"[a-z][a-z0-9-]{1,39}")
EVERY = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d)")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
KINDS = ("feed", "article", "forum", "json_api", "gov_mailbox", "weibo_open", "files")
FAMILIES = ("discuz", "nodebb", "phpbb", "wordpress", "custom")
CUSTOM_SELECT = ("threads", "post", "body")  # what tells the pages of an unknown forum apart
LONGEST_TIMEOUT = 120.0  # seconds; a run ends after 30 minutes, and one page must not take it all
SHORTEST_DELAY = 1.0  # seconds, except on loopback
SHORTEST_EVERY = timedelta(minutes=1)  # except on loopback
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class SourceError(ValueError):
    """A source file cannot be used; the message is Chinese and names the file, the key and the value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """One board of a forum; ``county`` where all of it is about one."""

    id: str
    name: str = ""
    county: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Polite:
    """How a good guest behaves here: seconds between requests, pages a run, hours in which to come.

    ``timeout`` is how many seconds a whole page may take: a site that drips is cut off there.
    """

    delay: float = 3.0
    timeout: float = 20.0
    max_pages: int = 200
    hours: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Legal:
    """Why this may be collected, when robots.txt was last read, and whom the site may write to."""

    basis: str
    contact: str
    robots_checked: date | None = None
    terms_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """What a healthy run brings: items a day, and the share of items that have a field."""

    min_items_per_day: float = 0
    min_items_per_run: int = 0
    fields: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceConfig:
    """One source. ``select`` and ``api`` belong to its kind of spider."""

    id: str
    name: str
    kind: str
    channel: str
    start: tuple[str, ...]
    every: timedelta
    legal: Legal
    official: bool = False
    county: str = ""
    family: str = ""
    boards: tuple[Board, ...] = ()
    timezone: str = "Asia/Shanghai"
    verified: bool = True
    polite: Polite = field(default_factory=Polite)
    expect: Expect = field(default_factory=Expect)
    select: Mapping[str, str] = field(default_factory=dict)
    api: Mapping[str, Any] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone that the site's times are in."""
        return ZoneInfo(self.timezone)

    @property
    def on_loopback(self) -> bool:
        """Whether the source is on this machine: tests and the demo."""
        return bool(self.start) and all(urlsplit(url).hostname in LOOPBACK for url in self.start)


def load_source(path: Path, **substitutions: str) -> SourceConfig:
    """Read one source file; ``{name}`` in it is replaced by the substitution of that name.

    Raises:
        SourceError: the file is not TOML, lacks a key, has an unknown one, or a value that cannot be.
    """
    try:
        text = path.read_text("utf-8")
        for name, value in substitutions.items():
            text = text.replace(f"{{{name}}}", value)
        raw = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SourceError(f"{path}：读不出来源文件：{error}") from error
    return read_source(raw, str(path))


def read_source(raw: Mapping[str, Any], where: str) -> SourceConfig:
    """Check a source's values.

    Raises:
        SourceError: see ``load_source``; ``where`` names the file.
    """
    values = dict(raw)
    values["every"] = _interval(values.get("every", "30m"), where)
    values["start"] = tuple(values.get("start", ()))
    values["boards"] = tuple(_made(Board, board, f"{where}：boards") for board in values.get("boards", ()))
    for name, kind in {"polite": Polite, "legal": Legal, "expect": Expect}.items():
        if name in values:
            values[name] = _made(kind, values[name], f"{where}：[{name}]")
    source: SourceConfig = _made(SourceConfig, values, where)
    _check(source, where)
    return source


def load_sources(folder: Path) -> list[SourceConfig]:
    """Read all source files of a folder, in order of their names.

    Raises:
        SourceError: one of them cannot be used, or two have the same id.
    """
    found: dict[str, SourceConfig] = {}
    for path in sorted(folder.glob("*.toml")):
        source = load_source(path)
        if source.id in found:
            raise SourceError(f"{path}：id {source.id!r} 已被另一个来源文件使用")
        found[source.id] = source
    return list(found.values())


def _made(kind: Any, values: Any, where: str) -> Any:
    if not isinstance(values, Mapping):
        raise SourceError(f"{where}：应是一张表，得到 {values!r}")
    known = {entry.name for entry in fields(kind)}
    unknown = sorted(set(values) - known)
    if unknown:
        raise SourceError(f"{where}：不认识的键 {'、'.join(unknown)}；可用的有 {'、'.join(sorted(known))}")
    try:
        return kind(**values)
    except TypeError as error:
        raise SourceError(f"{where}：{error}") from error


def _check(source: SourceConfig, where: str) -> None:
    problems = {
        f"id {source.id!r} 只能用小写字母、数字和短横线": SLUG.fullmatch(source.id) is None,
        f"kind {source.kind!r} 不在 {'、'.join(KINDS)} 之中": source.kind not in KINDS,
        f"forum 的 family {source.family!r} 不在 {'、'.join(FAMILIES)} 之中": source.kind == "forum"
        and source.family not in FAMILIES,
        f"family 为 custom 时 [select] 要写明 {'、'.join(CUSTOM_SELECT)}": source.family == "custom"
        and not all(source.select.get(name) for name in CUSTOM_SELECT),
        "start 至少要有一个网址或路径": not source.start,
        "start 只能是 http 或 https 网址": source.kind != "files"
        and any(urlsplit(url).scheme not in {"http", "https"} for url in source.start),
        f"polite.delay {source.polite.delay} 不能小于 {SHORTEST_DELAY} 秒": not source.on_loopback
        and source.kind != "files"
        and source.polite.delay < SHORTEST_DELAY,
        f"polite.timeout {source.polite.timeout} 要在 0 和 {LONGEST_TIMEOUT} 秒之间": not (
            0 < source.polite.timeout <= LONGEST_TIMEOUT
        ),
        "every 不能短于 1 分钟": not source.on_loopback and source.every < SHORTEST_EVERY,
        "[legal] basis 和 contact 不能为空": not (source.legal.basis and source.legal.contact),
    }
    for said, wrong in problems.items():
        if wrong:
            raise SourceError(f"{where}：{said}")
    try:
        source.zone  # noqa: B018 - asks whether the name is known
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise SourceError(f"{where}：不认识的时区 {source.timezone!r}") from error


def _interval(value: object, where: str) -> timedelta:
    match = EVERY.fullmatch(str(value).strip())
    if not match:
        raise SourceError(f"{where}：every 应写成 15m、2h 这样，得到 {value!r}")
    return timedelta(**{UNITS[match.group(2)]: float(match.group(1))})
