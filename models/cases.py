"""The test table of minimal pairs and disguised posts: a scorer comes in; how often what must hold holds, by
kind, goes out.

``minimal_pairs.jsonl`` has pairs of posts that differ in one thing (a complaint and a rumor, a claim and its
debunk, yes and no, asked and said). ``variants.jsonl`` has posts in disguise (homophones, spaces, traditional
script, emoji, forwarding chains, very short and very long) with the labels that must hold all the same.
Neither is ever trained on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.corpus import OWN, read_lines
from models.figures import Scorer
from models.labels import HEADS, label_index

PAIRS, VARIANTS = OWN / "minimal_pairs.jsonl", OWN / "variants.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One text and the class numbers that must come out, by head."""

    id: str
    kind: str
    text: str
    expect: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How many of a kind's cases hold in all their heads, and which do not."""

    kind: str
    held: int
    cases: int
    failed: tuple[str, ...]

    @property
    def share(self) -> float:
        """Return held / cases."""
        return self.held / self.cases


def load_cases(files: Sequence[Path] = (PAIRS, VARIANTS)) -> list[Case]:
    """Read the table; both sides of a pair are cases of their own.

    Raises:
        UnknownLabelError: an expected label that its head does not know.
        ValueError: a line is not JSON, or a file is missing.
    """
    found = [case for file in files for case in _cases(file)]
    if not found:
        raise ValueError(f"no cases in {', '.join(str(file) for file in files)}")
    return found


def held(scorer: Scorer, cases: Sequence[Case]) -> list[Rate]:
    """Return the rate of every kind; a case holds when each expected head has the expected class on top."""
    probabilities = scorer.probabilities([case.text for case in cases])
    by_kind: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    for at, case in enumerate(cases):
        # A text that was not scored has NaN for every class and holds nothing.
        right = all(
            probabilities[head][at].max() == probabilities[head][at][number]
            for head, number in case.expect.items()
        )
        by_kind[case.kind].append((case.id, right))
    return [
        Rate(
            kind=kind,
            held=sum(right for _, right in rows),
            cases=len(rows),
            failed=tuple(id for id, right in rows if not right),
        )
        for kind, rows in by_kind.items()
    ]


def _cases(file: Path) -> Iterator[Case]:
    for where, row in read_lines(file):
        sides = ("a", "b") if "a" in row else ("text",)
        for side in sides:
            expect = row["expect"][side] if side in ("a", "b") else row["expect"]
            yield Case(
                id=row["id"] + ("" if side == "text" else side),
                kind=row["kind"],
                text=_lengthened(row[side], row.get("length", 0)),
                expect={head: label_index(head, _word(head, label), where) for head, label in expect.items()},
            )


def _lengthened(text: str, length: int) -> str:
    """Repeat a passage until it has ``length`` characters: an article of ten thousand need not be stored."""
    return (text * (length // len(text) + 1))[:length] if length else text


def _word(head: str, label: object) -> str:
    return HEADS[head][label] if isinstance(label, int) else str(label)
