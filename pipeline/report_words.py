"""All Chinese words of the reports; nothing in, constants out."""

from __future__ import annotations

from pipeline.words import NEEDS as NEEDS
from pipeline.words import RELATIONS as RELATIONS

TITLES = {"daily": "舆情回应日报", "weekly": "舆情回应周报", "claim": "舆情回应专报"}
SECTIONS = {
    "summary": "摘要",
    "volume": "总体情况",
    "claims": "重点说法",
    "work": "回应办理",
    "effect": "回应成效",
    "alerts": "预警",
    "asked": "群众在问",
    "statements": "权威信息",
    "advice": "研判建议",
    "claim": "基本情况",
    "spread": "传播情况",
    "progress": "办理情况",
}
NUMERALS = "一二三四五六七八九十"

LEVELS = {"red": "红", "orange": "橙", "yellow": "黄", "blue": "蓝"}
EVENTS = {
    "assigned": "交办",
    "drafted": "起草",
    "submitted": "送审",
    "reviewed": "审核",
    "published": "登记发布",
    "cited": "引用权威信息",
    "verdict": "核查结论",
    "declined": "不需回应",
    "closed": "销号",
    "extended": "延期",
    "reopened": "重新打开",
    "withdrawn": "撤回回应",
    "escalated": "提请带班领导",
    "shelved": "自动搁置",
}

SUMMARY = {
    "posts": "{span}收集公开帖文 {posts} 条,{change}。",
    "same": "与前一{unit}持平",
    "more": "比前一{unit}增加 {n} 条({share})",
    "less": "比前一{unit}减少 {n} 条({share})",
    "first": "前一{unit}没有数据可比",
    "claims": "出现说法 {spoken} 个,其中新增 {fresh} 个;需要回应的 {owed} 个,新增 {owed_fresh} 个,"
    "旧说法重现 {returned} 个。",
    "work": "登记发布回应 {published} 个,引用权威信息 {cited} 个,销号 {closed} 个,"
    "不需回应 {declined} 个,自动搁置 {shelved} 个。",
    "owed": "截至 {now},待回应 {waiting} 个,其中已超时 {overdue} 个,24 小时内到期 {due_day} 个。",
    "alerts": "发出预警 {n} 次({levels})。",
    "no_alerts": "没有发出预警。",
    "calm": "{span}没有收集到帖文,也没有办理记录。请先核对采集是否正常。",
    "running": "本期尚未结束,数据截至 {now}。",
}
VOLUME = {
    "gaps": "有 {n} 个小时没有采集到任何数据({which}),这些时段的数量为空缺,不代表没有帖文。",
    "hours": "按小时和诉求的帖文数",
    "places": "各县市帖文数",
    "channels": "各渠道帖文数",
    "share": "占比",
    "no_posts": "没有收集到帖文。",
}
CLAIMS = {
    "title": "按回应优先级排列的说法(疑似不实为模型概率,待核实,不是结论)",
    "none": "没有需要回应的说法。",
}
WORK = {
    "published": "已发布的回应",
    "finished": "销号与不需回应",
    "late": "已超时",
    "soon": "24 小时内到期",
    "none": "本期没有办理记录。",
    "nothing_late": "没有超时的事项。",
}
EFFECT = {
    "sentence": "“{text}”:发布前 {before_hours} 小时 {before} 条(每小时 {before_rate}),"
    "发布后 {after_hours} 小时 {after} 条(每小时 {after_rate});"
    "否认与求证占比由 {before_share} 变为 {after_share};{half}{returned}",
    "half": "发布后 {n} 小时内降到一半。",
    "no_half": "尚未降到一半。",
    "returned": "沉寂一天后又出现 {n} 条。",
    "recurring": "平息后又有 {n} 个相同的新说法。",
    "asking": "发布后仍在问:{texts}。",
    "none": "本期没有发布回应,无从比较。",
}
ALERTS = {"title": "本期预警", "none": "没有发出预警。"}
ASKED = {"title": "重复最多的提问", "none": "没有收集到求证类帖文。"}
STATEMENTS = {
    "title": "本期发布的权威信息",
    "none": "没有收集到权威信息。",
}
ADVICE = "(由编写人填写)"

CLAIM = {
    "head": "说法:{text}",
    "facts": "首次发现 {first},最近出现 {last};累计帖文 {size} 条,"
    "不同发言者 {authors} 人(按加密标识去重,不保存姓名)。",
    "kind": "诉求类别:{need}。疑似不实 {rumor}(模型概率,待核实,不是结论)。",
    "places": "涉及县市:{counties};渠道:{channels}。",
    "verdict": "核查结论:{what},{who}于 {when} 登记,出处:{source}。",
    "no_verdict": "尚无具名人员登记的核查结论。",
    "stances": "{total} 条帖文中,相信或转述 {support},求证 {query},否认或辟谣 {deny},其他 {comment}。",
    "series": "按小时和立场的帖文数(虚线为我方或有关部门的回应)",
    "state": "目前状态:{state}。属地 {county},行业 {department}。",
    "deadline": "时限:{words};{start} 起算,{due} 到期{late}。",
    "overdue": ",已超时",
    "met": ",已完成",
    "answer": "回应:{who},{when},{url}{end}。",
    "ended": "(已失效)",
    "history": "办理经过",
    "no_history": "还没有办理记录。",
    "unassigned": "未交办",
    "no_statements": "没有匹配到权威信息。",
    "statement": "{issuer}({when}):{sentence} {url}",
    "match_title": "可引用的权威信息",
}
APPENDIX = {
    "title": "附:数据来源与口径",
    "made": "本{kind}由系统于 {when} 生成,{edited}。",
    "edited": "以下各节经人工修改:{sections}",
    "unedited": "文字未经人工修改",
    "scope": "只含公开页面上的帖文;没有采集的平台不在其中。作者姓名不保存。办理状态为生成时的状态。",
    "errors": "模型在本地人工标注上的实测:{figures}。",
    "withheld": "模型在本地的实测误差由负责全部县市的人员查看,此处从略。",
    "unmeasured": "模型尚未在本地人工标注上测过误差,各项占比仅供参考。",
    "note": "正文中〔n〕为该数字所据的查询;名称见 pipeline/sql/queries,"
    "可用 huiying report 以相同日期重新生成。",
}

COLUMNS = {
    "claims": ("序号", "说法", "诉求", "涉及县市", "本期帖文", "累计", "疑似不实", "状态", "结论"),
    "published": ("序号", "说法", "属地", "行业部门", "发布时间", "用时", "链接"),
    "finished": ("序号", "说法", "结果", "理由", "时间"),
    "due": ("序号", "说法", "应办结", "时限与起算", "状态", "属地", "行业部门", "卡点"),
    "alerts": ("序号", "时间", "等级", "说法", "理由"),
    "asked": ("序号", "提问", "条数"),
    "statements": ("序号", "发布单位", "标题", "时间", "链接"),
    "history": ("时间", "人员", "事项"),
    "appendix": ("查询", "名称", "参数", "行数"),
}
