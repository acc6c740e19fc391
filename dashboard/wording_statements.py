"""All Chinese words of the page 权威信息; nothing in, constants out."""

from __future__ import annotations

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
