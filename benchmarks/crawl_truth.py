"""A source file and what a forum holds come in; what a run missed, doubled or read wrongly goes out."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.config import Settings, find_home, region_path
from pipeline.ingest import ingest_spool
from pipeline.places import Region
from pipeline.store import Store

LAST_KILL = 4.5  # seconds; a run takes longer
SECOND, MINUTE = 1000, 60_000  # ms: how exactly a forum's pages state their times


def command(home: Path, source: str) -> list[str]:
    """Write the source file and return the command that runs it."""
    home.mkdir(parents=True, exist_ok=True)
    file = home / "source.toml"
    file.write_text(source, "utf-8")
    return [sys.executable, "-m", "crawlers.run", "--home", str(home), str(file)]


def crawl(home: Path, source: str) -> dict[str, Any]:
    """Run the source once; return its posts, requests and seconds, and empty the spool."""
    started = time.monotonic()
    done = subprocess.run(command(home, source), capture_output=True, text=True, check=False)
    seconds = round(time.monotonic() - started, 1)
    lines = [json.loads(line) for file in (home / "spool").glob("*.jsonl") for line in file.open()]
    for file in (home / "spool").glob("*.jsonl"):
        file.unlink()
    found = re.search(r"'downloader/request_count': (\d+)", done.stderr)
    if found is None:
        raise SystemExit(done.stderr[-2000:])
    posts = [line for line in lines if line["kind"] == "post"]
    return {"posts": posts, "requests": int(found.group(1)), "seconds": seconds}


def compare(truth: list[dict[str, Any]], posts: list[dict[str, Any]], exact: int = SECOND) -> dict[str, int]:
    """Count the posts of the truth that are missing, double or wrong in a field, and those that are of none.

    A post of the truth has ``tid``, ``pid``, ``opens``, ``title``, ``text`` and ``time`` (ms).
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for post in posts:
        found.setdefault(post["id"], []).append(post)
    wrong: Counter[str] = Counter(missing=0, double=0, title=0, text=0, time=0, parent=0)
    for post in truth:
        read = found.get(name_of(post), [])
        wrong["missing"] += not read
        wrong["double"] += len(read) > 1
        for one in read[:1]:
            wrong["title"] += post["opens"] and one["title"] != post["title"]
            wrong["text"] += one["text"] != post["text"]
            wrong["time"] += _ms(one["published_at"]) // exact != post["time"] // exact
            wrong["parent"] += one["parent_id"] != (None if post["opens"] else f"t{post['tid']}")
    return {"posts": len(truth), **wrong}


def after_kills(home: Path, source: str, truth: list[dict[str, Any]]) -> dict[str, int]:
    """Kill ten runs at random moments, run once more, and count what the store then lacks or has twice."""
    killed = 0
    for _ in range(10):
        process = subprocess.Popen(command(home, source), stderr=subprocess.DEVNULL)
        try:
            process.wait(random.uniform(0.9, LAST_KILL))
        except subprocess.TimeoutExpired:
            process.kill()
            killed += 1
        process.wait()
    subprocess.run(command(home, source), stderr=subprocess.DEVNULL, check=False)
    place = find_home(home).create()
    with Store.open(place) as store:
        ingest_spool(store, place, Region.load(region_path("qiannan")), Settings())
        texts = Counter(row[0] for row in store.connection.execute("select text from posts").fetchall())
    wanted = Counter(post["text"] for post in truth)
    lost = sum(max(count - texts[text], 0) for text, count in wanted.items())
    doubled = sum(max(texts[text] - count, 0) for text, count in wanted.items())
    return {"killed": killed, "lost": lost, "doubled": doubled}


def name_of(post: dict[str, Any]) -> str:
    """Return the external id that a post should have."""
    return f"t{post['tid']}" if post["opens"] else f"t{post['tid']}-{post['pid']}"


def _ms(moment: str | None) -> float:
    return datetime.fromisoformat(moment).timestamp() * 1000 if moment else -1
