"""The flow: a store with new posts comes in; tags, claims, counts, alerts and the queue go out, stage by
stage.

The running system and ``huiying backtest`` use the same flow; only the clock differs.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pipeline.alerts import AlertStage
from pipeline.burst_stage import BurstStage
from pipeline.claim_stage import ClaimStage
from pipeline.config import Settings, region_path
from pipeline.counts import CountStage
from pipeline.ledger import LedgerStage
from pipeline.ledger_records import ReviewRules
from pipeline.library_stage import LibraryStage
from pipeline.match_stage import MatchStage
from pipeline.overdue import OverdueStage
from pipeline.places import Region
from pipeline.rules import Rules
from pipeline.rumor_stage import RumorStage
from pipeline.silence import SilenceStage
from pipeline.statements import StatementStage
from pipeline.store import Store
from pipeline.tag import Analyst, TagStage
from pipeline.triage import TriageStage

# Priorities age with the clock, so the queue is ranked again even when nothing new came.
RANK_AGAIN = timedelta(seconds=30)


@dataclass(slots=True)
class FlowReport:
    """What one pass did: seconds and rows by stage; ``full`` means that a stage had more than a batch
    waiting.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    full: bool = False

    @property
    def idle(self) -> bool:
        """Whether no stage found anything to do."""
        return not any(self.rows.values())


class Flow:
    """All stages after ingest, in their order; each is idempotent and resumes from the store."""

    def __init__(self, store: Store, analyst: Analyst, settings: Settings, rules: Rules) -> None:
        self.batch = settings.batch_size
        self.tag = TagStage(store, analyst)
        self.claims = ClaimStage(store)
        region = Region.load(region_path(settings.region))
        self.statements = StatementStage(store)
        self.matches = MatchStage(store, analyst, region)
        self.library = LibraryStage(store, region)
        self.rumor = RumorStage(store)
        self.counts = CountStage(store)
        self.bursts = BurstStage(store, settings)
        self.silence = SilenceStage(store, settings)
        self.alerts = AlertStage(store, settings, rules)
        self.ledger = LedgerStage(store, rules, ReviewRules.load(settings))
        self.overdue = OverdueStage(store, settings)
        self.triage = TriageStage(store, rules, settings)
        self._ranked_at: datetime | None = None

    def run(self, now: datetime) -> FlowReport:
        """Pass one batch through every stage, as of ``now``."""
        report = FlowReport()
        self._timed(report, "tag", lambda: self.tag.run(self.batch))
        self._timed(report, "claims", lambda: self.claims.run(self.batch, now))
        report.full = self.batch in (report.rows["tag"], report.rows["claims"])
        self._timed(report, "statements", self.statements.run)
        self._timed(report, "matches", self.matches.run)
        self._timed(report, "library", lambda: self.library.run(now))
        self._timed(report, "rumor", lambda: self.rumor.run(now))
        self._timed(report, "counts", self.counts.run if not report.idle else _nothing)
        self._timed(report, "notices", lambda: self.silence.run(now))
        self._timed(report, "alerts", lambda: self.alerts.run(self.bursts.run(now), now))
        self._timed(report, "ledger", lambda: self.ledger.run(now))
        self._timed(report, "overdue", lambda: self.overdue.run(now))
        if not report.idle or self._ranked_at is None or now - self._ranked_at >= RANK_AGAIN:
            self._timed(report, "triage", lambda: self.triage.run(now))
            self._ranked_at = now
        return report

    def _timed(self, report: FlowReport, name: str, work: Callable[[], int]) -> None:
        started = time.perf_counter()
        report.rows[name] = work()
        report.seconds[name] = round(time.perf_counter() - started, 4)


def _nothing() -> int:
    return 0
