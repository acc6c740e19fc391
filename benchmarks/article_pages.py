# ruff: noqa: E501 - pages are written as they are served, in long lines
"""Invented articles in the page shapes of Chinese sites go out, with their true text and time.

The shapes are written after content systems in use; no page of a real site is in here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Article:
    """What every shape shows."""

    title: str
    paragraphs: tuple[str, ...]
    day: str  # 2026-11-17
    clock: str  # 09:08
    path: str


@dataclass(frozen=True)
class Page:
    """A page as served, and what is true of it; ``published`` may lack the clock."""

    shape: str
    url: str
    body: bytes
    text: str
    published: str  # 2026-11-17 09:08, or the day alone, or nothing


ARTICLES = (
    Article(
        "关于城区部分路段停水检修的通知",
        (
            "广大用户：",
            "因城区供水主管网改造需要，定于11月18日8时至18时对剑江中路、斗篷山路沿线进行停水检修，请沿线居民提前做好储水准备。",
            "一、停水范围：剑江中路全段、斗篷山路（市医院至三中段）及周边支路。",
            "二、恢复供水初期，水质可能出现短时浑浊，属正常现象，放水片刻后即可使用。",
            "因检修给您带来不便，敬请谅解。如有疑问，请拨打供水服务热线。",
            "市供水有限责任公司",
            "2026年11月17日",
        ),
        "2026-11-17", "09:08", "t20261117_88231",
    ),
    Article(
        "我县易地扶贫搬迁社区新建三所幼儿园投入使用",
        (
            "秋季学期开学以来，县城安置点三所新建幼儿园陆续投入使用，共提供学位810个，搬迁群众子女实现“家门口入园”。",
            "记者在现场看到，教室宽敞明亮，活动场地铺设了塑胶地面。“以前送孩子要走四十分钟，现在下楼就到。”家长罗女士说。",
            "据县教育局介绍，三所幼儿园总投资4200万元，均按照省级示范标准建设，配备教职工96名。",
            "下一步，该县将继续补齐学前教育短板，2027年底前学前三年毛入园率达到93%以上。",
        ),
        "2026-11-05", "16:42", "t20261105_87340",
    ),
    Article(
        "市疾控中心提示：近期诺如病毒感染进入高发期",
        (
            "近期，我市气温下降，诺如病毒感染性腹泻进入高发期。市疾控中心提醒，学校、托幼机构等集体单位要加强晨午检和因病缺勤追踪。",
            "诺如病毒感染主要表现为恶心、呕吐、腹痛、腹泻，潜伏期多为24至48小时，病程通常1至3天，多数人可自愈。",
            "酒精消毒对诺如病毒无效，应使用含氯消毒剂处理呕吐物和被污染的环境。",
            "出现症状后应居家休息至症状消失后72小时，不带病上学上班。",
        ),
        "2026-10-29", "10:15", "t20261029_86012",
    ),
    Article(
        "关于网传“某小学食堂使用变质食材”的情况说明",
        (
            "11月12日，有网民发布信息称我县某小学食堂使用变质食材。县委、县政府高度重视，立即成立由教育、市场监管、卫健等部门组成的联合调查组开展核查。",
            "经查，视频中出现的蔬菜系当日供货商送达后因破损被拒收的部分，未进入加工环节，已当场退回。调查组现场抽检食材12批次，结果均为合格。",
            "学校当日供餐1126份，未接到师生身体不适报告。",
            "下一步，我县将持续加强校园食品安全监管，欢迎社会各界监督。",
            "县联合调查组",
        ),
        "2026-11-13", "21:30", "t20261113_88019",
    ),
)  # fmt: skip


def _p(article: Article, tag: str = "p", style: str = "") -> str:
    return "\n".join(f"<{tag}{style}>　　{line}</{tag}>" for line in article.paragraphs)


def _news(count: int = 8) -> str:
    heads = (
        "全市重点项目观摩推进会召开",
        "州领导到我市调研秋冬季森林防火工作",
        "我市开展冬春火灾防控专项行动",
        "一图读懂新修订的条例",
    )
    return "".join(
        f'<li><a href="/xw/2026{at:02d}/t2026{at:02d}01_{at}.html">{heads[at % 4]}</a><span>2026-{at:02d}-01</span></li>'
        for at in range(1, count + 1)
    )


MENU = '<div class="nav"><ul>' + "".join(f'<li><a href="/{at}/">{name}</a></li>' for at, name in enumerate(
    ("首页", "新闻中心", "政务公开", "办事服务", "互动交流", "魅力都匀", "专题专栏"))) + "</ul></div>"  # fmt: skip
FOOT = (
    '<div class="footer"><p>主办：某某市人民政府办公室　承办：某某市大数据中心</p><p>网站标识码：5227010001　黔ICP备00000000号　贵公网安备 52270102000000号</p>'
    "<p>联系电话：0854-0000000　邮箱：xxgk@example.gov.cn</p></div>"
)


def trs(a: Article) -> tuple[str, str]:
    return (
        f"""<html><head><meta charset="utf-8"><meta name="ArticleTitle" content="{a.title}"/>
<meta name="PubDate" content="{a.day} {a.clock}"/><meta name="ContentSource" content="市政府办"/><title>{a.title}_某某市人民政府</title></head>
<body>{MENU}<div class="crumb">当前位置：<a href="/">首页</a> &gt; <a href="/xw/">通知公告</a></div><div class="main"><h1>{a.title}</h1>
<div class="info"><span>发布时间：{a.day} {a.clock}</span><span>来源：市政府办</span><span>字体：【<a>大</a> <a>中</a> <a>小</a>】</span></div>
<div class="view TRS_UEDITOR trs_paper_default trs_web">{_p(a)}</div><div class="share">分享到：微信 微博</div>
<div class="ewm">扫一扫在手机打开当前页</div><ul class="xgwd"><h3>相关文章</h3>{_news()}</ul></div>{FOOT}</body></html>""",
        f"{a.day} {a.clock}",
    )


def portal_zoom(a: Article) -> tuple[str, str]:
    return (
        f"""<html><head><meta charset="utf-8"><title>{a.title}-某某县人民政府门户网站</title></head><body><div id="top">今天是2026年11月25日 星期三 农历十月十七</div>
{MENU}<div class="xl"><div class="tit">{a.title}</div><div class="xl_info">日期：{a.day} {a.clock}　　来源：县融媒体中心　　浏览次数：<span>1032</span></div>
<div id="zoom">{_p(a, "div")}<p style="text-align:right">编辑：王某　责编：李某</p></div><p>【打印本页】【关闭窗口】</p>
<div>上一篇：<a href="1.html">全市重点项目观摩推进会召开</a></div></div><div class="right"><ul>{_news()}</ul></div>{FOOT}</body></html>""",
        f"{a.day} {a.clock}",
    )


def table_layout(a: Article) -> tuple[str, str]:
    return (
        f"""<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312"><title>{a.title}</title></head><body><table width="960"><tr><td>{MENU}</td></tr>
<tr><td class="lm">您现在的位置：首页 &gt;&gt; 部门动态 &gt;&gt; 正文</td></tr><tr><td align="center"><b>{a.title}</b></td></tr>
<tr><td align="center">[ 作者：办公室　来源：本站原创　更新时间：{a.day} 　点击数：233 ]</td></tr>
<tr><td class="nr">{"<br/>".join("　　" + line for line in a.paragraphs)}</td></tr><tr><td>【字体：小 大】【打印此文】【关闭窗口】</td></tr></table>{FOOT}</body></html>""",
        a.day,
    )


def county_portal(a: Article) -> tuple[str, str]:
    return (
        f"""<html><head><meta charset="utf-8"><meta name="PubDate" content="{a.day}"><title>{a.title}</title></head><body>{MENU}<div class="article"><h2 class="article-title">{a.title}</h2>
<div class="article-attr"><i>时间：{a.day} {a.clock}:26</i><i>来源：县教育局</i><i>【打印】</i></div><div class="article-body"><div class="pages_content">{_p(a)}
<ul><li><a href="/fj/1.docx">附件：申请表.docx</a></li></ul></div></div></div><div class="hot"><h3>热门推荐</h3>{_news(10)}</div>{FOOT}</body></html>""",
        f"{a.day} {a.clock}:26",
    )


def party_paper(a: Article) -> tuple[str, str]:
    y, m, d = a.day.split("-")
    return (
        f"""<html><head><meta charset="utf-8"><title>{a.title}--地方领导留言--人民网</title></head><body><div class="header">{MENU}</div><div class="layout rm_txt cf"><div class="col col-1">
<h1>{a.title}</h1><div class="author cf"></div><div class="channel cf"><div class="col-1-1 fl">{y}年{m}月{d}日{a.clock} | 来源：<a href="#">某某网</a></div><div class="message fr">小字号</div></div>
<div class="rm_txt_con cf">{_p(a)}<div class="edit cf">(责编：张某、王某)</div></div><div class="rm_share">分享让更多人看到</div></div>
<div class="col col-2"><h3>推荐阅读</h3>{_news()}</div></div>{FOOT}</body></html>""",
        f"{a.day} {a.clock}",
    )


def wordpress(a: Article) -> tuple[str, str]:
    return (
        f"""<html><head><meta charset="utf-8"><meta property="article:published_time" content="{a.day}T{a.clock}:00+08:00"/><title>{a.title} – 匀城资讯</title></head><body class="single">
<header class="site-header">{MENU}</header><main><article class="post"><header class="entry-header"><h1 class="entry-title">{a.title}</h1></header><div class="entry-content">{_p(a)}
<div class="sharedaddy">分享：微博 微信</div></div></article><nav class="navigation post-navigation"><a href="/1">上一篇 全市重点项目观摩推进会召开</a></nav>
<div id="comments"><h2>2 条评论</h2><p>楼上说得对，早就该修了，我家那边每年冬天都要停两三次水，太不方便了。</p><p>请问二中那边停不停？有没有人知道的，急。</p></div></main>
<aside class="sidebar"><ul>{_news()}</ul></aside>{FOOT}</body></html>""",
        f"{a.day} {a.clock}",
    )


def json_ld(a: Article) -> tuple[str, str]:
    return (
        f"""<html><head><meta charset="utf-8"><script type="application/ld+json">{{"@context":"https://schema.org","@graph":[{{"@type":"WebSite","name":"x"}},{{"@type":"NewsArticle","headline":"{a.title}","datePublished":"{a.day}T{a.clock}:00+08:00"}}]}}</script>
<title>{a.title}</title></head><body>{MENU}<div class="wrap"><h1>{a.title}</h1><p class="sub">某某日报记者</p><section class="detail">{_p(a)}</section><section class="more"><h4>延伸阅读</h4>{_news()}</section></div>{FOOT}</body></html>""",
        f"{a.day} {a.clock}",
    )


def bare_divs(a: Article) -> tuple[str, str]:
    return (
        f"""<html><head><meta charset="utf-8"><title>{a.title}</title></head><body><div class="t1">{MENU}</div><div class="c1"><div class="c2"><div class="hd">{a.title}</div><div class="sj">{a.day} {a.clock}　某某发布</div>
<div class="c3">{_p(a, "div")}</div></div><div class="c4"><div>最新发布</div><ul>{_news(12)}</ul></div></div><div class="b1">{FOOT}</div></body></html>""",
        f"{a.day} {a.clock}",
    )


def media_app(a: Article) -> tuple[str, str]:
    return (
        f"""<html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{a.title}</title></head><body><div class="app-bar"><a href="#">打开APP</a></div>
<div class="main-content"><div class="title">{a.title}</div><div class="source-time"><span class="source">某某融媒</span><span class="time">{a.day[5:]} {a.clock}</span></div>
<div class="article-detail"><p><img src="1.jpg"/></p>{_p(a, "p", ' style="text-indent:2em"')}<p>来源：县融媒体中心</p><p>编辑：某某　二审：某某　终审：某某</p></div>
<div class="recommend-list">{_news()}</div></div></body></html>""",
        f"{a.day} {a.clock}",
    )


def vsb(a: Article) -> tuple[str, str]:
    return (
        f"""<html><head><meta charset="utf-8"><META Name="keywords" Content="某某局"/><title>{a.title}-某某局</title></head><body>{MENU}<form name="_newscontent_fromname"><div><h1>{a.title}</h1>
<div>发布时间：{a.day.replace("-", "年", 1).replace("-", "月", 1)}日&nbsp;{a.clock}&nbsp;&nbsp;作者：&nbsp;&nbsp;点击：[<span id="dynclicks">56</span>]</div><div id="vsb_content_2"><div class="v_news_content">{_p(a)}</div></div>
<p>上一条：<a href="1">州领导到我市调研</a></p><p>下一条：<a href="2">一图读懂新修订的条例</a></p></div></form>{FOOT}</body></html>""",
        f"{a.day} {a.clock}",
    )


def old_site(a: Article) -> tuple[str, str]:
    return (
        f"""<html><head><meta charset="gbk"><title>{a.title}</title></head><body><div align="center"><font size="5">{a.title}</font></div><div align="center"><font color="#666">{a.day.replace("-", "/")}　某某县广播电视台</font></div>
<div class="content">{"".join(f"<span>　　{line}</span><br>" for line in a.paragraphs)}</div><div class="fy"><a href="javascript:window.close()">关闭窗口</a></div>{FOOT}</body></html>""",
        a.day,
    )


def long_relations(a: Article) -> tuple[str, str]:
    more = "".join(
        f'<div class="item"><a href="/n/{at}.html"><h4>{head}</h4><p>{head}，会议强调，要提高政治站位，压实各方责任，确保各项任务落到实处，取得实效。</p></a><em>2026-11-2{at % 5}</em></div>'
        for at, head in enumerate(
            (
                "全市安全生产工作会议召开",
                "全市教育大会召开",
                "全市卫生健康工作会议召开",
                "全市农村工作会议召开",
                "全市招商引资推进会召开",
            )
        )
    )
    return (
        f"""<html><head><meta charset="utf-8"><meta property="og:title" content="{a.title}"><title>{a.title}</title></head><body>{MENU}<div class="left"><h1>{a.title}</h1><p class="date">{a.day} {a.clock}:05　来源：某某发布</p>
<div class="txt">{_p(a)}</div></div><div class="news-list">{more}</div>{FOOT}</body></html>""",
        f"{a.day} {a.clock}:05",
    )


def undated(a: Article) -> tuple[str, str]:
    return (
        f"""<html><head><meta charset="utf-8"><title>{a.title}</title></head><body>{MENU}<div class="box"><h1>{a.title}</h1><div id="content_body">{_p(a)}</div></div>{FOOT}</body></html>""",
        "address",
    )


SHAPES: dict[str, tuple[Callable[[Article], tuple[str, str]], str, str]] = {
    "trs": (trs, "https://www.example.gov.cn/xwdt/tzgg/{month}/{path}.html", "utf-8"),
    "portal_zoom": (portal_zoom, "https://www.example.gov.cn/zwgk/{n}.html", "utf-8"),
    "table_layout": (table_layout, "http://example.gov.cn/ReadNews.asp?NewsID={n}", "gb18030"),
    "county_portal": (county_portal, "https://www.example.gov.cn/art/{n}.html", "utf-8"),
    "party_paper": (party_paper, "http://gz.example.com.cn/n2/2026/c1-{n}.html", "gb18030"),
    "wordpress": (wordpress, "https://news.example.cn/?p={n}", "utf-8"),
    "json_ld": (json_ld, "https://news.example.cn/a/{n}", "utf-8"),
    "bare_divs": (bare_divs, "https://fb.example.cn/info/{n}", "utf-8"),
    "media_app": (media_app, "https://app.example.cn/share/{n}", "utf-8"),
    "vsb": (vsb, "https://jyj.example.gov.cn/info/1041/{n}.htm", "utf-8"),
    "old_site": (old_site, "http://tv.example.cn/show.asp?id={n}", "gbk"),
    "long_relations": (long_relations, "https://fabu.example.cn/{n}.shtml", "utf-8"),
    "undated": (undated, "https://www.example.gov.cn/xwzx/{month}/{path}.html", "utf-8"),
}


def pages() -> list[Page]:
    found = []
    for shape, (make, address, charset) in SHAPES.items():
        for number, article in enumerate(ARTICLES):
            html, published = make(article)
            month = article.day[:7].replace("-", "")
            url = address.format(path=article.path, month=month, n=40017 + number)
            said = article.day if published == "address" else published
            body = html.encode(charset, "xmlcharrefreplace")
            found.append(Page(shape, url, body, "\n".join(article.paragraphs), said))
    return found
