"""Disguised words: a folded text comes in, the same text in simplified script with split words made whole
goes out.

People write 核suan, yi院 or yq to slip past filters. Only words of public matters are undone, and only where
the letters stand alone between other characters: an unknown abbreviation stays as it is.
"""

from __future__ import annotations

import re
from functools import cache

from opencc import OpenCC

# A word and the syllables of its characters: each is undone in the forms 核suan, he酸 and hesuan.
SPLIT_WORDS = (
    ("核酸", "he", "suan"), ("疫情", "yi", "qing"), ("疫苗", "yi", "miao"), ("隔离", "ge", "li"),
    ("封城", "feng", "cheng"), ("封控", "feng", "kong"), ("确诊", "que", "zhen"), ("阳性", "yang", "xing"),
    ("医院", "yi", "yuan"), ("医保", "yi", "bao"), ("社保", "she", "bao"), ("政府", "zheng", "fu"),
    ("警察", "jing", "cha"), ("书记", "shu", "ji"), ("工资", "gong", "zi"), ("物业", "wu", "ye"),
    ("拆迁", "chai", "qian"), ("贪污", "tan", "wu"), ("中毒", "zhong", "du"), ("投毒", "tou", "du"),
    ("溃坝", "kui", "ba"), ("爆炸", "bao", "zha"), ("举报", "ju", "bao"), ("投诉", "tou", "su"),
    ("维权", "wei", "quan"), ("辟谣", "pi", "yao"), ("谣言", "yao", "yan"), ("停水", "ting", "shui"),
)  # fmt: skip
# Initials that mean one thing in posts of this kind; those that mean several (gj, jc, zf) are left alone.
INITIALS = {"yq": "疫情", "hs": "核酸", "ybk": "医保卡", "sbk": "社保卡"}

_HAN = re.compile(r"[\u4e00-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]")


def undisguised(text: str) -> str:
    """Return a text in simplified script, words of ``SPLIT_WORDS`` and ``INITIALS`` written out."""
    if _traditional().search(text):
        text = _simplifier().convert(text)
    if _LATIN.search(text) and _HAN.search(text):
        pattern, words = _disguises()
        text = pattern.sub(lambda found: words[found.group().lower()], text)
    return text


@cache
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


@cache
def _traditional() -> re.Pattern[str]:
    """Return what finds a character that the conversion changes: most texts have none."""
    chars = [chr(code) for code in range(0x3400, 0xA000)]
    simple = _simplifier().convert("\n".join(chars)).split("\n")
    changed = [old for old, new in zip(chars, simple, strict=True) if old != new]
    return re.compile(f"[{''.join(changed)}]")


@cache
def _disguises() -> tuple[re.Pattern[str], dict[str, str]]:
    words = dict(INITIALS)
    for word, first, second in SPLIT_WORDS:
        for form in (word[0] + second, first + word[1], first + second):
            words[form] = word
    longest = sorted(words, key=len, reverse=True)
    forms = "|".join(re.escape(form) for form in longest)
    return re.compile(rf"(?<![A-Za-z])(?:{forms})(?![A-Za-z])", re.IGNORECASE), words
