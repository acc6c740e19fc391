"""A claim with its counts comes in; its priority in [0, 1] goes out, with the reasons in words and shares.

The priority is a weighted sum of shares in [0, 1], so that every rank can show its reasons as words and
bars; two factors lower it (an answer that exists, a claim that nobody repeats any more) and are reasons too.
Weights and limits are the office's to set (``[triage]`` in ``huiying.toml``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pipeline.config import ConfigError, Settings
from pipeline.records import Need
from pipeline.rules import Rules

# A starting point, to be tuned by each office on its own past: no source gives these numbers.
DEFAULT_WEIGHTS: Mapping[str, float] = {
    "need": 0.18,
    "rumor": 0.18,
    "stake": 0.20,
    "growth": 0.14,
    "reach": 0.14,
    "asking": 0.06,
    "spread": 0.04,
    "waiting": 0.03,
    "deadline": 0.03,
}

# How urgently each kind of need is owed something, in [0, 1].
NEED_URGENCY: Mapping[str, float] = {
    Need.HELP: 1.0,
    Need.UNVERIFIED_CLAIM: 0.9,
    Need.MISUNDERSTANDING: 0.8,
    Need.QUESTION: 0.6,
    Need.PROBLEM: 0.6,
    Need.SUGGESTION: 0.3,
    Need.NONE: 0.0,
}

WORDS: Mapping[str, str] = {
    "need": "诉求类别",
    "rumor": "疑似不实",
    "stake": "利害",
    "growth": "增长",
    "reach": "参与人数",
    "asking": "求证",
    "spread": "波及范围",
    "waiting": "等待时间",
    "deadline": "时限",
    "answered": "已有答复,后移",
    "quiet": "久无新帖,后移",
}

# An answered claim stays in the queue, far down, until a person closes it.
ANSWERED_FACTOR = 0.3
# One voice is thin evidence: its scores count as if two more had been heard that say nothing either way.
DOUBT_VOICES = 2.0
PLAIN_RUMOR = 0.3  # the share of the rumor score that a claim has of which nothing is known
# Criticism is not a rumor, nor is a call for help or a proposal: of them only a score above an even chance
# says something. Without it a complaint about prices stood first, as doubted by 50 %.
PLAIN_NEEDS = frozenset({Need.PROBLEM, Need.HELP, Need.SUGGESTION})
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One part of a priority: a Chinese word, its share in [0, 1], its weight, and what was seen.

    A factor that lowered the whole has weight 0.
    """

    key: str
    word: str
    share: float
    weight: float
    seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A claim's priority in [0, 1] and its reasons, the heaviest first."""

    priority: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """How an office ranks: weights by key; from which priority a claim is urgent; and how many days without a
    new post halve a priority (0: never).
    """

    weights: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_WEIGHTS))
    urgent: float = 0.45
    quiet_days: float = 3.0

    @classmethod
    def load(cls, settings: Settings) -> Ranking:
        """Read ``[triage]``: weights by name, ``urgent``, ``quiet_days``.

        Raises:
            ConfigError: an unknown name, a value that is not a number of 0 or more, or all weights 0.
        """
        given = dict(settings.tables.get("triage", {}))
        known = (*DEFAULT_WEIGHTS, "urgent", "quiet_days")
        for name, value in given.items():
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if name not in known or not number or value < 0:
                raise ConfigError(f"[triage] {name} = {value!r}: known are {', '.join(known)}, each >= 0")
        urgent = float(given.pop("urgent", cls().urgent))
        quiet_days = float(given.pop("quiet_days", cls().quiet_days))
        weights = {**DEFAULT_WEIGHTS, **given}
        if not any(weights.values()):
            raise ConfigError("[triage] all weights are 0")
        return cls(weights=weights, urgent=urgent, quiet_days=quiet_days)


def rank(claim: Mapping[str, Any], due: datetime, now: datetime, rules: Rules, ranking: Ranking) -> Ranked:
    """Return a claim's priority with its reasons.

    ``claim`` has the columns of the query ``claims_to_triage``; ``due`` is when its answer is owed.
    """
    weights = ranking.weights
    reasons = [
        Reason(key=key, word=WORDS[key], share=share, weight=weights[key], seen=seen)
        for key, (share, seen) in _shares(claim, due, now, rules).items()
    ]
    total = sum(reason.share * reason.weight for reason in reasons) / sum(weights.values())
    reasons.sort(key=lambda reason: -reason.share * reason.weight)
    # What nobody is owed an answer for is never lifted into the queue by its size alone.
    total *= 1.0 if NEED_URGENCY[claim["need"]] else 0.0
    for factor in _factors(claim, now, ranking):
        total *= factor.share
        reasons.append(factor)
    return Ranked(priority=total, reasons=tuple(reasons))


def _shares(
    claim: Mapping[str, Any], due: datetime, now: datetime, rules: Rules
) -> dict[str, tuple[float, str]]:
    stake, stakes = rules.stake(str(claim["text"]))
    hours = max((now - claim["first_seen"]).total_seconds() / 3600, 0.0)
    places = len(claim["counties"]) + len(claim["channels"]) - 1
    return {
        "need": (NEED_URGENCY[claim["need"]], str(claim["need"])),
        "rumor": (_doubt(claim), f"{claim['rumor_score']:.0%}"),
        "stake": (stake, "、".join(stakes)),
        "growth": (_saturating(claim["last_hour"], 20), f"近一小时 {claim['last_hour']} 条"),
        "reach": (_saturating(claim["authors"], 50), f"{claim['authors']} 人"),
        "asking": (_saturating(claim["asking"], 10), f"{claim['asking']} 条求证"),
        "spread": (_saturating(places, 8), "、".join(claim["counties"])),
        "waiting": (min(hours / 48, 1.0), f"{hours:.0f} 小时"),
        "deadline": _used(claim["first_seen"], due, now),
    }


def _factors(claim: Mapping[str, Any], now: datetime, ranking: Ranking) -> list[Reason]:
    found = []
    if claim["answered"]:
        found.append(_factor("answered", ANSWERED_FACTOR, ""))
    quiet = (now - claim["last_seen"]) / DAY - 1
    if ranking.quiet_days and quiet > 0:
        share = 0.5 ** (quiet / ranking.quiet_days)
        found.append(_factor("quiet", share, f"{quiet + 1:.0f} 天没有新帖"))
    return found


def _factor(key: str, share: float, seen: str) -> Reason:
    return Reason(key=key, word=WORDS[key], share=share, weight=0.0, seen=seen)


def _doubt(claim: Mapping[str, Any]) -> float:
    """Return a claim's share of doubt; the score of few voices is drawn towards what is usual: one post is
    often misread.
    """
    voices = claim["authors"]
    score = (claim["rumor_score"] * voices + PLAIN_RUMOR * DOUBT_VOICES) / (voices + DOUBT_VOICES)
    return max(0.0, 2 * score - 1) if claim["need"] in PLAIN_NEEDS else float(score)


def _used(start: datetime, due: datetime, now: datetime) -> tuple[float, str]:
    """Return how much of the time until the deadline is over, and what is left of it."""
    left = due - now
    hours = abs(left.total_seconds()) / 3600
    share = 1.0 if left <= timedelta(0) else max(0.0, (now - start) / max(due - start, timedelta(seconds=1)))
    return min(share, 1.0), f"{'还剩' if left > timedelta(0) else '已超'} {hours:.0f} 小时"


def _saturating(value: float, full: float) -> float:
    """Map 0 to 0 and ``full`` to 1, logarithmically; more than ``full`` stays 1."""
    return min(math.log1p(max(value, 0)) / math.log1p(full), 1.0)
