"""The claims stage: tagged posts not placed yet come in; members and claims go out, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np

from pipeline.claims import ActiveClaim, ClaimEngine, PlacedPost
from pipeline.records import ClaimMember
from pipeline.store import Store


class ClaimStage:
    """Places new posts in batches; the engine is rebuilt from the store at the first run."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._engine: ClaimEngine | None = None
        self._decided: set[str] = set()  # people's events that bind already

    def run(self, batch: int) -> int:
        """Place at most ``batch`` posts in one transaction; return how many were looked at."""
        engine = self._engine or self._rebuilt()
        self._engine = None  # a failed run leaves no half-changed engine behind: the next one rebuilds
        self._obey(engine)
        posts = [_post(row) for row in self.store.rows("unplaced_posts", batch=batch)]
        if posts:
            members = [member for member in engine.place(posts) if member is not None]
            self._write(engine, posts, members)
            engine.retire(max(post.published_at for post in posts))
        self._engine = engine
        return len(posts)

    def _rebuilt(self) -> ClaimEngine:
        engine = ClaimEngine()
        self._decided.clear()
        for row in self.store.rows("placed_posts"):
            engine.adopt(_post(row), row["claim_id"], row["kind"])
        return engine

    def _obey(self, engine: ClaimEngine) -> None:
        for event in self.store.rows("people_on_claims"):
            if event["event_id"] in self._decided:
                continue
            body = json.loads(event["body"])
            if event["kind"] == "merged":
                engine.merge(event["claim_id"], str(body["into"]))
            elif event["kind"] == "renamed":
                engine.rename(event["claim_id"], str(body["text"]))
            self._decided.add(event["event_id"])

    def _write(self, engine: ClaimEngine, posts: list[PlacedPost], members: list[ClaimMember]) -> None:
        now = datetime.now(UTC)
        touched = {member.claim_id for member in members}
        with self.store.transaction():
            self.store.insert("claim_members", [_member_row(member, now) for member in members])
            rows = [_claim_row(engine.active[claim_id], now) for claim_id in sorted(touched)]
            self.store.insert("claims", rows, on_conflict="replace")
            self.store.insert("claim_pending", [{"post_id": post.post_id} for post in posts])


def run_claims(store: Store, batch: int = 500) -> int:
    """Place every post that is tagged and not placed yet; return how many were looked at."""
    stage, looked_at = ClaimStage(store), 0
    while done := stage.run(batch):
        looked_at += done
    return looked_at


def _post(row: Mapping[str, Any]) -> PlacedPost:
    values = {name: value for name, value in row.items() if name in PlacedPost.__dataclass_fields__}
    vector: Iterable[float] | None = row["vector"]
    values["vector"] = None if vector is None else np.asarray(vector, dtype=np.float32)
    values["places"] = tuple(row["places"])
    return PlacedPost(**values)


def _member_row(member: ClaimMember, now: datetime) -> dict[str, Any]:
    return {
        "post_id": member.post_id,
        "claim_id": member.claim_id,
        "similarity": member.similarity,
        "relation": str(member.relation),
        "reason": member.reason,
        "joined_at": now,
    }


def _claim_row(active: ActiveClaim, now: datetime) -> dict[str, Any]:
    claim = active.record()
    return {
        "claim_id": claim.claim_id,
        "text": claim.text,
        "first_seen": claim.first_seen,
        "last_seen": claim.last_seen,
        "size": claim.size,
        "spreading": claim.spreading,
        "authors": len(active.authors),
        "counties": list(claim.counties),
        "channels": list(claim.channels),
        "need": str(claim.need),
        "rumor_score": claim.rumor_score,
        "kind": active.kind,
        "recurs": active.recurs,
        "updated_at": now,
    }
