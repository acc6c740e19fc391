"""The matching stage: new or changed claims and new statements come in; what answers what goes out.

It proposes; that a claim is answered for good is a person's event in the ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pipeline.match import Match, Matcher, Text, needs_meaning
from pipeline.places import Region
from pipeline.store import Store
from pipeline.tag import Analyst

MOST = 5  # statements kept for one claim, the best: more is no help to a person


class MatchStage:
    """Compares a new or changed claim with all statements, and live claims with a new statement."""

    def __init__(self, store: Store, analyst: Analyst, region: Region) -> None:
        self.store = store
        self.analyst = analyst if needs_meaning() else None
        self.region = region
        self._statements: dict[str, Text] = {}
        self._matcher = Matcher([])
        self._compared: dict[str, str] = {}  # claim -> the text that was compared

    def run(self) -> int:
        """Write the matches of what is new; return how many claims were compared."""
        fresh = self._take_statements()
        if not self._statements:
            return 0
        claims = {row["claim_id"]: row for row in self.store.rows("claims_to_match")}
        changed = [row for key, row in claims.items() if self._compared.get(key) != row["text"]]
        known = [row for key, row in claims.items() if self._compared.get(key) == row["text"]]
        if fresh and known:
            matcher = Matcher(fresh, self.analyst)
            self._write([], list(matcher.match([_claim(row) for row in known])))
        found = list(self._matcher.match([_claim(row) for row in changed]))
        self._write([row["claim_id"] for row in changed], found)
        self._compared = {key: row["text"] for key, row in claims.items()}
        return len(changed) + (len(known) if fresh else 0)

    def _take_statements(self) -> list[Text]:
        """Hold the statements that are in the store now; return those that are new or say something new."""
        now = {row["statement_id"]: self._text(row) for row in self.store.rows("statements_to_match")}
        fresh = [text for key, text in now.items() if self._statements.get(key) != text]
        gone = [key for key in self._statements if key not in now]
        if gone:
            self.store.run("forget_statements", statements=gone)
        if fresh or gone:
            self._matcher = Matcher(list(now.values()), self.analyst)
            self._statements = now
        return fresh

    def _text(self, row: dict[str, Any]) -> Text:
        text = f"{row['title']}\n{row['text']}".strip()
        places = self.region.places_of(f"{row['issuer']}\n{text}")
        return Text(text_id=row["statement_id"], text=text, places=places)

    def _write(self, claims: Sequence[str], matches: Sequence[Match]) -> None:
        """Replace the matches of ``claims``; those of other claims are added to what they have."""
        if not claims and not matches:
            return
        now = datetime.now(UTC)
        rows = [
            {"statement_id": match.statement_id, "claim_id": match.post_id, "relation": match.relation,
             "score": match.score, "sentence": match.sentence, "matched_at": now}
            for match in matches
        ]  # fmt: skip
        with self.store.transaction():
            self.store.run("forget_matches", claims=list(claims))
            self.store.insert("statement_matches", rows, on_conflict="replace")
            self.store.run("keep_best_matches", claims=sorted({row["claim_id"] for row in rows}), most=MOST)


def _claim(row: dict[str, Any]) -> Text:
    return Text(text_id=row["claim_id"], text=row["text"], places=tuple(row["counties"]))
