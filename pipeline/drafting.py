"""A claim comes in; what is on record for an answer goes out: citable facts, what people ask, what is told in
different ways, and a skeleton (事实、依据、办理、渠道) filled with nothing else.

Nothing is invented: each fact carries its source's number, and what is not known stays a blank to fill.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pipeline.config import LOCAL_TIME
from pipeline.ledger_events import VERDICT_WORDS, EventError, VerdictGiven, decode
from pipeline.store import Reader

POSTS = 500  # different texts of one claim that are read
CITED = 5
EARLIER = 3
EXAMPLES = 3
FEW = 2  # texts that name a value, below which a difference is a slip and no confusion
EXAMPLE_CHARACTERS = 80

# What a question is about, by its words, in the order in which an answer takes them up; the first that fits.
KINDS: Mapping[str, re.Pattern[str]] = {
    "何时、多久": re.compile(r"什么时候|啥时候|几点|几号|哪天|何时|多久|几天|多长时间|还要等"),
    "何处、哪些人": re.compile(r"哪里|哪儿|在哪|哪个(小区|学校|村|镇|县|路|厂)|哪些|谁家|范围"),
    "怎么办、能不能": re.compile(
        r"怎么办|咋办|怎样才能|如何|能不能|还能|可不可以|可以.{0,6}吗|要不要|需不需要"
    ),
    "找谁、谁来管": re.compile(r"找谁|谁来管|谁管|谁负责|哪个部门|电话|没人管|有人管"),
    "为什么": re.compile(r"为什么|为啥|咋回事|怎么回事|什么原因|凭什么|凭啥"),
    "多少": re.compile(r"多少|几个|几人|补偿|赔"),
    "是否属实": re.compile(
        r"真的假的|真的吗|是真是假|是不是真|真假|属实|求证|求真相|可信|靠谱|来源|谁说的|辟谣|官方"
    ),
}
OTHER_KIND = "其他"

# A number with what it counts: where these differ within one claim, people have heard different things.
AMOUNT = re.compile(
    r"(?P<number>\d+(?:\.\d+)?|[一二两三四五六七八九十百几数]+)(?P<unit>多?(?:天|小时|个月|人|个学生|个小孩|例|起|家|元|块|万|楼|点))"
)

NUMBERS = "一二三四五六"  # of the sections; one that has nothing to say is left out, and its number with it

WORDS = {
    "facts": "事实",
    "basis": "依据",
    "asked": "群众在问(逐条回应后删去)",
    "muddled": "需要说清的出入(说清后删去)",
    "handling": "办理情况",
    "channel": "咨询与反映渠道",
    "sources": "出处",
    "said": "{first} 起,{places}有群众反映:{text}[1]",
    "collected": "[1] 公开帖文归并,说法编号 {claim_id}",
    "no_place": "本地",
    "blank": "____",
    "no_basis": "(尚无可引用的权威信息,请核实后补写,并注明出处)",
    "not_asked": "(没有收集到求证类提问)",
    "cited": "{text}[{number}]",
    "source": "[{number}] {issuer},{when},{url}",
    "verdict": "核查结论:{what}[{number}]",
    "earlier": "以前核查过相同的说法“{text}”,结论:{verdict}",
    "variant": "以前核查过相近的说法“{text}”,结论:{verdict};不同之处:{difference},请重新核实",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """A sentence that may be cited, with who published it, where and when."""

    text: str
    issuer: str
    url: str
    published_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """An earlier verdict on the same words, or on words from which ``difference`` tells this claim apart."""

    verdict: str
    difference: str
    cited: Cited

    def words(self) -> str:
        """Say what was found of it before."""
        pattern = WORDS["variant" if self.difference else "earlier"]
        text = _short(self.cited.text)
        return pattern.format(text=text, verdict=self.verdict, difference=self.difference)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Questions of one kind: how many posts ask, and the most repeated ones."""

    name: str
    posts: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """What is told in different ways within one claim: a unit and its values with their posts."""

    unit: str
    values: tuple[tuple[str, int], ...]

    def words(self) -> str:
        """Say the values, the most told first."""
        told = "、".join(f"{value}({posts} 条)" for value, posts in self.values)
        return f"说法不一:{told}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """All that is on record for an answer to one claim."""

    claim: Mapping[str, Any]
    cited: tuple[Cited, ...]
    verdicts: tuple[tuple[str, Cited], ...]
    earlier: tuple[Earlier, ...]
    asked: tuple[Asked, ...]
    confusions: tuple[Confusion, ...]


def material(store: Reader, claim_id: str, now: datetime | None = None) -> Material:
    """Gather what is on record for an answer.

    Raises:
        KeyError: there is no such claim.
    """
    found = store.rows("drafting_claim", claim=claim_id)
    if not found:
        raise KeyError(claim_id)
    statements = store.rows("drafting_statements", claim=claim_id, now=now or datetime.now(UTC), most=CITED)
    posts = store.rows("drafting_posts", claim=claim_id, most=POSTS)
    return Material(
        claim=found[0],
        cited=tuple(_cited(row) for row in statements),
        verdicts=tuple(_verdicts(store.rows("drafting_verdicts", claim=claim_id))),
        earlier=tuple(_earlier(row) for row in store.rows("known_rumor_of", claim=claim_id)[:EARLIER]),
        asked=group_questions([(row["text"], row["posts"]) for row in posts if row["relation"] == "query"]),
        confusions=find_confusions([(row["text"], row["posts"]) for row in posts]),
    )


def group_questions(questions: Sequence[tuple[str, int]]) -> tuple[Asked, ...]:
    """Group questions (text, posts) by what they ask about, the most asked kind first."""
    groups: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for text, posts in questions:
        kind = next((name for name, words in KINDS.items() if words.search(text)), OTHER_KIND)
        groups[kind].append((text, posts))
    found = [
        Asked(
            name=name,
            posts=sum(posts for _, posts in members),
            examples=tuple(_short(text) for text, _ in sorted(members, key=lambda one: -one[1])[:EXAMPLES]),
        )
        for name, members in groups.items()
    ]
    return tuple(sorted(found, key=lambda group: -group.posts))


def find_confusions(posts: Sequence[tuple[str, int]]) -> tuple[Confusion, ...]:
    """Find amounts that are told in different ways: of one unit, two or more values in ``FEW`` posts each."""
    told: dict[str, Counter[str]] = defaultdict(Counter)
    for text, count in posts:
        for amount in {match.group(0): match for match in AMOUNT.finditer(text)}.values():
            told[amount["unit"].removeprefix("多")][amount.group(0)] += count
    found = []
    for unit, values in sorted(told.items()):
        common = tuple((value, count) for value, count in values.most_common() if count >= FEW)
        if len(common) > 1:
            found.append(Confusion(unit=unit, values=common))
    return tuple(found)


def skeleton(facts: Material) -> str:
    """Return the draft that the material fills: numbered sources at its end, blanks for the unknown."""
    basis, sources = _basis(facts)
    asked = [f"· {group.name}({group.posts} 条):{'、'.join(group.examples)}" for group in facts.asked]
    muddled = [f"· {one.words()}" for one in facts.confusions]
    parts = [
        (WORDS["facts"], [_said(facts.claim), WORDS["blank"]]),
        (WORDS["basis"], basis or [WORDS["no_basis"]]),
        (WORDS["asked"], asked or [WORDS["not_asked"]]),
        *([(WORDS["muddled"], muddled)] if muddled else []),
        (WORDS["handling"], [WORDS["blank"]]),
        (WORDS["channel"], [WORDS["blank"]]),
    ]
    numbered = [(f"{number}、{title}", lines) for number, (title, lines) in zip(NUMBERS, parts, strict=False)]
    numbered += [
        (WORDS["sources"], [WORDS["collected"].format(claim_id=facts.claim["claim_id"]), *sources]),
    ]
    return "\n\n".join("\n".join([title, *lines]) for title, lines in numbered)


def _basis(facts: Material) -> tuple[list[str], list[str]]:
    said, sources = [], []
    known = [*((WORDS["verdict"], what, one) for what, one in facts.verdicts)]
    known += [("{what}[{number}]", one.words(), one.cited) for one in facts.earlier]
    known += [(WORDS["cited"], "", one) for one in facts.cited]
    for number, (pattern, what, one) in enumerate(known, 2):
        said.append(pattern.format(text=_short(one.text, 200), what=what, number=number))
        sources.append(
            WORDS["source"].format(
                number=number, issuer=one.issuer, when=_when(one.published_at), url=one.url
            )
        )
    return said, sources


def _said(claim: Mapping[str, Any]) -> str:
    return WORDS["said"].format(
        first=_when(claim["first_seen"]),
        places="、".join(claim["counties"]) or WORDS["no_place"],
        text=_short(claim["text"], 120),
    )


def _cited(row: Mapping[str, Any]) -> Cited:
    text = row["sentence"] or row["title"] or row["text"]
    return Cited(text=text, issuer=row["issuer"], url=row["url"], published_at=row["published_at"])


def _earlier(row: Mapping[str, Any]) -> Earlier:
    cited = Cited(text=row["text"], issuer=row["issuer"], url=row["url"], published_at=row["decided_at"])
    known = {str(value): word for value, word in VERDICT_WORDS.items()}
    verdict = known.get(row["verdict"], WORDS["blank"])
    return Earlier(verdict=verdict, difference=row["difference"] or "", cited=cited)


def _verdicts(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, Cited]]:
    """Return the newest verdict that can be read, with its source; earlier ones are the ledger's to show."""
    for row in reversed(rows):
        try:
            event = decode("verdict", row["body"])
        except EventError:
            continue  # on record as not counted, see Response.ignored
        if isinstance(event, VerdictGiven):
            issuer = f"{event.source}({row['actor']}认定)"
            source = Cited(
                text=event.source, issuer=issuer, url=event.source_url, published_at=row["recorded_at"]
            )
            return [(VERDICT_WORDS[event.value], source)]
    return []


def _when(at: datetime | None) -> str:
    return "日期不详" if at is None else f"{at.astimezone(LOCAL_TIME):%Y年%m月%d日 %H:%M}"


def _short(text: str, most: int = EXAMPLE_CHARACTERS) -> str:
    line = " ".join("".join(one for one in text if one.isprintable() or one.isspace()).split())
    return line if len(line) <= most else line[:most] + "…"
