"""A letter's page of a government mailbox and a source's selectors come in; the letter and its answer go out.

Letter boxes (领导信箱, 来信选登, 12345 选登) show a letter, who was asked, what they answered and, at times,
how the writer judged it. The letter is the public's, the answer is official; both are posts, and the answer's
parent is the letter. Labels such as ``回复单位：`` stand beside the values in many of them, so a value may be
found by its label where no selector is given.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from parsel import Selector

from crawlers.parsing.answers import official_answer
from crawlers.parsing.found import Found
from crawlers.parsing.fragments import words_of

# What such pages call their fields; the words are those of the letter boxes that were looked at.
LABELS: Mapping[str, tuple[str, ...]] = {
    "title": ("信件标题", "来信标题", "留言标题", "主题", "标题"),
    "published": ("来信时间", "来信日期", "写信时间", "留言时间", "提交时间", "反映时间", "咨询时间"),
    "answered": ("回复时间", "答复时间", "回复日期", "答复日期", "办结时间", "办理时间"),
    "department": (
        "回复单位",
        "答复单位",
        "回复部门",
        "答复部门",
        "办理单位",
        "办理部门",
        "承办单位",
        "回复机构",
    ),
    "status": ("办理状态", "信件状态", "处理状态", "状态"),
    "grade": ("满意度", "群众评价", "评价结果", "评价"),
    "body": ("来信内容", "信件内容", "留言内容", "问题描述", "诉求内容", "内容"),
    "answer": ("回复内容", "答复内容", "回复意见", "办理结果", "处理结果", "官方回复", "答复情况"),
    "number": ("信件编号", "来信编号", "受理编号", "编号"),
}
LONGEST_VALUE = 60  # characters of a value that stands on one line beside its label
COLON = re.compile(r"\s*[:\uff1a]\s*")
UNANSWERED = re.compile(r"^(?:暂无(?:回复|答复)?|待回复|办理中|尚未(?:回复|答复)|无)[。.!!]?$")


class LetterError(ValueError):
    """A page holds no letter: neither a selector nor a label leads to its words."""


def parse_letter(root: Selector, select: Mapping[str, str], url: str, identifier: str) -> list[Found]:
    """Return the letter, and the answer to it where there is one.

    ``select`` are CSS selectors by the names in ``LABELS``; what has none is looked for by its label.

    Raises:
        LetterError: there are no words of a letter.
    """
    values = {name: _value(root, select.get(name, ""), name) for name in LABELS}
    body = values["body"] or values["title"]
    if not body:
        raise LetterError(f"{url}: no letter found, neither by selector nor by label")
    letter = Found(
        id=values["number"] or identifier,
        url=url,
        title=values["title"],
        text=body,
        published=values["published"] or None,
    )
    return [letter, *_answer(values, letter)]


def _answer(values: Mapping[str, str], letter: Found) -> list[Found]:
    text = values["answer"]
    if not text or UNANSWERED.match(text):
        return []
    return [
        official_answer(
            letter,
            text,
            values["answered"] or None,
            department=values["department"],
            status=values["status"],
            grade=values["grade"],
        )
    ]


def _value(root: Selector, selector: str, name: str) -> str:
    if selector:
        found = root.css(selector)
        return _unlabelled(words_of(found[0]), name) if found else ""
    long = name in {"body", "answer"}
    for label in LABELS[name]:
        value = _beside(root, label, long)
        if value:
            return value
    return ""


def _beside(root: Selector, label: str, long: bool) -> str:
    """Return what stands after a label: in the same element, else in the next one, else in the next cell."""
    holders = root.xpath(
        "//*[not(self::script or self::style)][starts-with(normalize-space(.), $label)]", label=label
    )
    for holder in reversed(holders):
        whole = words_of(holder)
        rest = COLON.sub("", whole[len(label) :], count=1) if whole.startswith(label) else ""
        if not rest:
            following = holder.xpath("following-sibling::*[1]")
            rest = words_of(following[0]) if following else ""
        if rest and (long or len(rest) <= LONGEST_VALUE) and COLON.match(whole[len(label) :] + ":"):
            return rest
    return ""


def _unlabelled(text: str, name: str) -> str:
    """Return a value without its label, where the selector took both."""
    for label in LABELS[name]:
        if text.startswith(label):
            return COLON.sub("", text[len(label) :], count=1).strip()
    return text
