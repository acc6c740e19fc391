"""Appended ledger events come in; a chain of hashes goes out, and whether it still holds.

Clients append events; the owner seals them in the order in which it finds them: each link's hash covers the
event and the hash before it. A changed, removed or inserted event breaks the chain from there on. What a
chain alone cannot show is a cut-off end: for that, a hash noted elsewhere (every hand-over sheet prints one)
can be asked for.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pipeline.store import Reader, Store

GENESIS = "0" * 64
PAGE = 5000  # links in memory at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What a check of the chain found; ``problems`` are Chinese sentences, none if it holds."""

    sealed: int
    waiting: int
    head: str
    problems: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return not self.problems


def seal(store: Store, now: datetime) -> list[str]:
    """Add every event that waits to the chain, in one transaction; return the claims they are of."""
    waiting = store.rows("unsealed_events")
    if not waiting:
        return []
    position, previous = _head(store)
    links = []
    for row in waiting:
        position += 1
        current = link_hash(previous, row)
        links.append(
            {
                "position": position,
                "event_id": row["event_id"],
                "previous": previous,
                "hash": current,
                "sealed_at": now,
            }
        )
        previous = current
    with store.transaction():
        store.insert("ledger_chain", links)
    return sorted({str(row["claim_id"]) for row in waiting})


def verify(store: Reader, noted_head: str = "") -> Verification:
    """Compute the whole chain again.

    ``noted_head`` is a hash noted earlier; it must still be in the chain.
    """
    problems: list[str] = []
    position, previous, found = 0, GENESIS, not noted_head
    while links := store.rows("chain_links", after=position, most=PAGE):
        for link in links:
            problem = _problem(link, position, previous)
            if problem:
                problems.append(problem)
            position, previous = link["position"], link["hash"]
            found = found or previous == noted_head
    if not found:
        problems.append(f"登记过的链头 {noted_head} 不在链上:台账末尾可能被截掉")
    waiting = store.rows("count_unsealed")[0]["waiting"]
    return Verification(sealed=position, waiting=waiting, head=previous, problems=tuple(problems))


def link_hash(previous: str, event: Mapping[str, Any]) -> str:
    """Return the hash of one link: SHA-256 over the hash before and the event's columns as JSON."""
    moment: datetime = event["recorded_at"]
    parts = [
        previous,
        event["event_id"],
        event["claim_id"],
        event["kind"],
        event["actor"],
        event["body"],
        moment.astimezone(UTC).isoformat(timespec="microseconds"),
    ]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode("utf-8")).hexdigest()


def head(store: Reader) -> str:
    """Return the hash of the newest link, ``GENESIS`` if there is none."""
    return _head(store)[1]


def _head(store: Reader) -> tuple[int, str]:
    rows = store.rows("chain_head")
    return (rows[0]["position"], rows[0]["hash"]) if rows else (0, GENESIS)


def _problem(link: Mapping[str, Any], position: int, previous: str) -> str | None:
    where = f"第 {link['position']} 环(事件 {link['event_id']})"
    if link["position"] != position + 1:
        return f"{where}:前面缺 {link['position'] - position - 1} 环"
    if link["previous"] != previous:
        return f"{where}:与上一环接不上"
    if link["kind"] is None:
        return f"{where}:事件已被删除"
    if link_hash(previous, link) != link["hash"]:
        return f"{where}:内容被改动过"
    return None
