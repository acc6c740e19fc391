"""An answer of an unknown interface comes in; the field paths that its keys suggest go out, to be checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.columns import guess_columns

# Our names for what file columns call so.
NAMES = {
    "id": "id",
    "url": "url",
    "title": "title",
    "text": "text",
    "published_at": "published",
    "edited_at": "edited",
    "author": "author",
    "parent_id": "parent",
    "likes": "likes",
    "replies": "replies",
    "reposts": "reposts",
    "views": "views",
}
DEEPEST = 5
FEWEST = 2  # members of a list that is worth reading


def guess_api(value: object) -> dict[str, Any]:
    """Return an ``[api]`` block, or an empty one where no list of objects is found.

    Of several lists, the one whose members have most known fields, then the longest.
    """
    best: tuple[int, int, str, dict[str, str]] | None = None
    for path, members in _lists(value, "", 0):
        fields = _fields(members[0])
        rank = (len(fields), len(members), path, fields)
        if best is None or rank[:2] > best[:2]:
            best = rank
    if best is None:
        return {}
    return {"items": best[2] or "$", "fields": best[3]}


def _lists(value: object, path: str, depth: int) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    if depth > DEEPEST:
        return
    if isinstance(value, list):
        if len(value) >= FEWEST and all(isinstance(member, Mapping) for member in value):
            yield path, value
        return
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if isinstance(name, str) and '"' not in name:
                yield from _lists(inner, f"{path}.{_step(name)}" if path else _step(name), depth + 1)


def _fields(member: Mapping[str, Any]) -> dict[str, str]:
    found = {NAMES[field]: name for field, name in guess_columns(list(member)).items() if field in NAMES}
    if "text" not in found and "title" in found:
        found["text"] = found["title"]
    if "id" not in found and "url" in found:
        found["id"] = found["url"]
    return {name: _step(path) for name, path in found.items()}


def _step(name: str) -> str:
    plain = name and not any(letter in name for letter in '."[]|{}$*') and name.strip() == name
    return name if plain else f'"{name}"'
