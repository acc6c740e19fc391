"""台账: every response with its state, owners and deadlines; hand-over sheet, export, the chain's check."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import actions, data, formats, parts, people, wording
from dashboard import wording_ledger as words
from dashboard.connection import settings
from pipeline.config import LOCAL_TIME
from pipeline.handover import handover
from pipeline.handover_files import write_handover
from pipeline.ledger_chain import verify
from pipeline.ledger_records import State
from pipeline.ledger_table import export_ledger
from pipeline.roles import require

WORDS = words.LEDGER
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def show() -> None:
    """Show the page."""
    st.title(WORDS["title"], anchor=False)
    parts.live(_totals)
    spots = st.columns([1.2, 1.4, 1, 2], vertical_alignment="bottom")
    mine = sorted(people.current().counties)
    counties = {"": wording.ALL, **{name: name for name in mine or data.county_names()}}
    with spots[0]:
        state = parts.choice("state", {"": wording.ALL, **words.STATES}, "")
    with spots[1]:
        county = parts.choice("county", counties, "")
    with spots[2]:
        due = parts.choice("due", words.DUE, "")
    chosen = [county] if county else mine
    parts.live(lambda: _list(State(state) if state else None, chosen, due))
    parts.guarded(lambda: _files(chosen))


def _totals() -> None:
    counted = {row["state"]: row for row in data.records(data.response_counts())}
    for state, column in zip(words.STATES, st.columns(len(words.STATES)), strict=True):
        row = counted.get(state, {"responses": 0, "overdue": 0})
        late = int(row["overdue"])
        parts.figure(
            column,
            words.STATES[state],
            formats.number(row["responses"]),
            WORDS["overdue_n"].format(n=late) if late else None,
            colour="red",
            hint=words.STATES_HELP[state],
            pick=("state", state),
        )


def _list(state: State | None, counties: list[str], due: str) -> None:
    page = parts.page_number()
    rows = data.responses(state, counties, due, page)
    if not rows:
        parts.empty(WORDS["empty_title"], WORDS["empty"], ":material/table_rows:")
        return
    shown = pd.DataFrame([_row(row) for row in rows[: data.TABLE_ROWS]])
    columns = {key: WORDS[key] for key in shown.columns if key not in {"published"}}
    picked = st.dataframe(
        shown, hide_index=True, key="ledger-rows", on_select="rerun", selection_mode="single-row",
        column_config={**columns, "published": st.column_config.LinkColumn(WORDS["published"], validate="^https?://")},
    )  # fmt: skip
    chosen = picked["selection"]["rows"]
    if chosen:
        row = rows[chosen[0]]
        parts.claim_link(row["claim_id"], formats.escaped(formats.one_line(row["text"])))
    else:
        st.caption(WORDS["pick"])
    more = page + 1 if len(rows) > data.TABLE_ROWS else page
    parts.pager("ledger", page, more, (page - 1) * data.TABLE_ROWS + len(rows))


def _row(row: Mapping[str, Any]) -> dict[str, str]:
    due = row["due_at"]
    return {
        "state": words.STATES[row["state"]],
        "text": formats.one_line(row["text"]),
        "left": formats.deadline(due) if due and row["owed"] else wording.NONE_YET,
        "due": formats.clock(due),
        "rule": row["due_rule"],
        "owner": row["county"],
        "department": row["department"],
        "escalated": row["escalated_to"],
        "blocked": row["blocked_by"],
        "published": row["published_url"],
        "verdict": row["verdict"],
        "reason": row["reason"],
        "done": formats.clock(row["done_at"]),
    }


def _files(counties: list[str]) -> None:
    st.subheader(WORDS["handover"], anchor=False)
    hours = st.number_input(WORDS["hours"], min_value=1, max_value=72, value=8, width=200)
    with st.container(horizontal=True):
        sheet = st.button(WORDS["make_handover"], icon=":material/swap_horiz:")
        table = st.button(WORDS["prepare"], icon=":material/table:")
        check = st.button(WORDS["verify"], icon=":material/verified_user:")
    if sheet:
        _handover(float(hours), counties)
    if table:
        _export(counties)
    if check:
        _verify()


def _handover(hours: float, counties: list[str]) -> None:
    now = data.now()
    actions.note("ledger.handover", {"hours": hours, "counties": sorted(counties)})
    sheet = handover(data.ledger(), now - timedelta(hours=hours), now, counties)
    text = sheet.text()
    st.text(text)
    stem = f"{WORDS['handover']}-{now.astimezone(LOCAL_TIME):%Y%m%d-%H%M}"
    with st.container(horizontal=True):
        for kind in ("docx", "xlsx"):
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / f"sheet.{kind}"
                write_handover(sheet, settings().office, path)
                content = path.read_bytes()
            name = f"{stem}.{kind}"
            st.download_button(
                WORDS["download"].format(name=name), content, file_name=name, icon=":material/download:",
                on_click="ignore",
            )  # fmt: skip


def _export(counties: list[str]) -> None:
    require(people.current(), "export", counties)
    now = data.now()
    name = f"{WORDS['title']}-{now.astimezone(LOCAL_TIME):%Y%m%d-%H%M}.xlsx"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        export_ledger(data.ledger(), path, now, counties)
        content = path.read_bytes()
    actions.note("ledger.exported", {"counties": sorted(counties)})
    st.download_button(
        WORDS["download"].format(name=name), content, file_name=name, mime=XLSX, icon=":material/download:"
    )


def _verify() -> None:
    found = verify(data.ledger().store)
    if found.holds:
        st.success(WORDS["verified"].format(n=formats.number(found.sealed)), icon=":material/verified_user:")
        if found.waiting:
            st.caption(WORDS["waiting"].format(n=found.waiting))
    else:
        st.error(formats.escaped("\n\n".join(found.problems)), icon=":material/gpp_bad:")


show()
