"""A claim's wordings come in; the one that says it best, word for word, goes out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.records import Stance
from pipeline.same_claim import QUANTITY

SHORTEST, LONGEST = 8, 60  # characters: a shorter text leaves out who or where, a longer one is a story
REPLY = re.compile(r"^(?:转发微博|回复@[^:]*:|//@)")


def says_best(wordings: Sequence[tuple[str, Stance]]) -> int:
    """Return the index of the wording to show for a claim; wordings stand in order of time.

    Supporting ones first, then complete ones (8 to 60 characters), then those whose numbers are the newest,
    then the shorter; the earliest of equals, so that the text does not flicker.

    Raises:
        ValueError: no wordings.
    """
    if not wordings:
        raise ValueError("a claim without wordings has no text")
    newest = next(
        (set(QUANTITY.findall(text)) for text, _ in reversed(wordings) if QUANTITY.search(text)), set()
    )
    ranks = [
        (
            stance != Stance.SUPPORT,
            not SHORTEST <= len(text) <= LONGEST or bool(REPLY.match(text)),
            not newest <= set(QUANTITY.findall(text)),
            len(text) if len(text) >= SHORTEST else 1000,
            index,
        )
        for index, (text, stance) in enumerate(wordings)
    ]
    return min(ranks)[-1]
