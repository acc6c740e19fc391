"""The notification process: a home comes in; what the outbox holds is sent, and each answer is recorded.

``python -m pipeline.notify --home HOME``. It reads the running store and appends events, nothing more: when
it hangs or dies, the pipeline goes on, and the supervisor starts it again.
"""

from __future__ import annotations

import argparse
import logging
import signal
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from pipeline.alert_links import link_for
from pipeline.channels import load_channels
from pipeline.client import StoreClient
from pipeline.config import Home, Secrets, Settings, find_home
from pipeline.processes import serving_address, write_json
from pipeline.sender import Links, Sender
from pipeline.store import StoreError, StoreRefusedError

log = logging.getLogger(__name__)

ROUND_SECONDS = 1.0
RECONNECT_SECONDS = 2.0


class NotifyProcess:
    """Connects, sends rounds until told to stop or the store or the settings change, and connects again."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.stopping = threading.Event()

    def run(self) -> None:
        """Work until ``stopping`` is set."""
        while not self.stopping.is_set():
            address = serving_address(self.home)
            try:
                if address is not None:
                    self._serve(address)
            except StoreRefusedError:
                raise
            except StoreError as error:
                log.warning("the store does not answer: %s", error)
            self.stopping.wait(RECONNECT_SECONDS)

    def _serve(self, address: str) -> None:
        settings, secrets = Settings.load(self.home), Secrets.load(self.home)
        seen = _versions(self.home)
        with StoreClient.connect(address, secrets.writer_token, self.home.extensions) as client:
            sender = Sender(client, load_channels(self.home, settings), links(settings, secrets))
            try:
                while not self.stopping.is_set() and _versions(self.home) == seen:
                    now = datetime.now(UTC)
                    flying = sender.round(now)
                    write_json(self.home.run / "notify.json", {"at": now.isoformat(), "flying": flying})
                    self.stopping.wait(ROUND_SECONDS)
            finally:
                sender.close()


def links(settings: Settings, secrets: Secrets) -> Links:
    """Return how an alert's row gets its link: signed, or none where no address of the pages is set."""
    address = str(settings.tables.get("notify", {}).get("address", ""))

    def link_of(row: Mapping[str, Any]) -> str:
        if not address or not row["alert_id"]:
            return ""
        return link_for(address, secrets.link_key, row["alert_id"], row["recipient"], datetime.now(UTC))

    return link_of


def _versions(home: Home) -> tuple[int, ...]:
    """Return when settings and secrets last changed: a change is read without a restart."""
    files = (home.config_file, home.secrets_file)
    return tuple(file.stat().st_mtime_ns if file.exists() else 0 for file in files)


def main(arguments: Sequence[str] | None = None) -> None:
    """Send until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=None)
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("urllib3").setLevel(logging.WARNING)  # its debug lines hold addresses with keys
    process = NotifyProcess(find_home(given.home).create())

    def stop(number: int, frame: FrameType | None) -> None:
        process.stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    process.run()


if __name__ == "__main__":
    main()
