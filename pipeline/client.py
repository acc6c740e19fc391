"""A running store from outside: an address and a token come in, rows and appended events go out.

Reads run on the server (``CALL r.query``), because filters on attached tables are not pushed down;
appends are one signed INSERT of literals, which is the only write that the server's guard lets
through.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pandas as pd

from pipeline.extensions import open_database
from pipeline.queries import literal, query_text, render
from pipeline.store import StoreError, StoreRefusedError, check_event_table, identifier

URI = re.compile(r"quack:localhost:\d+")


class StoreClient:
    """A reader, or with the writer's token an appender, of a running store."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, token: str) -> None:
        self._connection = connection
        self._token = token

    @classmethod
    def connect(cls, uri: str, token: str, extension_folder: Path) -> StoreClient:
        """Connect to a running owner.

        Raises:
            StoreError: nobody serves there, or the token is wrong.
            ValueError: the address is not a loopback Quack address.
        """
        if not URI.fullmatch(uri):
            raise ValueError(f"not a loopback address of a store: {uri!r}")
        connection = open_database(None, extension_folder)
        try:
            connection.execute(f"attach '{uri}' as r (type quack, token {literal(token)})")
        except (duckdb.IOException, duckdb.InvalidInputException, duckdb.HTTPException) as error:
            raise StoreError(f"不能连接数据库服务 {uri}:{_first_line(error)}") from error
        return cls(connection, token)

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
        """Let go of the connection."""
        self._connection.close()

    def rows(self, name: str, **params: Any) -> list[dict[str, Any]]:
        """Run a named query on the server; return its rows as dictionaries."""
        result = self._send(render(query_text(name), params))
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def frame(self, name: str, **params: Any) -> pd.DataFrame:
        """Run a named query on the server; return its rows as a table."""
        return self._send(render(query_text(name), params)).df()

    def select(self, sql: str) -> pd.DataFrame:
        """Run an analyst's own SELECT on the server.

        Raises:
            StoreRefusedError: it is not a single SELECT, or has an error; the message says which.
        """
        return self._send(sql.strip().rstrip(";")).df()

    def append(self, table: str, row: Mapping[str, Any]) -> None:
        """Append one event; the same ``event_id`` twice changes nothing.

        Raises:
            ValueError: the table is not an event table, or a value is not text, a time or None.
            StoreRefusedError: this client's token may only read.
        """
        check_event_table(table)
        columns = ", ".join(identifier(name).strip('"') for name in row)
        values = ", ".join(_text_literal(name, value) for name, value in row.items())
        statement = f"/*{self._token}*/ INSERT INTO {table} ({columns}) VALUES ({values})"  # noqa: S608 - checked names, literals
        try:
            self._send(statement).fetchall()
        except StoreRefusedError as error:
            if "duplicate key" not in str(error).lower():
                raise

    def _send(self, sql: str) -> duckdb.DuckDBPyConnection:
        cursor = self._connection.cursor()
        try:
            return cursor.execute("call r.query(?)", [sql])
        except duckdb.IOException as error:
            raise StoreError(f"数据库服务没有回答:{_first_line(error)}") from error
        except duckdb.Error as error:
            raise StoreRefusedError(_first_line(error)) from error


def _text_literal(name: str, value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"{name} must be an aware time, got {value!r}")
        return literal(value.astimezone(UTC).isoformat())
    if isinstance(value, str):
        return literal(value)
    raise ValueError(f"{name} must be text, a time or None, got {value!r}")


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
