"""The ingest stage: closed spool files or a file's entries come in; posts, runs, sources, rejects go out.

A batch of lines and the note of how far its file was read are one transaction. So a crash at any point
loses nothing and doubles nothing: what was committed is skipped, the rest is read again, and every key is
content-derived. A spool file is deleted once all of it is in the store, because it holds texts that were
not masked yet.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.config import Home, Settings
from pipeline.identity import digest
from pipeline.incoming import BadRowError, Deletion, post_row, raw_of, run_row, source_row, statement_row
from pipeline.places import Region
from pipeline.readers import read_json_lines
from pipeline.store import Store

log = logging.getLogger(__name__)

LARGEST_BATCH = 16 * 2**20  # characters of text in one transaction, so that huge texts do not pile up

TIME = pa.timestamp("us", tz="UTC")
POST_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("post_id", "source", "channel", "external_id", "url", "title")),
        *((name, pa.string()) for name in ("text", "first_text", "match_text", "text_hash")),
        ("published_at", TIME),
        ("precision", pa.string()),
        *((name, TIME) for name in ("collected_at", "edited_at", "deleted_at")),
        ("county", pa.string()),
        ("places", pa.list_(pa.string())),
        ("parent_id", pa.string()),
        ("author_hash", pa.string()),
        ("official", pa.bool_()),
        *((name, pa.int64()) for name in ("likes", "replies", "reposts", "views")),
        ("batch", pa.string()),
        ("ingested_at", TIME),
    ]
)
# What a later snapshot of a post in the same batch puts in place of an earlier one's.
NEWEST = ("text", "match_text", "text_hash", "places")
SNAPSHOT = ("likes", "replies", "reposts", "views")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a file: what it says, or why it could not be read and what it was.

    ``corrects`` is the refused line that this one takes the place of.
    """

    file: str
    line: int
    payload: Mapping[str, Any] | None
    reason: str = ""
    raw: str = ""
    corrects: str = ""


@dataclass(slots=True, kw_only=True)
class IngestReport:
    """What an ingest did, in rows."""

    files: int = 0
    lines: int = 0
    accepted: int = 0
    duplicates: int = 0
    edited: int = 0
    deleted: int = 0
    rejected: int = 0

    def add(self, other: IngestReport) -> None:
        """Add another report's numbers to this one's."""
        for entry in fields(self):
            setattr(self, entry.name, getattr(self, entry.name) + getattr(other, entry.name))


@dataclass(slots=True, kw_only=True)
class BatchState:
    """How far one file has been read; a row of the batches table."""

    batch: str
    path: str
    rows_done: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    finished: bool = False


@dataclass(slots=True, kw_only=True)
class _Collected:
    """The rows of one transaction, by table."""

    posts: dict[str, dict[str, Any]] = field(default_factory=dict)
    again: int = 0
    deletions: list[Deletion] = field(default_factory=list)
    runs: list[dict[str, Any]] = field(default_factory=list)
    sources: list[dict[str, Any]] = field(default_factory=list)
    rejects: list[dict[str, Any]] = field(default_factory=list)


class Ingester:
    """Writes entries to a store, batch by batch."""

    def __init__(self, store: Store, region: Region) -> None:
        self.store = store
        self.region = region

    def resume(self, batch: str, path: str) -> BatchState:
        """Return how far a file was read before; a new one was not read at all."""
        found = self.store.rows("batch_of", batch=batch)
        return BatchState(batch=batch, path=path, **(found[0] if found else {}))

    def write(self, state: BatchState, entries: Sequence[Entry], finished: bool = False) -> IngestReport:
        """Put the next entries of a file into the store and note how far it was read, in one transaction.

        ``state`` is moved on only when the transaction is committed.
        """
        now = datetime.now(UTC)
        collected = _Collected()
        for entry in entries:
            self._collect(collected, entry, now)
        report = IngestReport(lines=len(entries), rejected=len(collected.rejects))
        with self.store.transaction():
            self.store.insert("sources", collected.sources, on_conflict="replace")
            self._write_posts(list(collected.posts.values()), state.batch, now, report)
            report.duplicates += collected.again
            self._write_deletions(collected.deletions, report)
            self.store.insert("runs", collected.runs)
            self._write_rejects(collected.rejects, [entry.corrects for entry in entries if entry.corrects])
            done = _moved_on(state, report, finished)
            self.store.insert("batches", [{**_columns(done), "updated_at": now}], on_conflict="replace")
        for entry_field in fields(state):
            setattr(state, entry_field.name, getattr(done, entry_field.name))
        return report

    def _collect(self, collected: _Collected, entry: Entry, now: datetime) -> None:
        if entry.payload is None:
            collected.rejects.append(_reject(entry, entry.reason, entry.raw, now))
            return
        try:
            self._collect_row(collected, entry.payload, now)
        except BadRowError as error:
            collected.rejects.append(_reject(entry, str(error), entry.payload, now))

    def _collect_row(self, collected: _Collected, line: Mapping[str, Any], now: datetime) -> None:
        kind = line.get("kind", "post")
        if kind == "post":
            _collect_post(collected, post_row(line, self.region, now))
        elif kind == "run":
            collected.runs.append(run_row(line, now))
        elif kind == "source":
            collected.sources.append(source_row(line, self.region, now))
        else:
            raise BadRowError(f"不认识的行类型 kind={str(kind)[:40]}")

    def _write_posts(
        self, posts: list[dict[str, Any]], batch: str, now: datetime, report: IngestReport
    ) -> None:
        if not posts:
            return
        for post in posts:
            post["batch"], post["ingested_at"] = batch, now
        connection = self.store.connection
        connection.register("incoming_posts", pa.Table.from_pylist(posts, schema=POST_SCHEMA))
        try:
            new = {row["post_id"] for row in self.store.rows("insert_new_posts")}
            edited = self._update_known() if len(new) < len(posts) else set()
        finally:
            connection.unregister("incoming_posts")
        report.accepted += len(new)
        report.duplicates += len(posts) - len(new)
        report.edited += len(edited)
        said = new | edited
        self._write_statements([post for post in posts if post["official"] and post["post_id"] in said], now)

    def _update_known(self) -> set[str]:
        """Bring known posts up to date; return those whose text changed, which are to be tagged again."""
        changed = self.store.rows("changed_posts")
        edited = [row["post_id"] for row in changed if row["edited"]]
        if changed:
            self.store.run("update_counts", ids=[row["post_id"] for row in changed])
        if edited:
            self.store.run("keep_versions", ids=edited)
            self.store.run("update_texts", ids=edited)
            self.store.run("forget_tags", ids=edited)
            self.store.run("forget_embeddings", ids=edited)
        return set(edited)

    def _write_statements(self, official: list[dict[str, Any]], now: datetime) -> None:
        if not official:
            return
        names = {row["source"]: row["name"] for row in self.store.rows("source_names")}
        rows = [statement_row(post, names.get(post["source"]) or post["channel"], now) for post in official]
        table = pa.Table.from_pylist(rows, schema=STATEMENT_SCHEMA)
        self.store.insert("statements", table, on_conflict="replace")

    def _write_deletions(self, deletions: list[Deletion], report: IngestReport) -> None:
        for deletion in deletions:
            self.store.run("mark_deleted", post_id=deletion.post_id, deleted_at=deletion.deleted_at)
        report.deleted += len(deletions)

    def _write_rejects(self, rejects: list[dict[str, Any]], corrected: list[str]) -> None:
        if corrected:
            self.store.run("forget_rejects", ids=corrected)
        self.store.insert("rejects", rejects)


STATEMENT_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("statement_id", "text", "title", "issuer", "url")),
        *((name, TIME) for name in ("published_at", "valid_until")),
        ("added_by", pa.string()),
        ("added_at", TIME),
    ]
)


def ingest_spool(
    store: Store, home: Home, region: Region, settings: Settings, limit: int | None = None
) -> IngestReport:
    """Read the closed spool files, oldest first, in batches of ``settings.batch_size`` lines.

    ``limit`` is about how many lines are read at most, so that the other stages get their turn; the
    next call goes on where this one stopped.
    """
    ingester = Ingester(store, region)
    report = IngestReport()
    for path in spool_files(home):
        left = None if limit is None else limit - report.lines
        if left is not None and left <= 0:
            break
        report.add(_ingest_file(ingester, path, settings.batch_size, left))
    return report


def spool_files(home: Home) -> list[Path]:
    """Return the closed spool files, oldest first; ``.part`` files are still being written."""
    return sorted(path for path in home.spool.glob("*.jsonl") if path.is_file())


def batches_of(entries: Iterable[Entry], size: int) -> Iterator[list[Entry]]:
    """Cut entries into batches of at most ``size`` entries and about ``LARGEST_BATCH`` characters of text."""
    batch: list[Entry] = []
    weight = 0
    for entry in entries:
        batch.append(entry)
        weight += len(str((entry.payload or {}).get("text", "")))
        if len(batch) >= size or weight >= LARGEST_BATCH:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


def _ingest_file(ingester: Ingester, path: Path, size: int, limit: int | None) -> IngestReport:
    # With its size and time, because a name alone may come back with other lines in it.
    about = path.stat()
    batch = f"{path.name}:{about.st_size}:{about.st_mtime_ns}"
    state = ingester.resume(batch, str(path))
    report = IngestReport()
    if not state.finished:
        for entries in batches_of(_spool_entries(path, state.rows_done), size):
            report.add(ingester.write(state, entries))
            if limit is not None and report.lines >= limit:
                return report
        ingester.write(state, [], finished=True)
    path.unlink()
    report.files = 1
    log.info("%s: %d new, %d known, %d refused", path.name, state.accepted, state.duplicates, state.rejected)
    return report


def _spool_entries(path: Path, skip: int) -> Iterator[Entry]:
    with path.open("rb") as file:
        for line in read_json_lines(file, "utf-8", skip):
            if line.row is None:
                yield Entry(file=path.name, line=line.number, payload=None, reason=line.reason, raw=line.raw)
            else:
                yield _spool_entry(path.name, line.number, line.row)


def _spool_entry(name: str, number: int, row: dict[str, Any]) -> Entry:
    """Return a spool line's entry; one that an import put there keeps its own file, line and reason."""
    origin = row.pop("origin", None)
    if isinstance(origin, dict):
        name, number = str(origin.get("file", name)), int(origin.get("line", number))
    if row.get("kind") == "reject":
        reason, raw = str(row.get("reason", "")), str(row.get("raw", ""))
        return Entry(file=name, line=number, payload=None, reason=reason, raw=raw)
    return Entry(file=name, line=number, payload=row, corrects=str(row.pop("corrects", "")))


def _collect_post(collected: _Collected, row: dict[str, Any] | Deletion) -> None:
    if isinstance(row, Deletion):
        known = collected.posts.get(row.post_id)
        if known:
            known["deleted_at"] = known["deleted_at"] or row.deleted_at
        collected.deletions.append(row)
        return
    known = collected.posts.get(row["post_id"])
    if known is None:
        collected.posts[row["post_id"]] = row
        return
    collected.again += 1
    _merge(known, row)


def _merge(known: dict[str, Any], later: dict[str, Any]) -> None:
    """Fold a second snapshot of a post into the first: the first text stays, the newest is shown."""
    if later["text"] != known["text"]:
        known.update({name: later[name] for name in NEWEST})
        known["title"] = later["title"] or known["title"]
        known["edited_at"] = later["edited_at"] or later["collected_at"]
    known.update({name: later[name] for name in SNAPSHOT if later[name] is not None})
    known["deleted_at"] = known["deleted_at"] or later["deleted_at"]


def _reject(entry: Entry, reason: str, raw: Mapping[str, Any] | str, now: datetime) -> dict[str, Any]:
    kept = raw_of(raw)
    return {
        "reject_id": digest("reject", entry.file, str(entry.line), reason, kept),
        "file": entry.file,
        "line": entry.line,
        "reason": reason,
        "raw": kept,
        "rejected_at": now,
    }


def _moved_on(state: BatchState, report: IngestReport, finished: bool) -> BatchState:
    return BatchState(
        batch=state.batch,
        path=state.path,
        rows_done=state.rows_done + report.lines,
        accepted=state.accepted + report.accepted,
        duplicates=state.duplicates + report.duplicates,
        rejected=state.rejected + report.rejected,
        finished=finished,
    )


def _columns(state: BatchState) -> dict[str, Any]:
    return {entry.name: getattr(state, entry.name) for entry in fields(state)}
