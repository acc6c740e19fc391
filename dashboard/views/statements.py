"""权威信息: what officials published, which claims each answers, and where many ask and nothing answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import data, formats, parts, wording_claim, wording_statements, wording_today

WORDS = wording_statements.STATEMENTS
COVERAGE_HOURS = 14 * 24


def show() -> None:
    """Show the page."""
    st.title(WORDS["title"], anchor=False)
    parts.live(_coverage)
    st.subheader(WORDS["list"], anchor=False)
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        words = parts.search()
    with right:
        valid = st.toggle(WORDS["valid_only"], key="statements-valid")
    parts.live(lambda: _list(words, valid))


def _coverage() -> None:
    counted = data.coverage(COVERAGE_HOURS)
    left, right = st.columns(2)
    parts.figure(
        left,
        WORDS["coverage_claims"],
        formats.share(counted["answered"], counted["open_claims"]),
        hint=WORDS["coverage_help"],
    )
    parts.figure(
        right,
        WORDS["coverage_askers"],
        formats.share(counted["askers_answered"], counted["askers"]),
        hint=WORDS["coverage_help"],
    )
    with st.expander(WORDS["voids"], icon=":material/question_exchange:", expanded=True):
        _voids()


def _voids() -> None:
    found = data.voids(COVERAGE_HOURS).head(5)
    st.caption(WORDS["voids_help"])
    if found.empty:
        st.markdown(WORDS["no_voids"])
    for row in data.records(found):
        with st.container(horizontal=True, vertical_alignment="center"):
            parts.claim_link(row["claim_id"], formats.escaped(formats.one_line(row["text"], 60)), None)
            st.caption(
                WORDS["void_numbers"].format(
                    asking=formats.number(row["asking"]),
                    share=formats.share(row["asking"], row["size"]),
                    recent=formats.number(row["last_hours"]),
                )
            )


def _list(words: str, valid: bool) -> None:
    page = parts.page_number()
    found = data.statements(words, valid, page)
    if found.empty and not words and not valid:
        parts.empty(WORDS["empty_title"], WORDS["empty"], ":material/verified:")
        return
    if found.empty:
        parts.empty(WORDS["nothing_title"], wording_today.TODAY["nothing"], ":material/search_off:")
        return
    for row in data.records(found):
        _statement(row)
    parts.pager("statements", page, data.pages(found, data.PAGE_ROWS), int(found["total"].iloc[0]))


def _statement(row: Mapping[str, Any]) -> None:
    with st.container(border=True, key=f"statement-{row['statement_id']}", gap="small"):
        st.markdown(f"**{formats.escaped(formats.one_line(row['title'] or row['text']))}**")
        with st.container(horizontal=True, vertical_alignment="center"):
            _validity(row["valid_until"])
            st.caption(formats.escaped(f"{row['issuer']} · {formats.both(row['published_at'])}"))
        parts.public_text(row["text"], 240)
        with st.container(horizontal=True, vertical_alignment="center"):
            parts.source_link(row["url"])
            st.caption(WORDS["answers_n"].format(n=row["answers"]))
        if row["answers"] + row["related"]:
            with st.expander(WORDS["which"]):
                _claims(row["statement_id"])


def _validity(until: pd.Timestamp) -> None:
    if pd.isna(until):
        st.badge(WORDS["always"], icon=":material/all_inclusive:", color="green")
    elif until < pd.Timestamp(data.now()):
        st.badge(WORDS["expired"], icon=":material/event_busy:", color="orange")
    else:
        words = WORDS["valid_until"].format(when=formats.clock(until))
        st.badge(words, icon=":material/event_available:", color="green")


def _claims(statement_id: str) -> None:
    for row in data.records(data.statement_claims(statement_id)):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(
                wording_claim.CLAIM[row["relation"]], color="blue" if row["relation"] == "answers" else "gray"
            )
            parts.claim_link(row["claim_id"], formats.escaped(formats.one_line(row["text"], 60)), None)


show()
