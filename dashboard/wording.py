"""The Chinese words that several pages share; each area has its own ``wording_AREA``; constants out."""

from __future__ import annotations

from pipeline.words import NEEDS as NEEDS
from pipeline.words import RELATIONS as RELATIONS

PRODUCT = "回应"
PRODUCT_LONG = "回应 · 本地舆情答复工作台"

SECTIONS = {"work": "值班", "look": "研判", "run": "运行"}

PAGES = {
    "today": "今日待办",
    "situation": "态势",
    "wall": "大屏",
    "claim": "说法",
    "posts": "帖文",
    "alerts": "预警",
    "alert_tuning": "预警调校",
    "statements": "权威信息",
    "noise": "广告与套话",
    "ledger": "台账",
    "labels": "批量标注",
    "reports": "报告",
    "sources": "数据源",
    "models": "模型",
    "system": "系统",
}

SENTIMENTS = {"negative": "负面", "neutral": "中性", "positive": "正面"}

LEVELS = {"blue": "蓝 · 关注", "yellow": "黄 · 留意", "orange": "橙 · 紧急", "red": "红 · 特急"}
LEVEL_HELP = "等级由本单位设定,用于安排先后,不是法定的突发事件等级。"

BASES = {"first_seen": "首次发现", "happened": "事发", "assigned": "交办", "reopened": "重新打开"}

SPANS = {24: "24 小时", 72: "3 天", 168: "7 天", 336: "14 天"}

ALL = "全部"
NONE_YET = "—"
NOW = "现在"

FILTERS = {
    "span": "时间",
    "sentiment": "情感",
    "similar": "相似合并",
    "need": "诉求",
    "channel": "来源",
    "county": "地域",
    "question": "看什么",
    "sort": "排序",
    "words": "搜索说法",
    "level": "等级",
    "relation": "立场",
    "page": "页",
    "state": "状态",
    "due": "时限",
    "kind": "类别",
}

DOWN = {
    "title": "回应还没有运行",
    "body": "页面已打开,但后台没有在处理数据。请在安装目录的终端里运行:",
    "command": "huiying up",
    "then": "启动后本页会自动恢复,不需要刷新。如果刚刚启动,请等十几秒。",
    "where": "数据目录",
    "broken_title": "暂时读不到数据",
    "broken": "数据库服务没有回答。它可能正在重启,本页每 5 秒重试一次;仍不行时请看「系统」页。",
    "config_title": "配置有误",
    "config": "请改正后重新打开本页:",
    "reason": "原因",
    "not_written": "没有写入,请重试",
}

NOWHERE = {
    "title": "没有这个页面",
    "hint": "地址可能抄错了,或页面已改名。请从菜单选择。",
}

DEADLINE = {
    "overdue": "已超时 {span}",
    "left": "剩 {span}",
    "met": "时限内事项已办",
    "rule": "依据:{rule};自{basis}({start})起算;{deadline} 到期",
}

RUN_STATE_WORDS = {
    "updated": "更新于 {when} · 自动刷新",
    "paused": "正在编辑,已暂停自动刷新",
}

SPAN = {"days": "{n} 天", "hours": "{n} 小时", "minutes": "{n} 分钟", "less": "不到 1 分钟"}
AGO = {"now": "刚刚", "past": "{span}前", "future": "{span}后"}
NOT_MEASURED = "误差未测"
MEASURED = "本地误差 {rate}(n={n})"
OPEN_ROWS = "查看"
SHOW_ALL = "看全文({n} 字)"
TEXT_CUT = "……(全文 {n} 字)"
PAGE_OF = "第 {page} / {pages} 页,共 {total} 条"
PAGE_NEXT = "下一页"
PAGE_PREVIOUS = "上一页"
LIST_COMMA = "、"

CHARTS = {
    "time": "时间",
    "need": "诉求",
    "posts": "帖文",
    "gap": "没有采集",
    "burst": "突增自",
    "partial": "未满一小时",
    "county": "县市",
    "waiting": "待回应",
    "overdue": "超时",
    "relation": "立场",
    "kind": "类别",
    "words": "内容",
}
MARKS = {"alert": "预警", "statement": "权威信息", "answer": "我方答复"}

LOGIN = {
    "title": "请先登录",
    "body": "用本单位的账号登录后使用。",
    "button": "登录",
    "out": "退出登录",
    "no_role": "{who} 没有分配角色,请联系管理员。",
    "refused_title": "不能在这个地址上打开",
    "refused": "没有配置登录时,页面只在本机地址(127.0.0.1)提供。现在绑定在 {address},"
    "其他人无须登录就能看到,因此停止显示。请配置登录,或改回本机地址。",
    "who": "{name} · {roles}",
    "local": "本机用户",
    "this_account": "该账号",
}
