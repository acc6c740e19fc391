"""All Chinese words of merging and splitting claims by hand and of an answer's effect; constants out."""

from __future__ import annotations

GROUPING = {
    "title": "归并",
    "merge": "并入另一条说法",
    "merge_hint": "两条说的是同一件事时合并。这条会从队列中移出并记入台账,可以撤销。",
    "into": "并入哪一条",
    "choose": "请选择(按文字相近排列)",
    "reason": "理由",
    "merge_button": "合并",
    "split": "拆出部分帖文",
    "split_hint": "选中的帖文会成为一条新的说法。",
    "posts": "要拆出的帖文",
    "split_button": "拆出",
    "history": "归并记录",
    "none": "没有手工合并或拆分。",
    "merged": "{who} 于 {when} 把 {claim} 并入 {into}:{reason}",
    "split_done": "{who} 于 {when} 拆出 {n} 条帖文:{reason}",
    "undone": "{who} 于 {when} 撤销了一次归并",
    "undo": "撤销",
    "was_undone": "(已撤销)",
    "recorded": "已记录,几秒内生效",
    "unread": "记录无法读取",
}

EFFECT = {
    "title": "成效",
    "none_title": "还没有发布回应",
    "none": "登记发布或引用权威信息后,这里比较发布前后的帖文数、否认与求证的占比,以及还有什么在问。",
    "before": "发布前",
    "after": "发布后",
    "rate": "每小时 {n} 条",
    "rate_help": "{hours} 小时内 {posts} 条,官方帖文不计。",
    "doubt": "否认与求证占比",
    "doubt_help": "发布后的帖文中,否认或求证的占多少,下方为发布前。立场由模型判断,误差见「模型」页。",
    "half": "降到一半用时",
    "half_n": "{n} 小时",
    "half_none": "未降到一半",
    "half_help": "发布后连续 3 小时的平均降到发布前 3 小时平均的一半所用的时间。",
    "returned": "沉寂一天后又出现 {n} 条。",
    "recurring": "平息后出现的相同说法",
    "asking": "发布后仍在问",
    "posts_n": "{n} 条",
}
