"""All Chinese words of the page 数据源; nothing in, constants out."""

from __future__ import annotations

RUN_STATUS = {"green": "正常", "amber": "异常", "red": "故障", None: "未运行"}

SOURCE_KINDS = {
    "feed": "订阅源",
    "article": "新闻列表",
    "forum": "论坛",
    "json_api": "接口",
    "sitemap": "站点地图",
    "board": "留言板",
    "imported": "导入",
}

NOTICE_KINDS = {"silence": "沉默", "gap": "采集中断", "breakage": "采集故障", "late": "补采"}

SOURCES = {
    "title": "数据源",
    "notices": "采集提示(近 7 天)",
    "notices_none": "近 7 天采集没有中断、沉默或故障。",
    "notice_kind": "类别",
    "notice_words": "说明",
    "notice_since": "自",
    "notice_until": "结束",
    "notice_on": "未结束",
    "empty_title": "还没有数据源",
    "empty": "运行 huiying source new 名称 网址 添加一个,或用 huiying import 导入文件。",
    "green_help": "最近一次运行正常、条数不少于平时的数据源。",
    "amber_help": "最近一次运行有错误,或条数明显少于平时的数据源;原因见下表。",
    "red_help": "最近一次没有取到任何条目,或无法访问的数据源;原因见下表。",
    "green": "正常",
    "amber": "异常",
    "red": "故障",
    "idle": "未运行或已暂停",
    "last_run": "最近运行",
    "items": "本次条数",
    "new": "本次新增",
    "day": "24 小时新增",
    "errors": "错误",
    "every": "间隔(分钟)",
    "kind": "类型",
    "channel": "渠道",
    "county": "地域",
    "name": "名称",
    "status": "状态",
    "reasons": "原因",
    "url": "网址",
    "started": "开始",
    "seconds": "用时(秒)",
    "requests": "请求",
    "detail": "单个数据源",
    "runs": "运行记录",
    "history": "最近各次采集条数",
    "history_help": "每根柱为一次采集;颜色为当次状态。突然变少往往是页面改版。",
    "events": "谁操作过",
    "event_line": "{what} · {who} · {when}",
    "no_events": "还没有人操作过这个数据源。",
    "run_now": "立即采集",
    "pause": "暂停",
    "resume": "恢复",
    "asked": "已请求立即采集,几秒内开始。",
    "paused": "已暂停。正在进行的一次会先完成。",
    "resumed": "已恢复。",
    "is_paused": "已暂停",
    "is_urgent": " · 加密采集",
    "urgent": "加密采集",
    "hurried": "已加密采集,直到恢复常规。",
    "calm": "恢复常规频率",
    "calmed": "已恢复常规频率。",
    "rejects": "被拒收的数据行",
    "rejects_help": "格式不对、没有正文、时间不合理等。修改原文件后可重新导入,已入库的行不会重复。",
    "no_rejects": "没有被拒收的行。",
    "file": "文件",
    "line": "行",
    "reason": "原因",
    "rows": "行数",
    "raw": "原始内容(已脱敏)",
    "when": "时间",
    "pick": "选择数据源",
    "all_files": "全部文件",
}

EVENTS = {
    "run_now": "立即采集",
    "paused": "暂停",
    "resumed": "恢复",
    "urgent": "加密采集",
    "normal": "恢复常规",
}

CLOCKS = {
    "collector": "「{name}」的采集机时钟比本机快 {ahead}:它的帖文时间因此偏晚,请校时。",
    "desk": "有登记台账的电脑时钟比本机快 {ahead}:登记时间因此偏晚(先后仍以收到的次序为准),请校时。",
}
