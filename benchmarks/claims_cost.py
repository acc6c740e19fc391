"""Measures what placing a post costs beside few and many active claims, without the encoder.

``python -m benchmarks.claims_cost [--claims 2000 20000 200000] [--posts 1000] [--write]``. Claims and posts
are made up: a county, words of two or three matters, and letters by chance; vectors by chance, but spread
over as many directions as the tagger's embeddings are. So nearly every post starts a claim, which is the
dearest case: three look-ups, and no early end by an equal text. Seconds are of the process, not of the
clock, since other work may run beside it.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from pipeline.claims import ClaimEngine, PlacedPost, claim_id_of
from pipeline.concepts import thesaurus
from pipeline.config import region_path
from pipeline.places import Region

RESULTS = Path(__file__).with_name("results") / "claims_cost.json"
START = datetime(2026, 3, 1, tzinfo=UTC)
WIDTH = 384
# Variance by direction: a participation ratio of 22 and nine tenths in 45 directions; embeddings of 1,867
# invented posts have 18 and 45. Vectors without such structure have no neighbours worth finding.
SPREAD = (np.arange(WIDTH) + 12.0) ** -2.4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, nargs="+", default=[2_000, 20_000, 200_000])
    parser.add_argument("--posts", type=int, default=1_000)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    maker, engine, found = PostMaker(), ClaimEngine(), {}
    for claims in sorted(asked.claims):
        for post in maker.make(claims - len(engine.active)):
            engine.adopt(post, claim_id_of(post.post_id))
        posts = maker.make(asked.posts)
        engine.place(posts[:50])
        started = time.process_time()
        engine.place(posts[50:])
        found[claims] = (time.process_time() - started) / (asked.posts - 50)
        print(f"{claims:>8} claims: {1 / found[claims]:.0f} posts/s, {found[claims] * 1000:.2f} ms a post")
    ratio = found[max(found)] / found[min(found)]
    print(f"ratio {ratio:.2f}")
    if asked.write:
        rates = {str(claims): round(1 / seconds, 1) for claims, seconds in found.items()}
        kept = {"posts": asked.posts, "posts_per_cpu_second": rates, "ratio": round(ratio, 2)}
        RESULTS.write_text(json.dumps(kept, indent=1) + "\n")


class PostMaker:
    """Makes posts up; the same ones every time."""

    def __init__(self) -> None:
        self._chance = random.Random(7)
        self._numbers = np.random.default_rng(7)
        self._counties = [county.name for county in Region.load(region_path("qiannan")).counties]
        self._matters = [name.split("·")[1] for name in thesaurus().names]
        self._made = 0

    def make(self, count: int) -> list[PlacedPost]:
        """Return so many posts, all different."""
        vectors = self._numbers.normal(size=(max(count, 0), WIDTH)).astype(np.float32)
        vectors *= np.sqrt(SPREAD).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return [self._post(vector) for vector in vectors]

    def _post(self, vector: np.ndarray) -> PlacedPost:
        county = self._chance.choice(self._counties)
        matters = self._chance.sample(self._matters, self._chance.choice((2, 3)))
        letters = "".join(chr(self._chance.randrange(0x4E00, 0x8000)) for _ in range(14))
        self._made += 1
        return PlacedPost(
            post_id=f"made-{self._made}",
            text=f"{county[:2]}{letters[:7]}{'和'.join(matters)}{letters[7:]}",
            published_at=START + timedelta(seconds=self._made),
            channel="forum",
            vector=vector,
            places=(county,),
            need="unverified_claim",
            rumor_score=0.6,
            checkworthy_score=0.9,
        )


if __name__ == "__main__":
    main()
