"""One source, once: a source file and a home come in, spool files go out.

``python -m crawlers.run --home HOME SOURCE.toml``. Exit code 0 if the run was green or amber, 1 if it was
red, 2 if the source file cannot be used. HUIYING_AUTHOR_KEY holds the key that authors' names are hashed
with.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess

from crawlers.collector import Collector
from crawlers.settings import settings_of
from crawlers.source import SourceConfig, SourceError, load_source
from crawlers.spiders import spider_of
from crawlers.state import CrawlState

log = logging.getLogger(__name__)


def run_source(source: SourceConfig, home: Path, author_key: bytes) -> str:
    """Run a source once and return green, amber or red."""
    forget_drafts(home / "spool", source.id)
    state = CrawlState.open(home / "crawl" / "state.sqlite", source.id)
    collector = Collector(source, home / "spool", state, author_key)
    process = AsyncCrawlerProcess(settings_of(source))
    crawler = process.create_crawler(spider_of(source.kind, source.family))
    process.crawl(crawler, source=source, collector=collector, state=state)
    process.start()
    spider: Any = crawler.spider
    stats: dict[str, Any] = crawler.stats.get_stats() if crawler.stats else {}
    kept = {name: value for name, value in stats.items() if isinstance(value, int | float | str)}
    requests = int(stats.get("downloader/request_count", 0))
    errors = spider.errors + int(stats.get("spider_exceptions/count", 0))
    status = collector.finish(kept, errors, requests)
    state.close()
    note_rest(home, source.id, spider)
    return status


def forget_drafts(spool: Path, source: str) -> None:
    """Remove what a killed run of this source left unfinished; its pages are read again."""
    for draft in spool.glob(f"*-{source}-*.part"):
        draft.unlink(missing_ok=True)


def note_rest(home: Path, source: str, spider: Any) -> None:
    """Tell the schedule until when a server asked us to stay away."""
    path = home / "crawl" / f"{source}.rest.json"
    if spider.not_before is None:
        path.unlink(missing_ok=True)
    else:
        path.write_text(json.dumps({"not_before": spider.not_before.isoformat()}), "utf-8")


def author_key_of(environment: str | None) -> bytes:
    """Return the key for authors' names; without one, a key of this run only, so that nothing can be
    traced.
    """
    return environment.encode() if environment else secrets.token_bytes(32)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one source from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("source", type=Path)
    given = parser.parse_args(arguments)
    try:
        source = load_source(given.source)
    except SourceError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    status = run_source(source, given.home, author_key_of(os.environ.get("HUIYING_AUTHOR_KEY")))
    return 1 if status == "red" else 0


if __name__ == "__main__":
    sys.exit(main())
