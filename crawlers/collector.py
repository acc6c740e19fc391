"""What a run found comes in; new and changed posts go to the spool, and a line that says how the run went."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from crawlers.counts import read_count
from crawlers.parsing.found import Found
from crawlers.saved import SavedPage
from crawlers.source import SourceConfig
from crawlers.spool import Spool
from crawlers.state import CrawlState
from crawlers.zh_time import read_time
from pipeline.privacy import hash_author

COUNTS = ("likes", "replies", "reposts", "views")
FEWEST_FOR_SHARES = 10  # items: below this a share of filled fields says nothing
LEAST_FILLED = 0.9
STALE_DATES = timedelta(days=30)  # the newest date of a run this old: the site's dates stopped, or we misread
SAME_TEXT_SHARE = 0.5  # of a run's items: a wall or a broken selector gives the same words again and again


class Collector:
    """Collects one run of one source."""

    def __init__(
        self, source: SourceConfig, spool_folder: Path, state: CrawlState, author_key: bytes
    ) -> None:
        self.source = source
        self.state = state
        self.spool = Spool(spool_folder, source.id)
        self.author_key = author_key
        self.started_at = datetime.now(UTC)
        self.items = 0
        self.new_items = 0
        self.filled: Counter[str] = Counter()
        self.texts: Counter[str] = Counter()
        self.newest: datetime | None = None
        self.warnings: Counter[str] = Counter()
        self.stop_reasons: list[str] = []
        self.spool.write(_source_line(source))

    def take(self, found: Found, page: SavedPage, county: str = "") -> bool:
        """Write a post if it is new or changed; return whether it was."""
        served = page.date
        at = read_time(found.published, served, self.source.zone)
        self._count(found, at.at if at else None)
        line = {
            "kind": "post",
            "source": self.source.id,
            "channel": found.channel or self.source.channel,
            "id": found.id,
            "url": found.url,
            "title": found.title,
            "text": found.text or found.title,
            "published_at": at.at.isoformat() if at else None,
            "precision": at.precision if at else None,
            "collected_at": datetime.now(UTC).isoformat(),
            "county": county or self.source.county,
            "parent_id": found.parent,
            "author_hash": hash_author(found.author, self.author_key) if found.author else None,
            "official": found.official or self.source.official,
            **{name: read_count(getattr(found, name)) for name in COUNTS},
        }
        edited = read_time(found.edited, served, self.source.zone) if found.edited else None
        if edited:
            line["edited_at"] = edited.at.isoformat()
        if found.deleted:
            line["deleted"] = True
        return self._write_if_changed(found.id, line)

    def mark_deleted(self, id: str) -> None:
        """Write that a post is gone; the caller made sure twice."""
        self.spool.write(
            {
                "kind": "post", "source": self.source.id, "channel": self.source.channel, "id": id,
                "deleted": True, "collected_at": datetime.now(UTC).isoformat(),
            }
        )  # fmt: skip

    def warn(self, kind: str) -> None:
        """Count something that went wrong with one page; it shows in the run's line."""
        self.warnings[kind] += 1

    def keep(self) -> None:
        """Put what was found so far in its place, and keep the marks made so far with it."""
        self.spool.close()
        self.state.commit()

    def finish(self, stats: Mapping[str, Any], errors: int, requests: int) -> str:
        """Write the run's line, close the spool and keep the marks; return green, amber or red."""
        reasons = [*self.stop_reasons, *self._breakage(errors, requests)]
        status = (
            "red" if self.stop_reasons or (errors and not self.items) else "amber" if reasons else "green"
        )
        self.spool.write(
            {
                "kind": "run",
                "run_id": f"{self.source.id}-{self.spool.stamp}",
                "source": self.source.id,
                "started_at": self.started_at.isoformat(),
                "finished_at": datetime.now(UTC).isoformat(),
                "items": self.items,
                "new_items": self.new_items,
                "requests": requests,
                "errors": errors,
                "status": status,
                "reasons": reasons,
                "stats": {**stats, "warnings": dict(self.warnings)},
            }
        )
        self.spool.close()
        self.state.commit()
        return status

    def _write_if_changed(self, id: str, line: Mapping[str, Any]) -> bool:
        digest = _digest(line, ("title", "text", "deleted"))
        counts = json.dumps([line[name] for name in COUNTS])
        known = self.state.item(id)
        if known == (digest, counts):
            return False
        self.spool.write(line)
        self.state.mark_item(id, digest, counts)
        if known is None:
            self.new_items += 1
            self.state.note_new()
        if self.spool.lines == 0:  # the file was just closed: what it holds need not be read again
            self.state.commit()
        return True

    def _count(self, found: Found, published: datetime | None) -> None:
        self.items += 1
        self.filled["text"] += bool(found.text)
        self.filled["published"] += published is not None
        self.newest = max(filter(None, (self.newest, published)), default=None)
        self.texts[hashlib.blake2b(found.text.encode("utf-8", "replace"), digest_size=8).hexdigest()] += 1

    def _breakage(self, errors: int, requests: int) -> list[str]:
        """Say what looks broken, in Chinese."""
        expect = self.source.expect
        reasons = [f"{count} 次：{kind}" for kind, count in self.warnings.items()]
        if self.items < expect.min_items_per_run:
            reasons.append(f"本次只有 {self.items} 条，应不少于 {expect.min_items_per_run} 条")
        day = self.state.new_since(self.started_at - timedelta(days=1))
        if day < expect.min_items_per_day and self.state.known_for(timedelta(days=1)):
            reasons.append(f"一天内只有 {day} 条新内容，应不少于 {expect.min_items_per_day:g} 条")
        if self.newest and expect.min_items_per_day and self.started_at - self.newest > STALE_DATES:
            reasons.append(f"最新的日期停在 {self.newest:%Y-%m-%d}")
        if self.items >= FEWEST_FOR_SHARES:
            least = {"text": LEAST_FILLED, "published": LEAST_FILLED, **expect.fields}
            for name, share in least.items():
                if name in self.filled and self.filled[name] < share * self.items:
                    reasons.append(f"{name} 只有 {self.filled[name] / self.items:.0%} 的条目有")
            commonest = self.texts.most_common(1)[0][1]
            if commonest > SAME_TEXT_SHARE * self.items:
                reasons.append(f"{commonest} 条正文完全相同")
        if errors:
            reasons.append(f"{requests} 次请求中 {errors} 次失败")
        return reasons


def _source_line(source: SourceConfig) -> dict[str, Any]:
    return {
        "kind": "source",
        "source": source.id,
        "name": source.name,
        "url": source.start[0],
        "kind_of_source": source.kind,
        "channel": source.channel,
        "county": source.county,
        "official": source.official,
        "every_minutes": source.every.total_seconds() / 60,
    }


def _digest(line: Mapping[str, Any], names: tuple[str, ...]) -> str:
    said = json.dumps([line.get(name) for name in names], ensure_ascii=True)
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()
