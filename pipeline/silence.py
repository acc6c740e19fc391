"""What sources usually say, when they last spoke and how their runs went come in; notices of silence, of gaps
in collection, of broken sources and of late posts go out.

Silence is an alarm too: a rumor that nobody could collect looks like calm. A source is silent when what it
usually says in these hours of the week would hardly all stay away; whether its runs fail tells a gap of
ours from a silence of the site. Posts that come after their step was judged are counted where they belong,
and said.
"""

from __future__ import annotations

import logging
import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pipeline.config import Settings
from pipeline.identity import digest
from pipeline.store import Store

log = logging.getLogger(__name__)

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)
LOOK_AGAIN = timedelta(minutes=10)
WEEKS = 4  # of the past that say what is usual
LEAST_HISTORY = timedelta(days=14)  # of a source before its silence means anything
LONGEST_SILENCE = timedelta(days=7)
# Variance over mean of a source's hours: posts come in volleys (real series had 1.5 to 6.8 by their rate).
DISPERSION = 3.0
IMPROBABLE = 1e-3  # chance of hearing nothing below which a silence is said: 12.6 usual posts
GAP_AFTER = 3  # intervals without a run
FEWEST_LATE = 10
PATIENCE = 3  # runs that are not green before an amber source is said to be broken; red is said at once
LATE_BY = timedelta(hours=1)  # beyond the lateness that the detector waits for
OLDEST_LATE = timedelta(days=7)  # older posts are the first crawl of an archive, not an outage


@dataclass(slots=True)
class _Past:
    """What one source said lately: posts by hour (aware, UTC), and when it spoke first and last."""

    name: str
    hours: dict[datetime, int] = field(default_factory=dict)
    last: datetime | None = None


class SilenceStage:
    """Looks at all crawled sources every ten minutes; what was said is in the store and is not said twice."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.late = timedelta(minutes=settings.lateness_minutes) + LATE_BY
        self._looked: datetime | None = None

    def run(self, now: datetime) -> int:
        """Say what is new as of ``now`` and end what is over; return how many notices were written."""
        if self._looked is not None and now - self._looked < LOOK_AGAIN:
            return 0
        on = self._silent(now) | self._broken(now)
        rows = [*on.values(), *self._late(now)]
        over = [row["notice_id"] for row in self.store.rows("open_notices") if row["notice_id"] not in on]
        with self.store.transaction():
            written = self.store.insert("notices", rows)
            if over:
                self.store.run("end_notices", ended=over, now=now)
        self._looked = now
        return written

    def _silent(self, now: datetime) -> dict[str, dict[str, Any]]:
        failing = {row["source"] for row in self.store.rows("failing_sources", now=now, intervals=GAP_AFTER)}
        paused = {row["source"] for row in self.store.rows("paused_sources")}
        found = {}
        for source, past in self._pasts(now).items():
            expected = expected_since(past.hours, past.last, now) if source not in paused else 0.0
            if past.last is None or chance_of_none(expected) >= IMPROBABLE:
                continue
            row = _notice("gap" if source in failing else "silence", source, past, expected, now)
            found[row["notice_id"]] = row
        return found

    def _broken(self, now: datetime) -> dict[str, dict[str, Any]]:
        found = {}
        for row in self.store.rows("broken_sources", now=now, patience=PATIENCE):
            why = ";".join(row["reasons"]) or "没有说明原因"
            words = f"{row['name']}连续 {row['runs']} 次采集不正常:{why}"
            notice = _row("breakage", row["source"], row["since"], now, words)
            found[notice["notice_id"]] = notice
        return found

    def _pasts(self, now: datetime) -> dict[str, _Past]:
        pasts: dict[str, _Past] = {}
        since = now - timedelta(weeks=WEEKS) - LONGEST_SILENCE
        for row in self.store.rows("source_hours", since=since, now=now):
            past = pasts.setdefault(row["source"], _Past(row["name"]))
            past.hours[row["hour"]] = row["posts"]
            past.last = row["last_post"]
        return pasts

    def _late(self, now: datetime) -> list[dict[str, Any]]:
        found = self.store.rows(
            "late_posts",
            since=self._looked or now - LOOK_AGAIN,
            now=now,
            late_seconds=self.late.total_seconds(),
            oldest=now - OLDEST_LATE,
            fewest=FEWEST_LATE,
        )
        return [_late_notice(row, now) for row in found]


def expected_since(hours: Mapping[datetime, int], last: datetime | None, now: datetime) -> float:
    """Return how many posts are usual in the full hours since a source last spoke, from the same hours of the
    weeks before; 0 where it is not known for ``LEAST_HISTORY``, or silent for longer than a week.
    """
    if last is None or not hours or last - min(hours) < LEAST_HISTORY or now - last > LONGEST_SILENCE:
        return 0.0
    weeks = min(WEEKS, (last - min(hours)) // timedelta(weeks=1))
    usual: defaultdict[int, float] = defaultdict(float)
    for hour, posts in hours.items():
        if last - hour <= timedelta(weeks=weeks):
            usual[_hour_of_week(hour)] += posts / weeks
    first = last.replace(minute=0, second=0, microsecond=0) + HOUR
    return sum(usual[_hour_of_week(first + HOUR * at)] for at in range(max(0, (now - first) // HOUR)))


def chance_of_none(expected: float) -> float:
    """Return the chance of no post where ``expected`` are usual, negative binomial of ``DISPERSION``."""
    return math.exp(-expected / (DISPERSION - 1) * math.log(DISPERSION))


def _hour_of_week(moment: datetime) -> int:
    local = moment.astimezone(SHANGHAI)
    return local.weekday() * 24 + local.hour


def _notice(kind: str, source: str, past: _Past, expected: float, now: datetime) -> dict[str, Any]:
    assert past.last is not None  # noqa: S101 - the caller has looked
    hours = (now - past.last) / HOUR
    why = "采集失败或超时未采" if kind == "gap" else "采集正常,站上没有新内容"
    words = (
        f"{past.name}已有 {hours:.0f} 小时没有新帖,往常此段约 {expected:.0f} 条;{why},期间的平静不可当真。"
    )
    log.warning("%s of %s since %s", kind, source, past.last.isoformat())
    return _row(kind, source, past.last, now, words) | {"expected": expected}


def _late_notice(row: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    span = "至".join(f"{at.astimezone(SHANGHAI):%m-%d %H:%M}" for at in (row["first"], row["last"]))
    words = f"{row['name']}补采 {row['posts']} 条({span}),按发布时间计入,不参与突增检测。"
    late = _row("late", row["source"], row["first"], now, words)
    return late | {"notice_id": digest("notice", "late", row["source"], now.isoformat()), "ended_at": now}


def _row(kind: str, source: str, since: datetime, now: datetime, words: str) -> dict[str, Any]:
    return {
        "notice_id": digest("notice", kind, source, since.isoformat()),
        "kind": kind,
        "source": source,
        "since": since,
        "raised_at": now,
        "ended_at": None,
        "expected": 0.0,
        "words": words,
    }
