"""A post's text comes in; all that two texts are compared by, read once, goes out.

``Wording`` holds one text's facts, rare words, matters and the core that is left without place, hedge and
question.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from pipeline.concepts import concepts_of
from pipeline.lexical import Grams, grams_of
from pipeline.normalise import match_text, simplify
from pipeline.records import Stance
from pipeline.same_claim import Facts, facts_of

Vector = npt.NDArray[np.float32]

# What people say around a claim: it is in any claim, so it is not compared.
HEDGES = re.compile(
    r"听说|听讲|据说|网传|都说|都讲|有人说|有人讲|求证|求真相|求辟谣|是真的吗|真的假的|是真是假|真的是|真的|假的|是不是|有没有|"
    r"有哪个|晓得|知道|请问|内部消息|刚刚|各位|大家|朋友|注意|辟谣|谣言|谣传|不实|不属实|官方|通报|回应|消息|莫乱传|不要传|不信谣|"
    r"不传谣|转发|扩散|啊|呢|吗|嘛|哦|哟|了|的|是|我|们|这个|那个|就是"
)


@dataclass(frozen=True, slots=True)
class Wording:
    """One text as it is compared: ``core`` are its folded two-character pieces, ``letters`` its
    characters.
    """

    text: str
    facts: Facts
    grams: Grams
    concepts: frozenset[int]
    core: frozenset[str]
    letters: frozenset[str]
    stance: Stance
    vector: Vector | None


def wording_of(
    text: str, places: tuple[str, ...], stance: Stance, vector: Vector | None, said_on: date | None = None
) -> Wording:
    """Read one text; ``places`` are its counties' full names, ``vector`` its embedding (384,) of unit
    length.
    """
    plain, folded = simplify(text).lower(), match_text(text)
    facts = facts_of(plain, places, said_on)
    core = _core(folded, sorted(facts.places))
    return Wording(
        text=text,
        facts=facts,
        grams=grams_of(folded),
        concepts=concepts_of(plain),
        core=frozenset(map("".join, pairwise(core))),
        letters=frozenset(core),
        stance=stance,
        vector=vector,
    )


def _core(folded: str, places: Sequence[str]) -> str:
    for place in places:
        folded = folded.replace(place, "").replace(place[:2], "")
    return HEDGES.sub("", folded)
