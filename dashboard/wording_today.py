"""All Chinese words of the queue 今日待办; nothing in, constants out."""

from __future__ import annotations

from dashboard import wording

SORTS = {
    "urgent": "先急后缓",
    "priority": "优先级",
    "deadline": "时限",
    "newest": "最新",
    "size": "热度",
}

SPANS = {0: "不限", **wording.SPANS}

QUESTIONS = {
    "": "全部",
    "overdue": "已超时",
    "soon": "5 小时内到期",
    "day": "24 小时内到期",
    "unanswered": "无有效答复",
    "asked": "多人询问(10 人以上)",
}

# Each key figure, and the question that leaves in the list what it counts.
FIGURES = {"overdue": "overdue", "due_5": "soon", "due_24": "day", "waiting": ""}

TODAY = {
    "title": "今日待办",
    "waiting": "待回应",
    "overdue": "已超时",
    "due_5": "5 小时内到期",
    "due_24": "24 小时内到期",
    "waiting_help": "队列中的说法总数。一条说法可能包含许多帖文。",
    "overdue_help": "时限已过、仍没有登记答复或不回应理由的说法。",
    "due_5_help": "从现在起 5 小时内到期的说法。",
    "due_24_help": "从现在起 24 小时内到期的说法,5 小时内到期的也在内。",
    "calm_title": "暂无待回应的说法",
    "calm": "新帖文会自动进入这里,无需刷新。可到「数据源」确认采集正常,安静不等于没有数据。",
    "nothing_title": "没有符合条件的说法",
    "nothing": "试着放宽时间、地域或「看什么」。",
    "clear": "清除筛选",
    "open": "查看说法",
    "why": "排序理由",
    "next": "下一条",
    "previous": "上一条",
    "keys": "快捷键:j 下一条,k 上一条,a 交办,s 已有权威信息,n 不需回应",
    "expand": "展开",
    "no_reasons": "没有记录排序理由",
}

# The groups of the default order, in their order.
BANDS = {"urgent": "紧急", "overdue": "已超时", "rest": "按优先级"}
BANDS_HELP = {
    "urgent": "优先级高,或近 48 小时内有预警(误报除外),且尚无答复。排在已超时的之前,以免新的急事被旧事压住。",
    "overdue": "时限已过、仍没有登记答复或不回应理由。",
    "rest": "时限未到,按优先级排列。",
}
