"""A claim's wordings come in; the one that says it best, word for word, goes out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.quantities import quantities
from pipeline.records import Stance

SHORTEST, LONGEST = 8, 60  # characters: a shorter text leaves out who or where, a longer one is a story
REPLY = re.compile(r"^(?:转发微博|回复@[^:]*:|//@)")
# A text that is shown stays, unless another is shorter by this share: it must not flicker for a character.
SHORTER = 0.7

Numbers = frozenset[tuple[str, frozenset[float]]]


def says_best(wordings: Sequence[tuple[str, Stance]], shown: int | None = None) -> int:
    """Return the index of the wording to show for a claim; wordings stand in order of time.

    Supporting ones first, then complete ones (8 to 60 characters), then those whose numbers are the newest,
    then the shorter; the earliest of equals. ``shown`` is the one that is shown now: only one that ranks
    better, or is shorter by far, takes its place.

    Raises:
        ValueError: no wordings.
    """
    if not wordings:
        raise ValueError("a claim without wordings has no text")
    numbers: list[Numbers] = [frozenset(quantities(text).items()) for text, _ in wordings]
    newest: Numbers = next((found for found in reversed(numbers) if found), frozenset())
    ranks = [
        (
            stance != Stance.SUPPORT,
            not SHORTEST <= len(text) <= LONGEST or bool(REPLY.match(text)),
            not newest <= found,
            len(text) if len(text) >= SHORTEST else 1000,
            index,
        )
        for index, ((text, stance), found) in enumerate(zip(wordings, numbers, strict=True))
    ]
    best = min(ranks)
    if shown is not None and ranks[shown][:3] == best[:3] and best[3] > SHORTER * ranks[shown][3]:
        return shown
    return best[-1]
