"""Text messages through any provider's HTTP interface: a message and the office's template come in; one
request a phone goes out, and the provider's answer comes back.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from pipeline.channels.base import Message, Receipt, masked
from pipeline.channels.web import Answer, post, receipt_of

KIND = "sms"
# Characters: providers bill 67 a part, and a longer text is split by the phone network in any order.
MOST_CHARACTERS = 134
PLACES = ("{phone}", "{text}", "{id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sms:
    """``body`` is a template with {phone}, {text} and {id}; values are escaped as the content type asks.

    ``ok_field`` (dotted) of the JSON answer must be ``ok_value``.
    """

    name: str
    url: str = field(repr=False)
    phones: tuple[str, ...] = field(repr=False)
    body: str
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    method: str = "POST"
    ok_field: str = "code"
    ok_value: str = "0"
    sign: str = ""
    fallback: str = ""
    per_minute: int = 10

    def send(self, message: Message) -> Receipt:
        """Send the same short text to every phone; the first refusal ends it."""
        receipt = Receipt(ok=False, status=None, code="no_phone", final=True)
        for phone in self.phones:
            receipt = receipt_of(
                self._post(phone, message), (self.ok_field,), self._secrets(), good=self.ok_value
            )
            if not receipt.ok:
                break
        return receipt

    def _post(self, phone: str, message: Message) -> Answer:
        values = {"phone": phone, "text": self.text(message), "id": message.message_id}
        filled = self.body
        for key, value in values.items():
            filled = filled.replace("{" + key + "}", self._escaped(value))
        headers = {"Content-Type": f"{self.content_type}; charset=utf-8", **self.headers}
        return post(self.url, body=filled.encode(), headers=headers, method=self.method)

    def text(self, message: Message) -> str:
        """Return the short text: signature, title, first line and the message's id."""
        end = f" [{message.message_id[:8]}]"
        first = message.text.split("\n", 1)[0]
        said = f"{self.sign}{message.title}：{first}"
        return said[: MOST_CHARACTERS - len(end)] + end

    def _escaped(self, value: str) -> str:
        if "json" in self.content_type:
            return json.dumps(value, ensure_ascii=False)[1:-1]
        return quote(value, safe="") if "form" in self.content_type else value

    def _secrets(self) -> tuple[str, ...]:
        return (self.url, *self.phones, *self.headers.values())


def redacted(value: Any, phones: tuple[str, ...]) -> str:
    """Return a value for a log without the phones in it."""
    return masked(str(value), phones)
