"""What people do on the pages: a click comes in; a checked event in the store, or why not, goes out.

Every action passes ``pipeline.roles.require`` here, on the server, whatever the page showed or hid.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import streamlit as st

from dashboard import (
    connection,
    data,
    data_noise,
    data_statements,
    machine,
    people,
    wording,
    wording_alerts,
    wording_batch,
    wording_grouping,
    wording_statements,
)
from models.weights import WeightsError
from pipeline import labels, model_versions, settings_write
from pipeline.claim_decisions import DecisionRefusedError
from pipeline.config import ConfigError
from pipeline.labels import LabelError
from pipeline.ledger import LedgerRefusedError
from pipeline.ledger_events import EventError, LedgerEvent
from pipeline.model_versions import VersionError
from pipeline.roles import ForbiddenError, User, require
from pipeline.statements import Kind, NewStatement, StatementError, new_statement
from pipeline.store import StoreError

# What is refused in words that are meant for whoever clicked.
REFUSALS = (
    *(ForbiddenError, LedgerRefusedError, EventError, DecisionRefusedError, StatementError),
    *(LabelError, VersionError, WeightsError, ConfigError),
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


def handle_alert(alert_id: str, kind: str, counties: tuple[str, ...], mute_hours: int = 24) -> None:
    """Record what was done about an alert; a mute says when it ends."""

    def act(user: User) -> None:
        require(user, "alert", counties)
        until = (data.now() + timedelta(hours=mute_hours)).isoformat()
        body = json.dumps({"until": until}) if kind == "muted" else "{}"
        _append("alert_events", user, {"alert_id": alert_id, "kind": kind, "body": body})
        _audit(user, f"alert.{kind}", {"alert_id": alert_id})

    _attempt(act, wording_alerts.ALERTS["done"].format(what=wording_alerts.HANDLED[kind]))


def note(action: str, body: dict[str, Any]) -> None:
    """Record in the audit log that somebody took something out, such as a report.

    Raises:
        StoreError: it could not be recorded.
    """
    _audit(people.current(), action, body)


def save_alert_rules(values: Mapping[str, float], seen: str, tried: str) -> None:
    """Save thresholds of alerts, and record who saved what after seeing which trial."""

    def act(user: User) -> None:
        require(user, "settings", data.county_names())
        changed = settings_write.save_alert_rules(connection.home(), values, seen)
        told = {name: f"{before} → {after}" for name, (before, after) in changed.items()}
        if told:
            _audit(user, "alerts.tuned", {"changed": told, "tried": tried})
        st.session_state.pop("trial", None)

    _attempt(act, wording_alerts.TUNING["saved"].format(what=wording.LIST_COMMA.join(values)))


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


def add_statement(values: dict[str, Any], supersedes: str, done: str) -> bool:
    """Record a statement that a person entered, and that it replaces another where it does."""

    def act(user: User) -> None:
        require(user, "statement", user.counties)
        added = new_statement(values, data.now())
        _statement_event(user, added.statement_id, Kind.ADDED, added.body())
        if supersedes:
            _statement_event(user, supersedes, Kind.SUPERSEDED, {"by": added.statement_id})

    return _attempt(act, done)


def import_statements(found: Sequence[NewStatement], done: str) -> bool:
    """Record the statements of a file; the same file twice changes nothing but the history."""

    def act(user: User) -> None:
        require(user, "statement", user.counties)
        for added in found:
            _statement_event(user, added.statement_id, Kind.ADDED, added.body())

    return _attempt(act, done)


def end_statement(statement_id: str, reason: str, done: str) -> None:
    """Record that a statement no longer holds; another's statement may be ended by the whole office only."""

    def act(user: User) -> None:
        _require_own(user, statement_id)
        if not reason.strip():
            raise StatementError(wording_statements.STATEMENTS["need_reason"])
        _statement_event(user, statement_id, Kind.WITHDRAWN, {"reason": reason.strip()})

    _attempt(act, done)


def restore_statement(statement_id: str, done: str) -> None:
    """Undo the end of a statement: record it again as it is, without an end."""

    def act(user: User) -> None:
        row = _require_own(user, statement_id)
        fields = ("text", "title", "issuer", "url")
        body = {name: str(row[name]) for name in fields} | {"valid_until": ""}
        published = row["published_at"].isoformat()
        _statement_event(user, statement_id, Kind.ADDED, {**body, "published_at": published})

    _attempt(act, done)


def _require_own(user: User, statement_id: str) -> Mapping[str, Any]:
    row = data_statements.row_of(statement_id)
    if row is None:
        raise StatementError(wording_statements.STATEMENTS["nothing_title"])
    require(user, "statement", user.counties if row["added_by"] == user.name else ())
    return row


def _statement_event(user: User, statement_id: str, kind: Kind, body: dict[str, str]) -> None:
    words = json.dumps(body, ensure_ascii=False)
    _append("statement_events", user, {"statement_id": statement_id, "kind": str(kind), "body": words})
    _audit(user, f"statement.{kind}", {"statement_id": statement_id})


def release_noise(claim_id: str, done: str) -> None:
    """Record that a cluster of noise is a claim after all; it binds what is placed later."""

    def act(user: User) -> None:
        require(user, "claim", data_noise.counties_of(claim_id))
        _append("claim_events", user, {"claim_id": claim_id, "kind": "released", "body": "{}"})
        _audit(user, "claim.released", {"claim_id": claim_id})

    _attempt(act, done)


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
