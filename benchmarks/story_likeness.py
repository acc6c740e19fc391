"""The invented stories of the replays come in; how well two of one ten days are told apart, and the weights
of ``pipeline/stories.py``, go out.

``python -m benchmarks.story_likeness [--save]`` draws one to four texts of a story for each side: of one
story that both tell, or of two. All stories are moved to one county. Every ten days are judged by weights
fitted on the others; then the weights of all are printed.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from models import Tagger
from pipeline.config import Home, region_path
from pipeline.model_versions import active_folder
from pipeline.places import Region
from pipeline.stories import Telling, likenesses, place_names, telling_of

WORLDS = Path(__file__).parents[1] / "tests" / "fixtures" / "replay"
RESULTS = Path(__file__).parent / "results" / "story_likeness.json"
SIDES = ((1, 1), (2, 1), (2, 2), (3, 2), (3, 3), (4, 2))  # texts of each side
DRAWS = 6000
TOLD = {"rumor", "help"}  # kinds of story that are alerted
COUNTY = "都匀"

Pair = tuple[str, int, bool, tuple[float, float, float]]  # world, texts, one story, likenesses


def tellings() -> dict[tuple[str, str], list[Telling]]:
    """Return the texts of every rumor and call for help, by world and name."""
    region = Region.load(region_path("qiannan"))
    places, found = place_names(region), {}
    texts = {}
    for file in sorted(WORLDS.glob("*.toml")):
        world = tomllib.loads(file.read_text("utf-8"))
        for story in [*world["rumor"], *world["surge"]]:
            if story.get("kind", "rumor") in TOLD:
                moved = [places.sub(COUNTY, text) for text in story["texts"]]
                texts[file.stem, story["name"]] = moved
    with tempfile.TemporaryDirectory() as folder:
        tagger = Tagger.load(active_folder(Home(root=Path(folder))))
        for key, said in texts.items():
            vectors = tagger.embed(said)
            found[key] = [
                telling_of(text, vector, places) for text, vector in zip(said, vectors, strict=True)
            ]
    return found


def pairs(told: Mapping[tuple[str, str], Sequence[Telling]], seed: int) -> list[Pair]:
    """Draw pairs of sides, half of them of one story."""
    chance, names = random.Random(seed), sorted(told)
    found: list[Pair] = []
    while len(found) < DRAWS:
        one, two = chance.choice(SIDES)
        first = chance.choice(names)
        same = len(found) % 2 == 0
        others = [name for name in names if name[0] == first[0] and name != first]
        second = first if same else chance.choice(others)
        texts = chance.sample(told[first], min(one + two * same, len(told[first])))
        rest = texts[one:] if same else chance.sample(told[second], min(two, len(told[second])))
        if rest:
            found.append((first[0], one + two, same, likenesses(texts[:one], rest)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save", action="store_true")
    given = parser.parse_args()
    found = pairs(tellings(), given.seed)
    worlds, sizes = np.array([one[0] for one in found]), np.array([one[1] for one in found])
    same, values = np.array([one[2] for one in found]), np.array([one[3] for one in found])
    chances = np.zeros(len(found))
    for world in sorted(set(worlds)):
        rest = worlds != world
        chances[~rest] = _fitted(values[rest], same[rest]).predict_proba(values[~rest])[:, 1]
    joined = chances >= 0.5
    figures = {
        "AUC": round(float(roc_auc_score(same, chances)), 3),
        "one story joined": round(float(joined[same].mean()), 3),
        "two stories joined": round(float(joined[~same].mean()), 3),
        "one story joined, by texts of both": {
            str(size): round(float(joined[same & (sizes == size)].mean()), 3) for size in sorted(set(sizes))
        },
    }
    whole = _fitted(values, same)
    weights = {"weights": whole.coef_[0].round(1).tolist(), "bias": round(float(whole.intercept_[0]), 1)}
    print(figures, weights)
    if given.save:
        note = {"setup": {"seed": given.seed, "pairs": DRAWS}, **figures, **weights}
        RESULTS.write_text(json.dumps(note, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _fitted(values: np.ndarray, same: np.ndarray) -> LogisticRegression:
    return LogisticRegression(C=100).fit(values, same)


if __name__ == "__main__":
    main()
