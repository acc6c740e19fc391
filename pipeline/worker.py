"""The pipeline process: a home comes in; its store is served, and its spool flows into claims, alerts and
the queue.

``python -m pipeline.worker --home HOME``. It owns the DuckDB file. A stage that raises ends the process
with the reason in its log: the supervisor starts it again, and it goes on from what was committed.
"""

from __future__ import annotations

import argparse
import logging
import signal
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from pipeline.backup import serve_requests
from pipeline.config import Home, Secrets, Settings, find_home, region_path
from pipeline.flow import Flow, FlowReport
from pipeline.ingest import IngestReport, ingest_spool, spool_files
from pipeline.model_follow import FollowingTagger
from pipeline.places import Region
from pipeline.processes import announce_serving, free_port, withdraw_serving, write_json
from pipeline.retention import Retention
from pipeline.rules import Rules
from pipeline.store import Store

log = logging.getLogger(__name__)

LINES_A_TICK = 2000  # of the spool, so that the other stages get their turn


class Worker:
    """Runs ticks until told to stop; a tick is ingest and one pass of the flow."""

    def __init__(self, store: Store, home: Home, settings: Settings, tagger: Any) -> None:
        self.store = store
        self.home = home
        self.settings = settings
        self.region = Region.load(region_path(settings.region))
        self.flow = Flow(store, tagger, settings, Rules.load(settings))
        self.retention = Retention(store, settings)
        self.tagger = tagger
        self.stopping = threading.Event()

    def run(self) -> None:
        """Tick until ``stopping`` is set; wait between ticks only when nothing is left to do."""
        while not self.stopping.is_set():
            if not self.tick():
                self.stopping.wait(self.settings.tick_seconds)

    def tick(self) -> bool:
        """Do one round; return whether more is waiting."""
        now = datetime.now(UTC)
        ingested = ingest_spool(self.store, self.home, self.region, self.settings, limit=LINES_A_TICK)
        report = self.flow.run(now)
        self.retention.run(now)
        serve_requests(self.store)
        self._say_how(now, ingested, report)
        return report.full or ingested.lines >= LINES_A_TICK

    def _say_how(self, now: datetime, ingested: IngestReport, report: FlowReport) -> None:
        write_json(
            self.home.run / "pipeline.json",
            {
                "at": now.isoformat(),
                "spool_files": len(spool_files(self.home)),
                "ingested": ingested.accepted,
                "rejected": ingested.rejected,
                "seconds": report.seconds,
                "rows": report.rows,
                "model_version": str(self.tagger.version),
            },
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Own a home's store until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=None)
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    home = find_home(given.home)
    settings, secrets = Settings.load(home), Secrets.load(home)
    with Store.open(home) as store:
        worker = Worker(store, home, settings, FollowingTagger(home))
        _stop_on_signals(worker)
        port = settings.quack_port or free_port()
        announce_serving(home, store.serve(port, secrets.reader_token, secrets.writer_token))
        log.info("serving %s on port %d", home.root, port)
        try:
            worker.run()
        finally:
            withdraw_serving(home)


def _stop_on_signals(worker: Worker) -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        worker.stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


if __name__ == "__main__":
    main()
