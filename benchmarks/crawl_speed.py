# ruff: noqa: E501 - a page and a script are written as they are, in long lines
"""Pages a second of a whole run of ours against a fast site on this machine, beside a bare Scrapy spider.

``python -m benchmarks.crawl_speed [--pages 600] [--output FILE]``. The site is a process of its own; politeness is
off (no delay, a loopback source). The bare spider asks for the same list and articles, one at a time as ours
does, and yields the same fields by CSS selectors. Ours also obeys robots.txt, keeps its marks, hashes, writes the
spool and checks what it took. Start-up of the processes is left out: both say when the first request went out.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import re
import subprocess
import sys
import tempfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path

PARAGRAPH = (
    "因城区供水主管网改造需要,定于十一月十八日八时至十八时停水检修,请沿线居民提前做好储水准备,敬请谅解。"
)
BARE = """
import sys, time, json
from scrapy import Spider
from scrapy.crawler import AsyncCrawlerProcess
class Bare(Spider):
    name = "bare"
    start_urls = [sys.argv[1]]
    def parse(self, response):
        for href in response.css("a.row::attr(href)").getall():
            yield response.follow(href, self.article)
    def article(self, response):
        yield {"url": response.url, "title": response.css("h1::text").get(), "published":
            response.css("meta[name=PubDate]::attr(content)").get(),
            "text": "\\n".join(response.css("#zoom p::text").getall())}
process = AsyncCrawlerProcess({"CONCURRENT_REQUESTS": 1, "LOG_LEVEL": "INFO", "TELNETCONSOLE_ENABLED": False,
    "FEEDS": {sys.argv[2]: {"format": "jsonlines"}}, "DOWNLOAD_DELAY": 0})
process.crawl(Bare)
process.start()
"""
SOURCE = """id = "speed"
name = "speed"
kind = "article"
channel = "speed"
start = ["{url}"]
every = "1h"
[polite]
delay = 0.0
max_pages = 1000000
[legal]
basis = "our own site"
contact = "test@localhost"
[select]
links = "a.row"
body = "#zoom"
"""
ELAPSED = re.compile(r"'elapsed_time_seconds': ([0-9.]+)")


def serve(pages: int, out: Connection) -> None:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            content = page(self.path, pages).encode()
            self.send_response(404 if self.path == "/robots.txt" else 200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    out.send(server.server_port)
    server.serve_forever()


def page(path: str, pages: int) -> str:
    if path == "/":
        return "".join(
            f'<a class="row" href="/a/{number}.html">第{number}号通知</a>' for number in range(pages)
        )
    body = "".join(f"<p>{PARAGRAPH}{number}</p>" for number in range(12))
    menu = "".join(f'<li><a href="/m/{number}">栏目{number}</a></li>' for number in range(80))
    return (
        f'<html><head><meta name="PubDate" content="2026-11-17 09:08"><title>{path}</title></head><body><ul>{menu}</ul>'
        f'<h1>通知 {path}</h1><div id="zoom">{body}<p>{path}</p></div></body></html>'
    )


def seconds_of(command: list[str]) -> float:
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": "."}
    )
    found = ELAPSED.search(done.stderr)
    if found is None:
        raise SystemExit(done.stderr[-2000:])
    return float(found[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--output", type=Path, default=None)
    given = parser.parse_args()
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(given.pages, there), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{here.recv()}/"
    ours, bare = [], []
    for number in range(given.rounds):
        with tempfile.TemporaryDirectory() as folder:
            home, script = Path(folder) / "home", Path(folder) / "bare.py"
            home.mkdir()
            (home / "speed.toml").write_text(SOURCE.format(url=url), "utf-8")
            script.write_text(BARE, "utf-8")
            bare.append(seconds_of([sys.executable, str(script), url, str(home / f"{number}.jsonl")]))
            ours.append(
                seconds_of(
                    [sys.executable, "-m", "crawlers.run", "--home", str(home), str(home / "speed.toml")]
                )
            )
    server.terminate()
    row = {
        "pages": given.pages,
        "rounds": given.rounds,
        "pages_a_second": round(given.pages / min(ours), 1),
        "bare_pages_a_second": round(given.pages / min(bare), 1),
        "ratio": round(min(bare) / min(ours), 3),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
    }
    print(row)
    if given.output:
        given.output.write_text(json.dumps(row, indent=1) + "\n")


if __name__ == "__main__":
    main()
