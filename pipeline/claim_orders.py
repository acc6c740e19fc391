"""People's events on claims come in; the members they move are moved in the store, once, and can be moved
back.

| kind | body | what it does |
|---|---|---|
| merged | ``into`` | all members of the claim go to another |
| split | ``post_ids``, optionally ``into`` | these posts and their replies become a claim of their own |
| undone | ``event`` | takes that merge or split back |
| detached | – | takes the claim's last merge or split back |
| renamed | ``text`` | the text to show |
| released | – | not noise: the cluster is a claim like any other |
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pipeline.claims import claim_id_of
from pipeline.store import Store

log = logging.getLogger(__name__)

UNDOING = frozenset({"undone", "detached"})

Move = tuple[str, str, str]  # post, from claim, to claim


def obey_people(store: Store) -> set[str] | None:
    """Apply the events that were not applied yet; return the claims they touched, None if there was no
    event.
    """
    events = store.rows("undecided_claim_events")
    if not events:
        return None
    touched: set[str] = set()
    for event in events:
        body = _body(event)
        moves, into = _moves(store, event, body)
        with store.transaction():
            touched |= {event["claim_id"], into} | {claim for _, *both in moves for claim in both}
            _write(store, event, body, moves, into)
    return touched - {""}


def move_all(store: Store, event: Mapping[str, Any], into: str) -> None:
    """Move all members of an event's claim into another, as a merge does; in the caller's transaction."""
    moves, resolved = _moves(store, event, {"into": into})
    _write(store, event, {"into": into}, moves, resolved)


def titles(store: Store) -> dict[str, str]:
    """Return the texts that people gave, the latest of each claim."""
    rows = store.rows("claim_renames")
    return {row["claim_id"]: str(_body(row).get("text") or "") for row in rows if _body(row).get("text")}


def _moves(store: Store, event: Mapping[str, Any], body: Mapping[str, Any]) -> tuple[list[Move], str]:
    claim_id, kind = event["claim_id"], event["kind"]
    if kind == "merged" and body.get("into"):
        into = _resolved(store, str(body["into"]))
        if into == claim_id:
            log.warning(
                "claim %s cannot be merged into itself; event %s does nothing", claim_id, event["event_id"]
            )
            return [], ""
        return [
            (row["post_id"], claim_id, into) for row in store.rows("posts_of_claim", claim=claim_id)
        ], into
    if kind == "split" and body.get("post_ids"):
        into = str(body.get("into") or claim_id_of(f"split:{event['event_id']}"))
        rows = store.rows(
            "posts_with_replies", claim=claim_id, posts=[str(post) for post in body["post_ids"]]
        )
        return [(row["post_id"], claim_id, into) for row in rows], into
    if kind in UNDOING:
        rows = store.rows("moves_to_undo", claim=claim_id, event=str(body.get("event") or ""))
        return [(row["post_id"], row["to_claim"], row["from_claim"]) for row in rows], ""
    if kind not in {"renamed", "released"}:
        log.warning(
            "event %s on claim %s says nothing that can be done: %s", event["event_id"], claim_id, kind
        )
    return [], ""


def _write(
    store: Store, event: Mapping[str, Any], body: Mapping[str, Any], moves: list[Move], into: str
) -> None:
    event_id, claim_id, kind = event["event_id"], event["claim_id"], event["kind"]
    if kind in UNDOING:
        store.run("mark_undone", claim=claim_id, event=str(body.get("event") or ""))
    if kind == "released":
        store.run("release_claim", claim=claim_id)
    rows = [
        {"event_id": event_id, "post_id": post, "from_claim": one, "to_claim": other}
        for post, one, other in moves
    ]
    if rows:
        store.insert("claim_moves", rows)
        store.run("keep_kind_of_moved", event=event_id)
        store.run("move_members", event=event_id)
        if kind == "merged":
            store.run("move_mentions", claim=claim_id, into=into)
        store.run("drop_empty_claims")
    now = datetime.now(UTC)
    decision = {"event_id": event_id, "claim_id": claim_id, "kind": kind, "into_id": into, "applied_at": now}
    store.insert("claim_decisions", [decision])


def _resolved(store: Store, claim_id: str) -> str:
    """Follow merges that stand, so that one into a claim merged before goes where that went."""
    seen: set[str] = set()
    while claim_id not in seen:
        seen.add(claim_id)
        row = store.rows("merged_into", claim=claim_id)
        claim_id = row[0]["into_id"] if row else claim_id
    return claim_id


def _body(event: Mapping[str, Any]) -> dict[str, Any]:
    try:
        body = json.loads(event["body"])
    except json.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        log.warning("event %s on claim %s has no readable body", event["event_id"], event["claim_id"])
        return {}
    return body
