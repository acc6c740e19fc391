"""All Chinese words of the page 预警; nothing in, constants out."""

from __future__ import annotations

TRIGGERS = {"burst": "数量突增", "content": "内容紧急", "silence": "数据中断"}

HANDLED = {
    "acknowledged": "已接手",
    "false_alarm": "误报",
    "known": "已知情况",
    "muted": "已静默",
    "escalated": "已上报",
    "closed": "已结束",
}

ALERTS = {
    "title": "预警",
    "empty_title": "没有预警",
    "empty": "所选时间内没有说法超出它的正常范围。系统每几分钟检查一次。",
    "unhandled": "只看未处理",
    "observed": "实际 {observed} 条,预期 {expected} 条(上限 {upper} 条),{minutes} 分钟内",
    "score": "异常程度",
    "handle": "处理",
    "handled_by": "{what}:{who},{when}",
    "not_handled": "尚未处理",
    "sent": "通知:已送达 {sent},失败 {failed},等待 {waiting}",
    "no_messages": "通知:未配置接收渠道",
    "done": "已记录:{what}",
}

ALERT_ACTIONS = {"acknowledged": "接手", "known": "已知情况", "false_alarm": "误报", "escalated": "上报"}
