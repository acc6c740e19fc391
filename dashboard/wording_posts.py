"""All Chinese words of the page 帖文; nothing in, constants out."""

from __future__ import annotations

POSTS = {
    "title": "帖文",
    "search": "搜索帖文",
    "caption": "按筛选条件列出的公开帖文。只显示内容,不显示也不保存发言者姓名。",
    "hour": "只看 {hour} 这一小时",
    "all_hours": "看整段时间",
    "nothing_title": "没有符合条件的帖文",
    "nothing": "试着放宽时间、地域或情感。没有帖文也可能是没有采集到,可到「数据源」查看。",
    "total": "共 {n} 条",
    "total_merged": "共 {n} 组",
    "alike": "相似 {n} 条",
    "claim": "所属说法",
    "no_claim": "未归入说法",
    "rumor": "疑似不实 {share}",
    "rumor_help": "模型给出的概率,仅供排序,不是核查结论。",
    "untagged": "待标注",
    "open": "看全文",
    "counts": "回复 {replies} · 转发 {reposts} · 赞 {likes}",
}

SORTS = {"newest": "最新", "oldest": "最早", "loud": "热度", "alike": "相似最多"}
MERGED = {0: "不合并", 1: "合并"}
