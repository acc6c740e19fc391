"""What several commands share: a home comes in, a connection to its store or a printed table goes out."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus
from typing import Any

import click

from pipeline.client import StoreClient
from pipeline.config import LOCAL_TIME, Home, Secrets, find_home
from pipeline.processes import HomeBusyError, hold_home, serving_address
from pipeline.programs import NotADemoError, Plan, PortTakenError
from pipeline.signin import OpenAddressError
from pipeline.store import Store
from pipeline.supervisor import Supervisor


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


def run_programs(home: Home, plan: Callable[[], Plan]) -> None:
    """Hold a home and run what ``plan`` says until Ctrl-C; end with exit code 1 if it cannot run."""
    try:
        # The plan of a demo empties its home: only who holds it may do that.
        with hold_home(home):
            made = plan()
            click.echo("正在启动,首次约需十几秒……(Ctrl-C 停下)")
            Supervisor(home, made.programs).run(ready=lambda: _say_when_ready(home, made.dashboard_url))
            click.echo("已全部停下。")
    except (HomeBusyError, PortTakenError, NotADemoError, OpenAddressError) as error:
        click.echo(str(error), err=True)
        sys.exit(1)


def _say_when_ready(home: Home, url: str) -> None:
    """Tell the address once the store and the page answer, without holding up the supervisor."""

    def wait() -> None:
        while serving_address(home) is None or not _answers(f"{url}/_stcore/health"):
            time.sleep(0.3)
        click.echo(f"已就绪,请打开 {url}")

    threading.Thread(target=wait, daemon=True).start()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own loopback address
            return bool(answer.status == HTTPStatus.OK)
    except OSError:
        return False
