"""DuckDB extensions from their wheels: a connection comes in, extensions are loaded, no network.

DuckDB would otherwise fetch extensions from its own server into the user's home; the wheels carry
the same files, and the extension folder is set to the project's data folder.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
from duckdb_extensions import import_extension

# icu: time zones; httpfs: the transport of Quack's client; fts: full-text search; quack: client and
# server.
EXTENSIONS = ("icu", "httpfs", "fts", "quack")


def open_database(path: Path | None, extension_folder: Path) -> duckdb.DuckDBPyConnection:
    """Open a database file (or one in memory) with our extensions and the time zone UTC.

    Raises:
        duckdb.IOException: the file is held by another process, or is not a DuckDB file.
    """
    extension_folder.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(
        str(path) if path else ":memory:",
        config={
            "extension_directory": str(extension_folder),
            "autoinstall_known_extensions": "false",
        },
    )
    for name in EXTENSIONS:
        _load(connection, name)
    connection.execute("set timezone = 'UTC'")
    return connection


def _load(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Load one extension, installing it from its wheel the first time this folder is used."""
    try:
        connection.load_extension(name)
    except (duckdb.IOException, duckdb.HTTPException):
        import_extension(name, con=connection)
        connection.load_extension(name)
