"""钉钉 group robot: a message comes in; Markdown, signed, goes to the robot, and its errcode comes back."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from pipeline.channels.base import Message
from pipeline.channels.robot import Robot, link_line

KIND = "dingtalk"
COLOURS = {"red": "#d93026", "orange": "#d97706", "yellow": "#a16207", "blue": "#1d4ed8"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dingtalk(Robot):
    """Codes: 310000 keyword, signature or address refused; 130101 too many messages.

    Source: 钉钉开放平台, 自定义机器人接入 and 自定义机器人安全设置.
    """

    CODES: ClassVar[tuple[str, ...]] = ("errcode",)
    PASSING: ClassVar[frozenset[str]] = frozenset({"-1", "130101", "410100"})
    LIMIT: ClassVar[int] = 18_000  # of 20,000 for the whole JSON
    base_url: str = "https://oapi.dingtalk.com"

    def request(
        self, title: str, message: Message, part: str, now: datetime
    ) -> tuple[str, dict[str, str], Any]:
        """Return the request; ``requests`` encodes the signature, once."""
        params = {"access_token": self.token}
        if self.secret:
            timestamp = str(round(now.timestamp() * 1000))
            params |= {"timestamp": timestamp, "sign": signature(timestamp, self.secret)}
        colour = COLOURS.get(message.level)
        head = f'<font color="{colour}">{title}</font>' if colour else title
        lines = part.replace("\n", "  \n")
        text = f"#### {head}\n\n{lines}{link_line(message)}"
        value = {"msgtype": "markdown", "markdown": {"title": title, "text": text}}
        return f"{self.base_url.rstrip('/')}/robot/send", params, value


def signature(timestamp: str, secret: str) -> str:
    r"""Return the signature of a timestamp in milliseconds, before URL encoding.

    HMAC-SHA256 with the secret as the key over ``timestamp\nsecret``, in base64 (钉钉开放平台, 加签).
    """
    made = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256)
    return base64.b64encode(made.digest()).decode()
