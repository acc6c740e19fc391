"""Ten days of an invented prefecture come in; in which place of the queue every rumor and every call for help
stood, and when, goes out.

``python -m benchmarks.queue_rank [--world NAME] [--seed N] [--done DIR] [--save]`` writes the posts of
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

from benchmarks.replay import DAYS, FIRST_WORLD, backtest, posts_of
from benchmarks.replay_judge import first_posts, stories_of, story_of

RESULTS = Path(__file__).parent / "results" / "queue_rank.json"
DEADLINE = timedelta(hours=48)
OWED = {"rumor", "help"}


def judge(rows: list[dict[str, Any]], world: Mapping[str, Any], output: Path) -> list[dict[str, Any]]:
    """Return for each rumor and call for help its best place and how long it took to the first ten."""
    claims = {
        claim_id: story_of(row["post_ids"])
        for row in _lines(output / "claims.jsonl")
        for claim_id in (row["claim_id"], *row["formerly"])
    }
    ranks, first = _lines(output / "ranks.jsonl"), first_posts(rows)
    found = []
    for mark, story in stories_of(world, DAYS):
        key = f"{mark}-{story['name']}"
        if story["kind"] in OWED:
            places = [row for row in ranks if claims.get(row["claim_id"]) == key]
            found.append({"name": story["name"], "kind": story["kind"], "posts": story["posts"],
                          **_reached(places, first[key])})  # fmt: skip
    return found


def _reached(places: list[dict[str, Any]], first: datetime) -> dict[str, Any]:
    if not places:
        return {"in_time": False}
    took = datetime.fromisoformat(places[0]["at"]) - first
    return {
        "minutes_to_top_ten": round(took.total_seconds() / 60),
        "best_rank": min(row["rank"] for row in places),
        "in_time": took <= DEADLINE,
    }


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--world", nargs="+", default=[FIRST_WORLD], help="files of tests/fixtures/replay")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", type=float, default=1.0, help="of everyday talk")
    parser.add_argument("--done", type=Path, default=None, help="the folder that replay.py --work kept")
    parser.add_argument("--save", action="store_true")
    given = parser.parse_args()
    results = [_replayed(name, given) for name in given.world]
    for result in results:
        for entry in result["each"]:
            print(entry)
        print(
            f"{result['world']}: {result['in_time']} of {result['stories']} in the first ten within 48 hours"
        )
    if given.save:
        setup = {"python": platform.python_version(), "seed": given.seed, "scale": given.scale,
                 "deadline_hours": 48}  # fmt: skip
        note = {"setup": setup, "worlds": results}
        RESULTS.write_text(json.dumps(note, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _replayed(name: str, given: argparse.Namespace) -> dict[str, Any]:
    rows, world = posts_of(given.seed, scale=given.scale, world_name=name)
    with tempfile.TemporaryDirectory() as folder:
        if given.done is None:
            backtest(rows, Path(folder))
        kept = Path(folder) if given.done is None else given.done / f"{name}-{given.seed}"
        found = judge(rows, world, kept / "out")
    in_time = sum(entry["in_time"] for entry in found)
    return {"world": name, "posts": len(rows), "in_time": in_time, "stories": len(found), "each": found}


if __name__ == "__main__":
    main()
