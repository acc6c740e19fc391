"""What a page seems to be comes in; the text of a source file for a person to approve goes out.

Everything a person must decide is written out, also where the default would do: a source file is read more
often than it is written. ``robots_checked`` is the day on which robots.txt was really read, else it is left
out and the file does not pass ``huiying source check``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from crawlers.detect import Finding

SLUG = re.compile(r"[a-z][a-z0-9-]{1,39}")
ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
# How often to look, by kind: feeds are made for it, a list of news changes a few times a day.
EVERY = {"feed": "15m", "article": "30m", "forum": "15m", "json_api": "30m"}
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class ProposalError(ValueError):
    """A source cannot be proposed with what was given; the message is Chinese."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the person who adds a source says about it; ``county`` is a name of the region file."""

    slug: str
    name: str = ""
    channel: str = ""
    county: str = ""
    contact: str = ""
    basis: str = "公开页面,robots.txt 允许"
    robots_checked: date | None = None
    delay: float = 3.0


def propose(finding: Finding, answers: Answers) -> str:
    """Return the text of a source file.

    Raises:
        ProposalError: the name is no slug, or there is no contact to put into the user agent.
    """
    check_slug(answers.slug)
    if not answers.contact.strip():
        raise ProposalError("缺少联系方式:用 --contact 给出电话或邮箱,或写进 huiying.toml 的 contact")
    lines = [f"# {one_line(reason)}" for reason in finding.reasons]
    lines += _head(finding, answers)
    lines += _table("polite", {"delay": answers.delay})
    legal: dict[str, object] = {"basis": answers.basis, "contact": answers.contact.strip()}
    if answers.robots_checked:
        legal["robots_checked"] = answers.robots_checked
    lines += _table("legal", legal)
    lines += _table("expect", {"min_items_per_day": 1})
    if finding.family == "custom" and "date" not in finding.select:
        lines.append("fields = { published = 0 }  # 这里的帖子不写时间")
    if finding.select:
        lines += _table("select", dict(finding.select))
    if finding.api:
        lines += _table("api", {"items": finding.api["items"]})
        lines += _table("api.fields", finding.api["fields"])
    return "\n".join(lines) + "\n"


def check_slug(slug: str) -> None:
    """Refuse a name that cannot be a source's, before anything is asked for.

    Raises:
        ProposalError: it is no slug.
    """
    if not SLUG.fullmatch(slug):
        raise ProposalError(f"名称只能用小写字母、数字和短横线,以字母开头,2 到 40 个字符:{slug!r}")


def _head(finding: Finding, answers: Answers) -> list[str]:
    values: dict[str, object] = {
        "id": answers.slug,
        "name": answers.name or finding.title or answers.slug,
        "kind": finding.kind,
    }
    if finding.family:
        values["family"] = finding.family
    values |= {"channel": answers.channel or finding.channel, "official": finding.official}
    if answers.county:
        values["county"] = answers.county
    values |= {"start": finding.start, "timezone": "Asia/Shanghai", "every": EVERY.get(finding.kind, "60m")}
    lines = [f"{name} = {_value(value)}" for name, value in values.items()]
    if finding.boards:
        lines += ["boards = [", *(f"  {_inline(board)}," for board in finding.boards), "]"]
    return lines


def one_line(text: str) -> str:
    """Return a text that stands on one line of a comment."""
    return " ".join(CONTROL.sub(" ", text).split())


def _table(name: str, values: Mapping[str, object]) -> list[str]:
    return ["", f"[{name}]", *(f"{key} = {_value(value)}" for key, value in values.items())]


def _inline(values: Mapping[str, str]) -> str:
    return "{ " + ", ".join(f"{name} = {_value(value)}" for name, value in values.items()) + " }"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:g}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_value(entry) for entry in value) + "]"
    return '"' + "".join(ESCAPES.get(letter, letter) for letter in CONTROL.sub("", str(value))) + '"'
