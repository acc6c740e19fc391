"""What can be recorded in the ledger: an event's kind and JSON body come in, a checked record goes out, and
back.

Each record refuses what could never be right (an empty reason, a link that is none). Whether an event fits
the state of its response is ``pipeline.ledger_state``'s to say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, ClassVar

from pipeline.records import VerdictValue

LINK = re.compile(r"https?://[^\s<>\"']+")
TEXT_LIMIT = 100_000  # characters of a draft or note

VERDICT_WORDS: Mapping[VerdictValue, str] = {
    VerdictValue.TRUE: "属实",
    VerdictValue.FALSE: "不属实",
    VerdictValue.PARTLY: "部分属实",
    VerdictValue.UNVERIFIABLE: "未核实",
}

DECLINE_REASONS: Mapping[str, str] = {
    "small": "传播很小,回应反而扩散",
    "remit": "不属本单位职责",
    "duplicate": "与其他说法重复",
    "no_need": "无需回应",
    "other": "其他",
}


class EventError(ValueError):
    """An event cannot be recorded; the message is Chinese and says what is wrong."""


class LedgerEvent:
    """What all kinds share: a name, and a check of their texts."""

    __slots__ = ()
    KIND: ClassVar[str] = ""
    REQUIRED: ClassVar[tuple[tuple[str, str], ...]] = ()  # a field and its name in Chinese

    def __post_init__(self) -> None:
        for name, word in self.REQUIRED:
            if not str(getattr(self, name)).strip():
                raise EventError(f"{word}不能为空")
        for entry in fields(self):  # type: ignore[arg-type]
            value = getattr(self, entry.name)
            if isinstance(value, str) and len(value) > TEXT_LIMIT:
                raise EventError(f"{entry.name} 有 {len(value)} 字,最多 {TEXT_LIMIT} 字")
            if isinstance(value, datetime) and value.tzinfo is None:
                raise EventError(f"{entry.name} 没有时区:{value}")
        self.check()

    def check(self) -> None:
        """Refuse what this kind cannot be; most kinds have nothing more to check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned(LedgerEvent):
    """交办: a county owner (属地) and a department owner (行业)."""

    KIND = "assigned"
    REQUIRED = (("county", "属地责任单位"), ("department", "行业主管部门"))
    county: str
    department: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded(LedgerEvent):
    """定级: whether this is a 特别重大 or 重大 emergency, which has its own deadlines."""

    KIND = "graded"
    REQUIRED = (("reason", "定级理由"),)
    emergency: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened(LedgerEvent):
    """When the matter happened: the start of deadlines that count from it."""

    KIND = "happened"
    REQUIRED = (("source", "依据"),)
    at: datetime
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Extended(LedgerEvent):
    """延期: more time for one rule (or for all, with an empty ``rule``), with who allowed it."""

    KIND = "extended"
    REQUIRED = (("reason", "延期理由"), ("approved_by", "批准人"))
    until: datetime
    reason: str
    approved_by: str
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consulted(LedgerEvent):
    """会商: another department whose consent is needed before anything is published."""

    KIND = "consulted"
    REQUIRED = (("department", "会商单位"),)
    department: str
    question: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consented(LedgerEvent):
    """What a consulted department said."""

    KIND = "consented"
    REQUIRED = (("department", "会商单位"),)
    department: str
    agrees: bool
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted(LedgerEvent):
    """起草: a new version of the answer; ``machine`` marks text of a language model that nobody edited."""

    KIND = "drafted"
    REQUIRED = (("text", "稿件"),)
    text: str
    machine: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted(LedgerEvent):
    """送审: a version goes to review."""

    KIND = "submitted"
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed(LedgerEvent):
    """审核: one level's decision on one version; levels count from 1."""

    KIND = "reviewed"
    version: int
    level: int
    passed: bool
    comment: str = ""

    def check(self) -> None:
        """Refuse to send a version back without saying why."""
        if not self.passed and not self.comment.strip():
            raise EventError("退回要写明意见")


@dataclass(frozen=True, slots=True, kw_only=True)
class Published(LedgerEvent):
    """发布: where and when the answer appeared, how long it holds, and which earlier answer it replaces.

    ``correction`` says that the earlier answer of our own was wrong; it stays on record.
    """

    KIND = "published"
    version: int
    url: str
    published_at: datetime
    valid_until: datetime | None = None
    replaces: str = ""
    correction: bool = False

    def check(self) -> None:
        """Refuse what is no link, or an answer that never holds."""
        _check_link(self.url)
        if self.valid_until and self.valid_until <= self.published_at:
            raise EventError("有效期止应晚于发布时间")
        if self.correction and not self.replaces:
            raise EventError("更正要指明被更正的回应")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited(LedgerEvent):
    """已有权威信息: a statement, or an answer to another claim, that answers this claim already."""

    KIND = "cited"
    REQUIRED = (("issuer", "发布单位"),)
    url: str
    issuer: str
    published_at: datetime
    statement_id: str = ""
    answer_id: str = ""
    valid_until: datetime | None = None

    def check(self) -> None:
        """Refuse what is no link."""
        _check_link(self.url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Briefed(LedgerEvent):
    """举行新闻发布会."""

    KIND = "briefed"
    at: datetime
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Superseded(LedgerEvent):
    """An answer is replaced by something published elsewhere."""

    KIND = "superseded"
    REQUIRED = (("answer_id", "被替代的回应"), ("by", "替代它的链接"))
    answer_id: str
    by: str

    def check(self) -> None:
        """Refuse what is no link."""
        _check_link(self.by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn(LedgerEvent):
    """An answer no longer holds and nothing replaces it yet."""

    KIND = "withdrawn"
    REQUIRED = (("answer_id", "撤回的回应"), ("reason", "撤回理由"))
    answer_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictGiven(LedgerEvent):
    """核查结论: what the actor, a named person, found, and where it says so."""

    KIND = "verdict"
    REQUIRED = (("source", "依据的出处"),)
    value: VerdictValue
    source: str
    source_url: str = ""
    note: str = ""

    def check(self) -> None:
        """Refuse what is no link."""
        if self.source_url:
            _check_link(self.source_url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined(LedgerEvent):
    """不需回应: an outcome of its own, with its reason."""

    KIND = "declined"
    reason: str
    note: str = ""
    duplicate_of: str = ""

    def check(self) -> None:
        """Refuse a reason that is not of the list or needs more words."""
        if self.reason not in DECLINE_REASONS:
            raise EventError(f"不需回应的理由应为 {'、'.join(DECLINE_REASONS)} 之一,不是 {self.reason!r}")
        if self.reason == "duplicate" and not self.duplicate_of:
            raise EventError("重复要指明是哪一个说法")
        if self.reason == "other" and not self.note.strip():
            raise EventError("“其他”要写明理由")


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed(LedgerEvent):
    """销号: done; without a published answer it needs a written reason."""

    KIND = "closed"
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopened(LedgerEvent):
    """重新打开: the clock starts anew."""

    KIND = "reopened"
    REQUIRED = (("reason", "重新打开的理由"),)
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked(LedgerEvent):
    """卡点: who is being waited for."""

    KIND = "blocked"
    REQUIRED = (("by", "等待的单位或人"),)
    by: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unblocked(LedgerEvent):
    """Nobody is waited for any more."""

    KIND = "unblocked"
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalated(LedgerEvent):
    """提请带班领导: by a person, or with ``due_at`` by the system, of the deadline that was missed."""

    KIND = "escalated"
    REQUIRED = (("to", "报给谁"),)
    to: str
    reason: str = ""
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted(LedgerEvent):
    """A note that changes nothing else."""

    KIND = "noted"
    REQUIRED = (("text", "备注"),)
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelved(LedgerEvent):
    """The system's own: a claim that nobody had taken up sank below what the queue shows."""

    KIND = "shelved"
    priority: float
    lowest: float


KINDS: Mapping[str, type[LedgerEvent]] = {
    kind.KIND: kind for kind in LedgerEvent.__subclasses__() if kind.KIND
}


def encode(event: LedgerEvent) -> str:
    """Return an event's body as JSON; times in ISO 8601."""
    values = {entry.name: getattr(event, entry.name) for entry in fields(event)}  # type: ignore[arg-type]
    return json.dumps(values, ensure_ascii=False, sort_keys=True, default=_plain)


def decode(kind: str, body: str) -> LedgerEvent:
    """Read an event back.

    Raises:
        EventError: no such kind, or a body that is not one of this kind.
    """
    if kind not in KINDS:
        raise EventError(f"没有这种事件:{kind!r}")
    try:
        values = json.loads(body)
        wanted = {entry.name: str(entry.type) for entry in fields(KINDS[kind])}  # type: ignore[arg-type]
        return KINDS[kind](**{name: _typed(value, wanted[name]) for name, value in values.items()})
    except EventError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise EventError(f"{kind} 的内容不完整或有误:{error}") from error


def _typed(value: Any, wanted: str) -> Any:
    if value is None and wanted.endswith("| None"):
        return None
    base = wanted.removesuffix(" | None")
    if base == "datetime":
        return datetime.fromisoformat(value)
    if base == "VerdictValue":
        return VerdictValue(value)
    accepted: dict[str, tuple[type, ...]] = {
        "str": (str,),
        "bool": (bool,),
        "int": (int,),
        "float": (int, float),
    }
    if not isinstance(value, accepted[base]) or (isinstance(value, bool) and base != "bool"):
        raise TypeError(f"{value!r} is not {base}")
    return value


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"no JSON for {value!r}")


def _check_link(url: str) -> None:
    if not LINK.fullmatch(url.strip()):
        raise EventError(f"不是网址:{url!r}")
