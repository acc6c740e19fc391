"""The times of ``[reports]`` in ``huiying.toml`` come in; daily and weekly reports as files go out, on time.

``python -m pipeline.report_schedule --home HOME``, started by ``huiying up`` where ``[reports]`` is set:

    [reports]
    daily = "08:00"            # yesterday's
    weekly = "monday 08:30"    # last week's
    formats = ["docx", "html"]
    folder = "reports"         # below the home, or an absolute path

A report whose time passed while nothing ran is made at the next start, if its file is not there.
"""

from __future__ import annotations

import argparse
import logging
import re
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from pipeline import report
from pipeline.client import StoreClient
from pipeline.config import LOCAL_TIME, ConfigError, Home, Secrets, Settings, find_home
from pipeline.processes import serving_address
from pipeline.report_html import NoPdfToolError
from pipeline.store import Reader, StoreError

log = logging.getLogger(__name__)

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
LOOK_SECONDS = 30.0  # between looks at the clock: a report is due to the minute
KNOWN = ("daily", "weekly", "formats", "folder")


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When reports are due, in which formats, and where they are put; None means not at all."""

    daily: time | None
    weekly: tuple[int, time] | None
    formats: tuple[str, ...]
    folder: Path

    @classmethod
    def load(cls, settings: Settings, home: Home) -> Schedule | None:
        """Read ``[reports]``; None where an office did not set it.

        Raises:
            ConfigError: an unknown key, a time or a format that cannot be.
        """
        given = settings.tables.get("reports")
        if not given:
            return None
        unknown = sorted(set(given) - set(KNOWN))
        if unknown:
            raise ConfigError(f"[reports] unknown key {', '.join(unknown)}; known are {', '.join(KNOWN)}")
        return cls(
            daily=_clock("daily", given["daily"]) if "daily" in given else None,
            weekly=_weekly(given["weekly"]) if "weekly" in given else None,
            formats=_formats(given),
            folder=home.root / str(given.get("folder", "reports")),
        )

    def due(self, now: datetime) -> Iterator[tuple[str, datetime]]:
        """Yield the reports whose time was last reached before ``now``: a kind, and when it was due."""
        local = now.astimezone(LOCAL_TIME)
        if self.daily is not None:
            today = datetime.combine(local.date(), self.daily, LOCAL_TIME)
            yield "daily", today if today <= local else today - timedelta(days=1)
        if self.weekly is not None:
            weekday, clock = self.weekly
            day = local.date() - timedelta(days=(local.weekday() - weekday) % 7)
            this = datetime.combine(day, clock, LOCAL_TIME)
            yield "weekly", this if this <= local else this - timedelta(days=7)


def make_due(store: Reader, settings: Settings, schedule: Schedule, now: datetime) -> list[Path]:
    """Make the reports that are due and have no file yet; return the files made.

    A format that cannot be made here is logged, and the others are made.
    """
    made = []
    for kind, due in schedule.due(now):
        # A report of yesterday is about the day before the one on which it is due.
        day = due.date() - timedelta(days=1 if kind == "daily" else 7)
        missing = [path for path in _files(kind, day.isoformat(), schedule) if not path.exists()]
        if not missing:
            continue
        make = report.daily if kind == "daily" else report.weekly
        found = make(store, settings, day, now)
        schedule.folder.mkdir(parents=True, exist_ok=True)
        for path in missing:
            try:
                report.write(found, path)
            except (NoPdfToolError, OSError) as error:
                log.error("no report %s: %s", path, error)
            else:
                log.info("report %s", path)
                made.append(path)
    return made


def main(arguments: Sequence[str] | None = None) -> None:
    """Make reports on time until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=None)
    home = find_home(parser.parse_args(arguments).home)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    settings = Settings.load(home)
    schedule = Schedule.load(settings, home)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    while schedule is not None and not stopping.is_set():
        _look(home, settings, schedule)
        stopping.wait(LOOK_SECONDS)


def _look(home: Home, settings: Settings, schedule: Schedule) -> None:
    address = serving_address(home)
    if address is None:
        return  # the pipeline is starting, or is being started again
    try:
        with StoreClient.connect(address, Secrets.load(home).reader_token, home.extensions) as store:
            make_due(store, settings, schedule, datetime.now(UTC))
    except StoreError as error:
        log.warning("the store did not answer, reports are made at the next look: %s", error)


def _files(kind: str, day: str, schedule: Schedule) -> list[Path]:
    return [schedule.folder / f"{kind}-{day}.{suffix}" for suffix in schedule.formats]


def _formats(given: Mapping[str, Any]) -> tuple[str, ...]:
    formats = given.get("formats", ["docx"])
    if not isinstance(formats, list) or not formats or set(formats) - set(report.WRITERS):
        raise ConfigError(f"[reports] formats = {formats!r}: a list of {', '.join(report.WRITERS)}")
    return tuple(formats)


def _clock(name: str, value: object) -> time:
    found = CLOCK.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ConfigError(f'[reports] {name} = {value!r}: a time of Asia/Shanghai such as "08:00"')
    return time(int(found[1]), int(found[2]))


def _weekly(value: object) -> tuple[int, time]:
    day, _, clock = value.partition(" ") if isinstance(value, str) else ("", "", "")
    if day not in WEEKDAYS:
        raise ConfigError(f'[reports] weekly = {value!r}: a day and a time such as "monday 08:30"')
    return WEEKDAYS.index(day), _clock("weekly", clock)


if __name__ == "__main__":
    main()
