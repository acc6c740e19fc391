"""``huiying export``: a store and a name come in; a file of its rows goes out, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.config import LOCAL_TIME
from pipeline.store import Reader
from pipeline.writers import column_types, finishing, open_writer

# What can be exported, and the named query that gives its rows in the order of their key.
QUERIES: Mapping[str, tuple[str, str]] = {
    "posts": ("export_posts", "post_id"),
    "claims": ("export_claims", "claim_id"),
    "alerts": ("export_alerts", "alert_id"),
    "ledger": ("export_ledger", "event_id"),
    "rejects": ("export_rejects", "reject_id"),
}
FORMATS = ("parquet", "csv", "xlsx", "jsonl")
PAGE_ROWS = 20_000  # in memory at once; a page is one query

Row = dict[str, Any]


def export(store: Reader, what: str, path: Path, kind: str) -> int:
    """Write all rows of ``what`` to a file; return how many. A failed export leaves no file.

    Times carry the offset of Asia/Shanghai; in xlsx a text that looks like a formula stays text.

    Raises:
        WriteError: this kind of file cannot hold that many rows.
        OSError: the file cannot be written.
    """
    pages = _pages(store, *QUERIES[what])
    first = next(pages)
    writer = open_writer(path, kind, _columns(store, QUERIES[what][0]), column_types(first), kind == "csv")
    written = 0
    with finishing(writer):
        page: list[Row] | None = first
        while page:
            for row in page:
                writer.write(row)
            written += len(page)
            page = next(pages, None)
    return written


def _columns(store: Reader, query: str) -> list[str]:
    return list(store.frame(query, after="", most=0).columns)


def _pages(store: Reader, query: str, key: str) -> Iterator[list[Row]]:
    """Yield pages of rows after each other; an empty store yields one empty page."""
    after = ""
    while True:
        rows = store.rows(query, after=after, most=PAGE_ROWS)
        yield [{name: _local(value) for name, value in row.items()} for row in rows]
        if len(rows) < PAGE_ROWS:
            return
        after = rows[-1][key]


def _local(value: Any) -> Any:
    return value.astimezone(LOCAL_TIME) if isinstance(value, datetime) else value
