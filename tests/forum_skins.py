# ruff: noqa: E501 - pages are written as they are served, in long lines
"""A small forum comes in; its pages as several kinds of forum software would serve them go out.

Ids, classes, addresses and paging are those of the software; the words are invented here. A skin answers a
target with a page, or None where the software has none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
T = TypeVar("T")
THREADS_A_PAGE, POSTS_A_PAGE = 5, 4
BOARDS = {2: "民生问政", 3: "房产家居"}
TOPICS = ("停水", "路灯", "公交改线", "学区划分", "医保报销", "占道停车", "垃圾清运", "桥面积水")


@dataclass
class Said:
    """One post; ``at`` is aware, in UTC."""

    number: int
    text: str
    at: datetime
    member: int

    @property
    def local(self) -> datetime:
        return self.at.astimezone(SHANGHAI)


@dataclass
class Topic:
    number: int
    board: int
    title: str
    posts: list[Said] = field(default_factory=list)
    gone: bool = False


class Forum:
    """Boards, topics and posts; the newest reply brings its topic to the front."""

    def __init__(self, topics: int) -> None:
        self.topics: list[Topic] = []
        self.number = 100
        start = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(days=20)
        for at in range(topics):
            word = TOPICS[at % len(TOPICS)]
            topic = Topic(11 + at, 2 + at % 2, f"{word}的事有人管吗（{at}）")
            self.topics.append(topic)
            begin = start + timedelta(hours=17 * at)
            for reply in range((0, 1, 3, 9)[at % 4] + 1):
                said = f"我们小区也遇到{word}，{'周边三个院子都一样，' * (reply % 3)}第{reply}次反映了。"
                self.add(topic, said, begin + timedelta(minutes=61 * reply))

    def add(self, topic: Topic, text: str, at: datetime) -> Said:
        self.number += 1
        said = Said(self.number, text, at, 1 + self.number % 4)
        topic.posts.append(said)
        return said

    def of_board(self, board: int) -> list[Topic]:
        kept = [topic for topic in self.topics if topic.board == board and not topic.gone]
        return sorted(kept, key=lambda topic: topic.posts[-1].at, reverse=True)

    def topic(self, number: int) -> Topic | None:
        return next((topic for topic in self.topics if topic.number == number and not topic.gone), None)

    def truth(self, skin: Skin) -> dict[str, tuple[str, datetime | None]]:
        """Return text and time by the key of the topic and the number of the post; 0 for the one that opens."""
        return {
            f"{skin.key(topic)} {said.number if place else 0}": (said.text, said.at if skin.timed else None)
            for topic in self.topics
            if not topic.gone
            for place, said in enumerate(topic.posts)
        }


def _cut(entries: Sequence[T], page: int, size: int) -> tuple[Sequence[T], int]:
    return entries[(page - 1) * size : page * size], max(1, -(-len(entries) // size))


def _html(title: str, body: str) -> str:
    return f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title} - 溪城论坛</title></head><body><div id='header'><a href='/login'>登录</a> <a href='/search'>搜索</a></div>{body}<div id='footer'>主题 帖子 回复 论坛</div></body></html>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Skin:
    """One software: the addresses of its boards and topics (number, page) and the body of each kind of page.

    Of boards and of topics, ``firsts`` are the numbers that a first page has in an address, ``sizes`` how much a
    page adds.
    """

    board_at: str
    topic_at: str
    index: Callable[[], str]
    board: Callable[[int, Sequence[Topic], int, int], str]
    topic: Callable[[Topic, Sequence[Said], int, int], str]
    board_number: Callable[[str], int] = int
    topic_number: Callable[[str], int] = int
    firsts: tuple[int, int] = (1, 1)
    sizes: tuple[int, int] = (1, 1)
    gone: str = ""
    newest_first: bool = False
    key: Callable[[Topic], str] = lambda topic: str(topic.number)
    timed: bool = True

    def page(self, forum: Forum, target: str) -> str | None:
        """Return what the software serves at a target; None where there is nothing."""
        if target == "/":
            return _html("论坛", self.index())
        if match := re.fullmatch(self.board_at, target):
            number, page = self.board_number(match[1]), self._page(match[2], 0)
            shown, pages = _cut(forum.of_board(number), page, THREADS_A_PAGE)
            return _html(BOARDS[number], self.board(number, shown, page, pages))
        if match := re.fullmatch(self.topic_at, target):
            return self._topic(forum, self.topic_number(match[1]), self._page(match[2], 1))
        return None

    def _topic(self, forum: Forum, number: int, page: int) -> str | None:
        topic = forum.topic(number)
        if topic is None:
            return _html("提示", self.gone) if self.gone else None
        posts = [*topic.posts[:1], *topic.posts[:0:-1]] if self.newest_first else topic.posts
        shown, pages = _cut(posts, page, POSTS_A_PAGE)
        return _html(topic.title, self.topic(topic, shown, page, pages)) if shown else None

    def _page(self, said: str | None, of: int) -> int:
        return (int(said) - self.firsts[of]) // self.sizes[of] + 1 if said else 1
