"""``huiying backtest``: past posts come in; what would have been tagged, grouped, alerted and queued, and
when, goes out.

The same stages as in the running system go over the posts with the posts' own clock. Posts are revealed
to them step by step, so nothing later than a step is known in it: cutting the input at a time gives the
same rows up to then.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline.config import LOCAL_TIME, Secrets, Settings
from pipeline.flow import Flow
from pipeline.importing import ImportPlan, entries_of, import_into_store
from pipeline.incoming import BadRowError, Deletion, post_row, statement_row
from pipeline.ingest import Ingester, IngestReport
from pipeline.places import Region
from pipeline.rules import Rules
from pipeline.store import Store
from pipeline.tag import Analyst, TagStage
from pipeline.writers import JsonLinesWriter, draft_of

STEP = timedelta(minutes=5)  # how late a post may be looked at: the running system is faster
TAG_BATCH = 4096
OUTPUTS = ("tags", "claims", "alerts", "queue", "ranks")
TOP = 10  # places of the queue that are noted: a screenful

Advance = Callable[[int], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestReport:
    """What a backtest read and wrote, in rows."""

    posts: int
    rejected: int
    statements: int
    claims: int
    alerts: int
    queued: int
    first: str
    last: str


class Backtest:
    """One run over the posts of one store that nothing else uses."""

    def __init__(self, store: Store, analyst: Analyst, region: Region, settings: Settings) -> None:
        self.store = store
        self.region = region
        self.analyst = analyst
        self.flow = Flow(store, analyst, settings, Rules.load(settings))
        self.key = Secrets.load(
            store.home
        ).author_key.encode()  # of this one run: nothing is comparable later
        store.connection.execute("set threads = 1")  # thousands of tiny queries: threads only cost
        self.queued: list[dict[str, Any]] = []
        self.ranks: list[dict[str, Any]] = []
        self._top: list[str] = []
        self.rejected = 0

    def load(self, posts: ImportPlan, statements: ImportPlan | None) -> int:
        """Read the files and tag all posts; then hide them, to be revealed in order. Return how many."""
        report = (
            import_into_store(Ingester(self.store, self.region), posts, self.key, _quiet) or IngestReport()
        )
        self.rejected = report.rejected
        if statements:
            self._load_statements(statements)
        tags = TagStage(self.store, self.analyst)
        while tags.run(TAG_BATCH) == TAG_BATCH:
            continue
        self.store.run("hide_posts")
        self.store.run("hide_statements")
        self.store.run("forget_visible_posts")
        self.store.run("forget_visible_statements")
        return int(self.store.rows("hidden_counts")[0]["posts"])

    def run(self, step: timedelta, advance: Advance) -> None:
        """Reveal the posts step by step and run the flow after each."""
        for end in self._steps(step):
            advance(self.store.run("reveal_posts", start=end - step, end=end))
            self.store.run("reveal_statements", end=end)
            while self.flow.run(end).full:
                continue
            self._note_queue(end)
            self._note_top(end)

    def write(self, folder: Path) -> dict[str, int]:
        """Write the files; return the rows of each."""
        folder.mkdir(parents=True, exist_ok=True)
        return {
            "tags": _write(folder / "tags.jsonl", self._rows("backtest_tags", "post_id")),
            "claims": _write(folder / "claims.jsonl", self._rows("backtest_claims", "claim_id")),
            "alerts": _write(folder / "alerts.jsonl", self._rows("backtest_alerts", "alert_id")),
            "queue": _write(folder / "queue.jsonl", iter(self.queued)),
            "ranks": _write(folder / "ranks.jsonl", iter(self.ranks)),
        }

    def _load_statements(self, plan: ImportPlan) -> None:
        now = datetime.now(UTC)
        rows = []
        for entry in entries_of(plan, self.key):
            try:
                row = post_row(entry.payload or {}, self.region, now)
            except BadRowError:
                self.rejected += 1
                continue
            if not isinstance(row, Deletion):
                rows.append(statement_row(row, str((entry.payload or {}).get("channel", "")), now))
        self.store.insert("statements", rows)

    def _steps(self, step: timedelta) -> Iterator[datetime]:
        """Yield the ends of the steps in which something was said, in order."""
        for row in self.store.rows("hidden_steps", seconds=int(step.total_seconds())):
            yield row["step"] + step

    def _note_queue(self, now: datetime) -> None:
        """Keep each claim's row as it was when it entered the queue."""
        for row in self.store.rows("entered_queue", at_time=now):
            reasons = [
                {"word": reason["word"], "seen": reason["seen"], "share": reason["share"]}
                for reason in json.loads(row["reasons"])
            ]
            self.queued.append(
                {
                    "claim_id": row["claim_id"],
                    "entered_at": _local(row["entered_at"]),
                    "priority": round(row["priority"], 4),
                    "rank": row["rank"],
                    "deadline": _local(row["deadline"]),
                    "deadline_rule": row["deadline_rule"],
                    "start_basis": row["start_basis"],
                    "reasons": reasons,
                }
            )

    def _note_top(self, now: datetime) -> None:
        """Keep the first places of the queue whenever another claim holds one of them."""
        top = self.store.rows("top_of_queue", now=now, most=TOP)
        if [row["claim_id"] for row in top] == self._top:
            return
        self._top = [row["claim_id"] for row in top]
        self.ranks += [{name: _local(value) for name, value in {"at": now, **row}.items()} for row in top]

    def _rows(self, query: str, key: str) -> Iterator[dict[str, Any]]:
        after = ""
        while rows := self.store.rows(query, after=after, most=5000):
            for row in rows:
                after = row.pop(key) if key == "post_id" else row[key]
                yield {name: _local(value) for name, value in row.items()}


def _write(path: Path, rows: Iterator[Mapping[str, Any]]) -> int:
    writer = JsonLinesWriter(path, draft_of(path))
    written = 0
    try:
        for row in rows:
            writer.write(row)
            written += 1
        writer.close()
    except BaseException:
        writer.discard()
        raise
    return written


def _local(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(LOCAL_TIME).isoformat()
    return round(value, 4) if isinstance(value, float) else value


def _quiet(rows: int) -> None:
    """Progress of the reading is not shown; that of the steps is."""
