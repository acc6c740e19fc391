"""All Chinese words of the pages 预警 and 预警调校; nothing in, constants out."""

from __future__ import annotations

TRIGGERS = {"burst": "数量突增", "content": "内容紧急", "silence": "数据中断"}
KINDS = {"rumor": "疑似不实", "help": "集中求助", "concern": "集中反映"}
STATES = {
    "new": "新",
    "open": "已通知，未接手",
    "acknowledged": "已接手",
    "escalated": "已升级",
    "closed": "已结束",
}

HANDLED = {
    "acknowledged": "接手",
    "false_alarm": "判为误报",
    "known": "判为已知情况",
    "muted": "静默",
    "unmuted": "解除静默",
    "escalated": "上报",
    "closed": "结束",
    "reopened": "重新打开",
}

ALERTS = {
    "title": "预警",
    "empty_title": "没有预警",
    "empty": "所选时间内没有说法超出它的正常范围。系统每几分钟检查一次。",
    "unhandled": "只看未处理",
    "observed": "实际 {observed} 条，预期 {expected} 条（上限 {upper} 条），{minutes} 分钟内",
    "raised": "发出 {when}",
    "updated": "更新 {when}，第 {n} 次",
    "risen": "由{before}升级",
    "claims": "合并了 {n} 个说法",
    "has_it": "接手：{who}，{when}",
    "also": "另有 {n} 人也点了接手",
    "nobody": "还没有人接手",
    "settled": "{what}：{who}，{when}",
    "muted_until": "静默至 {when}",
    "more": "理由、样例、经过与送达",
    "reasons": "为什么预警",
    "samples": "样例帖文（已脱敏）",
    "history": "经过",
    "no_deliveries": "还没有为这条预警发过通知。",
    "no_history": "还没有人处理过。",
    "deliveries": "通知与回执",
    "mute": "静默",
    "mute_hours": "静默多久",
    "mute_ends": "静默到 {when}，期间不再推送这条说法，仍会更新数字。",
    "mute_do": "开始静默",
    "hours": "{n} 小时",
    "done": "已记录：{what}",
    "already": "已记录。{who} 已先接手。",
    "day": "今天的通知",
    "rota": "值班与免打扰（周 × 24 小时）",
    "rota_none": "没有配置接收人。在 huiying.toml 里写 [recipients]，谁在什么时候收到什么就会出现在这里。",
    "rota_caption": "深色为免打扰：只有红色立即提醒，其余留待汇总。",
    "on_call": "现在值班：{people}",
    "no_rota": "没有排班；升级提醒不会发出。",
    "routes": "推送规则",
}
ALERT_ACTIONS = {
    "acknowledged": "接手",
    "known": "已知情况",
    "false_alarm": "误报",
    "escalated": "上报",
    "closed": "结束",
}
DELIVERY_STATUS = {
    "sent": "已送达",
    "pending": "等待发送",
    "held": "留待汇总",
    "gave_up": "未送达",
    "none": "未发送",
}
DELIVERY_COLUMNS = {
    "recipient": "接收人",
    "level": "等级",
    "status": "结果",
    "why": "原因",
    "channel": "渠道",
    "answer": "平台回执",
    "when": "时间",
}
HISTORY_COLUMNS = {"when": "时间", "who": "谁", "what": "做了什么", "body": "说明"}
DAYS = ("一", "二", "三", "四", "五", "六", "日")

LINK = {
    "title": "确认预警",
    "to": "这条预警发给了：{who}",
    "button": "我来接手",
    "false_alarm": "误报",
    "done": "已记录，可以关闭本页。",
    "first": "{who} 已于 {when} 接手；你的确认也已记录。",
    "recorded": "这条链接已经用过，记录不变。",
    "missing": "找不到这条预警，它可能已超过保存期限。",
    "bad": "链接不能用",
    "actor": "{who}（消息链接）",
    "why": "为防止聊天软件预览时误触，打开链接不会自动确认，请点按钮。",
}

TUNING = {
    "title": "预警调校",
    "intro": "先看按新的阈值过去 {days} 天会怎样，再保存。没有保存之前什么都不会改变。",
    "days": "看过去几天",
    "try": "试算",
    "current": "当前设置",
    "tried": "试算设置",
    "result": "试算结果",
    "list": "会发出的预警",
    "missed": "当时发出、按此设置会漏掉的",
    "none": "按此设置一条也不会发出。",
    "no_looks": "还没有可供试算的记录。系统运行后，每次判断的依据都会留存 40 天。",
    "limits": "只能重算当时看过的说法；检测器本身的阈值（[detector]）不在此列，可用 huiying backtest 比较。",
    "save": "保存这组设置",
    "saved": "已保存，几秒内生效。改动：{what}",
    "unchanged": "与当前设置相同，没有保存。",
    "changed": "设置刚被别人改过，请重新试算。",
    "votes": "误报投票对来源阈值的影响",
    "votes_none": "没有来源因误报而提高阈值。",
    "vote": "{source}：净误报 {votes} 次，阈值提高 {offset}（上限 {most}）。重新打开那条预警即可撤回一票。",
}
TUNING_FIGURES = ("会发出", "其中判为误报", "立即推送", "留待汇总", "会漏掉")
TUNING_FIGURES_HELP = (
    "用这些阈值,所选天数内会发出的预警。",
    "会发出的预警中,后来被人判为误报的。",
    "会立即推送到手机的次数,按接收人分别计。",
    "超过每日上限、留待汇总的次数。",
    "实际发出过、没有判为误报,而用这些阈值不会发出的预警。",
)
TUNING_COLUMNS = {"at": "时间", "level": "等级", "trigger": "原因", "called": "你们的判断", "text": "说法"}
TUNED = {
    "alert_pages_per_day": ("每日推送上限", "每个接收人每天最多立即推送几次，其余进汇总。"),
    "content_score": ("内容阈值", "条数还少时，疑似程度与利害合计达到多少才预警（0 到 1）。"),
    "content_voices": ("内容预警最少人数", "至少几个不同的人在说。"),
    "burst_voices": ("突增最少人数", "突增时至少几个不同的人在说。"),
    "burst_rumor": ("突增疑似阈值", "突增时，疑似不实达到多少才作为疑似说法预警。"),
    "burst_suspicion": (
        "综合疑似阈值",
        "疑似不实、可核查、利害、求证四项合计达到多少才算疑似说法（0 到 1）。",
    ),
    "yellow_voices": ("黄色人数", "24 小时内多少人在说为黄色。"),
    "orange_voices": ("橙色人数", "24 小时内多少人在说为橙色。"),
    "red_voices": ("红色人数", "24 小时内多少人在说且利害重大为红色。"),
    "cool_down_hours": ("冷却（小时）", "结束后多久才能再次预警。"),
}
SETTLED_AS = {"false_alarm": "误报", "known": "已知情况", "closed": "已结束", "": "—"}
