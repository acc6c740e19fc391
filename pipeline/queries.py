"""Named SQL: files under ``sql/queries`` come in, statements by name go out, to bind or to send.

A query starts at a line ``-- name: queue_page`` and runs to the next such line. Parameters are
written ``$name``. The owner of the database binds them natively; a Quack client cannot (server-side
PREPARE does not survive between calls), so ``render`` turns Python values into SQL literals, and
that is the only place where it happens.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

NAME_LINE = re.compile(r"^-- name:\s*(\w+)\s*$", re.MULTILINE)

# A comment, a quoted string, or a parameter; only the last is replaced.
TOKEN = re.compile(r"--[^\n]*|'(?:[^']|'')*'|\"[^\"]*\"|\$(\w+)")


class UnknownQueryError(KeyError):
    """A query was asked for by a name that no file under ``sql/queries`` defines."""


@cache
def named_queries() -> dict[str, str]:
    """Read every named query once.

    Raises:
        ValueError: two files define the same name.
    """
    found: dict[str, str] = {}
    folder = files("pipeline") / "sql" / "queries"
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".sql"):
            continue
        parts = NAME_LINE.split(file.read_text("utf-8"))[1:]
        for name, text in zip(parts[::2], parts[1::2], strict=True):
            if name in found:
                raise ValueError(f"query {name!r} is defined twice, again in {file.name}")
            found[name] = text.strip().rstrip(";")
    return found


def query_text(name: str) -> str:
    """Return the SQL of one named query.

    Raises:
        UnknownQueryError: no file defines it; the message lists what there is.
    """
    queries = named_queries()
    if name not in queries:
        raise UnknownQueryError(f"no query named {name!r}; there are {', '.join(sorted(queries))}")
    return queries[name]


def parameters_of(sql: str) -> set[str]:
    """Return the names of a statement's ``$parameters``, outside strings and comments."""
    return {match.group(1) for match in TOKEN.finditer(sql) if match.group(1)}


def render(sql: str, params: Mapping[str, Any]) -> str:
    """Replace every ``$parameter`` of a statement by a SQL literal.

    Raises:
        KeyError: a parameter has no value.
        TypeError: a value has a type that has no literal here.
    """

    def put(match: re.Match[str]) -> str:
        name = match.group(1)
        if name is None:
            return match.group(0)
        return literal(params[name])

    return TOKEN.sub(put, sql)


def literal(value: object) -> str:
    """Turn one Python value into a DuckDB literal.

    Accepts None, bool, int, finite float, str, datetime (aware), date, and lists, tuples or dicts
    of these (a dict becomes JSON text).

    Raises:
        ValueError: a naive datetime, or a float that is not finite.
        TypeError: any other type.
    """
    simple = _simple_literal(value)
    if simple is not None:
        return simple
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"times must be aware, got {value!r}")
        return f"'{value.astimezone(UTC).isoformat()}'::timestamptz"
    if isinstance(value, date):
        return f"'{value.isoformat()}'::date"
    if isinstance(value, Mapping):
        return literal(json.dumps(value, ensure_ascii=False, sort_keys=True))
    if isinstance(value, Sequence):
        return f"[{', '.join(literal(entry) for entry in value)}]"
    raise TypeError(f"no SQL literal for {type(value).__name__}: {value!r}")


def _simple_literal(value: object) -> str | None:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"a float must be finite, got {value}")
        return f"{value!r}::double"
    if isinstance(value, str):
        # A NUL byte ends a C string somewhere on the way; a lone surrogate is not UTF-8.
        text = value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
        return "'" + text.replace("'", "''") + "'"
    return None
