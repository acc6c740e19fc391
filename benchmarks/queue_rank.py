"""Ten days of an invented prefecture come in; in which place of the queue every rumor and every call for help
stood, and when, goes out.

``python -m benchmarks.queue_rank [--seed N] [--done DIR] [--save]`` writes the posts of
``benchmarks/replay.py``, runs ``huiying backtest`` over them (or reads one that is done) and looks for each
story in ``ranks.jsonl``, the first ten places of the queue at each change. A story is in time if a claim
of it is among them within 48 hours of its first post (国办发〔2016〕61号), with nobody working on the queue:
the hardest case, since nothing is ever cleared away.
"""

from __future__ import annotations

import argparse
import json
import platform
import tempfile
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.replay import _story_of, backtest, posts_of

RESULTS = Path(__file__).parent / "results" / "queue_rank.json"
DEADLINE = timedelta(hours=48)
OWED = {"rumor", "help"}


def judge(rows: list[dict[str, Any]], world: Mapping[str, Any], output: Path) -> list[dict[str, Any]]:
    """Return for each rumor and call for help its best place and how long it took to the first ten."""
    story_of = {row["claim_id"]: _story_of(row["post_ids"]) for row in _lines(output / "claims.jsonl")}
    ranks = _lines(output / "ranks.jsonl")
    first: dict[str, datetime] = {}
    for row in rows:
        first.setdefault(_story_of([row["id"]]), datetime.fromisoformat(row["published_at"]))
    stories = [("r", {**story, "kind": "rumor"}) for story in world["rumor"]]
    stories += [("s", story) for story in world["surge"]]
    found = []
    for mark, story in stories:
        key = f"{mark}-{story['name']}"
        if story["kind"] not in OWED or key not in first:
            continue
        places = [row for row in ranks if story_of.get(row["claim_id"]) == key]
        entry = {"name": story["name"], "kind": story["kind"], "posts": story["posts"], "in_time": False}
        if places:
            took = datetime.fromisoformat(places[0]["at"]) - first[key]
            entry |= {
                "minutes_to_top_ten": round(took.total_seconds() / 60),
                "best_rank": min(row["rank"] for row in places),
                "in_time": took <= DEADLINE,
            }
        found.append(entry)
    return found


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--done", type=Path, default=None, help="a backtest of the same seed that was kept")
    parser.add_argument("--save", action="store_true")
    given = parser.parse_args()
    rows, world = posts_of(given.seed)
    with tempfile.TemporaryDirectory() as folder:
        if given.done is None:
            backtest(rows, Path(folder))
        found = judge(rows, world, given.done or Path(folder) / "out")
    for entry in found:
        print(entry)
    in_time = sum(entry["in_time"] for entry in found)
    print(f"{in_time} of {len(found)} in the first ten places within 48 hours")
    if given.save:
        setup = {
            "python": platform.python_version(),
            "seed": given.seed,
            "posts": len(rows),
            "deadline_hours": 48,
        }
        result = {"setup": setup, "in_time": in_time, "stories": len(found), "each": found}
        RESULTS.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
