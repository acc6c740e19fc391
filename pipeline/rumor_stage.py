"""The rumor stage: live claims with their members come in; each claim's early rumor score goes out.

The score starts as the mean of the members' texts and moves with the replies as they come
(``models.threads``). What officials say moves it by a set step: there are no threads with labels to fit
that on, so the steps are the office's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from models.threads import FIRST, Floats, ThreadScorer, probability
from pipeline.ledger_events import VERDICT_WORDS
from pipeline.reactions import Reactions
from pipeline.records import VerdictValue
from pipeline.store import Store

CLAIMS_A_PASS = 500
SUREST = 0.98  # a text's score is kept from being so sure that no reply could move it
# Replies to local posts are not those of the training data: what they add is bounded to a factor of e² in
# the odds.
MOST_FROM_REPLIES = 2.0
OFFICIAL_DENIES = 1.5  # in log-odds: an official source says that it is not so
OFFICIAL_SAYS = -1.5  # an official source says the same
KEPT = ("claim_id", "text_score", "replies", "asking", "denying", "answers", "known")
MOVED = 0.05  # a smaller change of the score makes no row of the history

Row = Mapping[str, Any]


class RumorStage:
    """Scores claims whose members, replies, answers or known verdict changed; again gives the same rows."""

    def __init__(self, store: Store, scorer: ThreadScorer | None = None) -> None:
        self.store = store
        self._scorer = scorer

    def run(self, now: datetime) -> int:
        """Score at most ``CLAIMS_A_PASS`` claims; return how many were."""
        claims = self.store.rows("claims_to_score", now=now, most=CLAIMS_A_PASS)
        if not claims:
            return 0
        if self._scorer is None:
            self._scorer = ThreadScorer.load()
        odds = claim_odds(claims, self._scorer.reply_odds(self._replies(claims)))
        self._write(claims, probability(odds), now)
        return len(claims)

    def _replies(self, claims: Sequence[Row]) -> list[list[str]]:
        names = [claim["claim_id"] for claim in claims]
        found: dict[str, list[str]] = {name: [] for name in names}
        for row in self.store.rows("first_reactions", claims=names, first=FIRST):
            found[row["claim_id"]].append(row["text"])
        return [found[name] for name in names]

    def _write(self, claims: Sequence[Row], scores: Floats, now: datetime) -> None:
        names = [claim["claim_id"] for claim in claims]
        before = {row["claim_id"]: row["score"] for row in self.store.rows("scores_of_claims", claims=names)}
        rows = [
            {
                **{name: claim[name] for name in KEPT},
                "score": round(float(score), 4),
                "evidence": evidence_of(claim),
                "scored_at": datetime.now(UTC),
            }
            for claim, score in zip(claims, scores, strict=True)
        ]
        moved = [
            {"claim_id": row["claim_id"], "scored_at": now, "score": row["score"], "replies": row["replies"]}
            for row in rows
            if abs(before.get(row["claim_id"], -1.0) - row["score"]) >= MOVED
        ]
        with self.store.transaction():
            self.store.insert("claim_scores", rows, on_conflict="replace")
            self.store.insert("claim_score_history", moved, on_conflict="replace")


def claim_odds(claims: Sequence[Row], from_replies: Floats) -> Floats:
    """Return log-odds (n,) of claims: of their texts, plus what replies and officials add."""
    text = np.clip([float(claim["text_score"]) for claim in claims], 1 - SUREST, SUREST)
    official = [
        OFFICIAL_DENIES * bool(claim["official_denials"])
        + OFFICIAL_SAYS * bool(claim["official_posts"] and not claim["official_denials"])
        for claim in claims
    ]
    bounded = np.clip(from_replies, -MOST_FROM_REPLIES, MOST_FROM_REPLIES)
    found: Floats = (np.log(text / (1 - text)) + bounded + official).astype(np.float32)
    return found


def evidence_of(claim: Row) -> list[str]:
    """Return what a score rests on, in Chinese sentences, the weightiest first."""
    doubted = claim["doubted_at"]
    minutes = (doubted - claim["first_seen"]).total_seconds() / 60 if doubted is not None else None
    reactions = Reactions(
        replies=claim["replies"], asking=claim["asking"], denying=claim["denying"], doubt_minutes=minutes
    )
    said = [reactions.words()]
    if claim["official_denials"]:
        said.insert(0, f"官方来源已有 {claim['official_denials']} 条说不实")
    elif claim["official_posts"]:
        said.append(f"官方来源也有 {claim['official_posts']} 条提到，请核对是否同一件事")
    if claim["known"]:
        word = VERDICT_WORDS[VerdictValue(claim["known"])]
        said.append(f"与以前核查过的说法相同（当时结论：{word}）")
    said.append(f"{claim['answers']} 条权威信息可能作答" if claim["answers"] else "没有找到能作答的权威信息")
    said.append(f"来自 {claim['sources']} 个来源、{claim['channels']} 个平台")
    said.append(f"文字本身的疑似分 {claim['text_score']:.0%}")
    return said
