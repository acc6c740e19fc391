# ruff: noqa: E501 - pages are written as they are served, in long lines
"""Requests of a second run over an unchanged forum beside those of the first, and after a few new replies.

``python -m benchmarks.crawl_unchanged [--threads 2000] [--output FILE]``. The forum is a process of its own on this
machine and serves pages in the shape of phpBB 3.3: two boards of 25 threads a page, threads of one or several
pages of 10 posts. Every post is compared by id, time and words with what the forum holds. Politeness is off.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import tempfile
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from benchmarks.crawl_truth import crawl

THREADS_A_PAGE, POSTS_A_PAGE, BOARDS = 25, 10, (3, 4)
START = datetime(2026, 8, 1, tzinfo=UTC)
SOURCE = """id = "unchanged"
name = "unchanged"
kind = "forum"
family = "phpbb"
channel = "forum"
start = ["{url}"]
every = "1m"
boards = [{{ id = "3" }}, {{ id = "4" }}]
[polite]
delay = 0
max_pages = 100000
[legal]
basis = "our own site"
contact = "test@localhost"
"""


def replies_of(number: int, more: frozenset[int]) -> int:
    """Return how many replies a thread has: none to eight, every fortieth 35; one more where it got news."""
    return (35 if number % 40 == 5 else number % 9) + (number in more)


def posted(number: int, place: int, more: frozenset[int]) -> datetime:
    """Return when a post was written; the one that came between two runs is the newest of all."""
    if number in more and place == replies_of(number, more):
        return START + timedelta(days=100)
    return START + timedelta(minutes=50 * number + place)


def page(target: str, threads: int, more: frozenset[int]) -> str | None:
    """Return a page as phpBB serves it, None where there is none."""
    parts = urlsplit(target)
    query = {name: int(values[0]) for name, values in parse_qs(parts.query).items()}
    start = query.get("start", 0)
    if parts.path == "/viewforum.php":
        mine = [number for number in range(threads) if BOARDS[number % 2] == query["f"]]
        mine.sort(key=lambda number: posted(number, replies_of(number, more), more), reverse=True)
        rows = "".join(
            f'<li class="row"><dl><dt><a href="./viewtopic.php?t={n}" class="topictitle">关于第{n}件事</a></dt><dd class="posts">{replies_of(n, more)}</dd>'
            f'<dd class="views">{n * 3}</dd><dd class="lastpost"><time datetime="{posted(n, replies_of(n, more), more).isoformat()}">x</time></dd></dl></li>'
            for n in mine[start : start + THREADS_A_PAGE])  # fmt: skip
        further = (
            f'<a rel="next" href="./viewforum.php?f={query["f"]}&amp;start={start + THREADS_A_PAGE}">x</a>'
            if start + THREADS_A_PAGE < len(mine)
            else ""
        )
        return f'<body id="phpbb"><ul class="topiclist topics">{rows}</ul>{further}</body>'
    if parts.path == "/viewtopic.php":
        number = query["t"]
        count = replies_of(number, more) + 1
        posts = "".join(
            f'<div id="p{number * 100 + place}" class="post"><p class="author"><time datetime="{posted(number, place, more).isoformat()}">x</time></p><div class="content">第{number}件事第{place}楼：还没有解决。</div></div>'
            for place in range(start, min(start + POSTS_A_PAGE, count)))  # fmt: skip
        further = (
            f'<a rel="next" href="./viewtopic.php?t={number}&amp;start={start + POSTS_A_PAGE}">x</a>'
            if start + POSTS_A_PAGE < count
            else ""
        )
        return f'<body id="phpbb"><h2 class="topic-title">关于第{number}件事</h2>{posts}{further}</body>'
    return None


def serve(threads: int, pipe: Connection) -> None:
    """Serve until killed; each message of the pipe names the threads that have one reply more."""
    more: list[frozenset[int]] = [frozenset()]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            while pipe.poll():
                more.append(pipe.recv())
            content = page(self.path, threads, more[-1])
            body = (content or "").encode()
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    pipe.send(server.server_port)
    server.serve_forever()


def wrong(posts: list[dict[str, Any]], threads: range, more: frozenset[int]) -> dict[str, int]:
    """Count the posts that are missing, double, or wrong in time."""
    truth = {
        f"t{n}" if place == 0 else f"t{n}-{n * 100 + place}": posted(n, place, more)
        for n in threads
        for place in range(replies_of(n, more) + 1)
    }
    found = {post["id"]: datetime.fromisoformat(post["published_at"]) for post in posts}
    return {
        "posts": len(truth),
        "missing": len(truth.keys() - found.keys()),
        "double": len(posts) - len(found),
        "time": sum(found.get(name, at) != at for name, at in truth.items()),
    }


def main() -> None:
    """Measure and print; write the figures where told."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2000)
    parser.add_argument("--output", type=Path)
    given = parser.parse_args()
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(given.threads, there), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{here.recv()}/"
    news = frozenset(range(7, given.threads, given.threads // 10))
    with tempfile.TemporaryDirectory() as folder:
        home, source = Path(folder), SOURCE.format(url=url)
        first = crawl(home, source)
        second = crawl(home, source)
        here.send(news)
        third = crawl(home, source)
    server.terminate()
    added = {post["id"] for post in third["posts"]}
    wanted = {f"t{n}-{n * 100 + replies_of(n, news)}" for n in news}
    row = {
        "set_up": {"threads": given.threads, "machine": f"{platform.machine()}, {os.cpu_count()} cores"},
        "first_run": {**wrong(first["posts"], range(given.threads), frozenset()), "requests": first["requests"]},
        "unchanged_run": {
            "posts": len(second["posts"]), "requests": second["requests"],
            "share_of_first": round(second["requests"] / first["requests"], 4),
        },
        "replies_between_runs": {
            "posts": len(wanted), "missing": len(wanted - added), "others": len(added - wanted), "requests": third["requests"]
        },
    }  # fmt: skip
    print(json.dumps(row, indent=1))
    if given.output:
        given.output.write_text(json.dumps(row, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
