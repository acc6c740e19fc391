"""Posts' true groups and given groups come in; how well the given ones agree goes out.

BCubed: Amigó et al. 2009, A comparison of extrinsic clustering evaluation metrics. A post of no group is a
group of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

Groups = Mapping[str, str | None]


def bcubed(truth: Groups, given: Groups) -> tuple[float, float, float]:
    """Return precision, recall and their harmonic mean over the posts of ``truth``."""
    one, other = _alone(truth), _alone(given)
    both = Counter((one[post], other[post]) for post in truth)
    ones, others = Counter(one[post] for post in truth), Counter(other[post] for post in truth)
    hits = [(both[one[post], other[post]], ones[one[post]], others[other[post]]) for post in truth]
    return _f1(
        sum(hit / size for hit, _, size in hits) / len(hits),
        sum(hit / size for hit, size, _ in hits) / len(hits),
    )


def pairwise(truth: Groups, given: Groups) -> tuple[float, float, float]:
    """Return precision, recall and F1 of pairs of posts in one group."""
    one, other = _alone(truth), _alone(given)
    hits = _pairs(Counter((one[post], other[post]) for post in truth))
    said, there = _pairs(Counter(other[post] for post in truth)), _pairs(Counter(one.values()))
    return _f1(hits / max(said, 1), hits / max(there, 1))


def wrongly_joined(near: Mapping[str, str], truth: Groups, given: Groups) -> list[str]:
    """Return the hard negatives that share a group with a member of the claim that they are ``near`` to."""
    taken: dict[str, set[str]] = {}
    for post, claim in truth.items():
        if claim and (group := given.get(post)):
            taken.setdefault(claim, set()).add(group)
    return [post for post, claim in near.items() if given.get(post) in taken.get(claim, set())]


def label_f1(
    truth: Mapping[str, str], given: Mapping[str, str | None], label: str
) -> tuple[float, float, float]:
    """Return precision, recall and F1 of one label over the posts of ``truth``."""
    hits = sum(given.get(post) == label for post, right in truth.items() if right == label)
    said = sum(given.get(post) == label for post in truth)
    return _f1(hits / max(said, 1), hits / max(Counter(truth.values())[label], 1))


def cut(rows: Sequence[str], labels: Sequence[int]) -> dict[str, str]:
    """Return groups by post from a clustering's labels."""
    return {post: f"g{label}" for post, label in zip(rows, labels, strict=True)}


def _alone(groups: Groups) -> dict[str, str]:
    return {post: group or f"alone:{post}" for post, group in groups.items()}


def _pairs(counts: Mapping[object, int]) -> int:
    return sum(size * (size - 1) // 2 for size in counts.values())


def _f1(precision: float, recall: float) -> tuple[float, float, float]:
    total = precision + recall
    return precision, recall, 2 * precision * recall / total if total else 0.0
