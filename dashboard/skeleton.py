"""A claim comes in; the skeleton of an answer goes out, filled only with what is on record.

Nothing is invented: every sentence under 依据 is a statement's own with its issuer, time and address, and
what is not known is left as a blank to fill.
"""

from __future__ import annotations

import pandas as pd

from dashboard import data, formats, wording, wording_ledger

WORDS = wording_ledger.SKELETON
QUOTED = 3


def draft(claim_id: str) -> str:
    """Return the skeleton for an answer to one claim."""
    claim = data.claim(claim_id)
    if claim is None:
        return ""
    found = data.claim_table("statements", claim_id)
    asked = data.claim_questions(claim_id).head(QUOTED)
    facts = WORDS["said"].format(
        first=formats.clock(claim["first_seen"]),
        places=wording.LIST_COMMA.join(claim["counties"]) or WORDS["no_place"],
        text=formats.one_line(claim["text"], 120),
    )
    parts = [
        (WORDS["facts"], [facts, WORDS["blank"]]),
        (WORDS["basis"], _cited(found) or [WORDS["no_basis"]]),
        (
            WORDS["asked"],
            [f"· {formats.one_line(text, 80)}" for text in asked["text"]] or [WORDS["not_asked"]],
        ),
        (WORDS["handling"], [WORDS["blank"]]),
        (WORDS["channel"], [WORDS["blank"]]),
    ]
    return "\n\n".join("\n".join([title, *lines]) for title, lines in parts)


def _cited(found: pd.DataFrame) -> list[str]:
    return [
        WORDS["cited"].format(
            sentence=formats.one_line(row["sentence"], 200),
            issuer=row["issuer"],
            when=formats.clock(row["published_at"]),
            url=row["url"],
        )
        for row in data.records(found.head(QUOTED))
    ]
