"""企业微信 group robot: a message comes in; Markdown goes to the robot, and its errcode comes back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from pipeline.channels.base import Message
from pipeline.channels.robot import Robot, link_line

KIND = "wecom"
COLOURS = {"red": "warning", "orange": "warning", "yellow": "warning", "blue": "info"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wecom(Robot):
    """Codes: 93000 no such robot, 45009 too many messages, 40058 a wrong parameter or too long.

    The key in the address is all there is to sign with. Source: 企业微信开发者中心, 群机器人配置说明.
    """

    CODES: ClassVar[tuple[str, ...]] = ("errcode",)
    PASSING: ClassVar[frozenset[str]] = frozenset({"-1", "45009", "45033"})
    LIMIT: ClassVar[int] = 4096  # bytes of a Markdown message
    MARGIN: ClassVar[int] = 900  # title, and a link with its signature
    base_url: str = "https://qyapi.weixin.qq.com"

    def request(
        self, title: str, message: Message, part: str, now: datetime
    ) -> tuple[str, dict[str, str], Any]:
        """Return the request; a title that is too long is cut, so that the whole fits."""
        colour = COLOURS.get(message.level)
        title = title[:80]
        head = f'<font color="{colour}">{title}</font>' if colour else title
        content = f"### {head}\n{part}{link_line(message)}"
        value = {"msgtype": "markdown", "markdown": {"content": content}}
        return f"{self.base_url.rstrip('/')}/cgi-bin/webhook/send", {"key": self.token}, value
