"""Numbers, times and foreign text as a Chinese reader expects them: values come in, short strings go out."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta

from dashboard import wording
from pipeline.config import LOCAL_TIME

TEN_THOUSAND = 10_000
HUNDRED_MILLION = 100_000_000
MINUTE, HOUR, DAY = 60, 3600, 86400

SHOWN_CHARACTERS = 400
TITLE_CHARACTERS = 90

# Everything that Markdown, Streamlit's directives (:red[…], :material/…:) or LaTeX could read as a command.
MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&^=@/])")
LINE_BREAKS = re.compile(r"\s+")


def number(value: float) -> str:
    """Write a count: 999, 1,234, 1.2万, 2万, 3.4亿."""
    if value >= HUNDRED_MILLION:
        return f"{_one_digit(value / HUNDRED_MILLION)}亿"
    if value >= TEN_THOUSAND:
        return f"{_one_digit(value / TEN_THOUSAND)}万"
    return f"{value:,.0f}"


def share(part: float, whole: float) -> str:
    """Write a share with its base, as in ``25%(3/12)``; a dash where the base is 0."""
    if not whole:
        return wording.NONE_YET
    return f"{part / whole:.0%}({number(part)}/{number(whole)})"


def size(count: float) -> str:
    """Write a number of bytes as KB, MB, GB or TB."""
    for unit in ("B", "KB", "MB", "GB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit in {"B", "KB"} else f"{_one_digit(count)} {unit}"
        count /= 1024
    return f"{_one_digit(count)} TB"


def span(length: timedelta) -> str:
    """Write a length of time by its two largest units at most: 2 天 3 小时, 5 小时 10 分钟, 8 分钟."""
    seconds = int(abs(length.total_seconds()))
    days, rest = divmod(seconds, DAY)
    hours, rest = divmod(rest, HOUR)
    minutes = rest // MINUTE
    parts = []
    if days:
        parts.append(wording.SPAN["days"].format(n=days))
    if hours:
        parts.append(wording.SPAN["hours"].format(n=hours))
    if minutes and not days:
        parts.append(wording.SPAN["minutes"].format(n=minutes))
    return " ".join(parts) or wording.SPAN["less"]


def ago(moment: datetime | None) -> str:
    """Write a moment by its distance from now: 刚刚, 8 分钟前, 2 天前; a dash for none."""
    if moment is None:
        return wording.NONE_YET
    distance = datetime.now(UTC) - moment
    if abs(distance) < timedelta(seconds=MINUTE):
        return wording.AGO["now"]
    key = "past" if distance > timedelta(0) else "future"
    return wording.AGO[key].format(span=_largest_unit(distance))


def clock(moment: datetime | None) -> str:
    """Write a moment in Asia/Shanghai: 14:05 today, 11-24 14:05 this year, else with the year."""
    if moment is None:
        return wording.NONE_YET
    local, today = moment.astimezone(LOCAL_TIME), datetime.now(LOCAL_TIME)
    if local.date() == today.date():
        return f"{local:%H:%M}"
    return f"{local:%m-%d %H:%M}" if local.year == today.year else f"{local:%Y-%m-%d %H:%M}"


def both(moment: datetime | None) -> str:
    """Write a moment both ways: ``11-24 14:05(2 小时前)``."""
    return wording.NONE_YET if moment is None else f"{clock(moment)}({ago(moment)})"


def deadline(due: datetime) -> str:
    """Write how long is left until a deadline, or for how long it has been missed."""
    left = due - datetime.now(UTC)
    key = "left" if left > timedelta(0) else "overdue"
    return wording.DEADLINE[key].format(span=span(left))


def shown(text: str, most: int = SHOWN_CHARACTERS) -> str:
    """Return text of the public for showing as plain text: no control or bidirectional characters, cut."""
    safe = "".join(character for character in text if character == "\n" or not _is_control(character))
    if len(safe) <= most:
        return safe
    return safe[:most] + wording.TEXT_CUT.format(n=number(len(safe)))


def one_line(text: str, most: int = TITLE_CHARACTERS) -> str:
    """Return text of the public on one line, cut, as plain text."""
    line = LINE_BREAKS.sub(" ", shown(text, 10 * most)).strip()
    return line if len(line) <= most else line[:most] + "…"


def escaped(text: str) -> str:
    """Return text with everything escaped that Markdown could read as a command."""
    return MARKDOWN.sub(r"\\\1", text)


def bar(part: float, cells: int = 5) -> str:
    """Draw a share in [0, 1] as blocks, at least one where it is not 0."""
    filled = min(cells, max(round(part * cells), 1 if part > 0 else 0))
    return "▰" * filled + "▱" * (cells - filled)


def _one_digit(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _largest_unit(length: timedelta) -> str:
    seconds = int(abs(length.total_seconds()))
    for key, unit in (("days", DAY), ("hours", HOUR), ("minutes", MINUTE)):
        if seconds >= unit:
            return wording.SPAN[key].format(n=seconds // unit)
    return wording.SPAN["less"]


def _is_control(character: str) -> bool:
    # Cc: control; Cf: format (bidirectional overrides, zero-width characters); Cs: halves of surrogates.
    return unicodedata.category(character) in {"Cc", "Cf", "Cs"}
