"""Forms for statements: what a person types or uploads comes in; recorded events, or why not, go out."""

from __future__ import annotations

import streamlit as st

from dashboard import actions, data, data_statements, downloads, formats, parts, wording_statements
from pipeline.config import LOCAL_TIME
from pipeline.readers import ReadError
from pipeline.statement_files import COLUMNS, BadRow, ReadStatements

WORDS = wording_statements.STATEMENTS
UPLOAD_KINDS = ("csv", "xlsx", "jsonl")
UPLOAD_MB = 20  # five thousand statements of two thousand characters
BAD_SHOWN = 50
MADE = "statement-form"  # counts saved forms: a saved one is empty again, a refused one keeps its words


def add() -> None:
    """Show the form for one statement; what was typed stays until it is saved."""
    made = st.session_state.setdefault(MADE, 0)
    titles = {"": "", **data_statements.valid_titles()}
    with st.form(f"statement-{made}", border=False, enter_to_submit=False):
        values = {
            "text": st.text_area(WORDS["field_text"], height=140, max_chars=20_000),
            "title": st.text_input(WORDS["field_title"], max_chars=120),
            "issuer": st.text_input(WORDS["field_issuer"], max_chars=60),
            "url": st.text_input(WORDS["field_url"], placeholder="https://"),
            "published_at": st.text_input(
                WORDS["field_published"],
                value=f"{data.now().astimezone(LOCAL_TIME):%Y-%m-%d %H:%M}",
                help=WORDS["time_hint"],
            ),
            "valid_until": st.text_input(
                WORDS["field_until"], help=WORDS["field_until_help"], placeholder=WORDS["time_hint"]
            ),
        }
        replaced = st.selectbox(
            WORDS["field_supersedes"],
            list(titles),
            format_func=lambda key: titles[key],
            help=WORDS["supersedes_help"],
        )
        if st.form_submit_button(WORDS["save"], type="primary") and actions.add_statement(
            values, replaced, WORDS["saved"]
        ):
            st.session_state[MADE] = made + 1
            st.rerun()


def upload() -> None:
    """Show the upload of a file, what is in it, and the button that imports it."""
    st.caption(WORDS["upload_help"])
    names = [known[1] for known in COLUMNS.values()]
    st.download_button(
        WORDS["template"], downloads.csv_bytes(names, []), WORDS["template_name"], "text/csv",
        icon=":material/download:", type="tertiary",
    )  # fmt: skip
    file = st.file_uploader(WORDS["upload"], UPLOAD_KINDS, max_upload_size=UPLOAD_MB, key="statement-file")
    if file is None:
        return
    try:
        found = data_statements.read_upload(file.name, file.getvalue())
    except ReadError as error:
        st.error(formats.escaped(str(error)), icon=":material/error:")
        return
    _read(found)


def withdraw(statement_id: str) -> None:
    """Ask why, and record that the statement no longer holds."""
    with st.popover(WORDS["withdraw"], icon=":material/event_busy:", type="tertiary"):
        st.caption(WORDS["withdraw_hint"])
        reason = st.text_input(WORDS["withdraw_why"], max_chars=200, key=f"why-{statement_id}")
        st.button(
            WORDS["withdraw_title"], type="primary", key=f"withdraw-{statement_id}",
            on_click=actions.end_statement, args=(statement_id, reason, WORDS["withdrawn"]),
        )  # fmt: skip


def _read(found: ReadStatements) -> None:
    st.markdown(WORDS["found"].format(good=len(found.good), bad=len(found.bad)))
    if found.bad:
        _bad_rows(found.bad)
    if found.good and st.button(WORDS["do_import"].format(n=len(found.good)), type="primary"):
        actions.import_statements(found.good, WORDS["imported"].format(n=len(found.good)))


def _bad_rows(bad: tuple[BadRow, ...]) -> None:
    columns = {"line": WORDS["line"], "reason": WORDS["reason"], "raw": WORDS["raw"]}
    rows = [{"line": row.line, "reason": row.reason, "raw": formats.one_line(row.raw)} for row in bad]
    parts.table(data.table_of(rows[:BAD_SHOWN]), columns)
    named = [{columns[key]: value for key, value in row.items()} for row in rows]
    st.download_button(
        WORDS["bad_rows"], downloads.csv_bytes(list(columns.values()), named), WORDS["bad_name"], "text/csv",
        icon=":material/download:", type="tertiary",
    )  # fmt: skip
