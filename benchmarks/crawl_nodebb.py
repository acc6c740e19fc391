"""Every post of a live NodeBB against what was put in: first run, unchanged run, new replies, ten kill -9.

    python -m benchmarks.crawl_nodebb --nodebb FOLDER --node NODE --url http://127.0.0.1:14567/ \
        --output benchmarks/results/crawl_nodebb.json

``FOLDER`` is NodeBB 1.4.0 from npm, set up on loopback with Redis and running on Node 8 (npm
``node@8.17.0``); it is software that nobody here wrote. The posts are invented. Ids, titles, texts, times and
parents are compared; after the kills, the rows of the store are counted.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import subprocess
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.crawl_truth import after_kills, compare, crawl

SEED = Path(__file__).with_name("crawl_nodebb_seed.js")
BOARDS = (2, 4)
TOPICS, NEW_REPLIES, LONG_EVERY, LONG = 200, 12, 40, 70
WORDS = ("停水", "路灯不亮", "公交改线", "学区划分", "医保报销", "占道停车", "垃圾清运", "桥面积水")


def main() -> None:
    """Seed, crawl, compare and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodebb", type=Path, required=True)
    parser.add_argument("--node", default="node")
    parser.add_argument("--url", default="http://127.0.0.1:14567/")
    parser.add_argument("--output", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = measure(Path(folder), given)
    text = json.dumps(result, ensure_ascii=False, indent=1)
    print(text)
    if given.output:
        given.output.write_text(text + "\n", "utf-8")


def measure(folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    """Return the figures of one seeding."""
    batch = f"{random.randrange(16**6):06x}"
    truth = seed(folder, given, {"topics": invented_topics(batch)})
    home, source = folder / "home", source_of(given.url)
    first = crawl(home, source)
    unchanged = crawl(home, source)
    tids = sorted({post["tid"] for post in truth})
    now = int(time.time() * 1000) - 2000
    replies = [
        {"tid": tid, "text": f"补充一条在{tid}（{batch}）。", "time": now}
        for tid in random.sample(tids, NEW_REPLIES)
    ]
    added = seed(folder, given, {"replies": replies})
    after = crawl(home, source)
    return {
        "set_up": {
            "server": "NodeBB 1.4.0, Redis, loopback, delay 0",
            "topics": TOPICS,
            "posts": len(truth),
            "posts_in_the_whole_forum": len(first["posts"]),
            "machine": f"{platform.machine()}, {os.cpu_count()} cores",
            "at": f"{datetime.now(UTC):%Y-%m-%d}",
        },
        "first_run": {
            **compare(truth, first["posts"]),
            "requests": first["requests"],
            "seconds": first["seconds"],
        },
        "unchanged_run": {
            "posts": len(unchanged["posts"]),
            "requests": unchanged["requests"],
            "share_of_first": round(unchanged["requests"] / first["requests"], 4),
        },
        "replies_added_between_runs": {**compare(added, after["posts"]), "requests": after["requests"]},
        "ten_kills": after_kills(folder / "killed", source, truth + added),
    }


def seed(folder: Path, given: argparse.Namespace, work: dict[str, Any]) -> list[dict[str, Any]]:
    """Put posts into the forum; return them with the ids that it gave them."""
    file, truth = folder / "work.json", folder / "truth.json"
    file.write_text(json.dumps(work, ensure_ascii=False), "utf-8")
    subprocess.run([given.node, str(SEED), str(given.nodebb), str(file), str(truth)], check=True)
    posts: list[dict[str, Any]] = json.loads(truth.read_text("utf-8"))
    return posts


def invented_topics(batch: str) -> list[dict[str, Any]]:
    """Return topics with 0 to 12 replies, and some with 70 that fill several pages."""
    start = datetime.now(UTC) - timedelta(days=8)
    topics = []
    for number in range(TOPICS):
        moment = int((start + timedelta(minutes=50 * number)).timestamp() * 1000)
        count = LONG if number % LONG_EVERY == 5 else number % 13
        topics.append(
            {
                "cid": BOARDS[number % len(BOARDS)],
                "title": f"{WORDS[number % len(WORDS)]}的事问一问（{batch}-{number}）",
                "text": f"这几天{WORDS[number % len(WORDS)]}，什么时候能好？编号{batch}-{number}。",
                "time": moment,
                "replies": [
                    {
                        "text": f"第{number}贴{n + 1}楼，我们这边也是（{batch}）。",
                        "time": moment + 60_000 * (n + 1),
                    }
                    for n in range(count)
                ],
            }
        )
    return topics


def source_of(url: str) -> str:
    """Return the source file of a NodeBB."""
    boards = ", ".join(f'{{ id = "{board}" }}' for board in BOARDS)
    return (
        f'id = "nodebb"\nname = "NodeBB"\nkind = "forum"\nfamily = "nodebb"\nchannel = "论坛"\n'
        f'start = ["{url}"]\nboards = [{boards}]\nevery = "1m"\n[polite]\ndelay = 0\nmax_pages = 5000\n'
        '[legal]\nbasis = "own test server"\ncontact = "test@localhost"\nrobots_checked = 2026-11-24\n'
    )


if __name__ == "__main__":
    main()
