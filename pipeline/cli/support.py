"""What several commands share: a home comes in, a connection to its store or a printed table goes out."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import click

from pipeline.client import StoreClient
from pipeline.config import LOCAL_TIME, Home, Secrets, find_home
from pipeline.processes import serving_address
from pipeline.store import Store


@contextmanager
def reading_store(home: Home | None = None) -> Iterator[Store | StoreClient]:
    """Connect to the running owner as a reader, or open the file where nothing runs.

    Raises:
        StoreError: neither works.
    """
    place = home or find_home()
    address = serving_address(place)
    if address is None:
        with Store.open(place) as store:
            yield store
        return
    with StoreClient.connect(address, Secrets.load(place).reader_token, place.extensions) as client:
        yield client


@contextmanager
def appending_store(home: Home | None = None) -> Iterator[Store | StoreClient]:
    """Like ``reading_store``, but may also append events."""
    place = home or find_home()
    address = serving_address(place)
    if address is None:
        with Store.open(place) as store:
            yield store
        return
    with StoreClient.connect(address, Secrets.load(place).writer_token, place.extensions) as client:
        yield client


def print_records(records: Sequence[Mapping[str, Any]], as_json: bool, empty: str) -> None:
    """Print rows as JSON lines, or as aligned text for a person; say so if there are none."""
    if as_json:
        for record in records:
            click.echo(json.dumps(record, ensure_ascii=False, default=_plain))
        return
    if not records:
        click.echo(empty)
        return
    for record in records:
        click.echo("  ".join(_for_people(value) for value in record.values()))


def actor_name() -> str:
    """Return who acts on the command line: ``HUIYING_ACTOR``, else the local user's name."""
    return os.environ.get("HUIYING_ACTOR") or os.environ.get("USER") or "本机用户"


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


def _for_people(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return f"{value.astimezone(LOCAL_TIME):%m-%d %H:%M}"
    if isinstance(value, float):
        return f"{value:.2f}"
    if isinstance(value, list | tuple):
        return "、".join(str(entry) for entry in value)
    return str(value)
