"""The office's models: a home comes in; which version is in use, which there are, and a change of it, go out.

Versions are weights folders under ``HOME/models``, each with ``update.json``: of what, from which labels, and
how the gate judged it. ``HOME/models/active`` names the one in use; without it the shipped weights are. Every
change is a line of ``HOME/models/history.jsonl``, and going back follows it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from models.weights import MODEL_FILE, NGRAM_FILE, SHIPPED, TOKENIZER_FILE, Manifest, read_manifest
from pipeline.config import Home
from pipeline.processes import read_json

ACTIVE_FILE = "active"
HISTORY_FILE = "history.jsonl"
UPDATE_FILE = "update.json"
SHIPPED_NAME = "shipped"
EVERY_FILE = (MODEL_FILE, TOKENIZER_FILE, NGRAM_FILE)
NAME = re.compile(r"[a-z0-9][a-z0-9-]{2,60}")


class VersionError(ValueError):
    """A version cannot be used; the message is Chinese and names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of the models. ``name`` is what commands take: ``shipped`` for the ones that came along."""

    name: str
    version: str
    folder: Path
    active: bool
    made_at: str
    passed: bool
    record: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of the version in use; ``kind`` is ``use`` or ``rollback``."""

    kind: str
    at: str
    actor: str
    before: str
    after: str
    why: str


def models_folder(home: Home) -> Path:
    """Return where a home keeps its versions."""
    return home.root / "models"


def active_folder(home: Home) -> Path:
    """Return the weights folder in use."""
    return folder_of(home, active_name(home))


def active_name(home: Home) -> str:
    """Return the name of the version in use; ``shipped`` for the weights that came along."""
    file = models_folder(home) / ACTIVE_FILE
    return (file.read_text("utf-8").strip() if file.exists() else "") or SHIPPED_NAME


def folder_of(home: Home, name: str) -> Path:
    """Return a version's weights folder.

    Raises:
        VersionError: there is none of this name.
    """
    if name == SHIPPED_NAME:
        return SHIPPED
    folder = models_folder(home) / name
    if not NAME.fullmatch(name) or not folder.is_dir():
        listed = "、".join(version.name for version in versions(home))
        raise VersionError(f"没有模型版本 {name};有 {listed}")
    return folder


def versions(home: Home) -> list[Version]:
    """Return the versions there are, the shipped one first, then the oldest first.

    Raises:
        WeightsError: a version's manifest cannot be read.
    """
    active = active_name(home)
    made = [
        _version(folder.name, folder, active)
        for folder in sorted(models_folder(home).glob("*/"))
        if (folder / UPDATE_FILE).exists()
    ]
    return [
        _version(SHIPPED_NAME, SHIPPED, active),
        *sorted(made, key=lambda version: (version.made_at, version.name)),
    ]


def use(home: Home, name: str, actor: str, now: datetime, why: str = "", force: bool = False) -> Version:
    """Put a version in use; a running pipeline takes it up by itself.

    Raises:
        VersionError: no such version, it is in use already, or the gate refused it and ``force`` is not said.
        WeightsError: a file differs from its hash, or is missing.
    """
    active = active_name(home)
    folder = folder_of(home, name)
    read_manifest(folder)
    chosen = _version(name, folder, active)
    if chosen.active:
        raise VersionError(f"{name} 已在使用")
    if not chosen.passed and not force:
        raise VersionError(f"{name} 没有通过质量门,不能启用;确要启用请加 --force")
    _record(home, Change(kind="use", at=now.isoformat(), actor=actor, before=active, after=name, why=why))
    return _version(name, folder, name)


def rollback(home: Home, actor: str, now: datetime, why: str = "") -> Version:
    """Put the version in use that was before the present one.

    Raises:
        VersionError: nothing was in use before.
        WeightsError: a file of it differs from its hash, or is missing.
    """
    active, name = active_name(home), before(home)
    if not name:
        raise VersionError("没有可以退回的版本")
    folder = folder_of(home, name)
    read_manifest(folder)
    _record(
        home,
        Change(kind="rollback", at=now.isoformat(), actor=actor, before=active, after=name, why=why),
    )
    return _version(name, folder, name)


def before(home: Home) -> str:
    """Return the version that was in use before the present one; empty where there is none."""
    trail = _trail(history(home))
    return trail[-2] if len(trail) > 1 else ""


def history(home: Home) -> list[Change]:
    """Return the changes of the version in use, the oldest first."""
    file = models_folder(home) / HISTORY_FILE
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    return [Change(**json.loads(line)) for line in lines]


def keep(home: Home, draft: Path, manifest: Manifest, record: Mapping[str, Any]) -> Path:
    """Move a new weights folder and its record among the versions; return where it is.

    Raises:
        VersionError: the same version is there already.
    """
    folder = models_folder(home) / manifest.version
    if folder.exists():
        raise VersionError(f"和已有的版本 {manifest.version} 完全相同,没有新增")
    (draft / UPDATE_FILE).write_text(json.dumps(record, ensure_ascii=False, indent=1), "utf-8")
    draft.replace(folder)
    return folder


def _version(name: str, folder: Path, active: str) -> Version:
    record = read_json(folder / UPDATE_FILE)
    return Version(
        name=name,
        version=read_manifest(folder, ignore=EVERY_FILE).version,
        folder=folder,
        active=name == active,
        made_at=str(record.get("made_at", "")),
        passed=bool(record.get("passed", name == SHIPPED_NAME)),
        record=record,
    )


def _trail(changes: list[Change]) -> list[str]:
    """Return the versions that lead to the present one; going back takes the last one off."""
    trail = [SHIPPED_NAME]
    for change in changes:
        if change.kind == "rollback":
            trail.pop()
        else:
            trail.append(change.after)
    return trail


def _record(home: Home, change: Change) -> None:
    folder = models_folder(home)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / HISTORY_FILE).open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(change), ensure_ascii=False) + "\n")
    draft = folder / f".{ACTIVE_FILE}.part"
    draft.write_text(change.after + "\n", "utf-8")
    draft.replace(folder / ACTIVE_FILE)
