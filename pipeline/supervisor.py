"""``huiying up``: a home comes in; its processes run, are restarted with back-off, and stop together on
Ctrl-C.

The supervisor knows commands, not modules: it starts the pipeline, the crawl schedule and the dashboard as
programs, writes how they are to ``run/processes.json``, and does nothing else.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import IO

from pipeline.config import Home
from pipeline.processes import ChildStatus, write_children

log = logging.getLogger(__name__)

# A child that lived this long is healthy again: its next death restarts it at once.
HEALTHY_SECONDS = 60.0
FIRST_BACKOFF = 1.0
LONGEST_BACKOFF = 60.0
STOP_SECONDS = 20.0
POLL_SECONDS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One child: a name, a command line, and more environment."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


class Child:
    """One running program: started, watched, restarted after a growing pause."""

    def __init__(self, program: Program, home: Home) -> None:
        self.program = program
        self.home = home
        self.process: subprocess.Popen[bytes] | None = None
        self.restarts = -1
        self.last_exit: int | None = None
        self.since = datetime.now(UTC)
        self._started = 0.0
        self._retry_at = 0.0
        self._backoff = FIRST_BACKOFF

    def tend(self, now: float) -> bool:
        """Start or restart the program if it is due; return whether anything changed. ``now`` is
        monotonic seconds.
        """
        if self.process is None:
            return now >= self._retry_at and self._start(now)
        code = self.process.poll()
        if code is None:
            return False
        self._note_exit(code, now)
        return True

    def stop(self) -> None:
        """Ask the program to end."""
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def wait(self, seconds: float) -> None:
        """Wait for the program to end; kill it when it does not."""
        if not self.process:
            return
        try:
            self.last_exit = self.process.wait(max(0.1, seconds))
        except subprocess.TimeoutExpired:
            log.warning("%s did not stop in time and is killed", self.program.name)
            self.process.kill()
            self.last_exit = self.process.wait()
        self.process = None

    def status(self) -> ChildStatus:
        """Return how this child is, for the page 系统."""
        running = self.process is not None
        return ChildStatus(
            name=self.program.name,
            pid=self.process.pid if self.process else None,
            state="running" if running else "waiting",
            restarts=max(self.restarts, 0),
            since=self.since.isoformat(),
            last_exit=self.last_exit,
        )

    def _start(self, now: float) -> bool:
        with _log_file(self.home.logs, self.program.name) as output:
            self.process = subprocess.Popen(
                self.program.command,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env={**os.environ, **self.program.environment},
                # Ctrl-C goes to the supervisor alone, which stops its children in order.
                start_new_session=True,
            )
        self._started = now
        self.since = datetime.now(UTC)
        self.restarts += 1
        return True

    def _note_exit(self, code: int, now: float) -> None:
        lived = now - self._started
        self._backoff = FIRST_BACKOFF if lived > HEALTHY_SECONDS else min(self._backoff * 2, LONGEST_BACKOFF)
        self._retry_at = now + self._backoff
        self.last_exit = code
        self.since = datetime.now(UTC)
        self.process = None
        log.warning("%s ended with %s; starting again in %.0f s", self.program.name, code, self._backoff)


class Supervisor:
    """Keeps the programs of one home running until told to stop."""

    def __init__(self, home: Home, programs: Sequence[Program]) -> None:
        self.home = home
        self.children = {program.name: Child(program, home) for program in programs}
        self._stop = threading.Event()

    def run(self, ready: Callable[[], None] | None = None) -> None:
        """Start everything and tend it until SIGINT or SIGTERM; then stop all children."""
        signal.signal(signal.SIGINT, self._on_signal)
        signal.signal(signal.SIGTERM, self._on_signal)
        try:
            self._tend()
            if ready:
                ready()
            while not self._stop.wait(POLL_SECONDS):
                self._tend()
        finally:
            self._stop_all()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._stop.set()

    def _tend(self) -> None:
        now = time.monotonic()
        changed = [child.tend(now) for child in self.children.values()]
        if any(changed):
            self._write()

    def _stop_all(self) -> None:
        # Last started, first stopped: the owner of the store goes last.
        deadline = time.monotonic() + STOP_SECONDS
        for child in reversed(self.children.values()):
            child.stop()
        for child in reversed(self.children.values()):
            child.wait(deadline - time.monotonic())
        self._write()

    def _write(self) -> None:
        write_children(self.home, {name: child.status() for name, child in self.children.items()})


def _log_file(folder: Path, name: str) -> IO[bytes]:
    folder.mkdir(parents=True, exist_ok=True)
    return (folder / f"{name}.log").open("ab")
