"""All Chinese words of the page 模型; nothing in, constants out."""

from __future__ import annotations

MODELS = {
    "title": "模型",
    "in_use": "正在使用",
    "in_use_help": "每条标注都记着是哪个版本标的。",
    "shipped": "随软件附带",
    "update": "学习本单位更正",
    "train": "重新训练",
    "passed": "质量门",
    "passed_yes": "通过",
    "passed_no": "未通过",
    "passed_help": "新版本在固定的评测集上不低于底线才会启用;底线见下表。",
    "field": "看哪一项",
    "local": "本地错误率",
    "local_help": "本单位的人标注随机样本后,模型标错的比例。按各类占比加权;区间为 95%(Wilson)。",
    "local_none": "未测",
    "judged": "人工标注(随机样本)",
    "judged_help": "人按随机样本判断过的帖文数;只有随机样本才能推算错误率,只标拿不准的不算在内。",
    "judged_below": "最近 {when}",
    "kappa": "两人一致程度 κ",
    "kappa_help": "Cohen's κ:扣除碰巧相同之后的一致程度,1 为完全一致;一般认为 0.6 以上可用。",
    "kappa_none": "没有两人标过同一批帖文",
    "stale": "请注意:{reasons}。",
    "by_label": "各类错误率",
    "by_label_help": "模型标为该类的随机样本中,人认为不对的比例。n 小于 30 时区间很宽。",
    "by_source": "分来源",
    "no_labels_title": "还没有人工标注",
    "no_labels": "到「批量标注」页的「更正标注」标一批随机样本(每类 30 条以上),"
    "或用 huiying label export --random 200 取成表格标。标完这里就有本地错误率。",
    "to_labels": "去标注",
    "drift": "各类占比的变化(按周)",
    "drift_caption": "近 12 周;最后一周尚未结束。占比突然变化,可能是事情变了,"
    "也可能是模型不适应新话题:请抽一批看看。",
    "no_drift": "还没有标注过的帖文。",
    "versions": "版本",
    "change": "更换版本",
    "roll_back": "退回上一版本",
    "activate": "启用所选版本",
    "choose": "选择版本",
    "confirm_title": "更换模型版本",
    "confirm": "将从 {before} 换成 {after}。正在运行的系统会自动换上,此后的帖文由新版本标注;已有的标注不变。",
    "why": "原因(记入记录)",
    "yes": "确认更换",
    "no": "不换了",
    "done": "已换成 {name}",
    "none_before": "没有可以退回的版本",
    "refused": "没有通过质量门的版本不能在页面上启用。",
    "learn": "用更正过的标签更新模型:在命令行运行 huiying train --update(几分钟)。",
    "history": "更换记录",
    "no_history": "没有更换过版本。",
    "floors": "质量底线",
    "floors_help": "评测集上的 macro-F1 不得低于、校准误差(ECE)不得高于的数值;新版本未达到就不启用。",
    "gate_failed": "未达到:{what} {measured}(要求 {bound})",
    "heads": "最近一次学习",
}

ERROR_COLUMNS = {
    "label": "模型标为",
    "source": "来源",
    "posts": "人工标注 n",
    "share": "错误率",
    "interval": "95% 区间",
}
PAIR_COLUMNS = {"pair": "标注人", "posts": "同标", "same": "相同", "kappa": "κ"}
VERSION_COLUMNS = {
    "mark": "在用",
    "name": "名称",
    "kind": "来源",
    "made_at": "时间",
    "posts": "更正数",
    "passed": "质量门",
    "tagged": "标注帖文",
}
HISTORY_COLUMNS = {"at": "时间", "actor": "人员", "before": "从", "after": "换成", "why": "原因"}
FLOOR_COLUMNS = {
    "field": "项目",
    "set": "评测集",
    "rows": "行数",
    "macro_f1": "macro-F1 ≥",
    "ece": "ECE ≤",
}
HEAD_COLUMNS = {
    "head": "项目",
    "rows": "更正数",
    "before": "学习前判对",
    "after": "学习后判对",
    "reason": "未更新的原因",
}
