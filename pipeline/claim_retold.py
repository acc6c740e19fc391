"""Claims that told another's story in other words come in; the moved members, the event that says so, and the
end of their place in the queue go out.

It is a merge by the system, kept like one by a person: the claim's page shows it, a person can take it back,
and after that the two stay apart.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from pipeline.claim_orders import move_all
from pipeline.counts import count_hours
from pipeline.identity import digest
from pipeline.ledger import append_entry
from pipeline.ledger_events import Declined, encode
from pipeline.ledger_records import Entry
from pipeline.outbox import SYSTEM
from pipeline.retelling import Retold
from pipeline.store import Store

log = logging.getLogger(__name__)


def may_vanish(store: Store, claim_id: str) -> bool:
    """Tell whether nobody was told of a claim and nobody did anything with it."""
    return not store.rows("claim_taken_up", claim=claim_id, system=SYSTEM)


def write_retold(
    store: Store, retold: Sequence[Retold], stands_for: Callable[[str], str], now: datetime
) -> None:
    """Move the members of claims that the store has; in the caller's transaction.

    A claim that began with the same posts needs no event: nobody ever saw it.
    """
    known = {row["claim_id"] for row in store.rows("claims_known", claims=[one.claim_id for one in retold])}
    for one in retold:
        if one.claim_id in known:
            _move(store, one, stands_for(one.into), now)


def _move(store: Store, one: Retold, into: str, now: datetime) -> None:
    why = f"讲的是同一件事({one.sure:.2f}),措辞不同"
    event = {
        "event_id": digest("retold", one.claim_id, into, now.isoformat()),
        "claim_id": one.claim_id, "kind": "merged", "actor": SYSTEM, "recorded_at": now,
        "body": json.dumps({"into": into, "reason": why}, ensure_ascii=False, sort_keys=True),
    }  # fmt: skip
    hours = [row["hour"] for row in store.rows("hours_of_claim", claim=one.claim_id)]
    store.insert("claim_events", [event])
    move_all(store, event, into)
    if hours:
        count_hours(store, hours)
    if store.rows("in_queue", claim=one.claim_id):
        append_entry(store, _declined(one.claim_id, into, why, now))
        store.run("leave_queue", claims=[one.claim_id])
    log.info("claim %s tells the story of %s (%.2f) and goes into it", one.claim_id, into, one.sure)


def _declined(claim_id: str, into: str, why: str, now: datetime) -> Entry:
    """Return the ledger's event for a claim that leaves the queue: nothing leaves without one."""
    event = Declined(reason="duplicate", duplicate_of=into, note=why)
    return Entry(
        event_id=digest("declined", claim_id, into, now.isoformat()),
        claim_id=claim_id,
        kind=event.KIND,
        actor=SYSTEM,
        body=encode(event),
        recorded_at=now,
    )
