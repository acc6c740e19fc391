"""The invented stories of the replays come in; how many posts of a rumor one claim holds, with and without
retelling, and how often two claims that are not one go into each other, go out.

``python -m benchmarks.retelling [--scale X] [--seed N] [--save]``. The engine goes over the posts of each ten
days as the live stage does, once as it is and once with retelling switched off. Then sides of one to four
texts are drawn: of one story, of two stories of one county, a story and an everyday post, two everyday posts,
and a group of wordings with one of its hard negatives (``tests/fixtures/claims``).
"""

from __future__ import annotations

import argparse
import json
import platform
import random
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.replay import DAYS, WORLDS, posts_of
from benchmarks.replay_judge import judge
from benchmarks.same_claim_fit import WORDINGS, wordings
from benchmarks.story_likeness import COUNTY, SIDES
from models import Tagger
from pipeline.claims import ClaimEngine, PlacedPost
from pipeline.config import region_path
from pipeline.demo.world import read_world
from pipeline.normalise import clean
from pipeline.places import Region
from pipeline.privacy import mask
from pipeline.retelling import RETOLD, Retellings
from pipeline.stories import place_names
from pipeline.wordings import Wording

RESULTS = Path(__file__).parent / "results" / "retelling.json"
DRAWS = 400  # of each kind
Row = dict[str, Any]


def placed(rows: Sequence[Row], tagger: Tagger, region: Region) -> list[PlacedPost]:
    """Return the posts as the claims stage hands them to the engine."""
    texts = [mask(clean(row["text"])) for row in rows]
    tags, vectors = tagger.analyse(texts)
    tags = tags.astype(object).where(tags.notna(), None)
    scores = ("need", "rumor_score", "checkworthy_score", "stance", "stance_score")
    return [
        PlacedPost(
            post_id=row["id"], text=text, published_at=datetime.fromisoformat(row["published_at"]),
            channel=row["channel"], places=region.places_of(text, row["county"]), official=row["official"],
            parent_id=row.get("parent_id"), author_hash=row["author"],
            vector=None if tag["need"] is None else vector, **{name: tag[name] for name in scores},
        )
        for row, text, tag, vector in zip(rows, texts, tags.to_dict("records"), vectors, strict=True)
    ]  # fmt: skip


def grouped(posts: Sequence[PlacedPost], *, retelling: bool) -> list[Row]:
    """Return the claims that the engine makes, as ``huiying backtest`` writes them."""
    engine = ClaimEngine()
    if not retelling:
        engine.stories.may_vanish = lambda _claim_id: False
    members = engine.place(posts)
    claims: dict[str, list[str]] = {}
    for member in members:
        if member is not None:
            claims.setdefault(engine.stands_for(member.claim_id), []).append(member.post_id)
    return [{"claim_id": claim_id, "post_ids": ids} for claim_id, ids in claims.items()]


def one_claim_each(scale: float, seed: int, tagger: Tagger, region: Region) -> dict[str, dict[str, float]]:
    """Return purity and completeness of the rumors of every ten days, with and without retelling."""
    found = {}
    for file in sorted(WORLDS.glob("*.toml")):
        rows, world = posts_of(seed, scale=scale, world_name=file.stem)
        posts = placed(rows, tagger, region)
        for name, retelling in (("", True), (", without retelling", False)):
            claims = grouped(posts, retelling=retelling)
            figures = judge(rows, world, {"claims": claims, "alerts": []}, DAYS)
            found[f"{file.stem}{name}"] = {key: figures[key] for key in ("purity", "completeness")}
    return found


def wrongly_told(seed: int, tagger: Tagger, region: Region) -> dict[str, float]:
    """Return for each kind of two sides how often one would go into the other."""
    chance, places = random.Random(seed), place_names(region)
    told = {
        (file.stem, story["name"]): wordings([places.sub(COUNTY, text) for text in story["texts"]], tagger)
        for file in sorted(WORLDS.glob("*.toml"))
        for story in posts_of(seed, 0, world_name=file.stem)[1]["rumor"]
    }
    daily = wordings([places.sub(COUNTY, line.text) for line in read_world() if line.at_s < 0], tagger)
    groups, others = _groups(tagger)

    def some(texts: Sequence[Wording], most: int) -> list[Wording]:
        return chance.sample(list(texts), min(most, len(texts)))

    def one_story(one: int, two: int) -> tuple[list[Wording], list[Wording]]:
        drawn = some(told[chance.choice(sorted(told))], one + two)
        return drawn[:one], drawn[one:]

    def two_stories(one: int, two: int) -> tuple[list[Wording], list[Wording]]:
        first = chance.choice(sorted(told))
        other = chance.choice([key for key in sorted(told) if key[0] == first[0] and key != first])
        return some(told[first], one), some(told[other], two)

    kinds: dict[str, Callable[[int, int], tuple[list[Wording], list[Wording]]]] = {
        "one story": one_story,
        "two stories of one county": two_stories,
        "a story and an everyday post": lambda one, _: (
            some(told[chance.choice(sorted(told))], one), some(daily, 1),
        ),
        "two everyday posts": lambda _one, _two: (some(daily, 1), some(daily, 1)),
        "a claim and its hard negative": lambda one, _: (
            some(groups[(near := chance.choice(sorted(others)))], one), some(others[near], 1),
        ),
    }  # fmt: skip
    return {name: _share(draw, chance) for name, draw in kinds.items()}


def _share(draw: Callable[[int, int], tuple[list[Wording], list[Wording]]], chance: random.Random) -> float:
    joined = 0
    for _ in range(DRAWS):
        one, other = draw(*chance.choice(SIDES))
        sure = Retellings().chance(dict(enumerate(one)), dict(enumerate(other, len(one))))
        joined += sure >= RETOLD
    return round(joined / DRAWS, 4)


def _groups(tagger: Tagger) -> tuple[dict[str, list[Wording]], dict[str, list[Wording]]]:
    """Return the wordings of each invented claim, and its hard negatives."""
    rows = [row for row in map(json.loads, WORDINGS.open(encoding="utf-8")) if row["claim"]]
    groups: dict[str, list[Wording]] = {}
    others: dict[str, list[Wording]] = {}
    for row, wording in zip(rows, wordings([row["text"] for row in rows], tagger), strict=True):
        kept = others if "near" in row else groups
        kept.setdefault(row.get("near", row["claim"]), []).append(wording)
    return groups, {name: texts for name, texts in others.items() if name in groups}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", type=float, default=1.0, help="of everyday talk")
    parser.add_argument("--save", action="store_true")
    given = parser.parse_args()
    region = Region.load(region_path("qiannan"))
    tagger = Tagger.load()
    whole = one_claim_each(given.scale, given.seed, tagger, region)
    wrong = wrongly_told(given.seed, tagger, region)
    for name, figures in {**whole, "goes into the other": wrong}.items():
        print(f"{name:<26}", "  ".join(f"{key} {value}" for key, value in figures.items()))
    if given.save:
        setup = {"python": platform.python_version(), "seed": given.seed, "scale": given.scale,
                 "weights": tagger.version, "draws of a kind": DRAWS}  # fmt: skip
        note = {"setup": setup, "one claim each": whole, "goes into the other": wrong}
        RESULTS.write_text(json.dumps(note, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
