"""An interface's answer and the field paths of a source come in; messages and the next request go out.

A source declares where the list stands and which path of a member is which field::

    [api]
    items = "responseData"
    page = { kind = "after", param = "lastItem", path = "tid" }
    [api.fields]
    id = "tid"
    text = "content"
    url = "https://liuyan.people.com.cn/threads/content?tid={tid}"

A field with ``{…}`` in it is a template; without, it is a path.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import fields as dataclass_fields
from typing import Any, Literal
from urllib.parse import urljoin

from crawlers.parsing.answers import official_answer
from crawlers.parsing.found import Found
from crawlers.parsing.fragments import words_of_html
from crawlers.parsing.json_paths import PathError, fill, find, find_all, steps_of

# Fields of a message; those of an answer to it have the same names after "answer_".
TEXT_FIELDS = frozenset({"title", "text"})
COUNT_FIELDS = ("likes", "replies", "reposts", "views")
FIELDS = frozenset({"id", "url", "title", "text", "published", "edited", "author", "parent", *COUNT_FIELDS})
ANSWER_FIELDS = frozenset(
    {"answer_text", "answer_published", "answer_department", "answer_status", "answer_grade"}
)
REQUIRED = ("id", "text")


class RuleError(ValueError):
    """The ``[api]`` block of a source cannot be used; the message names the key and the value."""


class ShapeError(ValueError):
    """An answer has not the shape that its source declares: no list, or it says that it failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRule:
    """How an interface is asked for its next page.

    ``number`` counts ``param`` up by ``step`` from ``start``; ``after`` puts the last member's ``path`` into
    it; ``cursor`` puts what stands at ``path`` of the whole answer into it, or, if that is an object, all
    its members; ``link`` finds the next address at ``path``.
    """

    kind: Literal["number", "after", "cursor", "link"]
    param: str = ""
    path: str = ""
    start: int = 1
    step: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRules:
    """The ``[api]`` block of a source."""

    items: str
    fields: Mapping[str, str]
    page: PageRule | None = None
    ok: tuple[str, object] | None = None  # a path and what must stand there
    method: str = "GET"
    form: Mapping[str, object] = field(default_factory=dict)
    json_body: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    most: int = 1000  # members of one answer that are read, from the first


def rules_of(api: Mapping[str, Any]) -> ItemRules:
    """Read the ``[api]`` block of a source.

    Raises:
        RuleError: it has an unknown key, or lacks ``items`` or ``fields``.
    """
    unknown = sorted(set(api) - {entry.name for entry in dataclass_fields(ItemRules)})
    if unknown:
        raise RuleError(f"[api]: unknown {', '.join(unknown)}")
    values = dict(api)
    try:
        if "page" in values:
            values["page"] = PageRule(**values["page"])
        if "ok" in values:
            values["ok"] = (values["ok"]["path"], values["ok"]["value"])
        rules = ItemRules(**values)
    except (TypeError, KeyError) as error:
        raise RuleError(f"[api]: {error}") from error
    check_rules(rules)
    return rules


def check_rules(rules: ItemRules) -> None:
    """Refuse rules that cannot work, before anything is fetched.

    Raises:
        RuleError: a field has no path, an unknown name, or a path of a wrong form.
    """
    unknown = set(rules.fields) - FIELDS - ANSWER_FIELDS
    if unknown:
        known = ", ".join(sorted(FIELDS | ANSWER_FIELDS))
        raise RuleError(f"api.fields: unknown {', '.join(sorted(unknown))}; known are {known}")
    missing = [name for name in REQUIRED if not rules.fields.get(name)]
    if missing:
        raise RuleError(f"api.fields: {', '.join(missing)} must be given")
    for name, path in (("items", rules.items), *rules.fields.items()):
        try:
            for part in path.split("|") if "{" not in path else ():
                steps_of(part.strip())
            fill(path, {})
        except PathError as error:
            raise RuleError(f"api: {name} = {path!r}: {error}") from error


def parse_items(value: object, rules: ItemRules, url: str) -> list[Found]:
    """Return the messages of an answer, each with the official answer to it, if it has one, right after it.

    A member without an id or without words is left out.

    Raises:
        ShapeError: there is no list where one is declared, or the answer says that it failed.
    """
    found: list[Found] = []
    for member in members_of(value, rules)[: rules.most]:
        message = _message(member, rules, url)
        if message is not None:
            found += [message, *_answer(member, rules, message)]
    return found


def members_of(value: object, rules: ItemRules) -> Sequence[object]:
    """Return the list that an answer holds.

    Raises:
        ShapeError: there is none, or the answer says that it failed.
    """
    if rules.ok is not None and find(value, rules.ok[0]) != rules.ok[1]:
        raise ShapeError(f"{rules.ok[0]} is {find(value, rules.ok[0])!r}, not {rules.ok[1]!r}")
    steps = list(find_all(value, rules.items))
    if len(steps) == 1 and isinstance(steps[0], list):
        return steps[0]
    if steps and rules.items.strip().endswith(("*", "[]")):
        return steps
    raise ShapeError(f"no list at {rules.items!r}")


def next_params(value: object, rules: ItemRules, params: Mapping[str, object]) -> dict[str, object] | None:
    """Return the parameters of the next request, or None at the end; ``params`` are those of this one.

    An answer without members is the end, whatever it says of further pages.
    """
    rule, members = rules.page, members_of(value, rules)
    if rule is None or rule.kind == "link" or not members:
        return None
    if rule.kind == "number":
        here = int(str(params.get(rule.param, rule.start)))
        return {**params, rule.param: here + rule.step}
    following = find(members[-1] if rule.kind == "after" else value, rule.path)
    if isinstance(following, dict):
        # MediaWiki's "continue" holds several parameters.
        return (
            {**params, **following}
            if any(params.get(name) != new for name, new in following.items())
            else None
        )
    if following is None or str(following) == str(params.get(rule.param)):
        return None
    return {**params, rule.param: following}


def next_link(value: object, rules: ItemRules, url: str) -> str:
    """Return the next address where an answer names it itself; empty at the end."""
    if rules.page is None or rules.page.kind != "link":
        return ""
    link = find(value, rules.page.path)
    return urljoin(url, link) if isinstance(link, str) else ""


def _message(member: object, rules: ItemRules, url: str) -> Found | None:
    values = {name: _read(member, path, name) for name, path in rules.fields.items() if name in FIELDS}
    identifier = values.pop("id", None)
    text, title = values.pop("text", None), values.pop("title", None)
    if identifier is None or not (text or title):
        return None
    address = values.pop("url", None)
    author, parent = values.pop("author", None), values.pop("parent", None)
    counts = {name: _count(values.get(name)) for name in COUNT_FIELDS}
    return Found(
        id=str(identifier),
        url=urljoin(url, str(address)) if address else url,
        title=str(title or ""),
        text=str(text or title),
        published=_moment(values.get("published")),
        edited=_moment(values.get("edited")),
        author=str(author or ""),
        parent=str(parent) if parent is not None else None,
        likes=counts["likes"],
        replies=counts["replies"],
        reposts=counts["reposts"],
        views=counts["views"],
    )


def _answer(member: object, rules: ItemRules, message: Found) -> list[Found]:
    """Return the official answer as a message of its own, where there is one."""
    values = {name: _read(member, path, name) for name, path in rules.fields.items() if name in ANSWER_FIELDS}
    text = values.get("answer_text")
    if not text:
        return []
    department, status, grade = (
        str(values.get(f"answer_{name}") or "") for name in ("department", "status", "grade")
    )
    published = _moment(values.get("answer_published"))
    return [official_answer(message, str(text), published, department=department, status=status, grade=grade)]


def _read(member: object, path: str, name: str) -> object:
    found = fill(path, member) if "{" in path else find(member, path)
    if name in TEXT_FIELDS or name == "answer_text":
        return words_of_html(str(found)) if found is not None else None
    return found


def _moment(value: object) -> str | float | None:
    if isinstance(value, bool) or value is None:
        return None
    return float(value) if isinstance(value, int | float) else str(value)


def _count(value: object) -> int | str | None:
    return value if isinstance(value, int | str) and not isinstance(value, bool) else None
