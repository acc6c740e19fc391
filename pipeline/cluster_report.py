"""The rows of a clustering come in one by one; what a person should look at, as plain values, goes out."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping
from itertools import combinations
from typing import Any

from pipeline.claims import ClaimEngine
from pipeline.pair_scorer import sureness

LEAST_SURE = 50  # joins listed
LARGEST = 20  # claims listed
WORDINGS = 6  # of a claim that are compared with each other


class Tally:
    """Counts rows; holds no more of them than it lists."""

    def __init__(self) -> None:
        self.sizes: Counter[str] = Counter()
        self.relations: Counter[str] = Counter()
        self.alone = 0
        self._posts = 0
        self._doubtful: list[tuple[float, int, Mapping[str, Any], str]] = []

    def count(self, row: Mapping[str, Any], text: str) -> None:
        """Take one row and its post's text."""
        self._posts += 1
        if row["claim_id"] is None:
            self.alone += 1
            return
        self.sizes[row["claim_id"]] += 1
        self.relations[row["relation"]] += 1
        entry = (-row["similarity"], -self._posts, row, text)
        if len(self._doubtful) < LEAST_SURE:
            heapq.heappush(self._doubtful, entry)
        else:
            heapq.heappushpop(self._doubtful, entry)

    def report(self, engine: ClaimEngine) -> dict[str, Any]:
        """Return counts, the largest claims, agreement within claims, and the least sure joins.

        ``agreement`` is the mean sureness (pair scorer, [0, 1]) over pairs of wordings that the engine put
        into one claim, ``contradictions`` the share whose facts contradict: both judge the first pass.
        """
        pairs = [
            sureness(engine.wordings[one], engine.wordings[other])
            for claim in engine.active.values()
            if claim.kind == "claim"
            for one, other in combinations(claim.keys[:WORDINGS], 2)
        ]
        sizes = sorted(self.sizes.values(), reverse=True)
        return {
            "posts": self._posts,
            "of_no_claim": self.alone,
            "claims": len(sizes),
            "claims_of_one_post": sum(size == 1 for size in sizes),
            "relations": dict(self.relations.most_common()),
            "largest": [
                {"claim_id": claim_id, "posts": size} for claim_id, size in self.sizes.most_common(LARGEST)
            ],
            "agreement": round(sum(max(pair, 0.0) for pair in pairs) / len(pairs), 4) if pairs else None,
            "contradictions": round(sum(pair < 0 for pair in pairs) / len(pairs), 4) if pairs else None,
            "least_sure": [
                {"id": row["id"], "claim_id": row["claim_id"], "similarity": row["similarity"], "text": text}
                for _, _, row, text in sorted(self._doubtful, key=lambda entry: (-entry[0], -entry[1]))
                if row["similarity"] < 1
            ],
        }
