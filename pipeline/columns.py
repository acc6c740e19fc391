"""Column names as offices write them come in; which column is which field of a post goes out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# The first name of a field that a file has wins; case, spaces, underscores and brackets do not count.
FIELD_NAMES: Mapping[str, tuple[str, ...]] = {
    "text": (
        *(
            "text",
            "content",
            "body",
            "message",
            "正文",
            "内容",
            "帖文",
            "帖子内容",
            "文本",
            "微博正文",
            "微博内容",
        ),
        *("发布内容", "评论内容", "评论", "留言内容", "诉求内容", "文章内容", "全文", "原文", "说法"),
    ),
    "published_at": (
        *("published_at", "publish_time", "published", "pub_date", "post_time", "created_at", "create_time"),
        *("发布时间", "发表时间", "发帖时间", "评论时间", "留言时间", "创建时间", "时间", "发布日期", "日期"),
        *("datetime", "timestamp", "time", "date"),
    ),
    "id": (
        *("id", "external_id", "mid", "weibo_id", "note_id", "aweme_id", "thread_id", "tid"),
        *("编号", "帖子id", "微博id", "文章id", "评论id", "唯一标识", "信息编号"),
    ),
    "source": ("source", "来源", "信源", "数据源", "来源网站", "来源名称"),
    "channel": ("channel", "platform", "site", "平台", "渠道", "来源平台", "媒体类型", "站点", "发布平台"),
    "url": ("url", "link", "href", "链接", "网址", "原文链接", "文章链接", "帖子链接"),
    "title": ("title", "subject", "标题", "主题", "文章标题", "帖子标题"),
    "county": ("county", "区县", "县区", "县市", "县市区", "所属区县", "属地", "所属县市"),
    "parent_id": ("parent_id", "root_id", "父id", "主帖id", "上级id", "回复对象id", "主贴id"),
    "likes": ("likes", "like_count", "attitudes_count", "点赞数", "点赞", "点赞量", "赞"),
    "replies": (
        "replies",
        "reply_count",
        "comments_count",
        "comment_count",
        "评论数",
        "回复数",
        "评论量",
        "跟帖数",
    ),
    "reposts": ("reposts", "reposts_count", "share_count", "转发数", "转发", "转发量", "分享数"),
    "views": ("views", "view_count", "read_count", "阅读数", "阅读量", "浏览量", "浏览数", "播放量"),
    "official": ("official", "官方", "是否官方"),
    "collected_at": ("collected_at", "crawl_time", "采集时间", "抓取时间", "入库时间"),
    "edited_at": ("edited_at", "编辑时间", "修改时间"),
    "author": (
        *("author", "author_name", "nickname", "screen_name", "user_name", "username", "user"),
        *("作者", "昵称", "用户名", "用户昵称", "发布者", "发布人", "账号", "博主", "网名"),
    ),
    "author_hash": ("author_hash",),
    "deleted": ("deleted", "已删除", "是否删除"),
    "precision": ("precision",),
}
IGNORED_IN_NAMES = re.compile(r"[\s_\-()()\[\]【】::*]")


class MappingError(ValueError):
    """The columns cannot be mapped to the fields of a post; the message is Chinese and lists the columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A file's column names, how many rows its header takes, and what separates its cells."""

    names: tuple[str, ...]
    header_rows: int
    delimiter: str = ","


def map_columns(names: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
    """Return field → column: what was given, and for the other fields what the names suggest.

    Raises:
        MappingError: a given field or column does not exist, or no column holds the text or the time.
    """
    for field, column in given.items():
        if field not in FIELD_NAMES:
            raise MappingError(f"没有字段 {field};可用 {'、'.join(FIELD_NAMES)}")
        if column not in names:
            raise MappingError(f"文件里没有列 {column};有 {'、'.join(names)}")
    mapping = guess_columns([name for name in names if name not in given.values()])
    mapping |= given
    for field, meaning in (("text", "正文"), ("published_at", "发布时间")):
        if field not in mapping and not (field == "published_at" and "collected_at" in mapping):
            listed = "、".join(name for name in names if name)
            raise MappingError(f"找不到{meaning}列,请用 --map {field}=列名 指定;文件里有:{listed}")
    return mapping


def guess_columns(
    names: Sequence[str], fields: Mapping[str, tuple[str, ...]] = FIELD_NAMES
) -> dict[str, str]:
    """Return field → column for the names that are known; ``fields`` has the names of each field."""
    by_name: dict[str, str] = {}
    for name in names:
        by_name.setdefault(_plain(name), name)
    found = {}
    for field, known in fields.items():
        column = next((by_name[plain] for plain in map(_plain, known) if plain in by_name), None)
        if column is not None:
            found[field] = column
    return found


def find_header(rows: Sequence[Sequence[Any]], wanted: Sequence[str] = ()) -> Layout:
    """Find a worksheet's header among its first rows.

    A title over the table, and a header of two rows with merged cells (a group's name over its
    columns), are both usual. The candidate that names most fields wins, the first among equals; where
    none names any, the first row that is not empty is the header.
    """
    best: tuple[int, Layout] | None = None
    for index, row in enumerate(rows[:-1] if len(rows) > 1 else rows):
        single = tuple(_cell(cell) for cell in row)
        lower = tuple(_cell(cell) for cell in rows[index + 1]) if index + 1 < len(rows) else ()
        double = tuple(low or high for high, low in zip(single, lower, strict=False))
        for names, height in ((single, 1), (double, 2)):
            score = _score(names, wanted)
            if score and (best is None or score > best[0]):
                best = (score, Layout(names=_distinct(names), header_rows=index + height))
    if best:
        return best[1]
    first = next(index for index, row in enumerate(rows) if any(cell is not None for cell in row))
    return Layout(names=_distinct([_cell(cell) for cell in rows[first]]), header_rows=first + 1)


def _score(names: Sequence[str], wanted: Sequence[str]) -> int:
    return 2 * sum(name in names for name in wanted) + len(guess_columns([name for name in names if name]))


def _cell(value: object) -> str:
    return "" if value is None else " ".join(str(value).split())


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names, those that stand twice with a number: 时间, 时间_2."""
    seen: dict[str, int] = {}
    made = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        made.append(f"{name}_{seen[name]}" if name and seen[name] > 1 else name)
    return tuple(made)


def _plain(name: str) -> str:
    return IGNORED_IN_NAMES.sub("", name).lower()
