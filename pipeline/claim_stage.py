"""The claims stage: tagged posts not placed yet come in; members and claims go out, in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

import numpy as np

from pipeline.claim_orders import obey_people, titles
from pipeline.claim_retold import may_vanish, write_retold
from pipeline.claims import IDLE, KNOWN, ActiveClaim, ClaimEngine, PlacedPost
from pipeline.records import ClaimMember
from pipeline.store import Store

log = logging.getLogger(__name__)


class ClaimStage:
    """Places new posts in batches; the engine is rebuilt from the store at the first run and after people's
    events.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._engine: ClaimEngine | None = None

    def run(self, batch: int, now: datetime | None = None) -> int:
        """Place at most ``batch`` posts in one transaction; return how many were looked at.

        ``now`` is when the system says what it did; the clock's time if not given.
        """
        touched = obey_people(self.store)
        engine = self._engine if touched is None and self._engine else self._rebuilt(touched or set())
        self._engine = None  # a failed run leaves no half-changed engine behind: the next one rebuilds
        if touched:
            self._rewrite(engine, touched)
        posts = [_post(row) for row in self.store.rows("unplaced_posts", batch=batch)]
        if posts:
            engine.retold.clear()
            members = [member for member in engine.place(posts) if member is not None]
            self._write(engine, posts, members, now or datetime.now(UTC))
            engine.retire(max(post.published_at for post in posts))
        self._engine = engine
        return len(posts)

    def _rebuilt(self, whole: set[str]) -> ClaimEngine:
        """Build the engine, with its indexes of vectors and words, from what the store holds.

        Of claims that are over, only the first post is read, unless they stand in ``whole``.
        """
        engine = ClaimEngine()
        engine.stories.may_vanish = partial(may_vanish, self.store)
        engine.stories.kept_apart = {
            frozenset((row["claim_id"], row["into_id"])) for row in self.store.rows("claims_kept_apart")
        }
        newest = self.store.rows("newest_claim")[0]["last_seen"]
        if newest is None:
            return engine
        known = {"active": newest - IDLE, "known": newest - KNOWN, "whole": sorted(whole)}
        for row in self.store.rows("placed_posts", **known):
            engine.adopt(_post(row), row["claim_id"], row["kind"], row["recurs"])
        for claim_id, text in titles(self.store).items():
            engine.rename(claim_id, text)
        engine.retire(newest)
        log.info(
            "claims: indexes rebuilt from the store, %d claims, %d wordings",
            len(engine.active),
            len(engine.wordings),
        )
        return engine

    def _rewrite(self, engine: ClaimEngine, claim_ids: set[str]) -> None:
        now = datetime.now(UTC)
        rows = [_claim_row(engine.active[one], now) for one in sorted(claim_ids & engine.active.keys())]
        if rows:
            with self.store.transaction():
                self.store.insert("claims", rows, on_conflict="replace")

    def _write(
        self, engine: ClaimEngine, posts: list[PlacedPost], members: list[ClaimMember], now: datetime
    ) -> None:
        at = datetime.now(UTC)
        placed = [_member_row(member, at) for member in members]
        mentions = [row for post in posts for row in _mention_rows(post.post_id, engine)]
        for row in (*placed, *mentions):  # what came first may have gone elsewhere since
            row["claim_id"] = engine.stands_for(row["claim_id"])
        touched = {row["claim_id"] for row in (*placed, *mentions)}
        with self.store.transaction():
            self.store.insert("claim_members", placed)
            self.store.insert("claim_mentions", mentions)
            rows = [_claim_row(engine.active[claim_id], at) for claim_id in sorted(touched)]
            self.store.insert("claims", rows, on_conflict="replace")
            write_retold(self.store, engine.retold, engine.stands_for, now)
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


def _mention_rows(post_id: str, engine: ClaimEngine) -> list[dict[str, Any]]:
    return [
        {
            "post_id": post_id,
            "part": mention.part,
            "claim_id": mention.member.claim_id,
            "sentence": mention.sentence,
            "places": list(mention.places),
            "similarity": mention.member.similarity,
            "relation": str(mention.member.relation),
            "reason": mention.member.reason,
        }
        for mention in engine.mentions.pop(post_id, [])
    ]


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
