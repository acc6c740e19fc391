"""A signed link from a message comes in; the one alert it names is shown, and its holder's answer is
recorded.

The link stands for itself: whoever was woken need not sign in first. It shows one alert and takes one answer;
opening it records nothing, since chat programs open links to preview them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard import connection, data, formats, parts, wording_alerts
from pipeline.alert_links import Link, LinkError, read_token
from pipeline.config import Secrets

PARAMETER = "ack"
WORDS = wording_alerts.LINK


def opened() -> bool:
    """Return whether this page was opened by a link of a message."""
    return PARAMETER in st.query_params


def show() -> None:
    """Show the alert and the two answers, or why the link cannot be used."""
    st.title(WORDS["title"], anchor=False)
    try:
        link = read_token(Secrets.load(connection.home()).link_key, st.query_params[PARAMETER], data.now())
    except LinkError as error:
        st.error(f"**{WORDS['bad']}**\n\n{formats.escaped(str(error))}", icon=":material/link_off:")
        return
    found = connection.ask_linked("page_linked_alert", alert=link.alert_id)
    if found.empty:
        parts.empty(WORDS["bad"], WORDS["missing"], ":material/search_off:")
        return
    _alert(data.first(found))
    st.caption(formats.escaped(WORDS["to"].format(who=link.recipient)))
    _answer(link, data.first(found))


def _alert(row: Mapping[str, Any]) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            parts.level_badge(row["level"])
            st.badge(wording_alerts.STATES[row["state"]], color="gray")
            st.caption(formats.both(row["raised_at"]))
        st.markdown(f"**{formats.escaped(formats.one_line(row['text'] or ''))}**")
        for reason in row["reasons"]:
            st.markdown(f"- {formats.escaped(reason)}")


def _answer(link: Link, row: Mapping[str, Any]) -> None:
    if st.session_state.get("answered") == link.token:
        st.success(WORDS["done"], icon=":material/check:")
    if row["acknowledged_by"]:
        said = WORDS["first"].format(who=row["acknowledged_by"], when=formats.both(row["acknowledged_at"]))
        st.info(formats.escaped(said))
    st.button(
        WORDS["button"], type="primary", width="stretch", key="link-acknowledged", on_click=_record,
        args=(link, "acknowledged"),
    )  # fmt: skip
    st.button(
        WORDS["false_alarm"], width="stretch", key="link-false", on_click=_record, args=(link, "false_alarm")
    )
    st.caption(WORDS["why"])


def _record(link: Link, kind: str) -> None:
    """Append the answer; the same link used again names the same event, so that nothing is doubled."""
    actor = WORDS["actor"].format(who=link.recipient)
    body = json.dumps({"by": "link", "expires": link.expires.isoformat()})
    event = {"event_id": link.event_id(kind), "actor": actor, "recorded_at": data.now(), "body": body}
    connection.append("alert_events", {**event, "alert_id": link.alert_id, "kind": kind})
    audit = json.dumps({"alert_id": link.alert_id}, ensure_ascii=False)
    connection.append(
        "audit_events",
        {
            "event_id": f"{event['event_id']}-audit", "actor": actor, "action": f"alert.{kind}.link",
            "body": audit, "recorded_at": event["recorded_at"],
        },
    )  # fmt: skip
    st.session_state["answered"] = link.token
