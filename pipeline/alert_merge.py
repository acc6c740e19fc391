"""Claims and the alerts of the last days come in; which open alert a claim belongs to, if any, goes out.

A claim belongs to an alert raised for it, to one it was merged into, to the one of the claim that a person
merged it with, and to an open one whose words are so alike that it tells the same story.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pipeline.alert_rules import AlertRules
from pipeline.lexical import Grams, grams_of, shared_words
from pipeline.normalise import match_text
from pipeline.store import Store

# Share of rare words in common. Of the invented stories of ``benchmarks/replay.py`` 73 % of the pairs of
# wordings of one rumor reach it and 0.8 % of the pairs of two: a person is not woken twice for one story,
# and two rumors of one county seldom stand in one alert.
SAME_STORY = 0.12
STORY_LASTS = timedelta(hours=48)

Row = Mapping[str, Any]


@dataclass(slots=True)
class Incidents:
    """The alerts that claims looked at may belong to."""

    rules: AlertRules
    now: datetime
    of_claim: dict[str, list[Row]]
    open_ones: list[tuple[dict[str, Any], Grams]]
    merged_with: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, store: Store, claims: Sequence[Row], rules: AlertRules, now: datetime) -> Incidents:
        """Read what is known of these claims."""
        ids = [claim["claim_id"] for claim in claims]
        merged = {row["claim_id"]: row["into_claim"] for row in store.rows("claims_merged")}
        related = [*ids, *(merged[one] for one in ids if one in merged)]
        of_claim: dict[str, list[Row]] = {}
        for row in store.rows("incidents_of", claims=related):
            of_claim.setdefault(row["of_claim"], []).append(row)
        opened = [
            (row, grams_of(match_text(row["text"])))
            for row in store.rows("open_incidents", since=now - STORY_LASTS)
        ]
        return cls(rules=rules, now=now, of_claim=of_claim, open_ones=opened, merged_with=merged)

    def open_for(self, claim: Row) -> Row | None:
        """Return the alert that stands for a claim now, or None."""
        for claim_id in (claim["claim_id"], self.merged_with.get(claim["claim_id"], "")):
            rows = self.of_claim.get(claim_id, [])
            if rows and rows[-1]["settled_at"] is None:
                return rows[-1]
        return None

    def may_raise(self, claim_id: str) -> bool:
        """Whether a claim without an open alert may have one: not while muted, nor soon after closing."""
        rows = self.of_claim.get(claim_id, [])
        if not rows:
            return True
        last = rows[-1]
        if last["muted_until"] is not None and last["muted_until"] > self.now:
            return False
        return bool(self.now - last["settled_at"] >= self.rules.cool_down)

    def same_story(self, claim: Row) -> tuple[Row, float] | None:
        """Return the open alert whose words are most like a claim's, and how alike, if enough."""
        grams = grams_of(match_text(str(claim["text"])))
        best: tuple[Row, float] | None = None
        for row, other in self.open_ones:
            if row["claim_id"] == claim["claim_id"] or not _may_be_one_place(claim, row):
                continue
            alike = shared_words(grams, other)
            if alike >= SAME_STORY and (best is None or alike > best[1]):
                best = row, alike
        return best

    def add(self, claim: Row, alert: Row) -> None:
        """Know of an alert that was just raised."""
        row = {
            **alert, "text": claim["text"], "counties": claim["counties"], "updated_at": alert["raised_at"],
            "settled_at": None, "muted_until": None,
        }  # fmt: skip
        self.of_claim.setdefault(claim["claim_id"], []).append(row)
        self.open_ones.append((row, grams_of(match_text(str(claim["text"])))))


def _may_be_one_place(claim: Row, other: Row) -> bool:
    """Whether two claims share a county, or one of them names none."""
    mine, theirs = set(claim["counties"] or ()), set(other["counties"] or ())
    return not mine or not theirs or bool(mine & theirs)
