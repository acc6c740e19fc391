"""The crawl schedule: a folder of source files comes in; each is run at its interval, in a process of its
own.

``python -m crawlers.schedule --home HOME --sources DIR``. ``HOME/run/sources-control.json`` may hold
``{"pause": [ids], "run_now": {id: time}, "emergency": [ids]}``: the page 数据源 writes it.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any
from zoneinfo import ZoneInfo

from crawlers.source import SourceConfig, SourceError, load_source

log = logging.getLogger(__name__)

AT_ONCE = 2  # spiders are mostly waiting, but each is a Python process
JITTER = 0.1  # of the interval, so that sources do not come in step
EMERGENCY_EVERY = 300.0  # seconds; 战时: chosen sources every five minutes
LONGEST_RUN = 1800.0  # seconds; a run that hangs is stopped
POLL_SECONDS = 0.25
CONTROL_FILE = "sources-control.json"


@dataclass(slots=True)
class Entry:
    """One source file and when it is due; ``due`` is monotonic seconds."""

    path: Path
    source: SourceConfig
    changed: float
    due: float = 0.0
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    ran_now: str = ""


@dataclass(slots=True)
class Control:
    """What the page asked for."""

    pause: set[str] = field(default_factory=set)
    emergency: set[str] = field(default_factory=set)
    run_now: dict[str, str] = field(default_factory=dict)


class Schedule:
    """Runs the sources of one folder until told to stop; a new or changed file is seen without a restart."""

    def __init__(self, home: Path, folder: Path) -> None:
        self.home = home
        self.folder = folder
        self.entries: dict[str, Entry] = {}
        self.refused: dict[Path, float] = {}
        self.stopping = threading.Event()

    def run(self) -> None:
        """Tend the sources until ``stopping`` is set, then stop the running spiders."""
        while not self.stopping.is_set():
            self.tend(time.monotonic())
            self.stopping.wait(POLL_SECONDS)
        for entry in self.entries.values():
            _stop(entry)

    def tend(self, now: float) -> None:
        """Look at the files, note ended runs, and start what is due."""
        self._read_files(now)
        control = self._control()
        for entry in self.entries.values():
            self._note_end(entry, now, control)
        running = sum(entry.process is not None for entry in self.entries.values())
        for entry in sorted(self.entries.values(), key=lambda entry: entry.due):
            if running < AT_ONCE and self._is_due(entry, now, control):
                self._start(entry, now)
                running += 1

    def _read_files(self, now: float) -> None:
        paths = {path: path.stat().st_mtime for path in sorted(self.folder.glob("*.toml"))}
        known = {entry.path: entry for entry in self.entries.values()}
        for path, changed in paths.items():
            entry = known.get(path)
            if (entry and entry.changed == changed) or self.refused.get(path) == changed:
                continue
            try:
                source = load_source(path)
            except SourceError as error:
                log.error("%s", error)
                self.refused[path] = changed
                continue
            if not source.verified or source.legal.robots_checked is None:
                log.warning("%s: robots.txt was not checked yet, so it does not run", source.id)
                self.refused[path] = changed
                continue
            self.entries[source.id] = Entry(path=path, source=source, changed=changed, due=now)
        for name in [name for name, entry in self.entries.items() if entry.path not in paths]:
            _stop(self.entries.pop(name))

    def _control(self) -> Control:
        path = self.home / "run" / CONTROL_FILE
        if not path.exists():
            return Control()
        raw: dict[str, Any] = json.loads(path.read_text("utf-8"))
        asked = raw.get("run_now", {})
        return Control(
            pause=set(raw.get("pause", [])),
            emergency=set(raw.get("emergency", [])),
            run_now=asked if isinstance(asked, dict) else dict.fromkeys(asked, "asked"),
        )

    def _note_end(self, entry: Entry, now: float, control: Control) -> None:
        if entry.process is None:
            return
        code = entry.process.poll()
        if code is None:
            if now - entry.started > LONGEST_RUN:
                log.error("%s: still running after %.0f s, stopped", entry.source.id, LONGEST_RUN)
                entry.process.kill()
            return
        if code != 0:
            log.warning("%s: ended with %d", entry.source.id, code)
        entry.process = None
        every = entry.source.every.total_seconds()
        if entry.source.id in control.emergency:
            every = min(every, EMERGENCY_EVERY)
        entry.due = entry.started + every * random.uniform(1 - JITTER, 1 + JITTER)

    def _is_due(self, entry: Entry, now: float, control: Control) -> bool:
        if entry.process is not None or self._told_to_stay_away(entry.source.id):
            return False
        asked = control.run_now.get(entry.source.id, "")
        if asked and asked != entry.ran_now:
            entry.ran_now = asked
            return True
        if entry.source.id in control.pause or not in_hours(entry.source):
            return False
        emergency = entry.source.id in control.emergency and now - entry.started >= EMERGENCY_EVERY
        return now >= entry.due or emergency

    def _start(self, entry: Entry, now: float) -> None:
        command = [sys.executable, "-m", "crawlers.run", "--home", str(self.home), str(entry.path)]
        logs = self.home / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        with (logs / f"crawl-{entry.source.id}.log").open("wb") as output:
            entry.process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        entry.started = now

    def _told_to_stay_away(self, source: str) -> bool:
        path = self.home / "crawl" / f"{source}.rest.json"
        if not path.exists():
            return False
        until = datetime.fromisoformat(json.loads(path.read_text("utf-8"))["not_before"])
        return datetime.now(UTC) < until


def in_hours(source: SourceConfig, now: datetime | None = None) -> bool:
    """Whether a source may be visited at this hour: ``polite.hours`` as in ``06:00-24:00``, in its own
    time.
    """
    if not source.polite.hours:
        return True
    begin, end = source.polite.hours.split("-")
    local = (now or datetime.now(UTC)).astimezone(ZoneInfo(source.timezone))
    clock = f"{local:%H:%M}"
    return begin <= clock < end if begin <= end else clock >= begin or clock < end


def _stop(entry: Entry) -> None:
    if entry.process is None or entry.process.poll() is not None:
        return
    entry.process.terminate()
    try:
        entry.process.wait(10)
    except subprocess.TimeoutExpired:
        entry.process.kill()
        entry.process.wait()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the schedule until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--sources", type=Path, required=True)
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    schedule = Schedule(given.home, given.sources)

    def stop(number: int, frame: FrameType | None) -> None:
        schedule.stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    schedule.run()


if __name__ == "__main__":
    main()
