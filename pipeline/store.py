"""The store: one home's DuckDB file comes in; named queries, inserts and a loopback server go out.

Exactly one process, the owner, opens the file (``Store``). Everybody else is a
``pipeline.client.StoreClient`` over DuckDB's own client/server extension, Quack. This module and
``client`` are the only ones that know what database is below them.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, runtime_checkable

import duckdb
import pandas as pd
import pyarrow as pa

from pipeline.config import Home, find_home
from pipeline.extensions import open_database
from pipeline.queries import parameters_of, query_text

log = logging.getLogger(__name__)

EVENT_TABLES = (
    "ledger_events",
    "label_events",
    "alert_events",
    "statement_events",
    "claim_events",
    "source_events",
    "library_events",
    "audit_events",
    "notification_events",
)

IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
MIGRATION_NAME = re.compile(r"(\d{4})_(\w+)\.sql")

# What a client may send: one SELECT that does not look at the server's own state, or one INSERT of
# literals into an event table, signed with the writer's token. DuckDB's parser decides what a
# SELECT is (json_serialize_sql refuses everything else); the INSERT's shape leaves no room for
# anything but string literals and NULL. Source: DuckDB documentation, Quack security, "The Callback
# Contract".
GUARD = r"""
create or replace macro huiying_authenticate(session, client_token, server_token) as
    sha256(client_token) in ('{reader}', '{writer}');
create or replace macro huiying_authorize(session, statement) as coalesce(
    (json_extract_string(json_serialize_sql(statement::varchar), '$.error') = 'false'
     and not regexp_matches(lower(statement), 'quack_|duckdb_functions|duckdb_secrets'))
    or (sha256(statement[3:66]) = '{writer}'
        and regexp_full_match(statement[67:], '{insert}')), false);
"""
STRING = "''(?:[^'']|'''')*''"
INSERT = (
    r"\*/ INSERT INTO (?:{tables}) \([a-z_, ]+\) VALUES "
    r"\((?:{string}|NULL)(?:, (?:{string}|NULL))*\)"
)


class StoreError(Exception):
    """The store cannot be used; the message says why and what to do."""


class StoreBusyError(StoreError):
    """Another process owns the database file."""


class StoreRefusedError(StoreError):
    """The store works but will not run what it was sent."""


class Reader(Protocol):
    """What both the owner and a client can do: run named queries."""

    def rows(self, name: str, **params: Any) -> list[dict[str, Any]]:
        """Run a named query and return its rows as dictionaries."""
        ...

    def frame(self, name: str, **params: Any) -> pd.DataFrame:
        """Run a named query and return its rows as a table."""
        ...


@runtime_checkable
class Appender(Reader, Protocol):
    """A reader that may also append events."""

    def append(self, table: str, row: Mapping[str, Any]) -> None:
        """Append one event to one of the ``*_events`` tables."""
        ...


class Store:
    """The owner's side of the store; made by ``Store.open``, closed by ``close`` or ``with``."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, home: Home) -> None:
        self.connection = connection
        self.home = home
        self._served: list[str] = []

    @classmethod
    def open(cls, home: Home | Path | None = None) -> Store:
        """Open (or make) a home's database and bring its schema up to date.

        Raises:
            StoreBusyError: another process owns the file; the message names its pid where DuckDB
                tells it.
            StoreError: the file is corrupted; the message points to ``huiying restore``.
        """
        place = home if isinstance(home, Home) else find_home(home)
        place.create()
        try:
            store = cls(open_database(place.database, place.extensions), place)
            store.migrate()
        except duckdb.IOException as error:
            if "lock" in str(error).lower():
                raise StoreBusyError(
                    f"数据库 {place.database} 正被另一进程占用:{_holder(str(error))}"
                ) from error
            raise _corrupted(place, error) from error
        except (
            duckdb.SerializationException,
            duckdb.FatalException,
            duckdb.InternalException,
        ) as error:
            raise _corrupted(place, error) from error
        return store

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving and close the file; what was committed stays."""
        for uri in self._served:
            self.connection.execute("call quack_stop(?)", [uri])
        self._served.clear()
        self.connection.close()

    def cursor(self) -> Store:
        """Return a second connection to the same database, for another thread."""
        return Store(self.connection.cursor(), self.home)

    # reading

    def rows(self, name: str, **params: Any) -> list[dict[str, Any]]:
        """Run a named query with bound values; return its rows as dictionaries."""
        result = self._execute(query_text(name), params)
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def frame(self, name: str, **params: Any) -> pd.DataFrame:
        """Run a named query with bound values; return its rows as a table."""
        return self._execute(query_text(name), params).df()

    def select(self, sql: str) -> pd.DataFrame:
        """Run an analyst's own SELECT, which can reach no file and no network.

        Raises:
            StoreRefusedError: it is not a single SELECT, or has an error; the message says which.
        """
        statement = sql.strip().rstrip(";")
        try:
            self.connection.execute("set enable_external_access = false")
            found = self.connection.execute(
                "select json_extract_string(j, '$.error'), json_extract_string(j, '$.error_message'), "
                "json_array_length(j, '$.statements') "
                "from (select json_serialize_sql(?::varchar) as j)",
                [statement],
            ).fetchone()
            if found is None or found[0] != "false":
                raise StoreRefusedError(str(found[1]) if found else "not a SELECT")
            if found[2] != 1:
                raise StoreRefusedError("只能执行一条 SELECT")
            return self.connection.execute(statement).df()
        except duckdb.Error as error:
            raise StoreRefusedError(str(error).strip().splitlines()[0]) from error

    # writing

    def run(self, name: str, **params: Any) -> int:
        """Run a named statement with bound values; return the rows touched, -1 if unknown."""
        return _touched(self._execute(query_text(name), params))

    def insert(
        self,
        table: str,
        rows: Sequence[Mapping[str, Any]] | pd.DataFrame | pa.Table,
        on_conflict: str = "ignore",
    ) -> int:
        """Insert rows by column name; return how many were new (or, with ``replace``, written).

        ``on_conflict`` is ``ignore`` (a row with a known key is left as it is) or ``replace``. One
        statement, so all rows or none.

        Raises:
            ValueError: ``on_conflict`` is neither, or a name is not an identifier.
        """
        if on_conflict not in {"ignore", "replace"}:
            raise ValueError(f"on_conflict must be 'ignore' or 'replace', got {on_conflict!r}")
        batch = _as_arrow(rows)
        if batch.num_rows == 0:
            return 0
        columns = ", ".join(identifier(name) for name in batch.column_names)
        sql = (
            f"insert or {on_conflict} into {identifier(table)} ({columns}) "  # noqa: S608 - checked identifiers
            f"select {columns} from incoming_rows"
        )
        self.connection.register("incoming_rows", batch)
        try:
            return _touched(self.connection.execute(sql))
        finally:
            self.connection.unregister("incoming_rows")

    def append(self, table: str, row: Mapping[str, Any]) -> None:
        """Append one event; the same ``event_id`` twice changes nothing.

        Raises:
            ValueError: the table is not an event table.
        """
        check_event_table(table)
        self.insert(table, [row])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make everything inside one commit; any error rolls all of it back."""
        self.connection.execute("begin transaction")
        try:
            yield
        except BaseException:
            self.connection.execute("rollback")
            raise
        self.connection.execute("commit")

    # small state of a stage

    def load_state(self, stage: str) -> bytes | None:
        """Return the bytes a stage saved last, or None."""
        found = self.connection.execute("select state from stage_state where stage = ?", [stage]).fetchone()
        return None if found is None else bytes(found[0])

    def save_state(self, stage: str, state: bytes) -> None:
        """Replace the bytes a stage keeps; call it in the transaction of the stage's rows."""
        self.connection.execute("insert or replace into stage_state values (?, ?, now())", [stage, state])

    # schema and serving

    def migrate(self) -> list[int]:
        """Apply the migrations this database lacks, each in one transaction; return them."""
        self.connection.execute(
            "create table if not exists migrations "
            "(number integer primary key, name varchar not null, applied_at timestamptz not null)"
        )
        known = {row[0] for row in self.connection.execute("select number from migrations").fetchall()}
        applied = []
        for number, name, sql in migrations():
            if number in known:
                continue
            with self.transaction():
                self.connection.execute(sql)
                self.connection.execute("insert into migrations values (?, ?, now())", [number, name])
            applied.append(number)
        return applied

    def serve(self, port: int, reader_token: str, writer_token: str) -> str:
        """Serve this database on the loopback address; return the ``quack:`` address for clients.

        A client with the reader's token may SELECT; one with the writer's token may also append
        events. From here on SQL on any connection can reach no file and no network.

        Raises:
            StoreError: the port is in use.
        """
        uri = f"quack:localhost:{port}"
        guard = GUARD.format(
            reader=_digest(reader_token),
            writer=_digest(writer_token),
            insert=INSERT.format(tables="|".join(EVENT_TABLES), string=STRING),
        )
        self.connection.execute(guard)
        self.connection.execute("set global quack_authentication_function = 'huiying_authenticate'")
        self.connection.execute("set global quack_authorization_function = 'huiying_authorize'")
        try:
            self.connection.execute("call quack_serve(?, token = ?)", [uri, writer_token])
        except (duckdb.IOException, duckdb.InvalidInputException) as error:
            raise StoreError(f"端口 {port} 不能用于数据库服务:{error}") from error
        self._served.append(uri)
        self.connection.execute("set enable_external_access = false")
        return uri

    def _execute(self, sql: str, params: Mapping[str, Any]) -> duckdb.DuckDBPyConnection:
        unknown = set(params) - parameters_of(sql)
        if unknown:
            raise ValueError(f"the query has no parameter {', '.join(sorted(unknown))}")
        return self.connection.execute(sql, dict(params) or None)


def migrations() -> list[tuple[int, str, str]]:
    """Return the numbered migrations as (number, name, SQL), in order.

    Raises:
        ValueError: a file under ``sql/migrations`` is not named ``0001_words.sql``.
    """
    found = []
    for file in (files("pipeline") / "sql" / "migrations").iterdir():
        match = MIGRATION_NAME.fullmatch(file.name)
        if not match:
            raise ValueError(f"not a migration's name: {file.name}")
        found.append((int(match.group(1)), match.group(2), file.read_text("utf-8")))
    return sorted(found)


def identifier(name: str) -> str:
    """Return a table's or column's name, quoted.

    Raises:
        ValueError: it is not lower-case letters, digits and underscores.
    """
    if not IDENTIFIER.fullmatch(name):
        raise ValueError(f"not an identifier: {name!r}")
    return f'"{name}"'


def check_event_table(table: str) -> None:
    """Refuse to append anywhere but to an event table.

    Raises:
        ValueError: the table is none of ``EVENT_TABLES``.
    """
    if table not in EVENT_TABLES:
        raise ValueError(f"only events are appended, and {table!r} is none of {EVENT_TABLES}")


def _as_arrow(rows: Sequence[Mapping[str, Any]] | pd.DataFrame | pa.Table) -> pa.Table:
    if isinstance(rows, pa.Table):
        return rows
    if isinstance(rows, pd.DataFrame):
        return pa.Table.from_pandas(rows, preserve_index=False)
    return pa.Table.from_pylist([dict(row) for row in rows])


def _touched(result: duckdb.DuckDBPyConnection) -> int:
    found = result.fetchone()
    return int(found[0]) if found and isinstance(found[0], int) else -1


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _holder(message: str) -> str:
    """Say who holds the file, from DuckDB's own message."""
    match = re.search(r"held in (.+? \(PID \d+\))", message)
    return match.group(1) if match else message.splitlines()[0]


def _corrupted(home: Home, error: Exception) -> StoreError:
    reason = str(error).splitlines()[0]
    return StoreError(
        f"数据库 {home.database} 无法打开({reason})。可用 huiying restore 从 {home.backups} 的备份恢复。"
    )
