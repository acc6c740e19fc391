"""All Chinese words of the page 系统; nothing in, constants out."""

from __future__ import annotations

PROCESSES = {
    "pipeline": "处理流程与数据库",
    "crawl": "采集调度",
    "dashboard": "页面服务",
    "notify": "通知发送",
    "demo-site": "演示网站",
    "reports": "定时报告",
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
    "spool_help": "采集程序已写完、还没有入库的文件数;长期增加说明处理跟不上采集。",
    "database_help": "数据库文件现在的大小。",
    "retention_help": "超过期限的帖文原文会被删除,统计保留。期限由 huiying.toml 的 retention_days 设定。",
    "last_round_help": "处理流程最近一次完成一轮的时间。超过一分钟说明处理停了,请看上面的进程。",
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

# Actions of the audit log: whole ones, and by their first word those that are named after an event.
ACTIONS = {
    "sign_in": "登录",
    "sign_in.refused": "登录被拒",
    "sign_out": "退出登录",
    "alerts.tuned": "修改预警阈值",
    "model.use": "启用模型版本",
    "model.rollback": "退回上一模型版本",
    "classify": "标注上传的文件",
    "label": "更正标注",
    "report.exported": "导出报告",
    "ledger.exported": "导出台账",
    "ledger.handover": "生成交接班单",
}
AREAS = {
    "ledger": "台账",
    "claim": "归并",
    "alert": "预警",
    "statement": "权威信息",
    "source": "数据源",
}
CLAIM_ACTIONS = {"merged": "并入", "split": "拆出", "undone": "撤销", "released": "不是噪声"}
STATEMENT_ACTIONS = {"added": "登记", "withdrawn": "撤回", "superseded": "被替代"}
BY_LINK = "(消息链接)"

TABLES = {
    "posts": "帖文",
    "tags": "标注",
    "claims": "说法",
    "alerts": "预警",
    "statements": "权威信息",
    "rejects": "拒收行",
    "ledger_events": "台账事件",
}
