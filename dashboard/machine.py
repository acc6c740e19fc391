"""The running system's files: the home comes in; its processes, disk and crawl control go out."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from typing import Any

from dashboard.connection import home
from pipeline.processes import ChildStatus, read_children, read_json, write_json

CONTROL_FILE = "sources-control.json"  # read by the crawl schedule

# Which list of the control file a wish puts a source into (True) or takes it from.
LISTS = {
    "paused": ("pause", True),
    "resumed": ("pause", False),
    "urgent": ("emergency", True),
    "normal": ("emergency", False),
}


def source_control() -> dict[str, Any]:
    """Return the crawl schedule's control file: ``pause`` (ids), ``run_now`` (id to time), ``emergency``."""
    return {"pause": [], "run_now": {}, "emergency": [], **read_json(home().run / CONTROL_FILE)}


def control_source(source: str, kind: str) -> None:
    """Ask the crawl schedule to run a source now, pause or resume it, read it more often or as usual.

    Raises:
        ValueError: ``kind`` is none of run_now, paused, resumed, urgent, normal.
    """
    control = source_control()
    if kind == "run_now":
        control["run_now"] = {**control["run_now"], source: datetime.now(UTC).isoformat()}
    elif kind in LISTS:
        name, inside = LISTS[kind]
        control[name] = sorted({*control[name], source} if inside else set(control[name]) - {source})
    else:
        raise ValueError(f"kind must be run_now, {', '.join(LISTS)}, got {kind!r}")
    write_json(home().run / CONTROL_FILE, control)


def children() -> list[ChildStatus]:
    """Return the supervisor's view of its processes; needs no store."""
    return read_children(home())


def pipeline_state() -> dict[str, Any]:
    """Return what the pipeline wrote of its last round; needs no store."""
    return read_json(home().run / "pipeline.json")


def disk() -> dict[str, int]:
    """Return bytes: free and total of the home's disk, of the database file, and of waiting spool files."""
    place = home()
    usage = shutil.disk_usage(place.root)
    spool = list(place.spool.glob("*.jsonl"))
    return {
        "free": usage.free,
        "total": usage.total,
        "database": place.database.stat().st_size if place.database.exists() else 0,
        "spool_files": len(spool),
        "spool_bytes": sum(file.stat().st_size for file in spool),
    }
