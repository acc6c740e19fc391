"""Rows per second of ``huiying import`` beside DuckDB's own COPY of the same file, in the same run.

    python benchmarks/ingest.py --rows 100000 --output benchmarks/results/ingest.json

The file is invented: short posts with places, some with numbers to mask, one in a hundred with a bad date.
COPY only parses and stores; the import also cleans, masks, folds, places, hashes and deduplicates each post.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import random
import resource
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from pipeline.config import find_home, region_path
from pipeline.importing import import_into_store, plan_import
from pipeline.ingest import Ingester
from pipeline.places import Region
from pipeline.store import Store

OPENINGS = ("听说", "请问", "刚刚看到", "有没有人知道", "求助!", "", "", "真的假的?")
PLACES = ("都匀", "瓮安县城", "福泉马场坪", "惠水", "独山麻尾", "三都", "荔波小七孔", "我们这里", "小区")
EVENTS = (
    "停水三天了",
    "学校食堂有人闹肚子",
    "路灯坏了一个月",
    "要收新的停车费",
    "医院排队三个小时",
    "半夜施工太吵",
)
ENDINGS = ("有关部门能不能管管", "希望尽快回应", "电话13800138000", "大家注意", "", "到底是怎么回事?")
START = datetime(2025, 1, 1, tzinfo=UTC)


def write_posts(path: Path, rows: int, seed: int = 7) -> None:
    dice = random.Random(seed)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["编号", "正文", "发布时间", "平台", "作者", "点赞数"])
        for number in range(rows):
            words = [dice.choice(part) for part in (OPENINGS, PLACES, EVENTS, ENDINGS)]
            moment = START + timedelta(seconds=number * 20)
            written = "1970-01-01 00:00" if number % 100 == 99 else f"{moment:%Y-%m-%d %H:%M:%S}"
            text = f"{words[0]}{words[1]}{words[2]},已经反映过{number % 977}次,{words[3]}"
            writer.writerow([number, text, written, "论坛", f"用户{number % 5000}", number % 50])


def time_import(path: Path, root: Path) -> tuple[float, dict[str, int]]:
    home = find_home(root).create()
    region = Region.load(region_path("qiannan"))
    with Store.open(home) as store:
        started = time.perf_counter()
        report = import_into_store(
            Ingester(store, region), plan_import(path, {}), b"k" * 32, lambda rows: None
        )
        seconds = time.perf_counter() - started
    assert report is not None
    return seconds, {"accepted": report.accepted, "rejected": report.rejected}


def time_copy(path: Path, database: Path) -> float:
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "create table posts (id bigint, text varchar, published_at timestamp, "
            "channel varchar, author varchar, likes bigint)"
        )
        started = time.perf_counter()
        connection.execute("copy posts from ? (header)", [str(path)])
        return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--output", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "posts.csv"
        write_posts(path, given.rows)
        seconds, counts = time_import(path, Path(folder) / "home")
        copied = time_copy(path, Path(folder) / "copy.duckdb")
        size = path.stat().st_size
    result = {
        "rows": given.rows,
        "file_bytes": size,
        **counts,
        "import_rows_per_second": round(given.rows / seconds),
        "copy_rows_per_second": round(given.rows / copied),
        "peak_memory_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "cpus": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "duckdb": duckdb.__version__,
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    print(json.dumps(result, ensure_ascii=False, indent=2))
    if given.output:
        given.output.parent.mkdir(parents=True, exist_ok=True)
        given.output.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
