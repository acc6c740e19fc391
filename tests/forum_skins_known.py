# ruff: noqa: E501 - pages are written as they are served, in long lines
"""Pages of forum software as it is in use: boards, topics and posts come in, the body of a page goes out."""

from __future__ import annotations

from collections.abc import Sequence

from forum_skins import BOARDS, POSTS_A_PAGE, THREADS_A_PAGE, Said, Skin, Topic


def mybb_index() -> str:
    rows = "".join(
        f'<tr><td class="trow1"><strong><a href="forumdisplay.php?fid={n}">{name}</a></strong></td><td class="trow1">9</td></tr>'
        for n, name in BOARDS.items()
    )
    return f'<table class="tborder"><tr><td class="tcat">版块</td><td>主题</td><td>帖子</td><td>最后发表</td></tr>{rows}</table>'


def mybb_board(board: int, shown: Sequence[Topic], page: int, pages: int) -> str:
    rows = "".join(
        f'<tr class="inline_row"><td class="trow1 forumdisplay_regular"><div><span class=" subject_new" id="tid_{t.number}"><a href="showthread.php?tid={t.number}">{t.title}</a></span>'
        f'<div class="author smalltext"><a href="member.php?action=profile&amp;uid={t.posts[0].member}">网友{t.posts[0].member}</a></div></div></td><td class="trow1"><a href="javascript:MyBB.whoPosted({t.number});">{len(t.posts) - 1}</a></td><td class="trow1">{7 * t.number}</td>'
        f'<td class="trow1"><span class="lastpost smalltext">{t.posts[-1].local:%m-%d-%Y, %I:%M %p}<br><a href="showthread.php?tid={t.number}&amp;action=lastpost">Last Post</a>: <a href="member.php?action=profile&amp;uid=2">网友2</a></span></td></tr>'
        for t in shown)  # fmt: skip
    return (
        f'{_mybb_pages(f"forumdisplay.php?fid={board}", page, pages)}<table class="tborder">{rows}</table>',
    )


def mybb_topic(topic: Topic, shown: Sequence[Said], page: int, pages: int) -> str:
    posts = "".join(
        f'<a name="pid{s.number}" id="pid{s.number}"></a><div class="post " id="post_{s.number}"><div class="post_author"><strong><span class="largetext"><a href="member.php?action=profile&amp;uid={s.member}">网友{s.member}</a></span></strong></div>'
        f'<div class="post_content"><div class="post_head"><div class="float_right"><strong><a href="showthread.php?tid={topic.number}&amp;pid={s.number}#pid{s.number}">#{n}</a></strong></div><span class="post_date">{s.local:%m-%d-%Y, %I:%M %p} </span></div>'
        f'<div class="post_body scaleimages" id="pid_{s.number}">{s.text}</div><div class="signature scaleimages">安居乐业</div></div></div>'
        for n, s in enumerate(shown, start=1))  # fmt: skip
    return (
        f'<table class="tborder"><tr><td class="thead"><strong>{topic.title}</strong></td></tr></table>{_mybb_pages(f"showthread.php?tid={topic.number}", page, pages)}<div id="posts">{posts}</div>',
    )


def _mybb_pages(address: str, page: int, pages: int) -> str:
    numbers = "".join(
        f'<span class="pagination_current">{n}</span>'
        if n == page
        else f'<a href="{address}&amp;page={n}" class="pagination_page">{n}</a>'
        for n in range(1, pages + 1)
    )
    following = (
        f'<a href="{address}&amp;page={page + 1}" class="pagination_next">Next »</a>' if page < pages else ""
    )
    return f'<div class="pagination"><span class="pages">Pages ({pages}):</span>{numbers}{following}</div>'


def xenforo_index() -> str:
    return "".join(
        f'<div class="node node--forum"><h3 class="node-title"><a href="/forums/board.{n}/">{name}</a></h3><dl class="pairs"><dt>主题</dt><dd>8</dd></dl></div>'
        for n, name in BOARDS.items()
    )


def xenforo_board(board: int, shown: Sequence[Topic], page: int, pages: int) -> str:
    rows = "".join(
        f'<div class="structItem structItem--thread js-threadListItem-{t.number}"><div class="structItem-cell--main"><div class="structItem-title"><a href="/threads/x.{t.number}/" data-tp-primary="on">{t.title}</a></div><ul><li><a href="/members/m.{t.posts[0].member}/" class="username">网友{t.posts[0].member}</a></li></ul></div>'
        f'<div class="structItem-cell--meta"><dl class="pairs"><dt>回复</dt><dd>{len(t.posts) - 1}</dd></dl><dl class="pairs structItem-minor"><dt>查看</dt><dd>{9 * t.number}</dd></dl></div><div class="structItem-cell--latest"><a href="/threads/x.{t.number}/latest"><time class="structItem-latestDate u-dt" datetime="{t.posts[-1].local:%Y-%m-%dT%H:%M:%S%z}">{t.posts[-1].local:%m-%d}</time></a></div></div>'
        for t in shown)  # fmt: skip
    return rows + _xenforo_pages(f"/forums/board.{board}/", page, pages)


def xenforo_topic(topic: Topic, shown: Sequence[Said], page: int, pages: int) -> str:
    posts = "".join(
        f'<article class="message message--post js-post" data-author="网友{s.member}" data-content="post-{s.number}" id="js-post-{s.number}"><span class="u-anchorTarget" id="post-{s.number}"></span><div class="message-inner"><div class="message-cell--user"><h4 class="message-name"><a href="/members/m.{s.member}/" class="username">网友{s.member}</a></h4></div>'
        f'<div class="message-cell--main"><header class="message-attribution"><ul class="message-attribution-main"><li class="u-concealed"><a href="/threads/x.{topic.number}/post-{s.number}" rel="nofollow"><time class="u-dt" datetime="{s.local:%Y-%m-%dT%H:%M:%S%z}" data-time="{int(s.at.timestamp())}">{s.local:%m-%d}</time></a></li></ul><ul><li><a href="/threads/x.{topic.number}/post-{s.number}">#{n}</a></li></ul></header>'
        f'<div class="message-content js-messageContent"><div class="message-userContent"><article class="message-body js-selectToQuote"><div class="bbWrapper">{s.text}</div></article></div></div><footer class="message-footer"><a href="/posts/{s.number}/report">举报</a></footer></div></div></article>'
        for n, s in enumerate(shown, start=1))  # fmt: skip
    return (
        f'<h1 class="p-title-value">{topic.title}</h1>{posts}{_xenforo_pages(f"/threads/x.{topic.number}/", page, pages)}',
    )


def _xenforo_pages(address: str, page: int, pages: int) -> str:
    numbers = "".join(
        f'<li class="pageNav-page{" pageNav-page--current" if n == page else ""}"><a href="{address}{f"page-{n}" if n > 1 else ""}">{n}</a></li>'
        for n in range(1, pages + 1)
    )
    following = (
        f'<a href="{address}page-{page + 1}" class="pageNav-jump pageNav-jump--next">下一页</a>'
        if page < pages
        else ""
    )
    return (
        f'<nav class="pageNavWrapper"><ul class="pageNav-main">{numbers}</ul>{following}</nav>'
        if pages > 1
        else ""
    )


def discourse_index() -> str:
    rows = "".join(
        f'<tr><td class="category"><div itemprop="itemListElement"><h3><a itemprop="item" href="/c/board/{n}"><span itemprop="name" class="category-title">{name}</span></a></h3></div></td></tr>'
        for n, name in BOARDS.items()
    )
    return f"<table>{rows}</table>"


def discourse_board(board: int, shown: Sequence[Topic], page: int, pages: int) -> str:
    rows = "".join(
        f'<tr class="topic-list-item"><td class="main-link"><meta itemprop="name" content="{t.title}"><span class="link-top-line"><a itemprop="url" href="/t/topic/{t.number}" class="title raw-link raw-topic-link">{t.title}</a></span></td><td class="posters"><a href="/u/u{t.posts[0].member}"><img alt=""></a></td><td class="replies"><span class="posts" title="posts">{len(t.posts) - 1}</span></td><td class="views"><span class="views" title="views">{3 * t.number}</span></td><td>{t.posts[-1].local:%Y年 %m月 %d日}</td></tr>'
        for t in shown)  # fmt: skip
    following = (
        f'<div role="navigation" class="topic-list-header"><span itemprop="name"><a rel="next" itemprop="url" href="/c/board/{board}?page={page}">下一页 →</a></span></div>'
        if page < pages
        else ""
    )
    return f"<table class='topic-list'>{rows}</table>{following}"


def discourse_topic(topic: Topic, shown: Sequence[Said], page: int, pages: int) -> str:
    posts = "".join(
        f'<div id="post_{(page - 1) * POSTS_A_PAGE + n}" itemprop="comment" class="topic-body crawler-post"><div class="crawler-post-meta"><span class="creator" itemprop="author"><a rel="nofollow" itemprop="url" href="/u/u{s.member}"><span itemprop="name">u{s.member}</span></a></span><link itemprop="mainEntityOfPage" href="/t/topic/{topic.number}">'
        f'<span class="crawler-post-infos"><time itemprop="datePublished" datetime="{s.at:%Y-%m-%dT%H:%M:%SZ}" class="post-time">{s.local:%m月 %d日}</time><meta itemprop="dateModified"><span itemprop="position">{n}</span></span></div><div class="post" itemprop="text"><p>{s.text}</p></div><div itemprop="interactionStatistic"><span class="post-likes">1 个赞</span></div></div>'
        for n, s in enumerate(shown, start=1))  # fmt: skip
    following = (
        f'<div role="navigation"><a rel="next" itemprop="url" href="/t/topic/{topic.number}?page={page + 1}">下一页 →</a></div>'
        if page < pages
        else ""
    )
    return (
        f'<div id="topic-title"><h1><a href="/t/topic/{topic.number}">{topic.title}</a></h1></div>{posts}{following}',
    )


def smf_index() -> str:
    return "".join(
        f'<div class="up_contain" id="board_{n}"><div class="info info_block"><a class="subject mobile_subject" href="/index.php?board={n}.0" id="b{n}">{name}</a></div></div>'
        for n, name in BOARDS.items()
    )


def smf_board(board: int, shown: Sequence[Topic], page: int, pages: int) -> str:
    rows = "".join(
        f'<div class="windowbg"><div class="board_icon"></div><div class="info info_block"><div id="topic_{t.number}"><span class="preview" title="{t.posts[0].text}"><span id="msg_{t.posts[0].number}"><a href="/index.php?topic={t.number}.0">{t.title}</a></span></span></div><p class="floatleft">发起人 <a href="/index.php?action=profile;u={t.posts[0].member}">网友{t.posts[0].member}</a></p></div>'
        f'<div class="board_stats centertext"><p>回复: {len(t.posts) - 1}<br>阅读: {5 * t.number}</p></div><div class="lastpost"><p><a href="/index.php?topic={t.number}.msg{t.posts[-1].number}#new">{t.posts[-1].local:%Y年%m月%d日 %H:%M:%S}</a><br>由 <a href="/index.php?action=profile;u=1">网友1</a></p></div></div>'
        for t in shown)  # fmt: skip
    return (
        f'{_smf_pages(f"/index.php?board={board}", page, pages, THREADS_A_PAGE)}<div id="messageindex">{rows}</div>',
    )


def smf_topic(topic: Topic, shown: Sequence[Said], page: int, pages: int) -> str:
    posts = "".join(
        f'<div class="windowbg" id="msg{s.number}"><div class="post_wrapper"><div class="poster"><h4><a href="/index.php?action=profile;u={s.member}" title="查看">网友{s.member}</a></h4><ul class="user_info"><li>帖子: 22</li></ul></div><div class="postarea"><div class="keyinfo"><div class="postinfo"><span class="messageicon"></span><a href="/index.php?topic={topic.number}.msg{s.number}#msg{s.number}" rel="nofollow" title="" class="smalltext">{s.local:%Y年%m月%d日 %H:%M:%S}</a></div></div>'
        f'<div class="post"><div class="inner" data-msgid="{s.number}" id="msg_{s.number}">{s.text}</div></div></div><div class="moderatorbar"><div class="signature">好好说话</div></div></div></div>'
        for s in shown)  # fmt: skip
    return (
        f'<h2 class="display_title"><span id="top_subject">{topic.title}</span></h2>{_smf_pages(f"/index.php?topic={topic.number}", page, pages, POSTS_A_PAGE)}<div id="forumposts">{posts}</div>',
    )


def _smf_pages(address: str, page: int, pages: int, size: int) -> str:
    numbers = "".join(
        f'<span class="current_page">{n}</span> '
        if n == page
        else f'<a class="nav_page" href="{address}.{(n - 1) * size}">{n}</a> '
        for n in range(1, pages + 1)
    )
    following = (
        f'<a class="nav_page" href="{address}.{page * size}"><span class="main_icons next_page"></span></a>'
        if page < pages
        else ""
    )
    return f'<div class="pagelinks">页: {numbers}{following}</div>'


def fluxbb_index() -> str:
    rows = "".join(
        f'<tr class="rowodd"><td class="tcl"><div class="tclcon"><h3><a href="viewforum.php?id={n}">{name}</a></h3></div></td><td class="tc2">8</td><td class="tc3">30</td></tr>'
        for n, name in BOARDS.items()
    )
    return f"<div id='punindex'><table><tr><th>版块</th><th>主题</th><th>帖子</th><th>最后发表</th></tr>{rows}</table></div>"


def fluxbb_board(board: int, shown: Sequence[Topic], page: int, pages: int) -> str:
    rows = "".join(
        f'<tr class="row{("odd", "even")[n % 2]}"><td class="tcl"><div class="icon"><div class="nosize">{n}</div></div><div class="tclcon"><div><a href="viewtopic.php?id={t.number}">{t.title}</a> <span class="byuser">作者 网友{t.posts[0].member}</span></div></div></td><td class="tc2">{len(t.posts) - 1}</td><td class="tc3">{8 * t.number}</td><td class="tcr"><a href="viewtopic.php?pid={t.posts[-1].number}#p{t.posts[-1].number}">{t.posts[-1].local:%Y-%m-%d %H:%M:%S}</a></td></tr>'
        for n, t in enumerate(shown, start=1))  # fmt: skip
    return (
        f'{_fluxbb_pages(f"viewforum.php?id={board}", page, pages)}<div id="vf"><table>{rows}</table></div>',
    )


def fluxbb_topic(topic: Topic, shown: Sequence[Said], page: int, pages: int) -> str:
    posts = "".join(
        f'<div id="p{s.number}" class="blockpost row{("odd", "even")[n % 2]}{" firstpost" if n == 1 and page == 1 else ""}{" blockpost1" if n == 1 else ""}"><h2><span><span class="conr">#{n}</span> <a href="viewtopic.php?pid={s.number}#p{s.number}">{s.local:%Y-%m-%d %H:%M:%S}</a></span></h2><div class="box"><div class="inbox"><div class="postbody"><div class="postleft"><dl><dt><strong>网友{s.member}</strong></dt><dd class="usertitle"><strong>会员</strong></dd></dl></div>'
        f'<div class="postright"><h3>{"" if n == 1 else "回复: "}{topic.title}</h3><div class="postmsg"><p>{s.text}</p></div></div></div></div></div></div>'
        for n, s in enumerate(shown, start=1))  # fmt: skip
    return (
        f"<h1><span>{topic.title}</span></h1>{_fluxbb_pages(f'viewtopic.php?id={topic.number}', page, pages)}{posts}",
    )


def _fluxbb_pages(address: str, page: int, pages: int) -> str:
    numbers = " ".join(
        f"<strong{' class=item1' if n == 1 else ''}>{n}</strong>"
        if n == page
        else f'<a href="{address}&amp;p={n}">{n}</a>'
        for n in range(1, pages + 1)
    )
    following = f' <a rel="next" href="{address}&amp;p={page + 1}">下一页</a>' if page < pages else ""
    return f'<div class="linkst"><p class="pagelink conl"><span class="pages-label">页次： </span>{numbers}{following}</p></div>'


KNOWN: dict[str, Skin] = {
    "mybb": Skin(
        board_at=r"/forumdisplay\.php\?fid=(\d+)(?:&page=(\d+))?",
        topic_at=r"/showthread\.php\?tid=(\d+)(?:&page=(\d+))?",
        index=mybb_index,
        board=mybb_board,
        topic=mybb_topic,
        gone='<table class="tborder"><tr><td class="trow1">The specified thread does not exist.</td></tr></table>',
    ),
    "xenforo": Skin(
        board_at=r"/forums/board\.(\d+)/(?:page-(\d+))?",
        topic_at=r"/threads/x\.(\d+)/(?:page-(\d+))?",
        index=xenforo_index,
        board=xenforo_board,
        topic=xenforo_topic,
    ),
    "discourse": Skin(  # as it is served to readers without scripts
        board_at=r"/c/board/(\d+)(?:\?page=(\d+))?",
        topic_at=r"/t/topic/(\d+)(?:\?page=(\d+))?",
        index=discourse_index,
        board=discourse_board,
        topic=discourse_topic,
        firsts=(0, 1),
    ),
    "smf": Skin(
        board_at=r"/index\.php\?board=(\d+)\.(\d+)",
        topic_at=r"/index\.php\?topic=(\d+)\.(\d+)",
        index=smf_index,
        board=smf_board,
        topic=smf_topic,
        firsts=(0, 0),
        sizes=(THREADS_A_PAGE, POSTS_A_PAGE),
    ),
    "fluxbb": Skin(
        board_at=r"/viewforum\.php\?id=(\d+)(?:&p=(\d+))?",
        topic_at=r"/viewtopic\.php\?id=(\d+)(?:&p=(\d+))?",
        index=fluxbb_index,
        board=fluxbb_board,
        topic=fluxbb_topic,
    ),
}
