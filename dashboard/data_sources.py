"""Questions of the page 数据源 beyond the sources themselves; their answers as tables go out."""

from __future__ import annotations

import pandas as pd

from dashboard.connection import ask
from dashboard.data import TABLE_ROWS, ago

NOTICE_HOURS = 7 * 24
CLOCK_HOURS = 24
# Further ahead than this is a clock that nobody sets: with NTP machines agree within a second or so, and a
# spool file is read seconds after it was written.
CLOCK_SECONDS = 60.0


def sources() -> pd.DataFrame:
    """Return every source with its last run and the sums of the last 24 hours, broken ones first."""
    return ask("page_sources", since=ago(24))


def source_runs(source: str) -> pd.DataFrame:
    """Return a source's last runs, newest first."""
    return ask("page_source_runs", source=source, most=TABLE_ROWS)


def source_events(source: str) -> pd.DataFrame:
    """Return what people asked of a source, newest first: kind, actor, recorded_at."""
    return ask("page_source_events", source=source, most=5)


def notices() -> pd.DataFrame:
    """Return the notices of collection of the last seven days, those that are not over first."""
    return ask("notice_list", since=ago(NOTICE_HOURS), most=TABLE_ROWS)


def clocks_ahead() -> pd.DataFrame:
    """Return whose clock ran ahead of ours in the last day: kind (collector, desk), name, seconds."""
    return ask("clocks_ahead", since=ago(CLOCK_HOURS), most_seconds=CLOCK_SECONDS)
