"""What a person decides about the grouping of claims comes in; events of claims, and what follows from
them in the ledger, go out.

Kinds of ``claim_events``: ``merged`` (body: into, reason), ``split`` (post_ids, reason) and ``undone``
(event: the id of the event that no longer holds). The claims stage obeys them. A claim that is merged away
leaves the queue by an event of the ledger (不需回应, a duplicate of the other), and comes back by one
(重新打开).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.identity import digest
from pipeline.ledger import Ledger
from pipeline.ledger_events import Declined, Reopened
from pipeline.ledger_records import Response, State
from pipeline.roles import User, require
from pipeline.store import Appender

OPEN = frozenset({State.PENDING, State.ASSIGNED, State.DRAFTING})
REASON_LIMIT = 500


class DecisionRefusedError(ValueError):
    """The decision cannot be recorded; the message is Chinese and says why."""


@dataclass(frozen=True, slots=True)
class Decisions:
    """Records what people decide about the grouping of claims."""

    store: Appender
    ledger: Ledger

    def merge(self, user: User, claim_id: str, into: str, reason: str, now: datetime) -> str:
        """Merge one claim into another; return the event's id.

        Raises:
            DecisionRefusedError: no such claim, the same one, or its answer is under review or published.
            ForbiddenError: the user may not, or not in the county of one of the two.
        """
        if claim_id == into:
            raise DecisionRefusedError("不能与自己合并")
        self._require(user, claim_id)
        self._require(user, into)
        response = self.ledger.response(claim_id, now)
        if response.state in {State.REVIEWING, State.PUBLISHED}:
            raise DecisionRefusedError("这条说法的回应在送审或已发布,请反过来把另一条并入它")
        event_id = self._record(user, claim_id, "merged", {"into": into, "reason": _reason(reason)}, now)
        if response.state in OPEN:
            declined = Declined(reason="duplicate", duplicate_of=into, note=f"手工合并:{_reason(reason)}")
            self.ledger.record(user, claim_id, declined, now)
        return event_id

    def split(self, user: User, claim_id: str, posts: Collection[str], reason: str, now: datetime) -> str:
        """Take posts out of a claim, into one of their own; return the event's id.

        Raises:
            DecisionRefusedError: no such claim, none of the posts or all of them, or one of another claim.
            ForbiddenError: the user may not, or not in this county.
        """
        self._require(user, claim_id)
        chosen = sorted(set(posts))
        found = self.store.rows("posts_of_split", claim=claim_id, posts=chosen)[0]
        if not chosen:
            raise DecisionRefusedError("请先选择要拆出的帖文")
        if found["chosen"] != len(chosen):
            raise DecisionRefusedError("有帖文已不在这条说法中,请刷新后再选")
        if found["members"] <= len(chosen):
            raise DecisionRefusedError("不能拆出全部帖文")
        return self._record(user, claim_id, "split", {"post_ids": chosen, "reason": _reason(reason)}, now)

    def undo(self, user: User, event_id: str, now: datetime) -> str:
        """Take a merge or a split back; return the event's id.

        Raises:
            DecisionRefusedError: no such decision, or it was taken back before.
            ForbiddenError: the user may not, or not in this county.
        """
        found = self.store.rows("decision", event=event_id)
        if not found or found[0]["kind"] not in {"merged", "split"}:
            raise DecisionRefusedError("没有这次合并或拆分")
        if found[0]["undone"]:
            raise DecisionRefusedError("已经撤销过了")
        decision = found[0]
        claim_id, body = decision["claim_id"], json.loads(decision["body"])
        self._require(user, body.get("into", claim_id))
        undone = self._record(user, claim_id, "undone", {"event": event_id}, now)
        if decision["kind"] == "merged" and self._declined_into(claim_id, body["into"], now):
            self.ledger.record(user, claim_id, Reopened(reason="撤销合并"), now)
        return undone

    def of_claim(self, claim_id: str) -> list[dict[str, Any]]:
        """Return the decisions about a claim, newest first: event_id, claim_id, kind, actor, body, undone."""
        return self.store.rows("decisions_of_claim", claim=claim_id)

    def _declined_into(self, claim_id: str, into: str, now: datetime) -> bool:
        response: Response | None = self.ledger.responses([claim_id], now).get(claim_id)
        return response is not None and response.state == State.DECLINED and response.duplicate_of == into

    def _require(self, user: User, claim_id: str) -> None:
        rows = self.store.rows("ledger_claims", claims=[claim_id])
        if not rows:
            raise DecisionRefusedError(f"没有这个说法:{claim_id}")
        require(user, "claim", rows[0]["counties"])

    def _record(self, user: User, claim_id: str, kind: str, body: Mapping[str, Any], now: datetime) -> str:
        written = json.dumps(body, ensure_ascii=False, sort_keys=True)
        before = len(self.of_claim(claim_id))
        # The same click twice is one event: nothing was decided in between.
        event_id = digest("claim", claim_id, user.name, kind, written, str(before))
        self.store.append(
            "claim_events",
            {"event_id": event_id, "claim_id": claim_id, "kind": kind, "actor": user.name, "body": written,
             "recorded_at": now},
        )  # fmt: skip
        return event_id


def _reason(text: str) -> str:
    if not text.strip():
        raise DecisionRefusedError("请写明理由")
    return text.strip()[:REASON_LIMIT]
