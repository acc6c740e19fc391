"""Changed values come in; ``huiying.toml``, checked as a whole and with its comments kept, goes out.

The new file replaces the old one in one step, and the old one stays beside it as ``huiying.toml.before``. Two
people saving at once: the second is refused, since what they looked at is no longer so.
"""

from __future__ import annotations

import fcntl
import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from pipeline.alert_rules import AlertRules
from pipeline.config import ConfigError, Home, Settings
from pipeline.routing import Routing

BEFORE = ".before"


class SettingsChangedError(ConfigError):
    """Somebody else saved meanwhile; the message is Chinese."""


def version_of(home: Home) -> str:
    """Return what a form keeps to notice that the settings were changed meanwhile."""
    file = home.config_file
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.exists() else ""


def save_alert_rules(home: Home, values: Mapping[str, float], seen: str) -> dict[str, tuple[Any, Any]]:
    """Write values of ``[alerts]`` and ``alert_pages_per_day``; return what changed as (before, after).

    ``seen`` is ``version_of`` at the time the values were chosen.

    Raises:
        SettingsChangedError: the file is no longer what was seen.
        ConfigError: the file with these values cannot be used; nothing was written.
    """
    home.create()
    with (home.run / "settings.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if version_of(home) != seen:
            raise SettingsChangedError("设置刚被别人改过，没有保存。请看过新的设置再试。")
        text = home.config_file.read_text("utf-8") if home.config_file.exists() else ""
        before = Settings.load(home)
        changed, made = _changed(text, values, before)
        if changed:
            _check(made)
            _replace(home.config_file, text, made)
    return changed


def _changed(
    text: str, values: Mapping[str, float], before: Settings
) -> tuple[dict[str, tuple[Any, Any]], str]:
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise ConfigError(f"huiying.toml: {error}") from error
    known = AlertRules.load(before)
    names = {entry.name for entry in fields(AlertRules)}
    changed: dict[str, tuple[Any, Any]] = {}
    for name, value in values.items():
        top = name == "alert_pages_per_day"
        if not top and name not in names:
            raise ConfigError(f"[alerts] {name} is no setting; known are {', '.join(sorted(names))}")
        old = before.alert_pages_per_day if top else getattr(known, name)
        new = type(old)(value)
        if new == old:
            continue
        changed[name] = (old, new)
        if top:
            document[name] = new
        else:
            if "alerts" not in document:
                document["alerts"] = tomlkit.table()
            document["alerts"][name] = new
    return changed, tomlkit.dumps(document)


def _check(text: str) -> None:
    """Read the new settings in a folder of their own, as the running system will.

    Raises:
        ConfigError: they cannot be used.
    """
    with tempfile.TemporaryDirectory(prefix="huiying-settings-") as folder:
        trial = Home(root=Path(folder)).create()
        trial.config_file.write_text(text, "utf-8")
        settings = Settings.load(trial)
        AlertRules.load(settings)
        Routing.load(settings)


def _replace(file: Path, before: str, made: str) -> None:
    file.with_suffix(file.suffix + BEFORE).write_text(before, "utf-8")
    draft = file.with_suffix(file.suffix + ".part")
    draft.write_text(made, "utf-8")
    draft.replace(file)
