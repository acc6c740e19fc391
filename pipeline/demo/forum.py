"""Forum threads come in; pages with the ids, classes and habits of a Discuz! X forum go out.

The markup is our own and minimal; what is alike is what spiders hold on to: ``tbody#normalthread_TID``,
``a.xst``, ``#post_PID``, ``#postmessage_PID``, ``#authorpostonPID``, ``.authi a.xw1``, ``a.nxt``,
relative times with the exact one in ``span[title]``, the last page served again for any page after it, a 404
that is a page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import TypeVar

from pipeline.demo.clock import day, exact_time, minute_time, time_html
from pipeline.demo.page import Page, shell
from pipeline.demo.world import Message, Thread, World

Item = TypeVar("Item")

SITE = "云岭生活网"
THREADS_A_PAGE = 20
POSTS_A_PAGE = 10
FLOORS = {1: "楼主", 2: "沙发", 3: "板凳", 4: "地板"}
LIST_HEAD = (
    '<tr class="th"><th>标题</th><td class="by">作者</td><td class="num">回复/查看</td>'
    '<td class="by">最后发表</td></tr>'
)
MISSING = "抱歉，指定的主题不存在或已被删除或正在被审核"


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A board of the forum; some old forums still serve some pages in GBK."""

    fid: str
    name: str
    about: str
    charset: str = "utf-8"


BOARDS = (
    Board(fid="2", name="民生杂谈", about="家长里短、投诉建议"),
    Board(fid="3", name="青溪茶馆", about="溪城人的茶余饭后"),
    Board(fid="4", name="石坪论坛", about="磨盘镇到打铁关的大小事"),
    Board(fid="5", name="问事求助", about="有事吱一声，大家帮"),
    Board(fid="6", name="村超看台", about="看球、聊球、约球"),
    Board(fid="7", name="跳蚤市场", about="二手、招工、房屋租售"),
    Board(fid="8", name="各县老友记", about="老版块，老朋友", charset="gbk"),
)
BOARD_OF = {board.fid: board for board in BOARDS}


def index_page(world: World, now: datetime) -> Page:
    """Return the list of boards."""
    rows = "".join(_board_row(board, world.threads("forum", now, board.fid)) for board in BOARDS)
    body = f'<h1>{SITE} 论坛</h1><table class="fl_tb"><tbody>{rows}</tbody></table>'
    return Page(shell(f"论坛 - {SITE}", body))


def board_page(world: World, now: datetime, fid: str, page: int, query: str) -> Page:
    """Return one page of a board's threads, newest first; a page after the last one is the last one.

    ``query`` is the order asked for, as ``&filter=author&orderby=dateline``; links keep it.
    Without it the list is ordered by the last reply, as such forums do.
    """
    board = BOARD_OF.get(fid)
    if board is None:
        return missing_page("抱歉，指定的版块不存在")
    threads = world.threads("forum", now, fid)
    if not query:
        threads.sort(key=lambda thread: thread.last.published, reverse=True)
    shown, page, pages = _cut(threads, page, THREADS_A_PAGE)
    links = _pager(f"forum.php?mod=forumdisplay&fid={fid}{query}&page={{}}", page, pages)
    rows = "".join(_thread_row(thread, now) for thread in shown)
    body = (
        f'<p class="crumb"><a href="forum.php">论坛</a> › {escape(board.name)}</p>'
        f"<h1>{escape(board.name)}</h1>"
        f"<p>{escape(board.about)}</p>{links}"
        f'<table id="threadlisttableid"><thead>{LIST_HEAD}</thead>{rows}</table>{links}'
    )
    return Page(shell(f"{board.name} - {SITE}", body, board.charset), charset=board.charset)


def thread_page(world: World, now: datetime, tid: int, page: int) -> Page:
    """Return one page of a thread; a page after the last one is the last one."""
    thread = world.thread("forum", tid, now)
    if thread is None:
        return missing_page(MISSING)
    line = thread.opener.line
    board = BOARD_OF[line.board]
    posts, page, pages = _cut([thread.opener, *thread.replies], page, POSTS_A_PAGE)
    floor = (page - 1) * POSTS_A_PAGE + 1
    shown = "".join(_post(post, number, now) for number, post in enumerate(posts, start=floor))
    links = _pager(f"thread-{tid}-{{}}-1.html", page, pages)
    body = (
        f'<p class="crumb"><a href="forum.php">论坛</a> › '
        f'<a href="forum.php?mod=forumdisplay&amp;fid={board.fid}">{escape(board.name)}</a></p>'
        f'<h1><span id="thread_subject">{escape(line.title)}</span></h1>'
        f'<p class="hm">查看: <span class="xi1">{_views(thread)}</span> | 回复: '
        f'<span class="xi1">{len(thread.replies)}</span></p>{links}<div id="postlist">{shown}</div>{links}'
    )
    return Page(shell(f"{line.title} - {board.name} - {SITE}", body, board.charset), charset=board.charset)


def missing_page(message: str) -> Page:
    """Return the page shown for what is not there, with status 404."""
    body = (
        f'<div id="messagetext" class="alert_error"><p>{escape(message)}</p>'
        '<p><a href="/">返回首页</a></p></div>'
    )
    return Page(shell(f"提示信息 - {SITE}", body), status=404)


def _board_row(board: Board, threads: Sequence[Thread]) -> str:
    posts = sum(1 + len(thread.replies) for thread in threads)
    return (
        f'<tr><td><h2><a href="forum.php?mod=forumdisplay&amp;fid={board.fid}">{escape(board.name)}</a></h2>'
        f"<p>{escape(board.about)}</p></td><td>{len(threads)} / {posts}</td></tr>"
    )


def _thread_row(thread: Thread, now: datetime) -> str:
    opener, last = thread.opener, thread.last
    link = f"thread-{thread.number}-1-1.html"
    return (
        f'<tbody id="normalthread_{thread.number}"><tr>'
        f'<th class="new"><a href="{link}" class="s xst">{escape(opener.line.title)}</a></th>'
        f'<td class="by"><cite><a>{escape(opener.line.author)}</a></cite>'
        f"<em><span>{time_html(opener.published, now, day(opener.published))}</span></em></td>"
        f'<td class="num"><a href="{link}" class="xi2">{len(thread.replies)}</a>'
        f"<em>{_views(thread)}</em></td>"
        f'<td class="by"><cite><a>{escape(last.line.author)}</a></cite>'
        f"<em><a>{time_html(last.published, now, minute_time(last.published))}</a></em></td></tr></tbody>"
    )


def _post(post: Message, floor: int, now: datetime) -> str:
    pid = post.number
    text = escape(post.line.text).replace("\n", "<br />\n")
    return (
        f'<div id="post_{pid}" class="post"><div class="pi"><div class="authi">'
        f'<a class="xw1">{escape(post.line.author)}</a></div>'
        f'<em id="authorposton{pid}">发表于 {time_html(post.published, now, exact_time(post.published))}</em>'
        f'<strong><a id="postnum{pid}">{_floor(floor)}</a></strong></div>'
        f'<table><tr><td class="t_f" id="postmessage_{pid}">{text}</td></tr></table></div>'
    )


def _floor(floor: int) -> str:
    return FLOORS.get(floor, f"<em>{floor}</em><sup>#</sup>")


def _views(thread: Thread) -> int:
    """Return a plausible, steady count: views are on every real list, and change with the replies."""
    return 40 + thread.number * 37 % 400 + 23 * len(thread.replies)


def _cut(items: Sequence[Item], page: int, size: int) -> tuple[Sequence[Item], int, int]:
    """Return the items of a page, the page's number within bounds, and the number of pages."""
    pages = max(1, -(-len(items) // size))
    page = min(max(page, 1), pages)
    return items[(page - 1) * size : page * size], page, pages


def _pager(url: str, page: int, pages: int) -> str:
    if pages == 1:
        return ""
    links = "".join(
        f"<strong>{number}</strong>"
        if number == page
        else f'<a href="{escape(url.format(number))}">{number}</a>'
        for number in range(1, pages + 1)
    )
    following = f'<a href="{escape(url.format(page + 1))}" class="nxt">下一页</a>' if page < pages else ""
    return f'<div class="pg">{links}{following}</div>'
