"""Contrast: claims that were found false come in; the same claims asked about and refuted go out.

The public sets have false claims, and hardly a post that asks about one or refutes it; what is learnt from
them alone is that a claim's words make a rumor, whatever is said about it. Every claim therefore comes back
in another mood, so that its words do not decide (counterfactual augmentation, Kaushik et al. 2020,
arXiv:1909.12434). Only ever for training.
"""

from __future__ import annotations

import hashlib
import re

SUFFIX = "_contrast"  # of the name of the set that a contrasted claim is from
LONGEST = 60  # characters of a claim; longer posts say more than one thing

# The question at the end of a claim as fact-checkers head it: 喝酒能防病毒？, 喝酒能防病毒，真的吗？
ASKED_TAIL = re.compile(
    r"[,，。\s]*(?:是?真的?[吗么]|真的假的|是真是假|真相是?|靠谱[吗么]|可信[吗么])?[吗么呢]?[?？!！。…]*$"
)
ENDS = "?？!！,，。… "
OPEN = re.compile(r"是不是|是否|会不会|能不能|能否|可不可以|有没有|为什么|为何|怎么|什么|如何|多少|哪|几|谁")

ASKED = (
    "{}，真的假的？", "听说{}，是真的吗", "求证：{}", "有人知道{}是不是真的吗", "网上说{}，靠得住吗",
    "{}？有没有官方的说法", "{}这个说法可信吗", "请问{}属实吗", "求辟谣：{}", "{}，是谣言吗", "{}吗？",
    "群里都在传{}，哪个核实一下", "想问问{}到底是真是假", "朋友圈在传{}，有依据没",
    "妈妈发来一条：{}，可以信吗？",
)  # fmt: skip
REFUTED = (
    "网传“{}”不实", "辟谣：“{}”系谣言", "{}？假的，别信", "“{}”是谣言，不要再转了",
    "{}这个说法没有依据", "关于“{}”的消息不属实，请勿传播", "有人说{}，官方已经否认", "别传了，{}是编的",
    "“{}”？专家：没有科学依据", "{}，纯属瞎扯", "问过了，{}是没有的事", "警方：网传{}系编造，已依法处理",
    "说{}的视频是旧的，不是这里的", "假消息！{}早就澄清过了", "所谓“{}”是误传", "又在传{}，去年就辟谣过了",
    "我核实过了，{}不是真的", "爸妈别信，{}是骗人的", "“{}”？真相是：并非如此", "群里那条“{}”是假的，莫转",
    "{}的说法经查为不实信息",
)  # fmt: skip


def claimed(text: str) -> str | None:
    """Return a claim as a statement, without the question that a fact-checker put after it; None where the
    question is in its middle.
    """
    statement = ASKED_TAIL.sub("", text).rstrip(ENDS)
    return None if len(statement) < 2 or OPEN.search(statement) else statement


def in_another_mood(statement: str) -> tuple[str, bool] | None:
    """Return a claim asked about or refuted, and whether it is asked; None of one that is too long.

    Which of the two, and in which words, follows from the claim's digest.
    """
    if len(statement) > LONGEST:
        return None
    chance = int.from_bytes(hashlib.sha256(statement.encode()).digest()[:4], "big")
    asked = bool(chance % 2)
    words = ASKED if asked else REFUTED
    return words[chance // 2 % len(words)].format(statement), asked
