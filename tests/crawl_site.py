"""A loopback web site for spiders: answers by path come in, counted requests and runs of a source go out."""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

Answer = tuple[
    int, Mapping[str, str], bytes | Iterable[bytes]
]  # pieces are sent as they come, without a length
Respond = Callable[[str, str, bytes], Answer]
RESET = 0  # as a status: the connection is reset
ROBOTS: Answer = (200, {}, b"User-agent: *\nDisallow: /admin/\n")


@dataclass(slots=True)
class CrawlSite:
    """A running site; ``seen`` are its requests but those of robots.txt: method, target, headers, body."""

    url: str
    seen: list[tuple[str, str, dict[str, str], str]] = field(default_factory=list)

    def targets(self) -> list[str]:
        """Return the targets asked for since the last call."""
        targets = [target for _, target, _, _ in self.seen]
        self.seen.clear()
        return targets


@contextmanager
def crawl_site(respond: Respond, robots: Answer = ROBOTS) -> Iterator[CrawlSite]:
    """Serve what ``respond(method, target, body)`` says."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path == "/robots.txt":
                status, headers, content = robots
            else:
                headers_seen = {name.lower(): value for name, value in self.headers.items()}
                site.seen.append((self.command, self.path, headers_seen, body.decode()))
                status, headers, content = respond(self.command, self.path, body)
            if status == RESET:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                return
            self.send_response(status)
            length = {"Content-Length": str(len(content))} if isinstance(content, bytes) else {}
            for name, value in {**length, **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                for piece in (content,) if isinstance(content, bytes) else content:
                    self.wfile.write(piece)
            except ConnectionError:  # a spider that has seen enough hangs up
                self.close_connection = True

        do_GET = do_POST = answer  # noqa: N815 - the names that http.server asks for

        def log_message(self, *arguments: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site = CrawlSite(url=f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one run wrote."""

    posts: list[dict[str, Any]]
    status: str
    reasons: list[str]
    log: str


def run_source(home: Path, text: str, **environment: str) -> Run:
    """Run a source file once, as the schedule does, and read what it put into the spool."""
    home.mkdir(parents=True, exist_ok=True)
    file = home / "source.toml"
    file.write_text(text, "utf-8")
    command = [sys.executable, "-m", "crawlers.run", "--home", str(home), str(file)]
    more = {"HUIYING_AUTHOR_KEY": "k" * 32, **environment}
    done = subprocess.run(
        command, env={**os.environ, **more}, capture_output=True, text=True, timeout=120, check=False
    )
    lines = [json.loads(line) for path in sorted((home / "spool").glob("*.jsonl")) for line in path.open()]
    for path in (home / "spool").glob("*.jsonl"):
        path.unlink()
    runs = [line for line in lines if line["kind"] == "run"]
    if len(runs) != 1:
        raise AssertionError(done.stderr[-3000:])
    return Run(
        posts=[line for line in lines if line["kind"] == "post"],
        status=runs[0]["status"],
        reasons=runs[0]["reasons"],
        log=done.stderr,
    )


def source_text(kind: str, start: str, **more: str) -> str:
    """Return a source file for a loopback site; ``more`` are further top-level lines or tables, as TOML."""
    return f"""id = "test-source"
name = "测试来源"
kind = "{kind}"
channel = "测试"
start = ["{start}"]
every = "1m"
{more.get("head", "")}

[polite]
delay = 0.0
max_pages = {more.get("max_pages", "200")}
timeout = {more.get("timeout", "20")}

[legal]
basis = "our own test site"
contact = "test@localhost"

{more.get("tables", "")}
"""
