"""Settings: a home folder with ``huiying.toml`` and ``secrets.toml`` comes in, typed values go out.

The home folder holds everything that is the office's: the database, the spool, logs, secrets and
configuration.
"""

from __future__ import annotations

import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import tomli_w

LOCAL_TIME = ZoneInfo("Asia/Shanghai")
DEFAULT_HOME = "var"


class ConfigError(ValueError):
    """A configuration file cannot be used; the message names the file, the key and the value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where the office's data lives; every path of the running system is derived here."""

    root: Path

    @property
    def database(self) -> Path:
        """The DuckDB file, opened only by its owner."""
        return self.root / "huiying.duckdb"

    @property
    def spool(self) -> Path:
        """Closed spool files waiting to be read."""
        return self.root / "spool"

    @property
    def run(self) -> Path:
        """Locks, status and control files of the running processes."""
        return self.root / "run"

    @property
    def logs(self) -> Path:
        """One log file for each process."""
        return self.root / "logs"

    @property
    def extensions(self) -> Path:
        """DuckDB's extensions, unpacked from their wheels."""
        return self.root / "extensions"

    @property
    def backups(self) -> Path:
        """What ``huiying backup`` writes."""
        return self.root / "backups"

    @property
    def secrets_file(self) -> Path:
        """Tokens and keys; mode 600."""
        return self.root / "secrets.toml"

    @property
    def config_file(self) -> Path:
        """The office's settings; may be missing."""
        return self.root / "huiying.toml"

    def create(self) -> Home:
        """Make the folders that are missing."""
        for folder in (self.root, self.spool, self.run, self.logs):
            folder.mkdir(parents=True, exist_ok=True)
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an office may set in ``huiying.toml``; unknown keys are errors.

    ``quack_port`` is on the loopback address; so is ``dashboard_port``, unless people sign in
    (``pipeline.signin``) and ``dashboard_host`` says otherwise. A port of 0 picks a free one.
    ``region`` is a file path or the name of a shipped region. ``map_file`` is a GeoJSON of its counties that
    the office may show; without one the counties are tiles.
    """

    office: str = "本级网信办"
    region: str = "qiannan"
    quack_port: int = 9494
    dashboard_port: int = 8501
    dashboard_host: str = "127.0.0.1"
    map_file: str = ""
    sources: tuple[str, ...] = ()
    contact: str = ""
    retention_days: int = 180
    batch_size: int = 500
    tick_seconds: float = 2.0
    alert_pages_per_day: int = 8
    lateness_minutes: int = 15
    detector_step_minutes: int = 15
    tables: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def load(cls, home: Home) -> Settings:
        """Read the home's ``huiying.toml``; its ``[table]``s are kept for their own modules.

        Raises:
            ConfigError: the file is not TOML, or has an unknown key or a value of the wrong type.
        """
        if not home.config_file.exists():
            return cls()
        raw = read_toml(home.config_file)
        tables = {key: value for key, value in raw.items() if _is_table(value)}
        values = {key: value for key, value in raw.items() if key not in tables}
        known = {entry.name: entry for entry in fields(cls)}
        for key, value in values.items():
            if key not in known or key == "tables":
                names = ", ".join(sorted(set(known) - {"tables"}))
                raise ConfigError(f"{home.config_file}: unknown key {key!r}; known are {names}")
            _check_type(home.config_file, key, value, str(known[key].type))
        if "sources" in values:
            values["sources"] = tuple(values["sources"])
        return cls(**values, tables=tables)


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """Tokens and keys of one home, made on first use and kept in ``secrets.toml`` with mode 600."""

    author_key: str = field(repr=False)
    reader_token: str = field(repr=False)
    writer_token: str = field(repr=False)
    link_key: str = field(repr=False)
    channels: Mapping[str, Any] = field(default_factory=dict, repr=False)
    drafting_key: str = field(default="", repr=False)

    @classmethod
    def load(cls, home: Home) -> Secrets:
        """Read the secrets, making the ones that are missing.

        Raises:
            ConfigError: the file can be read by others than its owner, or is not TOML.
        """
        path = home.secrets_file
        raw: dict[str, Any] = {}
        if path.exists():
            if path.stat().st_mode & 0o077:
                raise ConfigError(f"{path}: others may read it; run: chmod 600 {path}")
            raw = read_toml(path)
        made = {name: raw.get(name) or secrets.token_hex(32) for name in _TOKENS}
        if any(name not in raw for name in _TOKENS):
            _write_private(path, {**raw, **made})
        drafting = raw.get("drafting", {})
        key = str(drafting.get("key", "")) if isinstance(drafting, dict) else ""
        return cls(**made, channels=raw.get("channels", {}), drafting_key=key)


_TOKENS = ("author_key", "reader_token", "writer_token", "link_key")


def find_home(path: str | Path | None = None) -> Home:
    """Return the home folder: the one given, else ``HUIYING_HOME``, else ``./var``."""
    root = Path(path or os.environ.get("HUIYING_HOME") or DEFAULT_HOME)
    return Home(root=root.resolve())


def region_path(name: str) -> Path:
    """Return the region file: a path as it is, or a shipped region by its name.

    Raises:
        ConfigError: there is no such file and no such shipped region.
    """
    given = Path(name)
    if given.suffix == ".toml" and given.exists():
        return given
    shipped = Path(str(files("pipeline") / "regions" / f"{name}.toml"))
    if shipped.exists():
        return shipped
    raise ConfigError(f"no region {name!r}: neither a .toml file nor one of the shipped regions")


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        ConfigError: it cannot be parsed; the message names the file and the place.
    """
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not readable as TOML: {error}") from error


def _is_table(value: object) -> bool:
    """Whether a value is a ``[table]`` or an array of tables, ``[[table]]``."""
    return isinstance(value, dict) or (
        isinstance(value, list) and bool(value) and all(isinstance(entry, dict) for entry in value)
    )


def _check_type(path: Path, key: str, value: object, wanted: str) -> None:
    accepted: dict[str, tuple[type, ...]] = {
        "str": (str,),
        "int": (int,),
        "float": (int, float),
        "tuple[str, ...]": (list,),
    }
    if not isinstance(value, accepted[wanted]) or isinstance(value, bool):
        raise ConfigError(f"{path}: {key} must be {wanted}, got {value!r}")


def _write_private(path: Path, values: Mapping[str, Any]) -> None:
    """Write a TOML file that only its owner may read, never half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        tomli_w.dump(values, file)
    draft.replace(path)
