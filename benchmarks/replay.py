"""Ten days of an invented prefecture come in; which planted rumors were alerted in time, and which surges
were alerted as rumors, goes out.

``python -m benchmarks.replay [--world NAME] [--seed N] [--days D] [--scale X] [--work DIR] [--save]`` writes
the posts, runs ``huiying backtest`` over them and prints one line for each rumor and surge; ``--save`` keeps
the JSON beside the other results. The texts are those of ``tests/fixtures/replay/NAME.toml`` and, as everyday
talk, the demo's history. The same seed gives the same posts.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.replay_judge import judge
from pipeline.config import LOCAL_TIME
from pipeline.demo.world import read_world

ROOT = Path(__file__).parents[1]
WORLDS = ROOT / "tests" / "fixtures" / "replay"
FIRST_WORLD = "world"
RESULTS = ROOT / "benchmarks" / "results" / "replay.json"
START = datetime(2026, 10, 12, tzinfo=LOCAL_TIME)
DAYS = 10
DAILY = 330  # everyday posts a day, before the hour of day is taken into account
CHANNELS = (
    ("论坛", "bbs"),
    ("随手拍", "feed"),
    ("贴吧", "tieba"),
    ("微博", "weibo"),
    ("领导留言板", "board"),
)
# Everyday talk by the hour of the day, least at four in the morning; the shape of any local forum.
HOURS = (3, 2, 1, 1, 1, 1, 2, 4, 6, 7, 7, 7, 8, 7, 6, 6, 6, 7, 8, 9, 10, 10, 8, 5)
LEADS = (
    "",
    "",
    "",
    "",
    "各位，",
    "刚刚，",
    "转：",
    "朋友圈看到的，",
    "群友发的：",
    "唉，",
    "在线等，",
    "吃饭时说起，",
)
TAILS = ("", "", "", "", "！", "！！", "……", "，大家知道吗", "，求扩散", "，转起来", "[流泪]", "，怎么办")
PLAIN_TAILS = ("", "", "", "！", "。", "~", "，哈哈", "[鲜花]", "，打卡", "，记录一下")


def posts_of(
    seed: int, days: int = DAYS, scale: float = 1.0, only: Collection[str] = (), world_name: str = FIRST_WORLD
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the posts in order of time, and the world they were made from.

    ``scale`` thins everyday talk; ``only`` names the stories to tell, all of them if empty.
    """
    chance = random.Random(seed)
    world = tomllib.loads((WORLDS / f"{world_name}.toml").read_text("utf-8"))
    for kind in ("rumor", "surge"):
        world[kind] = [story for story in world[kind] if not only or story["name"] in only]
    rows = list(_everyday(chance, days, scale))
    for rumor in world["rumor"]:
        if rumor["day"] < days:
            rows += _told(chance, rumor, [rumor["county"]], world, "rumor")
    for surge in world["surge"]:
        if surge["day"] < days:
            rows += _told(chance, surge, surge["counties"], world, "surge")
    rows.sort(key=lambda row: (row["published_at"], row["id"]))
    return rows, world


def _everyday(chance: random.Random, days: int, scale: float) -> Iterator[dict[str, Any]]:
    lines = [line for line in read_world() if line.at_s < 0]
    counties = _county_names()
    theirs = sorted({line.county for line in lines if line.county})
    swap = {name: counties[place % len(counties)] for place, name in enumerate(theirs)}
    for day in range(days):
        for number in range(round(DAILY * scale * chance.uniform(0.85, 1.15))):
            line = chance.choice(lines)
            moment = START + timedelta(days=day, hours=chance.choices(range(24), HOURS)[0] + chance.random())
            text = f"{line.title}。{line.text}" if line.title else line.text
            for old, new in swap.items():
                text = text.replace(old, new).replace(old[:-1], new[:2])
            yield _row(
                chance, f"e{day}-{number}", moment, chance.choice(LEADS[:5]) + text,
                chance.choice(counties), official=line.official,
            )  # fmt: skip


def _told(
    chance: random.Random, story: Mapping[str, Any], counties: list[str], world: Mapping[str, Any], what: str
) -> Iterator[dict[str, Any]]:
    """Yield one story's messages: openers, replies to them, and what an office says of it."""
    start = START + timedelta(days=story["day"], hours=story["hour"])
    openers: list[dict[str, Any]] = []
    tails = TAILS if what == "rumor" else PLAIN_TAILS
    delays = sorted([0.0, *(_delay(chance, story["half_life"]) for _ in range(story["posts"] - 1))])
    for number, delay in enumerate(delays):
        moment = start + timedelta(hours=delay)
        late = bool(story.get("debunk_after")) and delay > story["debunk_after"]
        name = f"{what[0]}-{story['name']}-{number}"
        reply = _reply(chance, story, world, what, late) if openers and chance.random() < 0.35 else ""
        if reply:
            yield _row(chance, name, moment, reply, chance.choice(counties), parent=chance.choice(openers))
            continue
        if not late:
            text = chance.choice(LEADS) + chance.choice(story["texts"]) + chance.choice(tails)
            openers.append(_row(chance, name, moment, text, chance.choice(counties)))
            yield openers[-1]
    if story.get("debunk"):
        moment = start + timedelta(hours=story["debunk_after"])
        yield _row(chance, f"o-{story['name']}", moment, story["debunk"], counties[0], official=True)
    if story.get("official"):
        yield _row(chance, f"o-{story['name']}", start, story["official"], counties[0], official=True)


def _reply(
    chance: random.Random, story: Mapping[str, Any], world: Mapping[str, Any], what: str, late: bool
) -> str:
    if what == "surge":
        kind = story["replies"]
        return "" if kind == "none" else str(chance.choice(world[f"replies_{kind}"]))
    weights = (1, 2, 6) if late else (5, 5, 1)
    kind = chance.choices(("ask", "believe", "deny"), weights)[0]
    return str(chance.choice(world[f"replies_{kind}"]))


def _delay(chance: random.Random, half_life: float) -> float:
    """Return hours after the first post, log-normal with the median ``half_life`` (real cascades are)."""
    return min(half_life * chance.lognormvariate(0.0, 0.9), 30.0)


def _row(
    chance: random.Random, name: str, moment: datetime, text: str, county: str, *,
    parent: Mapping[str, Any] | None = None, official: bool = False,
) -> dict[str, Any]:  # fmt: skip
    channel, source = ("新闻", "gov") if official else chance.choice(CHANNELS)
    if parent:  # who replies does so where he read it
        channel, source = parent["channel"], parent["source"]
    row = {
        "id": name, "text": text, "published_at": moment.replace(microsecond=0).isoformat(),
        "channel": channel, "source": source, "county": county, "official": official,
        "author": f"a{chance.randrange(100_000)}",
    }  # fmt: skip
    if parent:
        row["parent_id"] = parent["id"]
    return row


def _county_names() -> list[str]:
    from pipeline.config import region_path
    from pipeline.places import Region

    return [county.name for county in Region.load(region_path("qiannan")).counties]


def backtest(
    rows: list[dict[str, Any]], work: Path, settings: str = "", step: int = 5
) -> dict[str, list[dict[str, Any]]]:
    """Run ``huiying backtest`` over the posts in a folder, looking every ``step`` minutes; return its alerts
    and claims.
    """
    (work / "home").mkdir(parents=True, exist_ok=True)
    (work / "home" / "huiying.toml").write_text(settings, "utf-8")
    file, output = work / "posts.jsonl", work / "out"
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    command = [sys.executable, "-c", "from pipeline.cli import main; main()", "--home", str(work / "home"),
               "backtest", str(file), "--output", str(output), "--step", str(step)]  # fmt: skip
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return kept(output)


def kept(output: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the alerts and claims that a backtest wrote."""
    return {
        kind: [json.loads(line) for line in (output / f"{kind}.jsonl").read_text("utf-8").splitlines()]
        for kind in ("alerts", "claims")
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--world", nargs="+", default=[FIRST_WORLD], help="files of tests/fixtures/replay")
    parser.add_argument("--seed", type=int, nargs="+", default=[1])
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--step", type=int, default=5, help="minutes between two looks")
    parser.add_argument("--work", type=Path, default=None, help="keep the posts and the backtest here")
    parser.add_argument("--done", action="store_true", help="judge what --work kept")
    parser.add_argument("--save", action="store_true", help="write benchmarks/results/replay.json")
    given = parser.parse_args()
    results = []
    for name in given.world:
        for seed in given.seed:
            results.append(_replayed(name, seed, given))
            _show(results[-1])
    if given.save:
        setup = {"python": platform.python_version(), "days": given.days, "scale": given.scale,
                 "minutes between looks": given.step}  # fmt: skip
        RESULTS.write_text(
            json.dumps({"setup": setup, "runs": results}, ensure_ascii=False, indent=1) + "\n", "utf-8"
        )


def _replayed(name: str, seed: int, given: argparse.Namespace) -> dict[str, Any]:
    rows, world = posts_of(seed, given.days, given.scale, world_name=name)
    started = time.process_time(), os.times().children_user
    with tempfile.TemporaryDirectory() as folder:
        work = (given.work or Path(folder)) / f"{name}-{seed}"
        found = kept(work / "out") if given.done else backtest(rows, work, step=given.step)
    result = {"world": name, "seed": seed, "posts": len(rows), **judge(rows, world, found, given.days)}
    spent = time.process_time() - started[0] + os.times().children_user - started[1]
    return {**result, "processor_seconds": None if given.done else round(spent, 1)}


def _show(result: Mapping[str, Any]) -> None:
    for entry in result["stories"]:
        late = (
            "" if "minutes" not in entry else f"{entry['minutes']} min {'' if entry['in_time'] else 'LATE'}"
        )
        print(f"{entry['kind']:<10} {entry['name']:<10} {entry['posts']:>4} posts {entry['alerts']} alerts "
              f"({entry['as_rumor']} as rumor, {entry['as_help']} as help), purity {entry['purity']:.2f}, "
              f"completeness {entry['completeness']:.2f} {late}")  # fmt: skip
    for alert in result["other_alerts"]:
        print(
            "everyday  ",
            alert["at"][:16],
            alert["level"],
            alert["kind"],
            alert["why"][:60],
            alert["posts"][:3],
        )
    print({key: value for key, value in result.items() if key not in {"stories", "other_alerts"}})


if __name__ == "__main__":
    main()
