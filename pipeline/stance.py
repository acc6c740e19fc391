"""A post's text and the models' stance come in; what the post does with its claim goes out.

The words of debunking and of asking for proof are rules, because they are explicit. The model decides the
rest
of the replies; of posts that answer nothing it is not asked, because it learned from replies only.
"""

from __future__ import annotations

import re

from pipeline.records import Stance

SURE = 0.5  # a stance of the model below this probability is not used

# Asks whether it is so. A denial that asks back (哪来的报告?) is not among them.
QUERY = re.compile(
    r"真的假的|真的吗|真的么|真的不|是真是假|是真的还是|是真的么|是不是真|真假|是否属实|属实吗|属实不|求证|求辟谣|求真相|有没有人知道|"
    r"官方.{0,6}(?:出来|说|回应).{0,4}吗|有没有(?:官方|权威|通报|说法|文件|哪个|家长|人)|谁知道|哪个(?:晓得|知道)|可信吗|靠谱吗|"
    r"有这回事[吗没不?\uff1f]|到底有没有|有这事[吗没不?\uff1f]|真有这事|准不准|有结论|给个准话|出来讲一声|请问|求官方|是什么情况|谣言吗|辟谣[了没]*[吗没]|[到了人]没[有得]?[?\uff1f\u3002!]*$"
)
ASKS = re.compile(
    r"[?\uff1f]|吗[,\uff0c。!\uff01~]*(?:$|[^\u4e00-\u9fff]|我|有|会|怎|家|今|还|阀|要|发|学)|是不是|有没有|能不能|会不会|咋回事|为哪样|"
    r"到底|怎么都在传|还是段子|哪里来的|怎么有人讲|用没用|变不变|安不安全|还收.{0,4}不[,\uff0c]"
)
# Plain words of denial.
DENY = re.compile(
    r"辟谣|谣言|谣传|不实|造谣|别信|莫信|勿信|不要信|不信谣|不传谣|没有的事|没得的事|没这回事|没那回事|没有这回事|没这事|没有这事|纯属|纯粹是|"
    r"误传|误读|子虚乌有|并非|并没有|并未|并无|不存在|虚假|不属实|从未|从没|没有发生|未发生|编造|捏造|杜撰|编的|瞎[说编传]|乱[讲说传发]|胡说|"
    r"(?:勿|莫|别|不要|不得).{0,2}(?:传|轻信|听信|信谣|造谣|恐慌)|别听|听风就是雨|没有依据|没有根据|假消息|假新闻|消息是假|说法是假|是假的[,\uff0c。!\uff01]|"
    r"信息系|虚惊一场|旧闻|摆拍|移花接木|张冠李戴|断章取义|不会(?:停|封|涨|倒|垮|取消|关)|不[停封撤涨拆裁][^\u4e00-\u9fff]|"
    r"不(?:封城|停水|停电|停课|停运|封控|涨价|取消)|没有?[封停塌裂垮]|哪里(?:停|封|有|死)|哪有|哪来的|瞎扯|扯淡|扯犊子|胡扯|不是真的|^假的|假的[啦啊吧]|辟过谣|否认|没死人|没有其事|骗人的|无中生有|胡编|纯属误会|冒用|"
    r"别吓|莫再传|两码事|半截话|没半点关系|没有半点|是.{1,12}[,\uff0c](?:并)?不是|不是.{1,12}[,\uff0c](?:而)?是|毫无根据|例行(?:消杀|检查|荷载|检修)|"
    r"没有(?:发过|被|变[,\uff0c]|调整|什么|任何|这种事|那种事|根据|罂粟)|不会作废|照.不误|一分不少|"
    r"根本[没不]|停了?个锤子|([关封停裁涨])(?:什么|啥子?)\1"
)
# Says that all is as it should be, which denies what went round: 水好好的, 照常营业.
AS_USUAL = re.compile(
    r"好好的|稳得很|啥事(?:都)?没有|屁事没有|一切(?:正常|照常)|照常|照样|照旧|一样不少|都有[油水电气]|队都不用排|还在招|"
    r"(?<!不)(?<!恢复)(?<!非)(?<!不太)正常(?:运[营行]|营业|供[应水电气]|办理|报销|举行|施工|上课|发放|开展|通行|淘汰|开放|，|,|。|$)"
)
# Says that a thing did not happen or is not planned.
NOTHING = re.compile(
    r"(?:没有|没得|无|未|不存在|绝无|尚未).{0,10}(?:的事|计划|安排|发生|检出|发现|接到|依据|死亡|人员伤亡|伤亡|泄漏|停航|丢弃|失踪|警情|"
    r"情况|这个事|生病|跑路|这种|污染|危险|影响|收费|变化|调整|辐射|感染|病例)|没(?:要)[垮倒停封]"
)
# An office speaks; with a word of negation after it, it denies.
OFFICE = re.compile(
    r"(?:民警|主任|大队|校长|局|公司|医院|指挥部|政府|防控办|警方|公安|交警|部门|中心|疾控|消防|景区|法院|学校|厂|委|集团|派出所|银行|农信社|处|院|组|站|办)"
    r"[\u4e00-\u9fff]{0,8}(?:[:\uff1a]|回应|通报|答复|澄清|核实|抽检|回复|说明|表示|声明|说了|说)"
)
NEGATED = re.compile(
    r"[不无未没非]|正常|达标|稳定|合格|阴性|仍为|维持|系|演[练习]|旧(?:视频|图|闻)|经?鉴定为|延续|[前去]年的|外[省地]的|"
    r"为(?:更换|演|例行|正常|日常)|已入库|齐全"
)
# Not denials although they hold the words of one: 不是谣言, 怎么辟谣都没用.
NOT_DENY = re.compile(
    r"不是谣言|不是假的|并非谣言|绝非谣言|不是造谣|没有辟谣|不辟谣|辟谣.{0,3}(?:没用|打脸)|别再说.{0,4}谣言|没有说法|没得说法|没人管|没有人管"
)
# Says what one thinks of it, and neither that it is so nor that it is not.
COMMENT = re.compile(
    r"必须(?:关|严|查|重)|就该|应该(?:严|重|查|开)|可怜|心痛|心寒|发凉|失望|摆设|坑人|早晚|迟早|要重判|一个都不能放过|不容易|"
    r"谁还(?:去|敢)|哪个还敢|这种人|在干嘛|都毁了|不敢让|再也不敢|想不开|就查到底|就该查|要是.{2,14}(?:就|多好|垮|全完)|没人性|畜生"
)


def stance_of(
    text: str, label: str | None, score: float | None, *, official: bool = False, reply: bool = False
) -> Stance:
    """Return the stance of a post to its claim.

    ``label`` and ``score`` are the model's stance and its probability, or None where it gave none; they are
    used for a ``reply`` only.
    """
    said = NOT_DENY.sub("", text).rstrip()
    if QUERY.search(said):
        return Stance.QUERY
    if DENY.search(said) or _office_denies(said):
        return Stance.DENY
    if ASKS.search(said):
        return Stance.QUERY
    if AS_USUAL.search(said) or NOTHING.search(said):
        return Stance.DENY
    if reply and label is not None and score is not None and score >= SURE and label in set(Stance):
        return Stance(label)
    if official or COMMENT.search(said):
        return Stance.COMMENT
    return Stance.SUPPORT


def _office_denies(text: str) -> bool:
    office = OFFICE.search(text)
    return office is not None and NEGATED.search(text, office.end()) is not None
