"""What every channel is: a message comes in; a receipt with the platform's own answer goes out.

A channel never raises for what a platform does: a refusal, a time-out and nonsense are receipts. What an
office set up wrongly is a ``ConfigError`` when the channel is made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pipeline.config import ConfigError

ANSWER_SHOWN = 300  # characters of a platform's answer that a receipt keeps
CONTINUED = "（{part}/{parts}）"
CUT = "……（其余见预警页）"
SHORTEST_SECRET = 4  # characters: less is no secret, and hiding it would make every answer unreadable
MOST_PARTS = 4  # of one message: whoever is woken reads no fifth
# What a platform or a library may repeat of our secrets: keys in addresses, tokens, signatures.
SECRET_IN_TEXT = re.compile(
    r"(?i)((?:access_token|token|key|sign|secret|password|passwd|pwd|hook)[\"']?\s*[=:/]\s*[\"']?)[^\s\"'&,}]+"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message: ``message_id`` stands in its text, so that a duplicate is known as one.

    ``level`` is blue, yellow, orange or red, or empty for what is no alert; ``text`` is plain lines;
    ``link`` an address to open, or empty.
    """

    message_id: str
    title: str
    text: str
    level: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of one message.

    ``status`` is the HTTP status or None where there was none; ``code`` the platform's own code or what
    failed in a word; ``answer`` its own words, masked and cut. ``final`` says that trying again is no use.
    """

    ok: bool
    status: int | None
    code: str
    answer: str = ""
    final: bool = False


class Channel(Protocol):
    """What the sender needs of a channel."""

    @property
    def name(self) -> str:
        """The office's name for it."""
        ...

    @property
    def per_minute(self) -> int:
        """How many messages a minute it may be given."""
        ...

    @property
    def fallback(self) -> str:
        """The channel to use when this one fails, or empty."""
        ...

    def send(self, message: Message) -> Receipt:
        """Send one message, in parts where it is too long for the platform."""
        ...


def masked(text: str, secrets: tuple[str, ...] = ()) -> str:
    """Return a text without secrets: the given ones, and whatever looks like one; cut for a log."""
    for secret in sorted((one for one in secrets if len(one) >= SHORTEST_SECRET), key=len, reverse=True):
        text = text.replace(secret, "***")
    text = SECRET_IN_TEXT.sub(r"\1***", text)
    return text if len(text) <= ANSWER_SHOWN else text[:ANSWER_SHOWN] + "…"


def parts_of(text: str, limit: int, *, bytes_of: str = "utf-8") -> list[str]:
    """Cut a text into parts of at most ``limit`` bytes, between lines where possible, numbered if several.

    At most ``MOST_PARTS``; what is left out is said in the last one.

    Raises:
        ValueError: the limit leaves no room for the numbering.
    """
    if len(text.encode(bytes_of)) <= limit:
        return [text]
    room = limit - len((CONTINUED.format(part=9, parts=9) + CUT).encode(bytes_of)) - 1
    if room < 8:
        raise ValueError(f"a limit of {limit} bytes is too small for parts")
    pieces = _pieces(text, room, bytes_of)
    kept = pieces[:MOST_PARTS]
    if len(pieces) > MOST_PARTS:
        kept[-1] += CUT
    return [f"{piece}\n{CONTINUED.format(part=n, parts=len(kept))}" for n, piece in enumerate(kept, 1)]


def _pieces(text: str, room: int, encoding: str) -> list[str]:
    pieces, current = [], ""
    for line in text.split("\n"):
        for chunk in _chunks(line, room, encoding):
            joined = f"{current}\n{chunk}" if current else chunk
            if len(joined.encode(encoding)) <= room:
                current = joined
            else:
                pieces.append(current)
                current = chunk
    return [piece for piece in [*pieces, current] if piece]


def _chunks(line: str, room: int, encoding: str) -> list[str]:
    """Cut one line where it alone is too long, never inside a character."""
    raw, chunks = line.encode(encoding), []
    while len(raw) > room:
        chunk = raw[:room].decode(encoding, "ignore")
        chunks.append(chunk)
        raw = raw[len(chunk.encode(encoding)) :]
    return [*chunks, raw.decode(encoding)]


def with_keyword(text: str, keyword: str) -> str:
    """Put the keyword that a robot demands at the start, unless the text has it."""
    return f"【{keyword}】{text}" if keyword and keyword not in text else text


def needed(name: str, given: Mapping[str, Any], key: str) -> str:
    """Return a channel's setting that it cannot do without.

    Raises:
        ConfigError: it is missing or no text; the message says where to put it.
    """
    value = given.get(key, "")
    if not isinstance(value, str) or not value:
        raise ConfigError(
            f"channel {name!r} needs {key}: put it into [channels.{name}] of secrets.toml (mode 600) "
            f"or into the environment as HUIYING_CHANNEL_{name.upper()}_{key.upper()}"
        )
    return value
