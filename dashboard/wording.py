"""All Chinese words of the pages: names, labels, hints and sentences; nothing in, constants out."""

from __future__ import annotations

PRODUCT = "回应"
PRODUCT_LONG = "回应 · 本地舆情答复工作台"

SECTIONS = {"work": "值班", "look": "研判", "run": "运行"}

PAGES = {
    "today": "今日待办",
    "situation": "态势",
    "claim": "说法",
    "alerts": "预警",
    "statements": "权威信息",
    "ledger": "台账",
    "labels": "批量标注",
    "reports": "报告",
    "sources": "数据源",
    "models": "模型",
    "system": "系统",
}

NEEDS = {
    "help": "求助",
    "unverified_claim": "未经证实的说法",
    "misunderstanding": "误解误读",
    "question": "疑问",
    "problem": "反映问题",
    "suggestion": "建议",
    "none": "无需回应",
    "": "未标注",
}

RELATIONS = {"support": "相信或转述", "query": "求证", "deny": "否认或辟谣", "comment": "其他评论"}

SENTIMENTS = {"negative": "负面", "neutral": "中性", "positive": "正面"}

LEVELS = {"blue": "蓝 · 关注", "yellow": "黄 · 留意", "orange": "橙 · 紧急", "red": "红 · 特急"}
LEVEL_HELP = "等级由本单位设定,用于安排先后,不是法定的突发事件等级。"

TRIGGERS = {"burst": "数量突增", "content": "内容紧急", "silence": "数据中断"}

HANDLED = {
    "acknowledged": "已接手",
    "false_alarm": "误报",
    "known": "已知情况",
    "muted": "已静默",
    "escalated": "已上报",
    "closed": "已结束",
}

BASES = {"first_seen": "首次发现", "happened": "事发", "assigned": "交办", "reopened": "重新打开"}

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

PROCESSES = {
    "pipeline": "处理流程与数据库",
    "crawl": "采集调度",
    "dashboard": "页面服务",
    "demo-site": "演示网站",
}
PROCESS_STATES = {"running": "运行中", "waiting": "等待重启"}

STAGES = {
    "ingest": "入库",
    "tag": "标注",
    "claims": "归并说法",
    "counts": "计数",
    "bursts": "突增检测",
    "alerts": "预警",
    "triage": "排序",
    "match": "匹配权威信息",
    "notify": "通知",
    "retention": "到期清理",
}

SORTS = {"urgent": "超时优先", "priority": "优先级", "deadline": "时限", "newest": "最新", "size": "热度"}
QUESTIONS = {
    "": "全部",
    "overdue": "已超时",
    "soon": "5 小时内到期",
    "unanswered": "无有效答复",
    "asked": "多人询问(10 人以上)",
}
SPANS = {24: "24 小时", 72: "3 天", 168: "7 天", 336: "14 天"}
CLAIM_SORTS = {"newest": "最近出现", "size": "帖文数", "rumor": "疑似不实"}
MEMBER_SORTS = {"newest": "最新", "first": "最早", "similar": "最相似"}

ALL = "全部"
NONE_YET = "—"
NOW = "现在"

FILTERS = {
    "span": "时间",
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
}

TODAY = {
    "title": "今日待办",
    "waiting": "待回应",
    "overdue": "已超时",
    "due_5": "5 小时内到期",
    "due_24": "24 小时内到期",
    "waiting_help": "队列中的说法总数。一条说法可能包含许多帖文。",
    "overdue_help": "时限已过、仍没有登记答复或不回应理由的说法。",
    "due_5_help": "从现在起 5 小时内到期的说法。",
    "due_24_help": "从现在起 5 小时以外、24 小时以内到期的说法在内。",
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

CLAIM = {
    "pick_title": "说法",
    "pick": "按最近出现排列。点开一条查看它的时间线、成员帖文、地域和来源。",
    "missing_title": "找不到这条说法",
    "missing": "它可能已并入另一条说法,或已超过保存期限。",
    "back": "返回列表",
    "timeline": "时间线",
    "timeline_caption": "每根柱为 {minutes} 分钟内的帖文数;最后一根尚未结束。"
    "竖线:▲ 预警,■ 权威信息,● 我方答复。",
    "members": "成员帖文",
    "places": "地域",
    "channels": "渠道",
    "statements": "权威信息",
    "questions": "大家在问",
    "ledger": "办理记录",
    "size": "帖文",
    "size_help": "归入这条说法的全部帖文,不论立场。",
    "authors": "不同发言者",
    "authors_help": "传播这条说法的不同发言者,按加密标识去重;系统不保存姓名。",
    "asking": "求证",
    "asking_help": "询问真假或情况的帖文数及占全部成员的比例。",
    "rumor": "疑似不实",
    "rumor_help": "模型给出的概率,仅供排序,不是核查结论。结论须由具名人员附来源登记。",
    "first_seen": "首次出现",
    "no_posts": "没有可显示的帖文。",
    "no_statements": "没有匹配到权威信息。",
    "no_questions": "没有收到求证类帖文。",
    "no_places": "帖文没有提到本地地名。",
    "answers": "可作答复",
    "related": "相关",
    "similarity": "相似度",
    "reason": "归入理由",
    "edited": "发布后改过:首次见到的文字",
    "deleted": "原帖已删除",
    "official": "官方发布",
    "source_link": "原文",
    "not_in_queue": "不在待回应队列中",
    "unverified": "待核实",
    "unverified_help": "尚无具名人员登记的核查结论。",
    "first_here": "首次出现",
    "last_here": "最近出现",
    "posts": "帖文数",
}

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
    "trend": "帖文走势(按诉求)",
    "trend_caption": "断开处为没有采集到数据的时段,不代表没有帖文;浅色柱为尚未结束的一小时。",
    "tiles": "各县市",
    "tiles_caption": "格子按大致方位排列,不是地图。颜色越深,待回应越多;数字为待回应条数与帖文数。",
    "tile_waiting": "待回应 {n}",
    "tile_posts": "帖文 {n}",
    "newest_alerts": "最新预警",
    "queue_top": "最先要办",
    "no_alerts": "所选时间内没有预警。",
    "no_queue": "没有待回应的说法。",
    "empty_title": "还没有帖文",
    "empty": "采集或导入后,这里会自动出现走势。可以先到「数据源」查看,或运行 huiying import 文件。",
    "stale": "最近一次采集到帖文是{when},请到「数据源」检查。",
    "wall": "大屏",
    "wall_help": "隐去筛选与说明,每 20 秒轮换一屏;适合投到墙上。",
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

STATEMENTS = {
    "title": "权威信息",
    "empty_title": "还没有权威信息",
    "empty": "官方发布的通报、公告、辟谣会自动收进来,也可以在这里添加。",
    "valid_only": "只看有效",
    "expired": "已失效",
    "valid_until": "有效至 {when}",
    "always": "长期有效",
    "answers_n": "答复 {n} 条说法",
    "coverage": "公众疑问的答复覆盖",
    "coverage_claims": "有答复的说法",
    "coverage_askers": "有答复的发言者",
    "coverage_help": "近 14 天内需要回应的说法中,有一条仍有效的权威信息作答的比例。",
    "voids": "信息空白:多人在问,尚无官方答复",
    "voids_help": "按求证帖文数排列。「近 6 小时」为该说法最近 6 小时的帖文数。",
    "void_numbers": "求证 {asking} · 占 {share} · 近 6 小时 {recent}",
    "nothing_title": "没有符合条件的权威信息",
    "no_voids": "没有发现信息空白。",
    "search": "搜索标题、正文、发布单位",
    "list": "全部权威信息",
    "which": "答复了哪些说法",
    "add": "添加权威信息",
}

SOURCES = {
    "title": "数据源",
    "empty_title": "还没有数据源",
    "empty": "运行 huiying source new 名称 网址 添加一个,或用 huiying import 导入文件。",
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

SYSTEM = {
    "title": "系统",
    "processes": "进程",
    "no_processes": "没有进程信息:系统不是由 huiying up 启动的。",
    "name": "进程",
    "state": "状态",
    "restarts": "重启次数",
    "since": "自",
    "exit": "上次退出码",
    "backlog": "待处理",
    "backlog_help": "已入库、还没有标注的帖文;长期大于零说明处理跟不上采集。",
    "spool": "待入库文件",
    "disk": "磁盘剩余",
    "disk_help": "数据目录所在磁盘。低于 10% 时请清理或扩容。",
    "database": "数据库大小",
    "stages": "最近一轮各步骤用时",
    "stage": "步骤",
    "seconds": "秒",
    "rows": "行数",
    "table": "数据",
    "part": "组件",
    "last_round": "最近一轮处理",
    "no_round": "还没有处理记录。",
    "tables": "数据量",
    "versions": "版本",
    "schema": "数据库结构",
    "model": "模型",
    "audit": "操作记录",
    "no_audit": "还没有操作记录。",
    "store_down": "数据库服务没有运行,只能显示进程和磁盘。",
    "retention": "原文保存期限",
    "retention_days": "{days} 天",
    "retention_more": "统计长期保留",
    "actor": "人员",
    "action": "操作",
    "body": "内容",
    "when": "时间",
    "low_disk": "磁盘剩余不足 10%,采集可能停止写入。",
}

TABLES = {
    "posts": "帖文",
    "tags": "标注",
    "claims": "说法",
    "alerts": "预警",
    "statements": "权威信息",
    "rejects": "拒收行",
    "ledger_events": "台账事件",
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

DEADLINE = {
    "overdue": "已超时 {span}",
    "left": "剩 {span}",
    "rule": "依据:{rule};自{basis}({start})起算;{deadline} 到期",
}

RUN_STATE_WORDS = {
    "updated": "更新于 {when} · 自动刷新",
    "paused": "正在编辑,已暂停自动刷新",
}

SPAN = {"days": "{n} 天", "hours": "{n} 小时", "minutes": "{n} 分钟", "less": "不到 1 分钟"}
AGO = {"now": "刚刚", "past": "{span}前", "future": "{span}后"}
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
