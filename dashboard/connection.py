"""The running store, from a page: a home comes in; answers to named queries, and appended events, go out.

One connection for the whole process serves every session; a lost one is made again once before a page says
that the store is gone. Every answer is fenced in to the reader's counties here (``pipeline.scope``), so that
no page can forget it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

import pandas as pd
import streamlit as st

from dashboard import people
from pipeline.client import StoreClient
from pipeline.config import LOCAL_TIME, Home, Secrets, Settings, find_home, region_path
from pipeline.places import Region
from pipeline.processes import serving_address
from pipeline.roles import ForbiddenError
from pipeline.scope import IN_SCOPE, fenced, fences, key_of
from pipeline.store import StoreError, StoreRefusedError

# A page refreshes every five seconds: two sessions that ask for the same rows share an answer, and a new
# post is still shown within ten.
FRESH_SECONDS = 2.0
# What is counted over weeks moves slowly, and counting it at ten million posts takes most of a second.
SLOW_SECONDS = 60.0

Answer = TypeVar("Answer")


class NotRunningError(StoreError):
    """No pipeline serves this home."""


def home() -> Home:
    """Return the home folder that the pages show (``HUIYING_HOME``, else ``./var``)."""
    return find_home()


def settings() -> Settings:
    """Return the office's settings.

    Raises:
        ConfigError: ``huiying.toml`` cannot be used; the message names the key and the value.
    """
    return Settings.load(home())


@st.cache_resource(show_spinner=False)
def _region(name: str) -> Region:
    return Region.load(region_path(name))


def region() -> Region:
    """Return the prefecture and its counties.

    Raises:
        ConfigError: the region file cannot be used.
    """
    return _region(settings().region)


def ask(name: str, **params: Any) -> pd.DataFrame:
    """Return the answer to a named query, at most ``FRESH_SECONDS`` old, with times in Asia/Shanghai.

    Raises:
        NotRunningError: no pipeline serves this home.
        StoreError: it serves but did not answer, twice.
        StoreRefusedError: it answered that the query is wrong.
        ForbiddenError: the answer is not the reader's to see; see ``pipeline.scope``.
    """
    counties = people.current().counties
    # The start of the address tells one run of the pipeline from the next, so that none is mixed up.
    address = _address()
    known = fenced(name, params, counties, _claims_in_scope)
    frame = _ask(address, name, tuple(sorted((key, _hashable(value)) for key, value in known.items())))
    return _keyed(name, frame, counties)


def ask_slowly(name: str, **params: Any) -> pd.DataFrame:
    """Return what ``ask`` does, at most ``SLOW_SECONDS`` old: for what is counted over weeks.

    Times among the parameters have to be cut to the minute, or no answer is ever used twice.
    """
    counties = people.current().counties
    known = fenced(name, params, counties, _claims_in_scope)
    frame = _ask_slowly(
        _address(), name, tuple(sorted((key, _hashable(value)) for key, value in known.items()))
    )
    return _keyed(name, frame, counties)


def append(table: str, row: Mapping[str, Any]) -> None:
    """Append one event and forget all cached answers, so that the next look shows it.

    Raises:
        NotRunningError: no pipeline serves this home.
        StoreError: it did not take the event; nothing was written.
        ValueError: not an event table, or a value that is not text or a time.
    """
    _with_client(_address(), True, lambda client: client.append(table, row))
    _ask.clear()
    _ask_slowly.clear()


def ask_linked(name: str, **params: Any) -> pd.DataFrame:
    """Return the answer to an open query for the holder of a signed link, who may not be signed in.

    Raises:
        ForbiddenError: the query does not say that it is open.
    """
    if "open" not in fences(name):
        raise ForbiddenError(name)
    return _ask(_address(), name, tuple(sorted((key, _hashable(value)) for key, value in params.items())))


class Served:
    """The running store as ``pipeline.ledger`` and the like use one: rows of now, never a cached answer."""

    def rows(self, name: str, **params: Any) -> list[dict[str, Any]]:
        """Run a named query on the server; return its rows as dictionaries."""
        counties = people.current().counties
        known = fenced(name, params, counties, _claims_in_scope)
        rows = _with_client(_address(), False, lambda client: client.rows(name, **known))
        key = key_of(name)
        if key is None or not counties:
            return rows
        kept = set(_claims_in_scope({str(row[key]) for row in rows}, counties))
        return [row for row in rows if row[key] in kept]

    def frame(self, name: str, **params: Any) -> pd.DataFrame:
        """Run a named query on the server; return its rows as a table."""
        counties = people.current().counties
        known = fenced(name, params, counties, _claims_in_scope)
        return _keyed(
            name, _with_client(_address(), False, lambda client: client.frame(name, **known)), counties
        )

    def append(self, table: str, row: Mapping[str, Any]) -> None:
        """Append one event; see ``append``."""
        append(table, row)


def _claims_in_scope(claims: Collection[str], counties: Collection[str]) -> Collection[str]:
    """Return those of some claims that touch one of the counties."""
    params = (("ids", tuple(sorted(claims))), ("within", tuple(sorted(counties))))
    return [str(claim) for claim in _ask(_address(), IN_SCOPE, params)["claim_id"]]


def _keyed(name: str, frame: pd.DataFrame, counties: Collection[str]) -> pd.DataFrame:
    """Return the rows of a query whose rows each belong to a claim that may be seen; others as they are."""
    key = key_of(name)
    if key is None or not counties:
        return frame
    return frame[frame[key].isin(list(_claims_in_scope(set(frame[key]), counties)))]


def _hashable(value: object) -> object:
    return tuple(value) if isinstance(value, list | set) else value


@st.cache_data(ttl=FRESH_SECONDS, show_spinner=False, max_entries=500)
def _ask(address: str, name: str, params: tuple[tuple[str, Any], ...]) -> pd.DataFrame:
    return _answer(address, name, params)


@st.cache_data(ttl=SLOW_SECONDS, show_spinner=False, max_entries=100)
def _ask_slowly(address: str, name: str, params: tuple[tuple[str, Any], ...]) -> pd.DataFrame:
    return _answer(address, name, params)


def _answer(address: str, name: str, params: tuple[tuple[str, Any], ...]) -> pd.DataFrame:
    frame = _with_client(address, False, lambda client: client.frame(name, **dict(params)))
    return _local_times(frame)


def _with_client(address: str, writing: bool, use: Callable[[StoreClient], Answer]) -> Answer:
    try:
        return use(_client(address, writing))
    except StoreRefusedError:
        raise
    except StoreError:
        # A restarted owner serves at the same address but knows nothing of the old connection.
        _client.clear(address, writing)
        return use(_client(_address(), writing))


@st.cache_resource(show_spinner=False)
def _client(address: str, writing: bool) -> StoreClient:
    place = home()
    known = Secrets.load(place)
    token = known.writer_token if writing else known.reader_token
    return StoreClient.connect(address, token, place.extensions)


def _address() -> str:
    address = serving_address(home())
    if address is None:
        raise NotRunningError(f"no pipeline serves {home().root}")
    return address


def _local_times(frame: pd.DataFrame) -> pd.DataFrame:
    for column in frame.columns:
        if isinstance(frame[column].dtype, pd.DatetimeTZDtype):
            frame[column] = frame[column].dt.tz_convert(LOCAL_TIME)
    return frame
