"""飞书 group robot: a message comes in; a card, signed, goes to the robot, and its code comes back."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from pipeline.channels.base import Message
from pipeline.channels.robot import Robot

KIND = "feishu"
COLOURS = {"red": "red", "orange": "orange", "yellow": "yellow", "blue": "blue"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Feishu(Robot):
    """Codes: 19021 signature or time refused, 19024 keyword missing, 11232 and 9499 too many messages.

    Source: 飞书开放平台, 自定义机器人使用指南.
    """

    CODES: ClassVar[tuple[str, ...]] = ("code", "StatusCode")
    PASSING: ClassVar[frozenset[str]] = frozenset({"9499", "11232", "11233"})
    LIMIT: ClassVar[int] = 15_000  # of 20 KB for the whole JSON
    base_url: str = "https://open.feishu.cn"

    def request(
        self, title: str, message: Message, part: str, now: datetime
    ) -> tuple[str, dict[str, str], Any]:
        """Return the request; the signature is part of the JSON."""
        elements: list[dict[str, Any]] = [{"tag": "div", "text": {"tag": "plain_text", "content": part}}]
        if message.link:
            button = {
                "tag": "button", "text": {"tag": "plain_text", "content": "打开并确认"}, "type": "primary",
                "url": message.link,
            }  # fmt: skip
            elements.append({"tag": "action", "actions": [button]})
        header = {
            "title": {"tag": "plain_text", "content": title},
            "template": COLOURS.get(message.level, "grey"),
        }
        value: dict[str, Any] = {
            "msg_type": "interactive",
            "card": {"header": header, "elements": elements},
        }
        if self.secret:
            timestamp = str(int(now.timestamp()))
            value = {"timestamp": timestamp, "sign": signature(timestamp, self.secret), **value}
        return f"{self.base_url.rstrip('/')}/open-apis/bot/v2/hook/{self.token}", {}, value


def signature(timestamp: str, secret: str) -> str:
    r"""Return the signature of a timestamp in seconds.

    HMAC-SHA256 with ``timestamp\nsecret`` as the key over nothing, in base64 (飞书开放平台, 签名校验).
    """
    made = hmac.new(f"{timestamp}\n{secret}".encode(), b"", hashlib.sha256)
    return base64.b64encode(made.digest()).decode()
