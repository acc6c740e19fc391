"""What the three group robots share: their settings come in; one request a part goes out, and a receipt."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar

from pipeline.channels.base import Message, Receipt, parts_of, with_keyword
from pipeline.channels.web import post, receipt_of

MESSAGES_A_MINUTE = 15  # below the platforms' 20, which block a robot for ten minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Robot(ABC):
    """A robot of a chat group. ``base_url`` is another address for a private deployment."""

    CODES: ClassVar[tuple[str, ...]]
    PASSING: ClassVar[frozenset[str]] = frozenset()  # busy, too many: these pass by themselves
    LIMIT: ClassVar[int]  # bytes of one message's text
    MARGIN: ClassVar[int] = 400  # bytes for title, keyword and link around a part

    name: str
    token: str = field(repr=False)
    secret: str = field(default="", repr=False)
    base_url: str
    keyword: str = ""
    fallback: str = ""
    per_minute: int = MESSAGES_A_MINUTE

    def send(self, message: Message) -> Receipt:
        """Send every part; the first that is not delivered ends it."""
        receipt = Receipt(ok=False, status=None, code="empty", final=True)
        for part in parts_of(message.text, self.LIMIT - self.MARGIN):
            receipt = self._send(message, part)
            if not receipt.ok:
                break
        return receipt

    @abstractmethod
    def request(
        self, title: str, message: Message, part: str, now: datetime
    ) -> tuple[str, dict[str, str], Any]:
        """Return address, parameters and JSON of one part."""

    def _send(self, message: Message, part: str) -> Receipt:
        title = with_keyword(message.title, self.keyword)
        url, params, value = self.request(title, message, part, datetime.now(UTC))
        answer = post(url, value=value, params=params)
        return receipt_of(answer, self.CODES, (self.token, self.secret), passing_codes=self.PASSING)


def link_line(message: Message, words: str = "打开并确认") -> str:
    """Return a Markdown line with the message's link, or nothing."""
    return f"\n\n[{words}]({message.link})" if message.link else ""
