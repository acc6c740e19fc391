"""All Chinese words of the page 态势; nothing in, constants out."""

from __future__ import annotations

SITUATION = {
    "title": "态势",
    "posts": "帖文",
    "posts_help": "所选时间内发布的帖文,下方为之前同样长的一段。按整点小时计。",
    "posts_before": "前一段 {n}",
    "claims": "说法",
    "claims_help": "所选时间内仍有帖文出现的说法;其中首次出现的为新说法。",
    "new_claims": "新增 {n}",
    "waiting": "待回应",
    "overdue_n": "超时 {n}",
    "none_overdue": "无超时",
    "alerts": "预警",
    "alerts_help": "所选时间内发出的预警。未处理指还没有人接手。",
    "open_alerts": "未处理 {n}",
    "open_overdue": "只看超时",
    "open_unhandled": "只看未处理",
    "trend": "帖文走势(按诉求)",
    "trend_caption": "灰色底为没有采集到数据的时段,不代表没有帖文;浅色柱为尚未结束的一小时。"
    "点一根柱看当时的帖文。",
    "tiles": "各县市",
    "tiles_caption": "格子按大致方位排列,不是地图。颜色越深,待回应越多;数字为待回应条数与帖文数。"
    "点一格看该县市的待办。",
    "map_caption": "底图由本单位配置。颜色越深,待回应越多。点一块看该县市的待办。",
    "tile_waiting": "待回应 {n}",
    "tile_posts": "帖文 {n}",
    "newest_alerts": "最新预警",
    "queue_top": "最先要办",
    "no_alerts": "所选时间内没有预警。",
    "no_queue": "没有待回应的说法。",
    "empty_title": "还没有帖文",
    "empty": "采集或导入后,这里会自动出现走势。可以先到「数据源」查看,或运行 huiying import 文件。",
    "stale": "最近一次采集到帖文是{when},请到「数据源」检查。",
    "wall": "打开大屏",
    "moods": "构成",
    "moods_help": "由模型判断,供看大势;误差为人工抽查本地帖文所得,未抽查时写明未测。",
    "by_need": "诉求",
    "by_sentiment": "情感",
    "all_waiting": "全部待办",
    "all_alerts": "全部预警",
    "merged": "按说法计",
    "merged_help": "相似合并后:所选时间内,这些帖文归并成多少条说法。",
    "tops": "最先要办排序",
}

QUEUE_SORTS = {
    "urgent": "紧急优先",
    "priority": "优先级",
    "deadline": "时限",
    "newest": "最新",
    "size": "热度",
}

WALL = {
    "title": "大屏 · {office}",
    "leave": "退出大屏",
    "screen": "{n} / {all}",
    "clock": "{when} 更新",
    "numbers": "今天",
    "queue": "最先要办",
    "places": "各县市待回应",
    "alerts": "最新预警",
    "calm": "暂无待回应的说法",
    "no_alerts": "最近 24 小时没有预警",
    "stale": "最近一次采集到帖文是{when}",
    "nothing": "还没有帖文",
}
