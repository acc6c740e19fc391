"""Every post of live forums of software without a family here, learnt, crawled and held against their own
databases.

``python -m benchmarks.crawl_forums [--only machina] [--output FILE]``. Installs django-machina and
django-spirit from the package index, each into a virtual environment of its own; fills them with invented
Chinese threads; lets ``huiying source new`` learn the source file; runs it, runs it again unchanged, adds
replies, runs it again, and kills ten runs. Ids, titles, texts, times (to the minute) and parents count.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.crawl_truth import MINUTE, after_kills, compare, crawl

PACKAGES = {"machina": "django-machina==1.3.1", "spirit": "django-spirit==0.14.3"}
HERE = Path(__file__).parent
BOARDS = ("民生问政", "房产家居", "教育升学")
TOPICS, NEW_REPLIES, LONG_EVERY, LONG = 120, 12, 30, 47
WORDS = ("停水", "路灯不亮", "公交改线", "学区划分", "医保报销", "占道停车", "垃圾清运", "桥面积水")
PATIENCE = 60  # seconds for a server to answer


def main() -> None:
    """Measure each forum and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=PACKAGES)
    parser.add_argument("--topics", type=int, default=TOPICS)
    parser.add_argument("--environments", type=Path, help="keep the virtual environments here")
    parser.add_argument("--output", type=Path)
    given = parser.parse_args()
    result = {}
    for name in [given.only] if given.only else PACKAGES:
        with tempfile.TemporaryDirectory() as folder:
            python = environment(name, given.environments or Path(folder))
            result[name] = measure(Forum(name, python, Path(folder)), given.topics)
    text = json.dumps(result, ensure_ascii=False, indent=1)
    print(text)
    if given.output:
        given.output.write_text(text + "\n", "utf-8")


def environment(name: str, folder: Path) -> Path:
    """Return the Python of a virtual environment that has the forum's package; made where it is missing."""
    place = folder / f"environment-{name}"
    python = place / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", PACKAGES[name]], check=True)
    return python


class Forum:
    """One forum in a folder, worked by its own Python: filled, read and served."""

    def __init__(self, name: str, python: Path, folder: Path) -> None:
        self.name = name
        self.folder = folder / "site"
        self.folder.mkdir()
        self.command = [str(python), str(HERE / f"forum_{name}.py"), str(self.folder)]

    def fill(self, work: dict[str, Any]) -> None:
        """Put posts in."""
        file = self.folder / "work.json"
        file.write_text(json.dumps(work, ensure_ascii=False), "utf-8")
        subprocess.run([*self.command, "fill", str(file)], check=True)

    def truth(self) -> list[dict[str, Any]]:
        """Return what the forum's own database holds."""
        file = self.folder / "truth.json"
        subprocess.run([*self.command, "truth", str(file)], check=True)
        posts: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))
        return posts

    @contextmanager
    def served(self) -> Iterator[str]:
        """Serve the forum on loopback and give its address."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        url = f"http://127.0.0.1:{port}/"
        process = subprocess.Popen([*self.command, "serve", str(port)], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)  # fmt: skip
        try:
            _wait_for(url)
            yield url
        finally:
            process.terminate()
            process.wait()


def measure(forum: Forum, topics: int) -> dict[str, Any]:
    """Return the figures of one forum."""
    batch = f"{random.randrange(16**6):06x}"
    forum.fill({"boards": BOARDS, "topics": invented_topics(batch, topics)})
    with forum.served() as url:
        home = forum.folder / "home"
        source = learnt(home, url)
        truth = forum.truth()
        first = crawl(home, source)
        unchanged = crawl(home, source)
        forum.fill({"replies": new_replies(truth, batch)})
        added = [post for post in forum.truth() if post["pid"] not in {old["pid"] for old in truth}]
        after = crawl(home, source)
        kills = after_kills(forum.folder / "killed", source, truth + added)
    return {
        "set_up": {
            "server": f"{PACKAGES[forum.name]}, SQLite, loopback, delay 0",
            "topics": topics,
            "machine": f"{platform.machine()}, {os.cpu_count()} cores",
            "at": f"{datetime.now(UTC):%Y-%m-%d}",
        },
        "first_run": {**figures(truth, first), "seconds": first["seconds"]},
        "unchanged_run": {
            "posts": len(unchanged["posts"]),
            "requests": unchanged["requests"],
            "share_of_first": round(unchanged["requests"] / first["requests"], 4),
        },
        "replies_added_between_runs": figures(added, after),
        "ten_kills": kills,
    }


def figures(truth: list[dict[str, Any]], run: dict[str, Any]) -> dict[str, Any]:
    """Return what was wrong with a run; ``others`` are posts that the forum does not hold."""
    wrong = compare(truth, run["posts"], MINUTE)
    return {**wrong, "others": max(len(run["posts"]) - len(truth), 0), "requests": run["requests"]}


def invented_topics(batch: str, count: int) -> list[dict[str, Any]]:
    """Return topics with 0 to 12 replies, and some with 47 that fill several pages."""
    start = datetime.now(UTC) - timedelta(days=40)
    return [_topic(batch, number, start + timedelta(minutes=470 * number)) for number in range(count)]


def new_replies(truth: list[dict[str, Any]], batch: str) -> list[dict[str, Any]]:
    """Return replies to topics chosen by chance, a few minutes old."""
    moment = int(time.time() * 1000) - 120_000
    topics = random.sample(sorted({post["tid"] for post in truth}), NEW_REPLIES)
    return [
        {"tid": tid, "text": f"补充一条在{tid}（{batch}）。", "time": moment, "author": f"街坊{tid % 9}"}
        for tid in topics
    ]


def learnt(home: Path, url: str) -> str:
    """Return the source file that ``huiying source new`` writes for the forum, without its pauses."""
    command = [sys.executable, "-m", "crawlers.source_tool", "new", "town", url, "--yes", "--home", str(home)]
    more = ["--contact", "test@localhost", "--allow-private", "--pause", "0"]
    subprocess.run([*command, *more], check=True)
    text = (home / "sources" / "town.toml").read_text("utf-8")
    return text.replace("[polite]\n", "[polite]\nmax_pages = 5000\n")


def _topic(batch: str, number: int, moment: datetime) -> dict[str, Any]:
    word, begun = WORDS[number % len(WORDS)], int(moment.timestamp() * 1000)
    count = LONG if number % LONG_EVERY == 5 else number % 13
    return {
        "board": number % len(BOARDS),
        "title": f"{word}的事问一问（{batch}-{number}）",
        "text": f"这几天{word}，什么时候能好？编号{batch}-{number}。\n问过物业，说不知道。",
        "time": begun,
        "author": f"街坊{number % 9}",
        "replies": [
            {
                "text": f"第{number}贴{n + 1}楼，我们这边也是（{batch}）。",
                "time": begun + 61_000 * (n + 1),
                "author": f"街坊{(number + n) % 9}",
            }
            for n in range(count)
        ],
    }


def _wait_for(url: str) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=10):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"{url} does not answer")


if __name__ == "__main__":
    main()
