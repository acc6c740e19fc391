"""Channels: an office's settings and secrets come in; senders by name go out. One file a kind of channel.

``[channels.NAME]`` of ``huiying.toml`` says what may be read by all (``kind``, ``base_url``, ``keyword``,
``fallback``, templates); ``token``, ``secret``, ``url``, ``phones`` and ``headers`` come from the same table
of ``secrets.toml`` or from the environment as ``HUIYING_CHANNEL_NAME_TOKEN`` and so on.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from pipeline.channels.base import Channel, Message, Receipt, needed
from pipeline.channels.dingtalk import Dingtalk
from pipeline.channels.feishu import Feishu
from pipeline.channels.others import Others
from pipeline.channels.robot import Robot
from pipeline.channels.sms import Sms
from pipeline.channels.wecom import Wecom
from pipeline.config import ConfigError, Home, Secrets, Settings

__all__ = ["Channel", "Message", "Receipt", "load_channels"]

SECRET_KEYS = frozenset({"token", "secret", "url", "phones", "headers"})
ROBOTS: Mapping[str, type[Robot]] = {"wecom": Wecom, "dingtalk": Dingtalk, "feishu": Feishu}
PUBLIC_KEYS: Mapping[str, frozenset[str]] = {
    **{kind: frozenset({"base_url", "keyword"}) for kind in ROBOTS},
    "apprise": frozenset(),
    "sms": frozenset({"body", "content_type", "method", "ok_field", "ok_value", "sign"}),
}
EVERY_KEY = frozenset({"kind", "fallback", "per_minute"})


def load_channels(home: Home, settings: Settings) -> dict[str, Channel]:
    """Return the office's channels by name.

    Raises:
        ConfigError: a kind or key is unknown, a secret is missing or stands in ``huiying.toml``, a fall-back
            is no channel, or ``secrets.toml`` may be read by others.
    """
    tables: Mapping[str, Any] = settings.tables.get("channels", {})
    secrets = Secrets.load(home).channels if tables else {}
    found = {name: _channel(name, table, secrets.get(name, {})) for name, table in tables.items()}
    for name, channel in found.items():
        if channel.fallback and (channel.fallback not in found or channel.fallback == name):
            raise ConfigError(f"[channels.{name}] fallback = {channel.fallback!r} is no other channel")
    return found


def _channel(name: str, table: object, secret: object) -> Channel:
    if not isinstance(table, Mapping) or not isinstance(secret, Mapping):
        raise ConfigError(f"[channels.{name}] must be a table, got {table!r}")
    kind = table.get("kind", "")
    if kind not in PUBLIC_KEYS:
        raise ConfigError(f"[channels.{name}] kind = {kind!r}: known are {', '.join(sorted(PUBLIC_KEYS))}")
    _check_keys(name, kind, table, secret)
    given = {**table, **secret, **_from_environment(name)}
    given.pop("kind")
    _check_values(name, given)
    make: Callable[..., Channel]
    if kind in ROBOTS:
        needed(name, given, "token")
        make = ROBOTS[kind]
    elif kind == "apprise":
        needed(name, given, "url")
        make = Others
    else:
        needed(name, given, "url")
        needed(name, given, "body")
        given["phones"] = tuple(given.get("phones", ()))
        make = Sms
    return make(name=name, **given)


def _check_keys(name: str, kind: str, table: Mapping[str, Any], secret: Mapping[str, Any]) -> None:
    leaked = sorted(set(table) & SECRET_KEYS)
    if leaked:
        raise ConfigError(
            f"[channels.{name}] {', '.join(leaked)} must not stand in huiying.toml: "
            f"put it into [channels.{name}] of secrets.toml"
        )
    known = PUBLIC_KEYS[kind] | EVERY_KEY
    unknown = sorted(set(table) - known) + sorted(set(secret) - SECRET_KEYS)
    if unknown:
        raise ConfigError(
            f"[channels.{name}] unknown {', '.join(unknown)}; known are {', '.join(sorted(known))}"
        )


def _check_values(name: str, given: Mapping[str, Any]) -> None:
    for key, value in given.items():
        fits = isinstance(value, _type_of(key)) and not isinstance(value, bool)
        if key == "per_minute":
            fits = fits and value >= 1
        if key == "base_url":
            fits = fits and value.startswith(("http://", "https://"))
        if not fits:
            shown = "" if key in SECRET_KEYS else f" = {value!r}"
            raise ConfigError(f"[channels.{name}] {key}{shown} cannot be used")


def _type_of(key: str) -> type | tuple[type, ...]:
    special: Mapping[str, type | tuple[type, ...]] = {
        "per_minute": int, "headers": Mapping, "phones": (list, tuple),
    }  # fmt: skip
    return special.get(key, str)


def _from_environment(name: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key in sorted(SECRET_KEYS - {"headers"}):
        value = os.environ.get(f"HUIYING_CHANNEL_{name.upper()}_{key.upper()}")
        if value:
            found[key] = tuple(value.split(",")) if key == "phones" else value
    return found
