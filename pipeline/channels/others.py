"""E-mail and every other service that Apprise knows: a message comes in; whether it was sent goes out.

Apprise 2.2.0 was measured to report success when 企业微信, 钉钉 and 飞书 robots refuse a message, to encode
钉钉's signature twice and not to sign for 飞书: those have senders of their own here, and are refused.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from apprise import Apprise, NotifyFormat, NotifyType

from pipeline.channels.base import Message, Receipt, masked
from pipeline.config import ConfigError

KIND = "apprise"
OWN = {"dingtalk": "dingtalk", "feishu": "feishu", "lark": "feishu", "wecombot": "wecom"}
SECONDS = 20
TYPES = {"red": NotifyType.FAILURE, "orange": NotifyType.WARNING, "yellow": NotifyType.WARNING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Others:
    """One Apprise address, as in ``mailtos://user:password@host?to=…``."""

    name: str
    url: str = field(repr=False)
    fallback: str = ""
    per_minute: int = 15

    def __post_init__(self) -> None:
        scheme = self.url.split("://", 1)[0].lower()
        if scheme in OWN or any(
            host in self.url for host in ("oapi.dingtalk", "open.feishu", "qyapi.weixin")
        ):
            raise ConfigError(
                f"channel {self.name!r}: use kind = {OWN.get(scheme, 'wecom, dingtalk or feishu')!r}; "
                "Apprise does not notice when these platforms refuse a message"
            )
        if not Apprise().add(self.url):
            raise ConfigError(f"channel {self.name!r}: Apprise cannot read the url of kind {scheme!r}")

    def send(self, message: Message) -> Receipt:
        """Send one message; Apprise tells no status, only its own words."""
        service = Apprise()
        service.add(self.url)
        words: list[str] = []
        handler = _Words(words)
        log = logging.getLogger("apprise")
        log.addHandler(handler)
        try:
            sent = service.notify(
                body=f"{message.text}\n{message.link}".strip(), title=message.title,
                notify_type=TYPES.get(message.level, NotifyType.INFO), body_format=NotifyFormat.TEXT,
                timeout=SECONDS,
            )  # fmt: skip
        finally:
            log.removeHandler(handler)
        said = masked("；".join(words[-3:]), (self.url,))
        return Receipt(ok=bool(sent), status=None, code="sent" if sent else "not_sent", answer=said)


class _Words(logging.Handler):
    """Keeps what Apprise says while it sends."""

    def __init__(self, words: list[str]) -> None:
        super().__init__(logging.WARNING)
        self.words = words

    def emit(self, record: logging.LogRecord) -> None:
        self.words.append(record.getMessage())
