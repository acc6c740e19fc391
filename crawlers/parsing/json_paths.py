"""A JSON value and a dotted path come in; what stands there goes out.

A path is names and list numbers with dots between them: ``data.list``, ``result.0.title``. ``[]`` or ``*``
takes every member of a list: ``threads.*.posts.*``. ``|`` tries one path after another: ``content|subject``.
``$`` is the value itself. A name with a dot in it is written in quotation marks: ``"a.b".c``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

STEP = re.compile(r'"([^"]*)"|([^."\[\]]+)|\[(\d*|\*)\]')
PLACE = re.compile(r"\{([^{}]*)\}")
EVERY = "*"


class PathError(ValueError):
    """A path or a template is not of the form above; the message names it."""


def find(value: object, path: str) -> object | None:
    """Return the first thing that a path leads to, or None; an empty string counts as nothing."""
    return next(find_all(value, path), None)


def find_all(value: object, path: str) -> Iterator[object]:
    """Yield everything that a path leads to; of alternatives, those of the first that leads anywhere.

    Raises:
        PathError: the path is not of the form above.
    """
    for alternative in path.split("|"):
        found = [entry for entry in _walk(value, steps_of(alternative.strip())) if entry not in (None, "")]
        if found:
            yield from found
            return


@lru_cache(maxsize=1024)
def steps_of(path: str) -> tuple[str, ...]:
    """Split a path into its steps.

    Raises:
        PathError: it is empty, or has something between its dots that is neither a name nor a number.
    """
    if path == "$":
        return ()
    steps: list[str] = []
    place = 0
    while place < len(path):
        match = STEP.match(path, place)
        if match is None:
            raise PathError(f"path {path!r}: cannot read {path[place:]!r}")
        quoted, name, index = match.groups()
        steps.append(next(part for part in (quoted, name, index or EVERY) if part is not None))
        place = match.end()
        if path[place : place + 1] == ".":
            place += 1
            if place == len(path):
                raise PathError(f"path {path!r} ends with a dot")
    if not steps:
        raise PathError("an empty path leads nowhere")
    return tuple(steps)


def fill(template: str, value: object) -> str | None:
    """Fill a template such as ``https://example.cn/t?id={tid}``; None if one of its paths leads nowhere.

    Raises:
        PathError: a path in it is not of the form above.
    """
    parts: list[str] = []
    done = 0
    for match in PLACE.finditer(template):
        found = find(value, match.group(1))
        if found is None or isinstance(found, dict | list):
            return None
        parts += (template[done : match.start()], str(found))
        done = match.end()
    return "".join((*parts, template[done:]))


def _walk(value: object, steps: tuple[str, ...]) -> Iterator[object]:
    if not steps:
        yield value
        return
    step, rest = steps[0], steps[1:]
    for member in _members(value, step):
        yield from _walk(member, rest)


def _members(value: object, step: str) -> Iterator[object]:
    if isinstance(value, Mapping):
        if step in value:
            yield value[step]
        elif step == EVERY:
            yield from value.values()
    elif isinstance(value, list):
        if step == EVERY:
            yield from value
        elif step.isdecimal() and int(step) < len(value):
            yield value[int(step)]
