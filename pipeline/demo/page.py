"""The body of a page comes in; a whole HTML page in the site's look, ready to be sent, goes out."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

STYLE = """
body{margin:0;background:#f4f2ec;color:#222;font:16px/1.75 "Noto Sans CJK SC","Microsoft YaHei",sans-serif}
header,footer{background:#8c2f1b;color:#fff;padding:.6em 1.5em}
header a,footer a{color:#fff;margin-right:1.2em;text-decoration:none}
main{max-width:60em;margin:1.2em auto;background:#fff;padding:1.2em 2em;border:1px solid #e0dcd0}
h1{font-size:1.4em;margin:.2em 0 .6em}h2{font-size:1.05em;margin:0}a{color:#1f5d8a}
table{width:100%;border-collapse:collapse}td,th{text-align:left;padding:.45em .5em;
border-bottom:1px solid #eee;font-weight:normal;vertical-align:top}
td.by,td.num{white-space:nowrap;color:#777;font-size:.85em}
td.by cite,td.num a{display:block;font-style:normal}em{font-style:normal}tr.th{color:#999}
.post{border:1px solid #eee;margin:.8em 0;padding:.5em 1em}
.pi{display:flex;gap:1em;color:#888;font-size:.85em;
align-items:baseline}.pi strong{margin-left:auto;font-weight:normal}.authi a{color:#333;font-weight:bold}
.post td{border:0;padding:.4em 0}.pg a,.pg strong{margin-right:.5em;padding:.1em .6em;border:1px solid #ddd}
ul.list{list-style:none;padding:0}
ul.list li{display:flex;gap:1em;border-bottom:1px dashed #ddd;padding:.4em 0}
ul.list span{margin-left:auto;color:#888;white-space:nowrap}.info,.crumb,.hm{color:#888;font-size:.85em}
.trs_editor_view p{text-indent:2em;margin:.6em 0}.related{border-top:2px solid #8c2f1b;margin-top:2em}
"""
HEADER = (
    '<header><a href="/"><b>云岭州</b></a><a href="/news/">要闻动态</a><a href="/forum.php">论坛</a>'
    '<a href="/feed.xml">随手拍订阅</a></header>'
)
FOOTER = (
    "<footer><small>云岭州是虚构的地方，本站内容全部为演示而编写。"
    '<a href="/admin/">后台管理</a></small></footer>'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Headers:
    """What a client may ask again with, for the pages that allow it."""

    etag: str
    last_modified: str


@dataclass(frozen=True, slots=True)
class Page:
    """What is sent; ``validators`` only where a client may ask whether the page has changed."""

    text: str
    status: int = 200
    media_type: str = "text/html"
    charset: str = "utf-8"
    validators: Headers | None = None

    @property
    def body(self) -> bytes:
        """The bytes; what the charset lacks (emoji in GBK) becomes a numeric reference, as in real forums."""
        return self.text.encode(self.charset, "xmlcharrefreplace")


def shell(title: str, body: str, charset: str = "utf-8", meta: str = "") -> str:
    """Return a whole page; ``body`` and ``meta`` are markup, ``title`` is text."""
    return (
        f'<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="{charset}"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width">{meta}<style>{STYLE}</style></head>'
        f"<body>{HEADER}<main>{body}</main>{FOOTER}</body></html>"
    )
