"""The library stage: new claims and new known rumors come in; which claim repeats which rumor goes out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pipeline.library import KnownRumor, Library, match_all
from pipeline.places import Region
from pipeline.store import Store

CLAIMS_A_PASS = 500  # when the library has grown every live claim is compared again, over several passes


class LibraryStage:
    """Compares each live claim with the library when the claim's text or the library is new to it."""

    def __init__(self, store: Store, region: Region) -> None:
        self.store = store
        self._library = Library(region)
        self._size = -1  # of the library that is held

    def run(self, now: datetime) -> int:
        """Write the matches of claims not compared yet; return how many claims were compared."""
        size = int(self.store.rows("library_size")[0]["size"])
        if size != self._size:
            self._library.update(KnownRumor(**row) for row in self.store.rows("library_texts"))
            self._size = size
        if not len(self._library) and not size:
            return 0
        claims = self.store.rows("claims_to_look_up", library=size, now=now, most=CLAIMS_A_PASS)
        if claims:
            self._write(claims, size)
        return len(claims)

    def _write(self, claims: list[dict[str, Any]], size: int) -> None:
        found = match_all(self._library, [(claim["claim_id"], claim["text"]) for claim in claims])
        at = datetime.now(UTC)
        rows = [
            {"claim_id": match.claim_id, "rumor_id": match.rumor_id, "relation": match.relation,
             "score": match.score, "difference": match.difference, "matched_at": at}
            for match in found
        ]  # fmt: skip
        looks = [{"claim_id": claim["claim_id"], "text": claim["text"], "library": size} for claim in claims]
        with self.store.transaction():
            self.store.run("forget_known_rumors", claims=[claim["claim_id"] for claim in claims])
            self.store.insert("known_rumor_matches", rows)
            self.store.insert("known_rumor_looks", looks, on_conflict="replace")
