# ruff: noqa: E501 - pages are written as they are served, in long lines
"""Pages of forums of rarer build: boards, topics and posts come in, the body of a page goes out.

The opening post stands apart from the replies; the page's number is a part of the path; posts say no time at all;
threads are known by a key or by words and not by a number; the newest reply comes first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from forum_skins import BOARDS, Said, Skin, Topic

SLUGS = {2: "minsheng", 3: "fangchan"}


def numbers(address: Callable[[int], str], page: int, pages: int) -> str:
    """Return a pager: numbers, and an arrow where there is a later page."""
    links = "".join(
        f'<li class="page-item{" active" if n == page else ""}"><a href="{address(n)}" class="page-link">{n}</a></li>'
        for n in range(1, pages + 1)
    )
    arrow = f'<li class="page-item"><a href="{address(page + 1)}" class="page-link">▶</a></li>'
    return (
        f'<nav><ul class="pagination">{links}{arrow if page < pages else ""}</ul></nav>' if pages > 1 else ""
    )


def at(said: Said) -> str:
    return f"{said.local:%Y-%m-%d %H:%M}"


def xiuno_index() -> str:
    rows = "".join(
        f'<div class="card"><a href="forum-{n}.htm">{name}</a><span>主题 8</span></div>'
        for n, name in BOARDS.items()
    )
    return f'<div class="row"><div class="col-lg-9">{rows}</div><div class="card-site-info">论坛 主题 帖子</div></div>'


def xiuno_board(board: int, shown: Sequence[Topic], page: int, pages: int) -> str:
    rows = "".join(
        f'<li class="media thread tap" data-href="thread-{t.number}.htm" data-tid="{t.number}"><a href="user-{t.posts[0].member}.htm"><img alt=""></a><div class="media-body"><div class="subject break-all"><a href="thread-{t.number}.htm">{t.title}</a></div>'
        f'<div class="d-flex"><span class="haya-post-info-username"><span class="username">网友{t.posts[0].member}</span> <span class="date">{at(t.posts[0])}</span></span><span>← <span class="username">网友{t.posts[-1].member}</span> {at(t.posts[-1])}</span><span class="eye comment-o">{9 * t.number}</span><span class="comments">{len(t.posts) - 1}</span></div></div></li>'
        for t in shown)  # fmt: skip
    return f'<div class="card card-threadlist"><ul class="list-unstyled threadlist">{rows}</ul></div>{numbers(lambda n: xiuno_address(f"forum-{board}", n), page, pages)}'


def xiuno_address(begin: str, page: int) -> str:
    return f"{begin}-{page}.htm" if page > 1 else f"{begin}.htm"


def xiuno_topic(topic: Topic, shown: Sequence[Said], page: int, pages: int) -> str:
    first = topic.posts[0]
    opening = (
        f'<div class="card card-thread"><div class="card-body"><div class="media"><a href="user-{first.member}.htm"><img alt=""></a><div class="media-body"><h4 class="break-all">{topic.title}</h4><div class="d-flex"><div><span class="username"><a href="user-{first.member}.htm">网友{first.member}</a></span> <span class="date text-grey ml-2">{at(first)}</span> <span>{9 * topic.number}</span></div></div></div></div><hr>'
        f'<div class="message break-all" isfirst="1">{first.text}</div></div></div>'
    )
    replies = "".join(
        f'<li class="media post" data-tid="{topic.number}" data-pid="{s.number}" data-uid="{s.member}"><a href="user-{s.member}.htm"><img alt=""></a><div class="media-body"><div class="d-flex"><div><span class="username"><a href="user-{s.member}.htm">网友{s.member}</a></span> <span class="date text-grey ml-2">{at(s)}</span></div><div class="text-right"><a href="javascript:void(0)">回复</a></div></div><div class="message mt-1 break-all">{s.text}</div></div></li>'
        for s in shown if s is not first)  # fmt: skip
    return (
        f'<ol class="breadcrumb"><li><a href="./">首页</a></li><li><a href="forum-{topic.board}.htm">{BOARDS[topic.board]}</a></li></ol>{opening if page == 1 else ""}'
        f'<div class="card card-postlist"><div class="card-title">最新回复 ({len(topic.posts) - 1})</div><ul class="list-unstyled postlist">{replies}</ul></div>{numbers(lambda n: xiuno_address(f"thread-{topic.number}", n), page, pages)}'
    )


def plain_index() -> str:
    rows = "".join(f'<li><a href="/board/{n}">{name}</a></li>' for n, name in BOARDS.items())
    return f"<h2>论坛版块</h2><ul>{rows}</ul><p>主题 回复</p>"


def plain_board(board: int, shown: Sequence[Topic], page: int, pages: int) -> str:
    rows = "".join(
        f'<div class="item"><a href="/board/{board}/{t.number}" class="headline">{t.title}</a> <span class="replies">{len(t.posts) - 1} 回复</span></div>'
        for t in shown
    )
    return f"<h1>{BOARDS[board]}</h1>{rows}{numbers(lambda n: f'/board/{board}/page/{n}' if n > 1 else f'/board/{board}', page, pages)}"


def plain_topic(topic: Topic, shown: Sequence[Said], page: int, pages: int) -> str:
    """A page without any time; its paging is a number behind the thread's."""
    posts = "".join(
        f'<div class="post" id="post-{s.number}"><a class="who" href="/member/{s.member}">网友{s.member}</a><div class="said">{s.text}</div><a href="/quote/{s.number}">引用</a></div>'
        for s in shown
    )
    begin = f"/board/{topic.board}/{topic.number}"
    return (
        f"<h1>{topic.title}</h1>{posts}{numbers(lambda n: f'{begin}/{n}' if n > 1 else begin, page, pages)}"
    )


def keyed_index() -> str:
    rows = "".join(f'<a class="tab" href="/tab/{n}">{name}</a>' for n, name in BOARDS.items())
    return f'<div id="content"><div class="header">{rows}</div><p>论坛 话题 回复</p></div>'


def key_of(topic: Topic) -> str:
    return f"5f3a9cbe77aa{topic.number:012x}"


def keyed_board(board: int, shown: Sequence[Topic], page: int, pages: int) -> str:
    rows = "".join(
        f'<div class="cell"><span class="reply_count"><span class="count_of_replies" title="回复数">{len(t.posts) - 1}</span>/<span class="count_of_visits" title="点击数">{7 * t.number}</span></span><a class="last_time" href="/topic/{key_of(t)}#{t.posts[-1].number}"><span class="last_active_time">3 小时前</span></a><div class="topic_title_wrapper"><a class="topic_title" href="/topic/{key_of(t)}" title="{t.title}">{t.title}</a></div></div>'
        for t in shown)  # fmt: skip
    return f'<div id="topic_list">{rows}</div>{numbers(lambda n: f"/tab/{board}?page={n}", page, pages)}'


def keyed_topic(topic: Topic, shown: Sequence[Said], page: int, pages: int) -> str:
    """A page whose replies have the newest first; the opening post says its time in words of its header."""
    first = topic.posts[0]
    opening = (
        f'<div class="panel"><div class="header topic_header"><span class="topic_full_title">{topic.title}</span><div class="changes"><span>发布于 {at(first)}</span> <span>作者 <a href="/user/u{first.member}">网友{first.member}</a></span> <span>{5 * topic.number} 次浏览</span> <span>来自 {BOARDS[topic.board]}</span></div></div><div class="inner topic"><div class="topic_content"><div class="markdown-text"><p>{first.text}</p></div></div></div></div>'
    )  # fmt: skip
    replies = "".join(
        f'<div class="cell reply_area reply_item" id="reply{s.number}"><div class="author_content"><a href="/user/u{s.member}" class="user_avatar"><img alt=""></a><div class="user_info"><a class="dark reply_author" href="/user/u{s.member}">网友{s.member}</a><a class="reply_time" href="#{s.number}">{at(s)}</a></div></div><div class="reply_content"><div class="markdown-text"><p>{s.text}</p></div></div></div>'
        for s in shown if s is not first)  # fmt: skip
    return (
        f"{opening if page == 1 else ''}<div class='panel'><div class='header'><span>{len(topic.posts) - 1} 回复</span></div>{replies}</div>"
        f"{numbers(lambda n: f'/topic/{key_of(topic)}/{n}' if n > 1 else f'/topic/{key_of(topic)}', page, pages)}"
    )


def worded_index() -> str:
    rows = "".join(f'<li><a href="/boards/{slug}">{BOARDS[n]}</a></li>' for n, slug in SLUGS.items())
    return f"<h2>论坛版块</h2><ul>{rows}</ul><p>主题 回复 发帖</p>"


def slug_of(topic: Topic) -> str:
    return "tingshui-" + "".join("abcdefghij"[int(digit)] for digit in str(topic.number))


def number_of(slug: str) -> int:
    return int("".join(str("abcdefghij".index(letter)) for letter in slug.removeprefix("tingshui-")))


def worded_board(board: int, shown: Sequence[Topic], page: int, pages: int) -> str:
    rows = "".join(
        f'<article class="row"><h3><a href="/threads/{slug_of(t)}">{t.title}</a></h3><footer><a href="/members/u{t.posts[0].member}">网友{t.posts[0].member}</a> · {len(t.posts) - 1} 条回复 · <time datetime="{t.posts[-1].local.isoformat()}">刚刚</time></footer></article>'
        for t in shown)  # fmt: skip
    return (
        f"<h1>{BOARDS[board]}</h1>{rows}{numbers(lambda n: f'/boards/{SLUGS[board]}?page={n}', page, pages)}"
    )


def worded_topic(topic: Topic, shown: Sequence[Said], page: int, pages: int) -> str:
    posts = "".join(
        f'<section class="message" id="m{s.number}"><header><a href="/members/u{s.member}">网友{s.member}</a> <time datetime="{s.local.isoformat()}">{s.local:%m月%d日}</time></header><div class="prose"><p>{s.text}</p></div></section>'
        for s in shown)  # fmt: skip
    return f"<h1>{topic.title}</h1>{posts}{numbers(lambda n: f'/threads/{slug_of(topic)}?page={n}', page, pages)}"


ODD: dict[str, Skin] = {
    "xiuno": Skin(
        board_at=r"/forum-(\d+)(?:-(\d+))?\.htm",
        topic_at=r"/thread-(\d+)(?:-(\d+))?\.htm",
        index=xiuno_index,
        board=xiuno_board,
        topic=xiuno_topic,
    ),
    "timeless": Skin(
        board_at=r"/board/(\d+)(?:/page/(\d+))?",
        topic_at=r"/board/\d+/(\d+)(?:/(\d+))?",
        index=plain_index,
        board=plain_board,
        topic=plain_topic,
        timed=False,
    ),
    "keyed": Skin(
        board_at=r"/tab/(\d+)(?:\?page=(\d+))?",
        topic_at=r"/topic/([0-9a-f]{24})(?:/(\d+))?",
        index=keyed_index,
        board=keyed_board,
        topic=keyed_topic,
        topic_number=lambda key: int(key[12:], 16),
        newest_first=True,
        key=key_of,
    ),
    "worded": Skin(
        board_at=r"/boards/(\w+)(?:\?page=(\d+))?",
        topic_at=r"/threads/([\w-]+)(?:\?page=(\d+))?",
        index=worded_index,
        board=worded_board,
        topic=worded_topic,
        board_number=lambda slug: next(number for number, name in SLUGS.items() if name == slug),
        topic_number=number_of,
        key=lambda topic: f"/threads/{slug_of(topic)}",
    ),
}
