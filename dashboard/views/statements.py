"""权威信息: what officials published, which claims each answers, what nothing answers; adding more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import (
    actions,
    data,
    data_statements,
    formats,
    parts,
    people,
    statement_forms,
    wording_claim,
    wording_statements,
    wording_today,
)
from pipeline.roles import may

WORDS = wording_statements.STATEMENTS
COVERAGE_HOURS = 14 * 24
VOIDS = 8


def show() -> None:
    """Show the page."""
    st.title(WORDS["title"], anchor=False)
    parts.live(_coverage)
    parts.guarded(_adding)
    st.subheader(WORDS["list"], anchor=False)
    with parts.filter_bar():
        words = parts.search(label=WORDS["search"])
        valid = parts.switch("valid", WORDS["valid_only"])
    parts.live(lambda: _list(words, valid))


def _coverage() -> None:
    counted = data_statements.coverage(COVERAGE_HOURS)
    left, right = st.columns(2)
    parts.figure(
        left,
        WORDS["coverage_claims"],
        formats.share(counted["answered"], counted["open_claims"]),
        hint=WORDS["coverage_help"],
        rows=[("today", {"question": "unanswered"})],
    )
    parts.figure(
        right,
        WORDS["coverage_askers"],
        formats.share(counted["askers_answered"], counted["askers"]),
        hint=WORDS["coverage_askers_help"],
        rows=[("today", {"question": "asked"})],
    )
    with st.expander(WORDS["voids"], icon=":material/question_exchange:", expanded=True):
        _voids()


def _voids() -> None:
    found = data_statements.voids(COVERAGE_HOURS).head(VOIDS)
    st.caption(WORDS["voids_help"])
    if found.empty:
        st.markdown(WORDS["no_voids"])
    for row in data.records(found):
        with st.container(gap=None):
            parts.claim_link(row["claim_id"], formats.escaped(formats.one_line(row["text"], 60)), None)
            st.caption(
                WORDS["void_numbers"].format(
                    asking=formats.number(row["asking"]),
                    share=formats.share(row["asking"], row["volume"]),
                    recent=formats.number(row["last_hours"]),
                    before=formats.number(row["hours_before"]),
                )
            )


def _adding() -> None:
    user = people.current()
    if not may(user, "statement", user.counties):
        return
    with st.expander(WORDS["add"], icon=":material/add:"):
        statement_forms.add()
    with st.expander(WORDS["import"], icon=":material/upload_file:"):
        statement_forms.upload()


def _list(words: str, valid: bool) -> None:
    page = parts.page_number()
    found = data_statements.statements(words, valid, page)
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
        parts.cut_text(row["text"], 240)
        with st.container(horizontal=True, vertical_alignment="center"):
            parts.source_link(row["url"])
            st.caption(WORDS["answers_n"].format(n=row["answers"]))
            st.caption(formats.escaped(WORDS["by"].format(who=row["added_by"])))
            _ending(row)
        if row["answers"] + row["related"]:
            which = st.expander(WORDS["which"], key=f"which-{row['statement_id']}", on_change="rerun")
            if which.open:
                with which:
                    _claims(row["statement_id"])


def _validity(until: pd.Timestamp) -> None:
    if pd.isna(until):
        st.badge(WORDS["always"], icon=":material/all_inclusive:", color="green")
    elif _over(until):
        st.badge(WORDS["expired"], icon=":material/event_busy:", color="orange")
    else:
        words = WORDS["valid_until"].format(when=formats.clock(until))
        st.badge(words, icon=":material/event_available:", color="green")


def _ending(row: Mapping[str, Any]) -> None:
    """Offer to end what holds, or to undo an end, to whoever may; the action checks again."""
    user, statement = people.current(), row["statement_id"]
    if not may(user, "statement", user.counties if row["added_by"] == user.name else ()):
        return
    if _over(row["valid_until"]):
        st.button(
            WORDS["restore"], key=f"restore-{statement}", type="tertiary", icon=":material/undo:",
            on_click=actions.restore_statement, args=(statement, WORDS["restored"]),
        )  # fmt: skip
    else:
        statement_forms.withdraw(statement)


def _over(until: pd.Timestamp) -> bool:
    return not pd.isna(until) and until <= pd.Timestamp(data.now())


def _claims(statement_id: str) -> None:
    for row in data.records(data_statements.statement_claims(statement_id)):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(
                wording_claim.CLAIM[row["relation"]], color="blue" if row["relation"] == "answers" else "gray"
            )
            parts.claim_link(row["claim_id"], formats.escaped(formats.one_line(row["text"], 60)), None)


show()
