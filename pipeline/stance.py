"""A post's text and the models' stance come in; what the post does with its claim goes out.

The words of debunking and of asking for proof are rules, because they are explicit; the model decides
the rest.
"""

from __future__ import annotations

import re

from pipeline.records import Stance

SURE = 0.5  # a stance of the model below this probability is not used

QUERY = re.compile(
    r"真的假的|真的吗|是真的么|是不是真|真假|是否属实|属实吗|求证|求辟谣|有没有人知道|官方.{0,6}(?:出来|说|回应).{0,4}吗|"
    r"谁知道|可信吗|靠谱吗|有这回事|有这事吗"
)
DENY = re.compile(
    r"辟谣|谣言|不实|假的|造谣|别信|不要信|不信谣|不传谣|没有的事|没这回事|纯属|系误传|误传|子虚乌有|并非|"
    r"并没有|并未|不存在|虚假|(?:情况)?不属实|从未发生|没有发生|不会封|不封|没有?封|没停|不停[水电课]"
)
# Not denials although they hold the words of one: 不是谣言, 不是假的, 怎么辟谣都没用.
NOT_DENY = re.compile(
    r"不是谣言|不是假的|并非谣言|绝非谣言|不是造谣|没有辟谣|不辟谣|辟谣.{0,3}(?:没用|打脸)|别再说.{0,4}谣言"
)


def stance_of(text: str, label: str | None, score: float | None, *, official: bool = False) -> Stance:
    """Return the stance of a post to its claim.

    ``label`` and ``score`` are the model's stance and its probability, or None where it gave none.
    """
    said = NOT_DENY.sub("", text)
    if QUERY.search(said):
        return Stance.QUERY
    if DENY.search(said):
        return Stance.DENY
    if label is not None and score is not None and score >= SURE and label in set(Stance):
        return Stance(label)
    if text.rstrip().endswith(("?", "\uff1f", "吗")):
        return Stance.QUERY
    return Stance.COMMENT if official else Stance.SUPPORT
