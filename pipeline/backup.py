"""Backup and restore: a home comes in; a verified copy of its store, or a store put back from one, goes out.

While the pipeline runs only it may touch the database file, so ``huiying backup`` leaves a request in the
home's ``run`` folder and the pipeline answers it between two ticks.
"""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from pipeline.config import Home
from pipeline.extensions import open_database
from pipeline.processes import read_json, serving_address, write_json
from pipeline.store import Store

REQUEST_FILE = "backup.request"
ANSWER_FILE = "backup.answer"
POLL_SECONDS = 0.2


class BackupError(Exception):
    """No backup was made, or none was put back; the message is Chinese and says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A copy of a store: where, how large, and how many posts it holds (counted in the copy)."""

    path: Path
    size: int
    posts: int


def back_up(home: Home, target: Path | None = None, patience: float = 60.0) -> Backup:
    """Copy a home's store to ``target``, or to ``backups/`` under a name with the time; check the copy.

    Raises:
        BackupError: the target exists, the running pipeline does not answer within ``patience`` seconds,
        or the
            copy cannot be opened.
    """
    path = (target or home.backups / f"huiying-{datetime.now(UTC):%Y%m%dT%H%M%S}.duckdb").resolve()
    if path.exists():
        raise BackupError(f"{path} 已存在")
    path.parent.mkdir(parents=True, exist_ok=True)
    if serving_address(home) is None:
        with Store.open(home) as store:
            copy_store(store, path)
    else:
        _ask_owner(home, path, patience)
    return Backup(path=path, size=path.stat().st_size, posts=_count_posts(path, home))


def restore(home: Home, source: Path) -> Path | None:
    """Put a backup in the place of the home's database; return where the replaced one was kept.

    The caller holds the home (``processes.hold_home``), so that nothing runs on it.

    Raises:
        BackupError: the backup is missing or cannot be opened.
    """
    if not source.exists():
        raise BackupError(f"没有这个备份:{source}")
    _count_posts(source, home)
    kept = None
    if home.database.exists():
        kept = home.database.with_name(f"huiying-replaced-{datetime.now(UTC):%Y%m%dT%H%M%S}.duckdb")
        _move_with_log(home.database, kept)
    _log_of(home.database).unlink(missing_ok=True)
    draft = home.database.with_suffix(".part")
    shutil.copyfile(source, draft)
    draft.replace(home.database)
    return kept


def serve_requests(store: Store) -> None:
    """Answer a waiting backup request; the pipeline calls it between two ticks."""
    request = store.home.run / REQUEST_FILE
    if not request.exists():
        return
    target = Path(read_json(request)["target"])
    try:
        copy_store(store, target)
        answer = {"target": str(target)}
    except (OSError, duckdb.Error) as error:
        answer = {"target": str(target), "error": str(error)}
    write_json(store.home.run / ANSWER_FILE, answer)
    request.unlink()


def copy_store(store: Store, target: Path) -> None:
    """Copy the owner's database file with everything committed so far.

    After the checkpoint the file itself stays as it is until the next one, which is put off meanwhile;
    what clients append during the copy is in the write-ahead log and not in the copy.
    """
    store.connection.execute("checkpoint")
    store.connection.execute("set wal_autocheckpoint = '1TB'")
    draft = target.with_name(f".{target.name}.part")
    try:
        shutil.copyfile(store.home.database, draft)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
        store.connection.execute("reset wal_autocheckpoint")


def _ask_owner(home: Home, path: Path, patience: float) -> None:
    answer = home.run / ANSWER_FILE
    answer.unlink(missing_ok=True)
    write_json(home.run / REQUEST_FILE, {"target": str(path)})
    deadline = time.monotonic() + patience
    while not answer.exists():
        if time.monotonic() > deadline:
            (home.run / REQUEST_FILE).unlink(missing_ok=True)
            raise BackupError(f"回应的处理进程 {patience:.0f} 秒内没有完成备份,见日志 {home.logs}")
        time.sleep(POLL_SECONDS)
    error = read_json(answer).get("error")
    if error:
        raise BackupError(f"备份失败:{error}")


def _count_posts(path: Path, home: Home) -> int:
    try:
        connection = open_database(path, home.extensions)
        try:
            found = connection.execute("select count(*) from posts").fetchone()
        finally:
            connection.close()
    except duckdb.Error as error:
        raise BackupError(f"{path} 不是可用的备份:{str(error).splitlines()[0]}") from error
    return int(found[0]) if found else 0


def _move_with_log(database: Path, kept: Path) -> None:
    database.replace(kept)
    log = _log_of(database)
    if log.exists():
        log.replace(_log_of(kept))


def _log_of(database: Path) -> Path:
    """DuckDB's write-ahead log of a database file."""
    return database.with_name(f"{database.name}.wal")
