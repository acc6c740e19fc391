"""What people do on the pages: a click comes in; a checked event in the store, or why not, goes out.

Every action passes ``pipeline.roles.require`` here, on the server, whatever the page showed or hid.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

import streamlit as st

from dashboard import (
    connection,
    data,
    machine,
    people,
    wording,
    wording_alerts,
    wording_batch,
    wording_grouping,
)
from models.weights import WeightsError
from pipeline import labels, model_versions
from pipeline.claim_decisions import DecisionRefusedError
from pipeline.labels import LabelError
from pipeline.ledger import LedgerRefusedError
from pipeline.ledger_events import EventError, LedgerEvent
from pipeline.model_versions import VersionError
from pipeline.roles import ForbiddenError, User, require
from pipeline.store import StoreError

REFUSALS = (
    *(ForbiddenError, LedgerRefusedError, EventError, DecisionRefusedError),
    *(LabelError, VersionError, WeightsError),
)
SIGNED_IN = "signed-in"  # in the session's state: its sign-in is in the audit log

log = logging.getLogger(__name__)


def record(claim_id: str, make: Callable[[], LedgerEvent], done: str) -> bool:
    """Record a ledger event; say that it is done, or why it was refused. Return whether it was recorded.

    ``make`` builds the event, so that what a form's fields cannot be is refused in the same words.
    """

    def act(user: User) -> None:
        event = make()
        data.ledger().record(user, claim_id, event, data.now())
        _audit(user, f"ledger.{event.KIND}", {"claim_id": claim_id})

    return _attempt(act, done)


def decide(kind: str, claim_id: str, act: Callable[[User, datetime], object]) -> bool:
    """Record what somebody decided about the grouping of a claim. Return whether it was recorded."""

    def decided(user: User) -> None:
        act(user, data.now())
        _audit(user, f"claim.{kind}", {"claim_id": claim_id})

    return _attempt(decided, wording_grouping.GROUPING["recorded"])


def handle_alert(alert_id: str, kind: str, counties: tuple[str, ...]) -> None:
    """Record what was done about an alert."""

    def act(user: User) -> None:
        require(user, "alert", counties)
        _append("alert_events", user, {"alert_id": alert_id, "kind": kind, "body": "{}"})
        _audit(user, f"alert.{kind}", {"alert_id": alert_id})

    _attempt(act, wording_alerts.ALERTS["done"].format(what=wording_alerts.HANDLED[kind]))


def note(action: str, body: dict[str, Any]) -> None:
    """Record in the audit log that somebody took something out, such as a report.

    Raises:
        StoreError: it could not be recorded.
    """
    _audit(people.current(), action, body)


def signed_in() -> None:
    """Record a sign-in, once for each session: who, in which roles and counties; or that it was refused.

    Raises:
        StoreError: it could not be recorded; the next run of the page tries again.
        ConfigError: the office's list of people has a fault.
    """
    if not people.signing_in() or st.session_state.get(SIGNED_IN):
        return
    try:
        user = people.current()
    except ForbiddenError as error:
        nobody = User(name=people.signed_in_as(), roles=frozenset())
        _audit(nobody, "sign_in.refused", {"reason": str(error)})
    else:
        _audit(user, "sign_in", {"roles": sorted(user.roles), "counties": sorted(user.counties)})
    st.session_state[SIGNED_IN] = True


def sign_out() -> None:
    """Record a sign-out and end the session; it is ended even where the store cannot take the record."""
    try:
        _audit(people.current(), "sign_out", {})
    except (ForbiddenError, StoreError) as error:
        log.warning("a sign-out was not recorded: %s", error)
    st.logout()


def control_source(source: str, county: str, kind: str, confirmation: str) -> None:
    """Ask the crawl schedule to run, pause or resume a source of a county, and record who asked."""

    def act(user: User) -> None:
        # Pausing silences a part of the picture: a source of no county is the whole office's to pause.
        require(user, "source", county or ())
        _append("source_events", user, {"source": source, "kind": kind})
        _audit(user, f"source.{kind}", {"source": source})
        machine.control_source(source, kind)

    _attempt(act, confirmation)


def label(post_id: str, field: str, chosen: str, sample: str, done: str) -> bool:
    """Record what somebody says of one field of a post; the same word twice changes nothing."""

    def act(user: User) -> None:
        post = labels.said_of(connection.Served(), [post_id]).get(post_id)
        if post is None:
            raise LabelError(wording_batch.CORRECT["gone"])
        require(user, "label", post.places)
        found = labels.votes(connection.Served(), field, [post_id])
        known = next((vote for vote in found if vote.actor == user.name), None)
        event = labels.label_event(post, field, chosen, user.name, sample=sample, known=known, now=data.now())
        if event is not None:
            connection.append("label_events", event)
            _audit(user, "label", {"post_id": post_id, "field": field, "label": chosen})

    return _attempt(act, done)


def use_model(name: str, why: str, done: str) -> bool:
    """Put a version of the models in use, which the running pipeline takes up by itself."""

    def act(user: User) -> None:
        require(user, "model", data.county_names())
        model_versions.use(connection.home(), name, user.name, data.now(), why)
        _audit(user, "model.use", {"version": name, "why": why})

    return _attempt(act, done)


def roll_back_model(why: str, done: str) -> bool:
    """Put the version of the models in use that was before the present one."""

    def act(user: User) -> None:
        require(user, "model", data.county_names())
        chosen = model_versions.rollback(connection.home(), user.name, data.now(), why)
        _audit(user, "model.rollback", {"version": chosen.name, "why": why})

    return _attempt(act, done)


def uploaded(name: str, rows: int) -> None:
    """Note in the audit log that a file was tagged on the page; nothing of it is kept."""
    _audit(people.current(), "classify", {"kind": name.rsplit(".", 1)[-1], "rows": rows})


def _attempt(act: Callable[[User], None], done: str) -> bool:
    try:
        act(people.current())
    except REFUSALS as error:
        st.toast(str(error), icon=":material/block:", duration="long")
        return False
    except StoreError as error:
        st.toast(f"{wording.DOWN['not_written']}:{error}", icon=":material/error:", duration="long")
        return False
    st.toast(done, icon=":material/check:")
    return True


def _append(table: str, user: User, columns: dict[str, Any]) -> None:
    known = {"event_id": uuid.uuid4().hex, "actor": user.name, "recorded_at": data.now()}
    connection.append(table, {**known, **columns})


def _audit(user: User, action: str, body: dict[str, Any]) -> None:
    _append("audit_events", user, {"action": action, "body": json.dumps(body, ensure_ascii=False)})
