"""Signed links: an alert and who it was sent to come in; an address that lets that person answer it goes out.

A link is ``ADDRESS/alerts?ack=TOKEN``. The token says alert, recipient and expiry and is signed with the
office's key (HMAC-SHA256, RFC 2104), so it cannot be made or changed by others; using it twice records one
event.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pipeline.identity import digest

LIFETIME = timedelta(hours=72)  # an alert that nobody took up for three days is not answered from a phone
LONGEST_TOKEN = 2000
SEPARATOR = "."


class LinkError(ValueError):
    """A link is no link of ours, or is too old; the message is Chinese."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What a link says: which alert, sent to whom, and until when it holds."""

    alert_id: str
    recipient: str
    expires: datetime
    token: str

    def event_id(self, kind: str) -> str:
        """Return the id of the event that this link records: the same for every use."""
        return digest("link", self.token, kind)


def link_for(address: str, key: str, alert_id: str, recipient: str, now: datetime) -> str:
    """Return the address that opens one alert for one recipient, to the hour the same for the same alert."""
    expires = (now + LIFETIME).replace(minute=0, second=0, microsecond=0)
    return f"{address.rstrip('/')}/alerts?ack={token_of(key, alert_id, recipient, expires)}"


def token_of(key: str, alert_id: str, recipient: str, expires: datetime) -> str:
    """Return the signed token."""
    said = json.dumps(
        [alert_id, recipient, int(expires.timestamp())], ensure_ascii=False, separators=(",", ":")
    )
    body = _encoded(said.encode())
    return f"{body}{SEPARATOR}{_encoded(_signature(key, body))}"


def read_token(key: str, token: str, now: datetime) -> Link:
    """Return what a token says.

    Raises:
        LinkError: it was not signed with this key, is cut or changed, or its time is over.
    """
    body, separator, signature = token[:LONGEST_TOKEN].partition(SEPARATOR)
    right = _encoded(_signature(key, body)).encode()
    if not separator or not hmac.compare_digest(right, signature.encode("utf-8", "replace")):
        raise LinkError("链接无效：不是本系统发出的，或复制时缺了一部分。请从原消息重新打开。")
    alert_id, recipient, expires = json.loads(_decoded(body))
    until = datetime.fromtimestamp(expires, UTC)
    if now > until:
        raise LinkError("链接已过期。请登录后在预警页处理。")
    return Link(alert_id=alert_id, recipient=recipient, expires=until, token=token)


def _signature(key: str, body: str) -> bytes:
    return hmac.new(key.encode(), body.encode("utf-8", "replace"), hashlib.sha256).digest()


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
