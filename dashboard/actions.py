"""What people do on the pages: a click comes in, an event in the store and a word of confirmation go out."""

from __future__ import annotations

import getpass
import json
import uuid
from typing import Any

import streamlit as st

from dashboard import connection, data, wording
from pipeline.store import StoreError


def actor() -> str:
    """Return who acts: the one local user, since the pages are served on the loopback address only."""
    return getpass.getuser()


def handle_alert(alert_id: str, kind: str) -> None:
    """Record what was done about an alert."""
    event = {"alert_id": alert_id, "kind": kind}
    if _append("alert_events", event, {}):
        st.toast(wording.ALERTS["done"].format(what=wording.HANDLED[kind]), icon=":material/check:")


def control_source(source: str, kind: str, confirmation: str) -> None:
    """Ask the crawl schedule to run, pause or resume a source, and record who asked."""
    data.control_source(source, kind)
    if _append("source_events", {"source": source, "kind": kind}):
        st.toast(confirmation, icon=":material/check:")


def _append(table: str, columns: dict[str, Any], body: dict[str, Any] | None = None) -> bool:
    row = {"event_id": uuid.uuid4().hex, **columns, "actor": actor(), "recorded_at": data.now()}
    if body is not None:
        row["body"] = json.dumps(body, ensure_ascii=False)
    try:
        connection.append(table, row)
    except StoreError as error:
        st.toast(f"{wording.DOWN['not_written']}:{error}", icon=":material/error:")
        return False
    return True
