"""The matching stage: new or changed claims and new statements come in; what answers what goes out.

It proposes; that a claim is answered for good is a person's event in the ledger.
"""

from __future__ import annotations

from datetime import UTC, datetime

from pipeline.match import Match, Matcher, Text
from pipeline.places import Region
from pipeline.store import Store
from pipeline.tag import Analyst

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class MatchStage:
    """Compares every changed claim with all statements, and all live claims when a statement is new."""

    def __init__(self, store: Store, analyst: Analyst, region: Region) -> None:
        self.store = store
        self.analyst = analyst
        self.region = region
        self._known: set[str] = set()
        self._matcher: Matcher | None = None
        self._compared: dict[str, str] = {}  # claim -> the text that was compared

    def run(self) -> int:
        """Write the matches of what is new; return how many claims were compared."""
        statements = self.store.rows("statements_to_match")
        fresh = {row["statement_id"] for row in statements} != self._known
        if fresh or self._matcher is None:
            self._matcher = Matcher(
                self.analyst,
                [
                    self._text(row["statement_id"], f"{row['title']}\n{row['text']}".strip())
                    for row in statements
                ],
            )
            self._known = {row["statement_id"] for row in statements}
            self._compared.clear()
        if not self._known:
            return 0
        claims = [
            row for row in self.store.rows("claims_to_match")
            if self._compared.get(row["claim_id"]) != row["text"]
        ]  # fmt: skip
        texts = [
            Text(text_id=row["claim_id"], text=row["text"], places=tuple(row["counties"])) for row in claims
        ]
        self._write([text.text_id for text in texts], list(self._matcher.match(texts)))
        self._compared.update({text.text_id: text.text for text in texts})
        return len(claims)

    def _text(self, text_id: str, text: str) -> Text:
        return Text(text_id=text_id, text=text, places=self.region.places_of(text))

    def _write(self, claims: list[str], matches: list[Match]) -> None:
        if not claims:
            return
        now = datetime.now(UTC)
        rows = [
            {"statement_id": match.statement_id, "claim_id": match.post_id, "relation": match.relation,
             "score": match.score, "sentence": match.sentence, "matched_at": now}
            for match in matches
        ]  # fmt: skip
        with self.store.transaction():
            self.store.rows("forget_matches", claims=claims)
            self.store.insert("statement_matches", rows)
