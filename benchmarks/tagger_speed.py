"""Speed of the tagger's tiers beside SnowNLP, in one run: posts come in, texts a second go out as JSON.

``python -m benchmarks.tagger_speed --data DIR``: the dev posts of EWECT, of real Weibo lengths.
Each contender tags the same posts, in turns, ``--rounds`` times; its fastest round counts. SnowNLP, which is
slow, reads the first ``--snow-posts``. Two figures each: texts a second of wall time, and of processor time,
which other jobs on the machine disturb less.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from models import Tagger
from models.corpus import read_lines

RESULT = Path(__file__).parent / "results" / "tagger_speed.json"
TARGETS = {"balanced": 8.0, "fast": 40.0}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--posts", type=int, default=1590)
    parser.add_argument("--snow-posts", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args(arguments)
    rows = read_lines(given.data / "ewect" / "virus_dev.jsonl.gz")
    posts = [row["text"] for _, row in rows][: given.posts]
    contenders = {
        "SnowNLP": (_snow(), posts[: given.snow_posts]),
        "fast": (Tagger.load(quality="fast").tag, posts),
        "balanced": (Tagger.load(quality="balanced").tag, posts),
    }
    RESULT.write_text(
        json.dumps(_report(contenders, given.rounds), ensure_ascii=False, indent=1) + "\n", "utf-8"
    )


def _snow() -> Callable[[Sequence[str]], object]:
    from snownlp import SnowNLP

    return lambda posts: [SnowNLP(post).sentiments for post in posts if post.strip()]


def _report(
    contenders: Mapping[str, tuple[Callable[[Sequence[str]], object], Sequence[str]]], rounds: int
) -> dict[str, object]:
    best = {name: {"wall": 0.0, "processor": 0.0} for name in contenders}
    for _ in range(rounds):
        for name, (tag, posts) in contenders.items():
            for clock, speed in _measure(tag, posts).items():
                best[name][clock] = max(best[name][clock], speed)
    return {
        "made": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores",
        "load": round(os.getloadavg()[0], 1),
        "posts": {name: len(posts) for name, (_, posts) in contenders.items()},
        "mean_characters": round(sum(map(len, contenders["fast"][1])) / len(contenders["fast"][1]), 1),
        "texts_a_second": {name: {c: round(v) for c, v in found.items()} for name, found in best.items()},
        "times_snownlp": {
            name: {clock: round(found[clock] / best["SnowNLP"][clock], 1) for clock in found}
            for name, found in best.items()
        },
        "wanted": TARGETS,
    }


def _measure(tag: Callable[[Sequence[str]], object], posts: Sequence[str]) -> dict[str, float]:
    wall, processor = time.perf_counter(), time.process_time()
    tag(posts)
    return {
        "wall": len(posts) / (time.perf_counter() - wall),
        "processor": len(posts) / (time.process_time() - processor),
    }


if __name__ == "__main__":
    main()
