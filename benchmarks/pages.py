"""Server time of every page over a store of N posts, warm; ten people at once; a new claim on an open page.

    python -m benchmarks.pages --posts 10000 1000000
    python -m benchmarks.pages --posts 10000000 --home /tmp/ten --output benchmarks/results/pages_10m.json

The store is made by SQL (``pages_fill.sql``) over 60 days and served; the pages are served by Streamlit as
``huiying up`` does, and asked for over its own websocket, so that a time runs from the click to the last
element, without the browser's drawing. A page's answers are cached for two seconds; between rounds the
benchmark waits longer, so that every round asks the store.

Wall time on a machine that does other work says little: the processor seconds of the server and the store
together stand beside it, and the machine's load.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from dashboard.connection import FRESH_SECONDS
from dashboard.parts import REFRESH_SECONDS
from pipeline.config import Home, Secrets, Settings
from pipeline.processes import announce_serving, free_port
from pipeline.programs import plan_up
from pipeline.store import Store

HERE = Path(__file__).parent
VIEWS = HERE.parent / "dashboard" / "views"
LANDING = "today"
DAYS = 60
POSTS_A_CLAIM = 50
PEOPLE = 10
PATIENCE = 300.0  # seconds for one page before the run is given up
TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument(
        "--home", type=Path, help="a folder to keep the store in, or that holds one of this size"
    )
    parser.add_argument("--output", type=Path, default=HERE / "results" / "pages.json")
    given = parser.parse_args()
    results: dict[str, Any] = {"cores": os.cpu_count(), "rounds": given.rounds, "days": DAYS, "posts": {}}
    for posts in given.posts:
        with tempfile.TemporaryDirectory() as folder:
            results["posts"][str(posts)] = measure(given.home or Path(folder), posts, given.rounds)
        print(posts, json.dumps(results["posts"][str(posts)], ensure_ascii=False, indent=1))
        given.output.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", "utf-8")


def measure(root: Path, posts: int, rounds: int) -> dict[str, Any]:
    home = Home(root=root).create()
    with Store.open(home) as store:
        fill(store, posts)
        secrets = Secrets.load(home)
        announce_serving(home, store.serve(free_port(), secrets.reader_token, secrets.writer_token))
        with served(home) as (address, server):
            load_before = os.getloadavg()[0]
            claim = store.connection.execute(
                "select claim_id from claims where size between 20 and 200 order by last_seen desc limit 1"
            ).fetchone()
            queries = {"claim": f"claim={claim[0] if claim else ''}"}
            pages = {page: one_page(address, server, page, queries.get(page, ""), rounds) for page in names()}
            together = many(address, queries, max(rounds // 4, 2))
            fresh = new_claim(store, address)
    slowest = max(found["p95_s"] for found in pages.values())
    return {
        "load_before": round(load_before, 1),
        "slowest_p95_s": slowest,
        "pages": pages,
        "ten_people": together,
        "new_claim_on_open_page_s": fresh,
    }


def fill(store: Store, posts: int) -> None:
    if store.rows("page_sizes")[0]["posts"]:
        return
    values = {"n": posts, "days": DAYS, "claims": max(posts // POSTS_A_CLAIM, 20)}
    store.connection.execute("set preserve_insertion_order = false")
    for statement in (HERE / "pages_fill.sql").read_text("utf-8").format(**values).split(";\n"):
        if statement.strip():
            store.connection.execute(statement)
    store.connection.execute("checkpoint")


def names() -> list[str]:
    return sorted(path.stem for path in VIEWS.glob("[a-z]*.py"))


@contextmanager
def served(home: Home) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    plan = plan_up(home, Settings(quack_port=0, dashboard_port=0))
    program = next(program for program in plan.programs if program.name == "dashboard")
    log = (home.logs / "dashboard.log").open("wb")
    environment = {**os.environ, **(program.environment or {})}
    server = subprocess.Popen(list(program.command), env=environment, stdout=log, stderr=log)
    try:
        wait_until_up(f"{plan.dashboard_url}/_stcore/health", server)
        yield plan.dashboard_url.replace("http", "ws", 1) + "/_stcore/stream", server
    finally:
        server.terminate()
        server.wait(30)
        log.close()


def wait_until_up(url: str, server: subprocess.Popen[bytes]) -> None:
    event = threading.Event()
    while server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            event.wait(0.2)
    raise RuntimeError("the dashboard ended")


def one_page(
    address: str, server: subprocess.Popen[bytes], page: str, query: str, rounds: int
) -> dict[str, float]:
    wall, processor = [], []
    with session(address) as socket:
        visit(socket, page, query)  # the first run connects, imports and compiles
        for _ in range(rounds):
            time.sleep(FRESH_SECONDS + 0.1)
            before, started = seconds_used(server), time.perf_counter()
            visit(socket, page, query)
            wall.append(time.perf_counter() - started)
            processor.append(seconds_used(server) - before)
    return {**spread(wall), "processor_median_s": round(statistics.median(processor), 3)}


def many(address: str, queries: dict[str, str], rounds: int) -> dict[str, Any]:
    def person(number: int) -> list[float]:
        times = []
        with session(address) as socket:
            for turn in range(rounds):
                page = names()[(number + turn) % len(names())]
                started = time.perf_counter()
                visit(socket, page, queries.get(page, ""))
                times.append(time.perf_counter() - started)
        return times

    with ThreadPoolExecutor(PEOPLE) as pool:
        times = [one for found in pool.map(person, range(PEOPLE)) for one in found]
    return {"people": PEOPLE, "visits": len(times), "errors": 0, **spread(times)}


def new_claim(store: Store, address: str) -> float:
    """Seconds from a claim's row in the queue to its words on the open landing page."""
    words = (
        f"体育馆楼顶塌了{time.time_ns()}"  # new in a store that is kept, and nothing that would be escaped
    )
    with session(address) as socket:
        visit(socket, LANDING, "")
        store.connection.execute(
            "insert into claims by name select 'fresh' || epoch_us(now()) as claim_id, ? as text, "
            "now() as first_seen, now() as last_seen, 9 as size, 9 as spreading, 9 as authors, "
            "['都匀市'] as counties, ['论坛'] as channels, 'unverified_claim' as need, "
            "0.9 as rumor_score, now() as updated_at",
            [words],
        )
        store.connection.execute(
            "insert into queue by name select claim_id, now() as entered_at, 0.99 as priority, "
            "now() + interval 5 hour as deadline, '5 小时' as deadline_rule, 'first_seen' as start_basis, "
            "'[]' as reasons, true as urgent, now() as updated_at from claims where text = ?",
            [words],
        )
        started = time.perf_counter()
        while words not in visit(socket, LANDING, ""):
            if time.perf_counter() - started > PATIENCE:
                raise RuntimeError("a new claim did not come onto the open page")
            time.sleep(REFRESH_SECONDS)
        return round(time.perf_counter() - started, 2)


@contextmanager
def session(address: str) -> Iterator[ClientConnection]:
    with connect(address, subprotocols=["streamlit"], max_size=None, open_timeout=60) as socket:  # type: ignore[list-item]
        yield socket


def visit(socket: ClientConnection, page: str, query: str) -> str:
    """Run a page to its end; return its words.

    Raises:
        RuntimeError: the page showed an exception.
    """
    state = ClientState(page_name="" if page == LANDING else page, query_string=query)
    socket.send(BackMsg(rerun_script=state).SerializeToString())
    words: list[str] = []
    while True:
        message = ForwardMsg.FromString(socket.recv(timeout=PATIENCE))
        kind = message.WhichOneof("type")
        if kind == "delta" and message.delta.HasField("new_element"):
            element = message.delta.new_element
            if element.HasField("exception"):
                raise RuntimeError(f"{page}: {element.exception.message}")
            words.append(element.markdown.body if element.HasField("markdown") else "")
        if kind == "script_finished":
            return "\n".join(words)


def spread(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {
        "median_s": round(statistics.median(ordered), 3),
        "p95_s": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], 3),
        "worst_s": round(ordered[-1], 3),
    }


def seconds_used(server: subprocess.Popen[bytes]) -> float:
    """Processor seconds of the page server and of this process, which serves the store."""
    fields = Path(f"/proc/{server.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    own = resource.getrusage(resource.RUSAGE_SELF)
    return (int(fields[11]) + int(fields[12])) / TICKS + own.ru_utime + own.ru_stime


if __name__ == "__main__":
    main()
