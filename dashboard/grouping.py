"""Merging and splitting by hand, as a panel: a claim's id comes in; choices and decisions are shown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard import actions, data, formats, wording_grouping
from dashboard.connection import Served
from pipeline.claim_decisions import Decisions

WORDS = wording_grouping.GROUPING


def show(claim_id: str) -> None:
    """Show how a claim can be merged and split, and what was decided before."""
    _merge(claim_id)
    _split(claim_id)
    _history(claim_id)


def decisions() -> Decisions:
    """Return the decisions of the running store."""
    return Decisions(Served(), data.ledger())


def _merge(claim_id: str) -> None:
    st.markdown(f"**{WORDS['merge']}**")
    st.caption(WORDS["merge_hint"])
    with st.form(f"merge-{claim_id}", border=True):
        others = data.claim_choices(claim_id)
        into = st.selectbox(
            WORDS["into"], list(others), index=None, format_func=lambda key: others[key],
            placeholder=WORDS["choose"],
        )  # fmt: skip
        reason = st.text_input(WORDS["reason"], max_chars=200)
        sent = st.form_submit_button(WORDS["merge_button"], icon=":material/merge:")
    if sent:
        actions.decide(
            "merged", claim_id, lambda user, now: decisions().merge(user, claim_id, into or "", reason, now)
        )


def _split(claim_id: str) -> None:
    st.markdown(f"**{WORDS['split']}**")
    st.caption(WORDS["split_hint"])
    members = data.records(data.claim_members(claim_id, "", "newest", 1))
    texts = {str(row["post_id"]): formats.one_line(row["text"], 50) for row in members}
    with st.form(f"split-{claim_id}", border=True):
        chosen = st.multiselect(WORDS["posts"], list(texts), format_func=lambda key: texts[key])
        reason = st.text_input(WORDS["reason"], max_chars=200, key=f"split-reason-{claim_id}")
        sent = st.form_submit_button(WORDS["split_button"], icon=":material/call_split:")
    if sent:
        actions.decide(
            "split", claim_id, lambda user, now: decisions().split(user, claim_id, chosen, reason, now)
        )


def _history(claim_id: str) -> None:
    st.markdown(f"**{WORDS['history']}**")
    found = decisions().of_claim(claim_id)
    if not found:
        st.caption(WORDS["none"])
    for row in found:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(formats.escaped(_said(row)))
            if row["kind"] in {"merged", "split"} and not row["undone"]:
                event = str(row["event_id"])
                if st.button(WORDS["undo"], key=f"undo-{event}", icon=":material/undo:", type="tertiary"):
                    _undo(claim_id, event)


def _undo(claim_id: str, event: str) -> None:
    actions.decide("undone", claim_id, lambda user, now: decisions().undo(user, event, now))


def _said(row: Mapping[str, Any]) -> str:
    who, when = row["actor"], formats.both(row["recorded_at"])
    body = json.loads(row["body"])
    if row["kind"] == "undone":
        return WORDS["undone"].format(who=who, when=when)
    ended = WORDS["was_undone"] if row["undone"] else ""
    if row["kind"] == "split":
        n = len(body.get("post_ids", ()))
        return WORDS["split_done"].format(who=who, when=when, n=n, reason=body.get("reason", "")) + ended
    into = body.get("into", "")
    said = WORDS["merged"].format(
        who=who, when=when, claim=row["claim_id"], into=into, reason=body.get("reason", "")
    )
    return said + ended
