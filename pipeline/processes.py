"""The running system's files: a home comes in; who holds it, where it serves and how its processes are go
out.

``run/lock`` is held by the one ``huiying up`` of a home; ``run/store.json`` says where the owner
serves; ``run/processes.json`` is the supervisor's view of its children, replaced whole.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.config import Home


class HomeBusyError(RuntimeError):
    """Another ``huiying up`` holds this home."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildStatus:
    """One child of the supervisor: its state in a word, how often it was restarted, and why last time."""

    name: str
    pid: int | None
    state: str
    restarts: int
    since: str
    last_exit: int | None


@contextmanager
def hold_home(home: Home) -> Iterator[None]:
    """Hold a home for this process.

    Raises:
        HomeBusyError: another process holds it; the message names its pid and since when.
    """
    home.create()
    with (home.run / "lock").open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise HomeBusyError(f"{home.root} 已有回应在运行:{file.read().strip()}") from error
        file.truncate(0)
        file.write(f"进程 {os.getpid()},自 {datetime.now(UTC).astimezone():%Y-%m-%d %H:%M:%S}")
        file.flush()
        yield
        file.truncate(0)


def write_json(path: Path, value: object) -> None:
    """Replace a small JSON file, never leaving half of one."""
    draft = path.with_suffix(path.suffix + ".part")
    draft.write_text(json.dumps(value, ensure_ascii=False), "utf-8")
    draft.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """Read a small JSON file; a missing one is an empty dictionary."""
    if not path.exists():
        return {}
    value: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return value


def announce_serving(home: Home, address: str) -> None:
    """Tell clients where the owner serves."""
    write_json(home.run / "store.json", {"address": address, "pid": os.getpid()})


def withdraw_serving(home: Home) -> None:
    """Tell clients that nobody serves any more."""
    (home.run / "store.json").unlink(missing_ok=True)


def serving_address(home: Home) -> str | None:
    """Return where the running owner serves, or None if its process is gone."""
    known = read_json(home.run / "store.json")
    if not known or not _alive(int(known["pid"])):
        return None
    return str(known["address"])


def write_children(home: Home, children: Mapping[str, ChildStatus]) -> None:
    """Replace the supervisor's view of its children."""
    write_json(
        home.run / "processes.json",
        {
            "pid": os.getpid(),
            "at": datetime.now(UTC).isoformat(),
            "children": [asdict(child) for child in children.values()],
        },
    )


def read_children(home: Home) -> list[ChildStatus]:
    """Return the supervisor's last view of its children."""
    return [ChildStatus(**child) for child in read_json(home.run / "processes.json").get("children", [])]


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def free_port() -> int:
    """Return a port of the loopback address that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def port_is_free(port: int) -> bool:
    """Whether nobody listens on this port of the loopback address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
