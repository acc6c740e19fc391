"""One HTTP request comes in; the answer within bounds of time and size, or what failed, goes out."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import requests

from pipeline.channels.base import Receipt, masked

CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0  # between two pieces of an answer
WHOLE_SECONDS = 20.0  # for a whole answer: an alert's next channel must not wait longer
MOST_BYTES = 64 * 1024  # robots answer in a hundred bytes; more is a page of some proxy
HEADERS = {"User-Agent": "huiying-notify"}
# Worth another try: the platform is busy or broken. Any other status is about our message or our key.
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer: its status and body, or no status and why there was none."""

    status: int | None
    body: str
    failed: str = ""


def post(
    url: str, *, body: bytes | None = None, value: Any = None, params: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None, method: str = "POST",
) -> Answer:  # fmt: skip
    """Send bytes, or a value as JSON; never follow a redirect, never raise for what the other side does."""
    sent = {**HEADERS, **(headers or {})}
    if value is not None:
        body = json.dumps(value, ensure_ascii=False).encode()
        sent.setdefault("Content-Type", "application/json; charset=utf-8")
    try:
        with requests.request(
            method, url, params=params, data=body, headers=sent, stream=True, allow_redirects=False,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
        ) as answer:  # fmt: skip
            return _read(answer)
    except requests.Timeout:
        return Answer(status=None, body="", failed="timeout")
    except requests.ConnectionError as error:
        return Answer(status=None, body=str(error), failed="connection")
    except (requests.RequestException, ValueError) as error:
        return Answer(status=None, body=str(error), failed="request")


def receipt_of(answer: Answer, code_names: tuple[str, ...], secrets: tuple[str, ...], *,
               passing_codes: frozenset[str] = frozenset(), good: str = "0") -> Receipt:  # fmt: skip
    """Judge a robot's answer: delivered only if the status is 200 **and** its code is ``good``.

    ``code_names`` are the keys that may hold the code; ``passing_codes`` are those that pass by themselves.
    """
    shown = masked(answer.body, secrets)
    if answer.status is None:
        return Receipt(ok=False, status=None, code=answer.failed, answer=shown)
    final = answer.status not in PASSING
    if answer.status != HTTPStatus.OK:
        return Receipt(ok=False, status=answer.status, code="http", answer=shown, final=final)
    if answer.failed:
        return Receipt(ok=False, status=answer.status, code=answer.failed, answer=shown)
    code = _code(answer.body, code_names)
    if code is None:
        return Receipt(ok=False, status=answer.status, code="no_code", answer=shown, final=True)
    ok = code == good
    return Receipt(
        ok=ok, status=answer.status, code=code, answer=shown, final=not ok and code not in passing_codes
    )


def _read(answer: requests.Response) -> Answer:
    """Read an answer within the bounds; one that is too large or too slow is no answer."""
    until, read = time.monotonic() + WHOLE_SECONDS, b""
    for piece in answer.iter_content(4096):
        read += piece
        if len(read) > MOST_BYTES:
            return Answer(status=answer.status_code, body=_text(read[:1000]), failed="too_large")
        if time.monotonic() > until:
            return Answer(status=answer.status_code, body=_text(read), failed="timeout")
    return Answer(status=answer.status_code, body=_text(read))


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _code(body: str, names: tuple[str, ...]) -> str | None:
    """Return the platform's code in a JSON answer; a dotted name goes into objects; None if there is none."""
    try:
        found = json.loads(body)
    except ValueError:
        return None
    for name in names:
        value: Any = found
        for key in name.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, int | str) and not isinstance(value, bool):
            return str(value)
        if isinstance(value, bool):
            return str(value).lower()
    return None
