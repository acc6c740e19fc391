"""A text and what the models say of it come in; which kind of noise it is, and which words say so, goes out.

Likeness to known noise is the engine's part (``pipeline.claims``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

ADVERT = re.compile(
    r"加微信|加我微信|加v|加vx|薇信|威信号|扫码|下单|包邮|优惠券|限时抢购|秒杀|代购|招代理|招加盟|日赚|日结|月入过万|兼职刷单|贷款|低息|无抵押|"
    r"点击链接|领红包|免费领|免费试|团购|促销|特价|全场.折|买一送一|私信我|咨询电话|联系电话|详询|办证|刻章|高价回收|房源|首付|清仓|开业大吉|诚招|"
    r"在线客服|货到付款|假一赔十|祛斑|减肥茶|壮阳|丰胸|信用卡代还|套现|网赚|稳赚|彩金|首充|棋牌",
    re.IGNORECASE,
)
CONTACT = re.compile(r"<(?:电话|账号|链接)>|https?://|微信|扣扣|qq|vx", re.IGNORECASE)
HOROSCOPE = re.compile(
    r"(?:白羊|金牛|双子|巨蟹|狮子|处女|天秤|天蝎|射手|摩羯|水瓶|双鱼)座|今日运势|星座运|生肖.{0,4}运|塔罗|水逆|本命年.{0,6}运|财运"
)
COPYPASTA = re.compile(
    r"转发.{0,8}(?:好运|锦鲤|发财|暴富|平安)|不转不是|转给.{0,6}群|接好运|转发这条|沾沾喜气|许愿池|今天是.{0,10}节[,\uff0c]?祝|早安心语|"
    r"每日一句|人生感悟|群发|为父母.{0,4}转|凡是看到的"
)
# One who warns of a fraud or asks about it has the words of the advertisement.
WARNS = re.compile(
    r"骗|诈|假冒|冒充|举报|投诉|维权|曝光|求证|真的[吗假]|属实|当心|谣言|辟谣|有毒|超标|不退|跑路|求助|怎么办|啷个办|咋个办"
)
ADVERT_WORDS = 2  # one such word stands in honest complaints too
UNWORTHY = 0.2  # probability of being check-worthy below which one word and a way to get in touch are enough


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """A kind of noise (``advert`` or ``copypasta``) and why."""

    kind: str
    reason: str


def noise_of(text: str, checkworthy: float | None = None) -> Noise | None:
    """Return what kind of noise a text is, or None for a text that may be a claim.

    ``checkworthy`` is the model's probability that there is something to check, None where it gave none.
    """
    if WARNS.search(text):
        return None
    words = sorted({match.group() for match in ADVERT.finditer(text)})
    if len(words) >= ADVERT_WORDS:
        return Noise(kind="advert", reason=f"广告用语:{'、'.join(words)}")
    if words and CONTACT.search(text) and checkworthy is not None and checkworthy < UNWORTHY:
        return Noise(
            kind="advert",
            reason=f"广告用语:{words[0]},留有联系方式,模型认为无可核实({checkworthy:.2f})",
        )
    horoscope = HOROSCOPE.search(text)
    if horoscope and "运" in text:
        return Noise(kind="copypasta", reason=f"星座运势:{horoscope.group()}")
    chain = COPYPASTA.search(text)
    if chain:
        return Noise(kind="copypasta", reason=f"转发套话:{chain.group()}")
    return None
