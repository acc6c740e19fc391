"""All Chinese words of the page 广告与套话; nothing in, constants out."""

from __future__ import annotations

NOISE = {
    "title": "广告与套话",
    "search": "搜索",
    "caption": "系统认为是广告、转发套话或运势一类的帖文,不进入待回应。"
    "真有诉求混在里面时,点「不是噪声」放出来。",
    "kind": "类别",
    "kinds_help": "所选时间内还有帖文出现、归为这一类的组数。不进入待回应,可以放回。",
    "clusters": "{n} 组,{posts} 条帖文",
    "empty_title": "没有被归为广告或套话的帖文",
    "empty": "归入这里的每一组都会写明理由,方便核对有没有误伤。",
    "reason": "理由:{reason}",
    "facts": "帖文 {size} · 发言者 {authors} · {counties} · 最近出现 {when}",
    "members": "看帖文(最近 {n} 条)",
    "release": "不是噪声",
    "release_help": "放回说法,重新排序;之后相同的帖文也按说法处理。操作会记入操作记录。",
    "released": "已放回,几秒内生效。",
    "is_released": "已放回",
}

KINDS = {"advert": "广告", "copypasta": "转发套话", "horoscope": "运势", "spam": "刷屏"}
SORTS = {"newest": "最近出现", "size": "帖文数"}
