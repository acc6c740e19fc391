"""An engine that has seen all posts comes in; which of its wordings belong together, looked at again, goes
out.

Only for files: the engine decides post by post and cannot take back; here the wordings that may be the same
are
clustered by average linkage (Sokal and Michener 1958) over the pair scorer.
"""

from __future__ import annotations

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage

from pipeline.claims import SAME, ClaimEngine
from pipeline.pair_scorer import sureness

LOOSE = 0.15  # sureness from which two wordings are looked at together
LARGEST = 400  # wordings looked at together: more would take minutes, and the engine's decision stands


def regroup(engine: ClaimEngine) -> dict[int, int]:
    """Return for each wording the first wording of its group."""
    kept = {key: min(engine.active[engine.owner(key)].keys) for key in engine.wordings}
    for part in _parts(engine):
        if 1 < len(part) <= LARGEST:
            kept.update(_linked(engine, part))
    return kept


def _parts(engine: ClaimEngine) -> list[list[int]]:
    """Return the wordings that hang together by pairs that may be the same."""
    root = {key: key for key in engine.wordings if engine.active[engine.owner(key)].kind == "claim"}

    def find(key: int) -> int:
        while root[key] != key:
            root[key] = root[root[key]]
            key = root[key]
        return key

    for key in root:
        wording = engine.wordings[key]
        for other in engine.near(wording):
            one, two = find(key), find(other) if other in root else find(key)
            if one != two and sureness(wording, engine.wordings[other]) >= LOOSE:
                root[max(one, two)] = min(one, two)
    parts: dict[int, list[int]] = {}
    for key in root:
        parts.setdefault(find(key), []).append(key)
    return list(parts.values())


def _linked(engine: ClaimEngine, part: list[int]) -> dict[int, int]:
    read = [engine.wordings[key] for key in part]
    far = [1 - sureness(one, other) for at, one in enumerate(read) for other in read[at + 1 :]]
    labels = fcluster(linkage(np.array(far), "average"), 1 - SAME, "distance")
    first: dict[int, int] = {}
    for key, label in zip(part, labels, strict=True):
        first[label] = min(key, first.get(label, key))
    return {key: first[label] for key, label in zip(part, labels, strict=True)}
