"""Claims and the alerts of the last days come in; which open alert a claim belongs to, if any, goes out.

A claim belongs to an alert raised for it, to one it was merged into, to the one of the claim that a person
merged it with, and to an open one of the same kind whose claims tell the same story (``pipeline.stories``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pipeline.alert_rules import AlertRules
from pipeline.store import Store
from pipeline.stories import Stories, Telling, one_story

# Chance from which claims tell one story. Of the invented stories of one ten days, judged by weights fitted
# on others, 95 % of the sides that tell one reach it and 4 % of those that tell two
# (``benchmarks/story_likeness.py``): a person is not woken twice for one story, and two rumors of one county
# seldom stand in one alert.
SAME_STORY = 0.5
STORY_LASTS = timedelta(hours=48)

Row = Mapping[str, Any]


@dataclass(slots=True)
class Incidents:
    """The alerts that claims looked at may belong to."""

    rules: AlertRules
    now: datetime
    stories: Stories
    of_claim: dict[str, list[dict[str, Any]]]
    open_ones: list[dict[str, Any]]
    merged_with: dict[str, str] = field(default_factory=dict)
    _told: dict[tuple[str, ...], list[Telling]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, store: Store, ids: Sequence[str], rules: AlertRules, now: datetime, stories: Stories
    ) -> Incidents:
        """Read what is known of these claims."""
        merged = {row["claim_id"]: row["into_claim"] for row in store.rows("claims_merged")}
        related = [*ids, *(merged[one] for one in ids if one in merged)]
        of_claim: dict[str, list[dict[str, Any]]] = {}
        for row in store.rows("incidents_of", claims=related):
            of_claim.setdefault(row["of_claim"], []).append(row)
        opened = store.rows("open_incidents", since=now - STORY_LASTS)
        return cls(
            rules=rules, now=now, stories=stories, of_claim=of_claim, open_ones=opened, merged_with=merged
        )

    def open_for(self, ids: Sequence[str], kind: str) -> dict[str, Any] | None:
        """Return the alert that stands now for the first of some claims, or one of ``kind`` for another."""
        for number, one in enumerate(ids):
            for claim_id in (one, self.merged_with.get(one, "")):
                rows = self.of_claim.get(claim_id, [])
                if rows and rows[-1]["settled_at"] is None and (number == 0 or rows[-1]["kind"] == kind):
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

    def same_story(self, claim: Row, kind: str) -> tuple[dict[str, Any], float] | None:
        """Return the open alert of a kind that most surely tells a claim's story, and how surely, if enough.

        A call for help is never merged into a rumor's alert, nor the other way round: they are answered by
        others.
        """
        near = [row for row in self.open_ones if row["kind"] == kind and _may_be_one_place(claim, row)]
        if not near:
            return None
        mine = self._tellings([claim["claim_id"]])
        found = [(row, one_story(mine, self._tellings(row["claims"]))) for row in near]
        best = max(found, key=lambda one: one[1])
        return best if best[1] >= SAME_STORY else None

    def _tellings(self, claims: Sequence[str]) -> list[Telling]:
        """Return what claims say; in one round an open alert is compared with many claims, and read once."""
        key = tuple(claims)
        if key not in self._told:
            self._told[key] = self.stories.tellings(claims)
        return self._told[key]

    def add(self, claims: Sequence[str], counties: Sequence[str], alert: Row) -> None:
        """Know of an alert that was just raised, and of the claims that it stands for."""
        row = {
            **alert, "claims": list(claims), "counties": counties, "updated_at": alert["raised_at"],
            "settled_at": None, "muted_until": None,
        }  # fmt: skip
        for claim_id in claims:
            self.of_claim.setdefault(claim_id, []).append(row)
        self.open_ones.append(row)

    def join(self, claim_id: str, incident: dict[str, Any]) -> None:
        """Know that a claim was just merged into an alert."""
        self.of_claim.setdefault(claim_id, []).append(incident)
        for row in self._rows_of(incident["alert_id"]):
            if claim_id not in row["claims"]:
                row["claims"].append(claim_id)

    def note(self, alert_id: str, level: str) -> None:
        """Know of the level that an alert was just given: in one round it rises once."""
        for row in self._rows_of(alert_id):
            row["level"], row["updated_at"] = level, self.now

    def _rows_of(self, alert_id: str) -> Iterator[dict[str, Any]]:
        rows = (*self.open_ones, *(row for known in self.of_claim.values() for row in known))
        return (row for row in rows if row["alert_id"] == alert_id)


def _may_be_one_place(claim: Row, other: Row) -> bool:
    """Whether two claims share a county, or one of them names none."""
    mine, theirs = set(claim["counties"] or ()), set(other["counties"] or ())
    return not mine or not theirs or bool(mine & theirs)
