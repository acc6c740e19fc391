"""Weak labels: a letter to a mailbox or a reply in a thread comes in; the class its own words name, or none,
goes out.

Only rows whose wording leaves little doubt get one (precision over reach); the callers cap how many are used,
and no row of a dev split ever comes from here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable

# Rows a class, chosen by benchmarks/weak_labels.py: 60 letters a need gain 0.6 points of macro-F1 in five
# folds of our own posts. Replies gain nothing (20 and 60 a class lose half a point, within the interval), so
# few are used, for wordings of real threads that our own replies lack.
LETTERS_A_NEED = 60
REPLIES_A_STANCE = 20

CLOSING = 60  # characters at the end of a letter in which the writer says what is wanted
REPLY_LENGTH = 40  # characters: longer replies that use these words mostly talk about something else

_ASKS = re.compile(r"咨询|请问|如何办理|怎么办理|何时|什么时候|是否(?:可以|能|属于|符合)|(?:吗|多少)[?？]?$")
_PROPOSES = re.compile(
    r"^(?:关于.{0,20})?(?:的)?建议|建议(?:在|增|将|把|尽快|恢复|设|修|加|对)|的建议$|的几点建议"
)
_REPORTS = re.compile(r"^(?:投诉|反映|举报|反应|控诉)|扰民|(?:太差|混乱|严重污染|无人管|没人管|堪忧)$")
# A letter that asks and presses for a remedy is a complaint in the form of a question.
_PRESSES = re.compile(
    r"望|请.{0,12}(?:解决|帮|处理)|严重|恳|做主|管管|问题.{0,6}解决|得到解决|再[次问]|拖|强烈|盼|违|诉"
)
_COMPLAINS = re.compile(
    r"投诉|举报|严惩|黑心|欺骗|腐败|不作为|违法|违规|扰民|污染|维权|强制|乱收费|为何不|凭什么"
)

_DENIES = re.compile(
    r"^(?:这是|已经|纯属|又是|都是|明显是)?(?:谣言|假的|造谣|假新闻|虚假消息|误传)"
    r"|已(?:经)?(?:被)?辟谣|早(?:就)?辟谣|官方辟谣了|别信|不要信|不可信|没有的事|以讹传讹|别再?造谣"
)
_QUERIES = re.compile(
    r"真的假的|真假[啊呀的吗?？]*$|(?:这|消息|这个)?是真的(?:吗|么|吧[?？])|属实(?:吗|么)|求证|有依据吗|求真相|消息来源[?？]|可靠吗|靠谱吗"
)
# Words of the other side, or of a wish, that make a reply say two things.
_UNSURE_DENIAL = re.compile(r"[?？吗么]|真的假|求|坐等|以为|有没有|可能|吧|如果|不知|希望|要不要")
_UNSURE_QUERY = re.compile(r"谣言|辟谣|假的[^?？]*$|不管真假|竟然|确实|想求证")


def letter_need(title: str, text: str) -> str | None:
    """Return the ``need`` of a letter by its title and closing words; None where they disagree or are silent.

    Calls for help are not among them: four of 4,196 letters say so in their title.
    """
    said = title + text[-CLOSING:]
    named = {
        "suggestion": bool(_PROPOSES.search(title)),
        "problem": bool(_REPORTS.search(title)),
        "question": bool(_ASKS.search(title)) and not (_COMPLAINS.search(said) or _PRESSES.search(said)),
    }
    found = [need for need, holds in named.items() if holds]
    return found[0] if len(found) == 1 else None


def reply_stance(text: str) -> str | None:
    """Return ``deny`` or ``query`` where a short reply says so outright; None else."""
    if len(text) > REPLY_LENGTH:
        return None
    denies = bool(_DENIES.search(text)) and not _UNSURE_DENIAL.search(text)
    queries = bool(_QUERIES.search(text)) and not _UNSURE_QUERY.search(text)
    if denies == queries:
        return None
    return "deny" if denies else "query"


class Cap:
    """Lets the first ``limit`` rows of each class through."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._seen: Counter[Hashable] = Counter()

    def admits(self, label: Hashable) -> bool:
        """Count a row of a class; whether it is still within the limit."""
        self._seen[label] += 1
        return self._seen[label] <= self._limit
