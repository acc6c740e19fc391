"""A count as a page writes it (1.2万, 3千+, 10万+, 1,234) comes in; a whole number goes out."""

from __future__ import annotations

import re

COUNT = re.compile(r"(\d+(?:,\d{3})*(?:\.\d+)?)\s*([千万亿wWkK]?)\+?")
FACTORS = {"": 1, "千": 1_000, "k": 1_000, "万": 10_000, "w": 10_000, "亿": 100_000_000}


def read_count(said: int | str | None) -> int | None:
    """Return a count; of ``10万+`` the stated lower bound. None if nothing can be read."""
    if said is None or isinstance(said, int):
        return said
    match = COUNT.search(said.strip())
    if not match:
        return None
    return round(float(match.group(1).replace(",", "")) * FACTORS[match.group(2).lower()])
