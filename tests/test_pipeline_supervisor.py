from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time

from pipeline.config import Home
from pipeline.processes import read_children
from pipeline.supervisor import FIRST_BACKOFF, Child, Program

SLEEPER = [sys.executable, "-c", "import signal; signal.pause()"]
RUN = """
import sys
from pathlib import Path
from pipeline.config import Home
from pipeline.supervisor import Program, Supervisor
home = Home(root=Path(sys.argv[1])).create()
sleeper = [sys.executable, "-c", "import signal; signal.pause()"]
Supervisor(home, [Program(name="a", command=sleeper), Program(name="b", command=sleeper)]).run(
    ready=lambda: print("ready", flush=True)
)
"""


def until(condition, seconds=20.0):
    deadline, event = time.monotonic() + seconds, threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        event.wait(0.05)


def test_a_child_that_dies_waits_longer_each_time_and_says_why(tmp_path):
    home = Home(root=tmp_path).create()
    child = Child(Program(name="x", command=[sys.executable, "-c", "raise SystemExit(3)"]), home)
    now = 1000.0
    assert child.tend(now)
    child.process.wait(20)
    assert child.tend(now)
    assert (child.status().state, child.status().last_exit) == ("waiting", 3)
    assert not child.tend(now + FIRST_BACKOFF)
    assert child.tend(now + 2 * FIRST_BACKOFF)
    assert child.status().restarts == 1
    child.process.wait(20)
    assert child.tend(now + 3)
    assert not child.tend(now + 3 + 2 * FIRST_BACKOFF)
    assert child.tend(now + 3 + 4 * FIRST_BACKOFF)
    child.process.wait(20)


def test_ctrl_c_stops_all_children_and_a_killed_one_is_restarted(tmp_path):
    home = Home(root=tmp_path)
    process = subprocess.Popen([sys.executable, "-c", RUN, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline().strip() == "ready"
        until(lambda: len(read_children(home)) == 2)
        first = read_children(home)[0].pid
        subprocess.run(["kill", "-9", str(first)], check=True)
        until(
            lambda: read_children(home)[0].restarts == 1 and read_children(home)[0].pid not in {None, first}
        )
        pids = [child.pid for child in read_children(home)]
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    assert all(
        subprocess.run(["kill", "-0", str(pid)], capture_output=True, check=False).returncode for pid in pids
    )
    assert [child.state for child in read_children(home)] == ["waiting", "waiting"]
