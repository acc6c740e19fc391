"""All Chinese words of the page of one claim 说法; nothing in, constants out."""

from __future__ import annotations

CLAIM_SORTS = {"newest": "最近出现", "size": "帖文数", "rumor": "疑似不实"}

MEMBER_SORTS = {"newest": "最新", "first": "最早", "similar": "最相似"}

CLAIM = {
    "pick_title": "说法",
    "pick": "按最近出现排列。点开一条查看它的时间线、成员帖文、地域和来源。",
    "missing_title": "找不到这条说法",
    "missing": "它可能已并入另一条说法,或已超过保存期限。",
    "back": "返回列表",
    "timeline": "时间线",
    "timeline_caption": "每根柱为 {minutes} 分钟内的帖文数;浅色柱尚未结束。灰色底为没有采集到数据的时段,"
    "不代表没有帖文;橙色底为突增的时段。竖线:▲ 预警,■ 权威信息,● 我方答复。",
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
    "first_seen_help": "归入这条说法的帖文中最早一条的发布时间。",
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
    "known": "以前核查过",
    "known_help": "按文字与地点、数量、时间等相符程度找到,是否同一件事由人判断。",
    "verdict_by": "{who} 登记的核查结论,出处见办理",
    "brief": "生成专报",
    "confusions": "说法不一",
    "confusions_help": "同一单位的数量在两条以上帖文中说法不同,回应时应当说清。",
    "unverified": "待核实",
    "unverified_help": "尚无具名人员登记的核查结论。",
    "first_here": "首次出现",
    "last_here": "最近出现",
    "posts": "帖文数",
}
