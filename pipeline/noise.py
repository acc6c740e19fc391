"""A text comes in; whether it is advertising, copypasta or a horoscope, and which words say so, goes out."""

from __future__ import annotations

import re
from dataclasses import dataclass

ADVERT = re.compile(
    r"加微信|加我微信|加v|扫码|下单|包邮|优惠券|限时抢购|秒杀|代购|招代理|日赚|月入过万|兼职刷单|贷款|低息|无抵押|"
    r"点击链接|领红包|免费领|团购|促销|全场.折|私信我|咨询电话|办证|高价回收|房源|首付|清仓"
)
HOROSCOPE = re.compile(
    r"(?:白羊|金牛|双子|巨蟹|狮子|处女|天秤|天蝎|射手|摩羯|水瓶|双鱼)座|今日运势|星座运|生肖.{0,4}运|塔罗"
)
COPYPASTA = re.compile(r"转发.{0,8}(?:好运|锦鲤|发财|暴富)|不转不是|转给.{0,6}群|接好运|转发这条")
ADVERT_WORDS = 2  # one such word stands in honest complaints too: 有人打着贷款的旗号骗人


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """A kind of noise (``advert`` or ``copypasta``) and why."""

    kind: str
    reason: str


def noise_of(text: str) -> Noise | None:
    """Return what kind of noise a text is, or None for a text that may be a claim."""
    words = sorted({match.group() for match in ADVERT.finditer(text)})
    if len(words) >= ADVERT_WORDS:
        return Noise(kind="advert", reason=f"广告用语:{'、'.join(words)}")
    horoscope = HOROSCOPE.search(text)
    if horoscope and "运" in text:
        return Noise(kind="copypasta", reason=f"星座运势:{horoscope.group()}")
    chain = COPYPASTA.search(text)
    if chain:
        return Noise(kind="copypasta", reason=f"转发套话:{chain.group()}")
    return None
