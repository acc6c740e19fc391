"""What an office's corrections are worth: error on its posts before and after ``huiying train --update``.

    python benchmarks/learning.py --data ../shared/data --output benchmarks/results/learning.json

The 'office' is one whose posts the models were never trained on: public food-delivery reviews, with their
sentiment. Of its train part some rows are corrections; the error is on rows of its dev part. What is lost
elsewhere is measured on the dev rows of our own posts.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import tempfile
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models import Tagger
from models.corpus import Example, load_corpus, read_lines
from models.labels import HEADS
from models.update import Corrected, update
from models.weights import SHIPPED
from pipeline.proportions import proportion

HEAD = "sentiment"
SET = "waimai_10k"


def main() -> None:
    """Learn from more and more corrections and write the errors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--corrections", type=int, nargs="+", default=[400])
    parser.add_argument("--test", type=int, default=400)
    parser.add_argument("--output", type=Path, default=None)
    given = parser.parse_args()
    dice = random.Random(7)
    train, test = rows_of(given.data / SET / "train.jsonl.gz"), rows_of(given.data / SET / "dev.jsonl.gz")
    dice.shuffle(train)
    dice.shuffle(test)
    own = load_corpus(None)
    kept = [Corrected(text=row.text, labels=row.labels) for row in own.split("dev") if HEAD in row.labels]
    before = Tagger.load()
    found = {
        "set": SET,
        "head": HEAD,
        "before": {"office": error(before, test[: given.test]), "own": error(before, kept)},
        "after": [
            learned(train[:count], test[: given.test], kept, own.split("train"))
            for count in given.corrections
        ],
        "setup": {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "python": platform.python_version(),
            "cores": len(os.sched_getaffinity(0)),
            "load": os.getloadavg()[0],
            "weights": before.version,
        },
    }  # fmt: skip
    text = json.dumps(found, ensure_ascii=False, indent=1)
    print(text)
    if given.output:
        given.output.write_text(f"{text}\n", "utf-8")


def rows_of(file: Path) -> list[Corrected]:
    """Return a set's reviews with their sentiment."""
    names = {1: "positive", 0: "negative", "1": "positive", "0": "negative"}
    return [
        Corrected(
            text=row["text"],
            labels={HEAD: HEADS[HEAD].index(names.get(row["label"], str(row["label"])))},
        )
        for _, row in read_lines(file)
    ]


def learned(
    rows: list[Corrected], test: list[Corrected], kept: list[Corrected], replay: list[Example]
) -> dict[str, Any]:
    """Learn from corrections; return what the update says of itself, and the errors afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        started, cpu = time.perf_counter(), time.process_time()
        _, heads = update(SHIPPED, rows, replay, Path(folder) / "office")
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
        after = Tagger.load(Path(folder) / "office")
        return {
            "corrections": len(rows),
            "seconds": round(seconds, 1),
            "cpu_seconds": round(cpu, 1),
            "office": error(after, test),
            "own": error(after, kept),
            "update": next(asdict(head) for head in heads if head.head == HEAD),
        }


def error(tagger: Tagger, rows: list[Corrected]) -> dict[str, float]:
    """Return the share of wrong labels with its 95 % interval."""
    said = tagger.tag([row.text for row in rows])[HEAD]
    truth = [HEADS[HEAD][row.labels[HEAD]] for row in rows]
    wrong = sum(one != other for one, other in zip(said, truth, strict=True))
    found = proportion(wrong, len(rows))
    return {name: round(value, 4) for name, value in asdict(found).items()}


if __name__ == "__main__":
    main()
