"""All Chinese words of the page 报告; nothing in, constants out."""

from __future__ import annotations

REPORTS = {
    "title": "报告",
    "kind": "报告种类",
    "day": "日期",
    "claim": "说法编号",
    "claim_help": "在说法页面点「生成专报」会带到这里;编号也在该页面的网址中。",
    "week_help": "周报包含该日期所在的周一至周日。",
    "county": "地域",
    "make": "生成",
    "made": "{title} · {span}",
    "again": "重新生成",
    "again_help": "按现在的数据重新生成;您改过的文字会保留,没有改过的随数据更新。",
    "note": "可在这里写按语(可不填)",
    "newer": "数据有更新:这一节现在的自动文字",
    "edit_hint": "以下文字可以直接修改,导出的是修改后的内容。图表和表格随数据生成,不在此修改。",
    "tables": "表 {n} 张,图 {m} 张,随文导出",
    "prepare": "导出 {kind}",
    "download": "下载 {name}",
    "no_pdf": "本机没有 LibreOffice 或 Chromium,不能导出 pdf。",
    "empty_title": "选择种类和日期,生成报告",
    "empty": "报告由数据自动汇总,导出前可以逐节修改。"
    "也可以在 huiying.toml 的 [reports] 中设定每天、每周自动生成。",
    "failed": "没有生成:{why}",
    "sources": "数据来源({n} 次查询)",
    "query": "查询",
    "name": "名称",
    "rows": "行数",
    "scheduled": "定时生成:{words}",
}
KINDS = {"daily": "日报", "weekly": "周报", "claim": "专报(一个说法)"}
