"""``huiying classify``: peak memory on a small and a large file, and rows per second beside SnowNLP.

    python benchmarks/classify.py --small 100000 --large 1000000 --output benchmarks/results/classify.json

The files are invented: posts put together from openings, places, events and endings, of which
``--distinct`` are different (copies are usual on public boards). Memory is that of a process of its own for
each file. Speeds are of different texts only, in one process, in the same run as SnowNLP's sentiment on them.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from models import Tagger

OPENINGS = ("听说", "请问", "刚刚看到", "有没有人知道", "求助!", "建议", "真的假的?", "转:", "气死了,")
PLACES = (
    "都匀",
    "瓮安县城",
    "福泉马场坪",
    "惠水",
    "独山麻尾",
    "三都",
    "荔波小七孔",
    "我们小区",
    "罗甸",
    "长顺",
)
EVENTS = (
    *("停水三天了", "学校食堂有人闹肚子", "路灯坏了一个月", "要收新的停车费", "医院排队三个小时"),
    *("半夜施工太吵", "水厂的水有怪味", "工资拖了两个月", "公交改线了", "路口红绿灯不亮", "社保卡用不了"),
)
ENDINGS = (
    "没人管吗",
    "谁来管管",
    "是不是真的",
    "麻烦尽快处理",
    "大家注意",
    "希望有个说法",
    "谢谢",
    "已经报警了",
)
# The command, which says at its end how much memory it had at most. Not ru_maxrss: a process inherits that of
# the one that started it, across exec.
MEASURED = """
import atexit, pathlib, re, sys, time
status = pathlib.Path(sys.argv.pop(1))
def tell():
    peak = re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text()).group(1)
    status.write_text(f"{peak} {time.process_time()}")
atexit.register(tell)
from pipeline.cli import main
main()
"""
LEAST, MOST = 0, 60  # further characters, so that lengths are those of posts


def main() -> None:
    """Run both halves and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=int, default=100_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--distinct", type=int, default=20_000)
    parser.add_argument("--speed", type=int, default=2000, help="different texts of the speed half")
    parser.add_argument("--snow", type=int, default=200, help="of them read by SnowNLP")
    parser.add_argument("--output", type=Path, default=None)
    given = parser.parse_args()
    texts = posts(given.distinct)
    found = {
        "speed": speeds(texts[: given.speed], given.snow),
        "memory": [memory(texts, rows) for rows in (given.small, given.large)],
        "setup": {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "python": platform.python_version(),
            "cores": len(os.sched_getaffinity(0)),
            "load": os.getloadavg()[0],
            "distinct_texts": given.distinct,
            "weights": Tagger.load().version,
        },
    }
    found["memory_ratio"] = round(found["memory"][1]["peak_mb"] / found["memory"][0]["peak_mb"], 3)
    text = json.dumps(found, ensure_ascii=False, indent=1)
    print(text)
    if given.output:
        given.output.write_text(f"{text}\n", "utf-8")


def posts(count: int) -> list[str]:
    """Return different invented posts."""
    dice = random.Random(7)
    letters = (
        "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说"
    )
    made: dict[str, None] = {}
    while len(made) < count:
        head = f"{dice.choice(OPENINGS)}{dice.choice(PLACES)}{dice.choice(EVENTS)},{dice.choice(ENDINGS)}"
        made[head + "".join(dice.choices(letters, k=dice.randint(LEAST, MOST)))] = None
    return list(made)


def speeds(texts: list[str], snow: int) -> dict[str, dict[str, float]]:
    """Return texts a second of SnowNLP's sentiment and of the tiers, one after the other.

    By the second of one core too: on a machine that others use, that says more.
    """
    from snownlp import SnowNLP

    SnowNLP(texts[0]).sentiments  # noqa: B018 - loads its model
    found = {"snownlp": rate(lambda: [SnowNLP(text).sentiments for text in texts[:snow]], snow)}
    for quality in ("fast", "balanced"):
        tagger = Tagger.load(quality=quality)
        tagger.tag(texts[:50])
        found[quality] = rate(partial(tagger.tag, texts), len(texts))
        for clock in ("second", "cpu_second"):
            found[quality][f"over_snownlp_by_{clock}"] = round(
                found[quality][f"a_{clock}"] / found["snownlp"][f"a_{clock}"], 1
            )
    return found


def rate(work: Callable[[], object], count: int) -> dict[str, float]:
    """Return how many of ``count`` a piece of work did a second, and a second of one core."""
    started, cpu = time.perf_counter(), time.process_time()
    work()
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    return {"a_second": round(count / seconds, 1), "a_cpu_second": round(count / cpu, 1)}


def memory(texts: list[str], rows: int) -> dict[str, float]:
    """Return the peak memory of ``huiying classify`` on a file of so many rows, and its rows a second."""
    with tempfile.TemporaryDirectory() as folder:
        path, output = Path(folder) / "posts.csv", Path(folder) / "out.csv"
        write(path, texts, rows)
        status = Path(folder) / "status"
        command = [sys.executable, "-c", MEASURED, str(status), "--home", folder, "classify", str(path)]
        done = subprocess.run(
            [*command, "-o", str(output), "--quality", "fast", "--json"], stdout=subprocess.PIPE, check=True
        )
        report, (peak, cpu) = json.loads(done.stdout), status.read_text("utf-8").split()
        found = {
            "rows": report["rows"],
            "tagged_texts": report["tagged_texts"],
            "peak_mb": round(int(peak) / 1024, 1),
            "seconds": report["seconds"],
            "cpu_seconds": round(float(cpu), 1),
            "rows_per_second": report["rows_per_second"],
        }
        print(json.dumps(found), file=sys.stderr, flush=True)
        return found


def write(path: Path, texts: list[str], rows: int) -> None:
    """Write a file of posts, the different ones first, then copies by chance."""
    dice, start = random.Random(11), datetime(2025, 3, 1, tzinfo=UTC)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "published_at"])
        for number in range(rows):
            text = texts[number] if number < len(texts) else dice.choice(texts)
            writer.writerow([number, text, (start + timedelta(seconds=number)).isoformat()])


if __name__ == "__main__":
    main()
