"""A skeleton of an answer comes in; a wording that an office's own language model proposes goes out.

Off unless an office sets ``[drafting]`` in ``huiying.toml`` (``base_url``, ``model``) to a service with
OpenAI's interface (POST ``/chat/completions``; source: OpenAI API reference, "Create chat completion"). Its
key is ``[drafting] key`` in ``secrets.toml``. Only the skeleton is sent: public words already masked, and
cited facts. What comes back is marked as machine text until a person has edited it; nothing here publishes
anything.
"""

from __future__ import annotations

import json
import logging
import re
import time
from dataclasses import dataclass
from typing import Any

import requests

from pipeline.config import ConfigError, Settings

log = logging.getLogger(__name__)

CONNECT_SECONDS = 5.0
MOST_BYTES = 1_000_000  # of an answer: a draft is some thousand characters
MOST_CHARACTERS = 20_000
CHUNK = 16_384

ORDERS = (
    "你为中国地方政府的值班人员起草一份对公众关切的回应。只使用下面材料里标有出处编号的事实,"
    "逐条保留编号,如[2];材料里没有的时间、数字、地名、单位、处理结果一律不写,用“____”留空。"
    "语气平实、诚恳,先说事实,再说正在怎么办、多久有结果、找谁。不重复未经证实的说法的细节,"
    "不评价发帖人,不提追究发帖人的责任。只输出回应正文。"
)
NUMBER = re.compile(r"\d+(?:\.\d+)?")
LINK = re.compile(r"https?://[^\s<>\"'),,)]+")


class DraftingError(RuntimeError):
    """The service gave no usable wording; the message is Chinese and says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Where an office's language model answers, and how long it may take."""

    base_url: str
    model: str
    timeout_seconds: float = 60.0

    @classmethod
    def load(cls, settings: Settings) -> Service | None:
        """Read ``[drafting]``; None where it is not set: then nothing is ever sent.

        Raises:
            ConfigError: a key is missing or unknown, or a value cannot be.
        """
        given = settings.tables.get("drafting")
        if not given:
            return None
        unknown = sorted(set(given) - {"base_url", "model", "timeout_seconds"})
        if unknown:
            raise ConfigError(f"[drafting] unknown key {', '.join(unknown)}")
        url, model, seconds = given.get("base_url"), given.get("model"), given.get("timeout_seconds", 60)
        if not isinstance(url, str) or not url.startswith(("http://", "https://")):
            raise ConfigError(f"[drafting] base_url must be an address with http or https, got {url!r}")
        if not isinstance(model, str) or not model:
            raise ConfigError(f"[drafting] model must be the name of a model, got {model!r}")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds <= 0:
            raise ConfigError(f"[drafting] timeout_seconds must be above 0, got {seconds!r}")
        return cls(base_url=url.rstrip("/"), model=model, timeout_seconds=float(seconds))


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A proposed wording, the model that wrote it, and what in it is not in the material."""

    text: str
    model: str
    unsupported: tuple[str, ...]


def propose(service: Service, key: str, material: str) -> Proposal:
    """Ask for a wording of the material.

    Raises:
        DraftingError: no answer in time, not the expected answer, or none at all.
    """
    body = {
        "model": service.model,
        "temperature": 0.2,
        "messages": [{"role": "system", "content": ORDERS}, {"role": "user", "content": material}],
    }
    raw = _asked(service, key, body)
    text = _content(raw)[:MOST_CHARACTERS]
    return Proposal(text=text, model=service.model, unsupported=unsupported(text, material))


def unsupported(text: str, material: str) -> tuple[str, ...]:
    """Return the numbers and links of a text that the material does not have: to be checked first."""
    known_links = set(LINK.findall(material))
    links = [one for one in LINK.findall(text) if one not in known_links]
    known = set(NUMBER.findall(material))
    numbers = [one for one in NUMBER.findall(LINK.sub("", text)) if one not in known]
    return tuple(dict.fromkeys([*numbers, *links]))


def _asked(service: Service, key: str, body: dict[str, Any]) -> bytes:
    deadline = time.monotonic() + service.timeout_seconds
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        with requests.post(
            f"{service.base_url}/chat/completions",
            json=body, headers=headers, stream=True, allow_redirects=False,
            timeout=(CONNECT_SECONDS, service.timeout_seconds),
        ) as answer:  # fmt: skip
            if answer.status_code != requests.codes.ok:
                raise DraftingError(f"拟稿服务返回 {answer.status_code}")
            return _read(answer, deadline)
    except requests.Timeout as error:
        raise DraftingError(f"拟稿服务 {service.timeout_seconds:.0f} 秒内没有答复") from error
    except requests.RequestException as error:
        log.warning("drafting service %s: %s", service.base_url, type(error).__name__)
        raise DraftingError("连不上拟稿服务,或连接中断") from error


def _read(answer: requests.Response, deadline: float) -> bytes:
    """Read an answer that may be endless or drip slowly."""
    parts, size = [], 0
    for part in answer.iter_content(CHUNK):
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            raise DraftingError(f"拟稿服务的答复超过 {MOST_BYTES} 字节")
        if time.monotonic() > deadline:
            raise requests.Timeout
    return b"".join(parts)


def _content(raw: bytes) -> str:
    try:
        content = json.loads(raw)["choices"][0]["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise DraftingError("拟稿服务的答复不是约定的格式") from error
    if not isinstance(content, str) or not content.strip():
        raise DraftingError("拟稿服务的答复是空的")
    return content.strip()
