"""报告: a kind and a day in the URL; the report to read and change, and its file to download, are shown."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard import actions, data, formats, parts, people, wording, wording_reports
from dashboard.connection import Served, settings
from pipeline import report
from pipeline.config import LOCAL_TIME
from pipeline.ledger import LedgerRefusedError
from pipeline.report_build import span_words
from pipeline.report_html import NoPdfToolError, pdf_tool
from pipeline.report_records import Report
from pipeline.roles import require

WORDS = wording_reports.REPORTS
KINDS = wording_reports.KINDS
MADE, FILE = "report-made", "report-file"  # in the session: the report, and the file last written of it


def show() -> None:
    """Show the page."""
    st.title(WORDS["title"], anchor=False)
    parts.guarded(_chooser)
    parts.guarded(_report)


def _chooser() -> None:
    spots = st.columns([1.2, 1.4, 1.4, 1], vertical_alignment="bottom")
    with spots[0]:
        kind = st.selectbox(
            WORDS["kind"], list(KINDS), format_func=lambda key: KINDS[key], key="report-kind",
            index=list(KINDS).index(_asked("kind", "daily", KINDS)),
        )  # fmt: skip
        parts.set_parameter("kind", "" if kind == "daily" else kind)
    with spots[1]:
        yesterday = data.now().astimezone(LOCAL_TIME).date() - timedelta(days=1)
        if kind == "claim":
            claim = st.text_input(
                WORDS["claim"], value=st.query_params.get("claim", ""), help=WORDS["claim_help"]
            )
            day = yesterday
        else:
            claim = ""
            day = st.date_input(WORDS["day"], value=yesterday, max_value="today", help=WORDS["week_help"])
    with spots[2]:
        mine = sorted(people.current().counties)
        choices = mine or [wording.ALL, *data.county_names()]
        county = st.selectbox(WORDS["county"], choices, disabled=kind == "claim")
    with spots[3]:
        again = MADE in st.session_state
        label, hint = (WORDS["again"], WORDS["again_help"]) if again else (WORDS["make"], None)
        if st.button(label, type="primary", icon=":material/description:", help=hint):
            counties = () if county == wording.ALL else (county,)
            _make(kind, day, claim.strip(), counties)


def _asked(name: str, default: str, known: Mapping[str, str]) -> str:
    given = st.query_params.get(name, default)
    return given if given in known else default


def _make(kind: str, day: date, claim: str, counties: tuple[str, ...]) -> None:
    # What a county's officer may see is decided here, on the server, whatever the form offered.
    user = people.current()
    counties = counties or tuple(sorted(user.counties))
    require(user, "report", counties or data.county_names())
    now, store = data.now(), Served()
    if kind == "claim" and data.claim(claim) is None:
        st.error(WORDS["failed"].format(why=formats.escaped(claim)))
        return
    try:
        if kind == "claim":
            made = report.claim(store, settings(), claim, now)
        else:
            make = report.daily if kind == "daily" else report.weekly
            made = make(store, settings(), day, now, counties)
    except LedgerRefusedError as error:
        st.error(WORDS["failed"].format(why=formats.escaped(str(error))))
        return
    st.session_state[MADE] = made


def _report() -> None:
    made: Report | None = st.session_state.get(MADE)
    if made is None:
        parts.empty(WORDS["empty_title"], WORDS["empty"], ":material/description:")
        return
    span = span_words(made.kind, made.since, made.until)
    st.subheader(formats.escaped(WORDS["made"].format(title=made.title, span=span)), anchor=False)
    st.caption(WORDS["edit_hint"])
    texts = {section.key: _section(made, place) for place, section in enumerate(made.sections)}
    _files(made.edited(texts))
    _sources(made)


def _section(made: Report, place: int) -> str:
    """Show one section's words in a box; return what is in it."""
    section = made.sections[place]
    key = f"report-{made.kind}-{made.since:%Y%m%d}-{section.key}"
    newer = _renewed(key, section.text)
    given: str = st.text_area(
        f"**{report.heading(place, section.title)}**", value=section.text, height=_height(section.text),
        key=key, placeholder=WORDS["note"],
    )  # fmt: skip
    if newer:
        with st.expander(WORDS["newer"], icon=":material/update:"):
            st.text(section.text)
    if section.tables or section.charts:
        st.caption(WORDS["tables"].format(n=len(section.tables), m=len(section.charts)))
        with st.expander(section.tables[0].title if section.tables else section.charts[0].title):
            for chart in section.charts:
                st.vega_lite_chart(spec=dict(chart.spec), key=f"chart-{section.key}-{chart.title}")
            for table in section.tables:
                st.caption(formats.escaped(table.title))
                st.dataframe(pd.DataFrame(list(table.rows), columns=list(table.columns)), hide_index=True)
    return given


def _renewed(key: str, text: str) -> bool:
    """Put new words in a box, unless a person changed the old ones: then return that there are new ones."""
    state, base = st.session_state, f"{key}-base"
    if key in state and state.get(base, text) != text:
        if state[key] != state[base]:
            return True
        state[key] = text
    state[base] = text
    return False


def _height(text: str) -> int:
    return max(80, min(320, 28 * (1 + sum(1 + len(line) // 60 for line in text.splitlines()))))


def _files(made: Report) -> None:
    with st.container(horizontal=True):
        chosen = [
            kind
            for kind in report.WRITERS
            if st.button(
                WORDS["prepare"].format(kind=kind), icon=":material/file_save:", key=f"report-{kind}",
                disabled=kind == "pdf" and pdf_tool() is None,
                help=WORDS["no_pdf"] if kind == "pdf" and pdf_tool() is None else None,
            )
        ]  # fmt: skip
    for kind in chosen:
        _download(made, kind)


def _download(made: Report, kind: str) -> None:
    name = report.file_name(made, kind)
    with tempfile.TemporaryDirectory(prefix="huiying-report-") as folder:
        path = Path(folder) / f"report.{kind}"
        try:
            report.write(made, path)
        except (NoPdfToolError, OSError) as error:
            st.error(formats.escaped(WORDS["failed"].format(why=error)))
            return
        content = path.read_bytes()
    edited = [section.key for section in made.sections if section.edited]
    actions.note("report.exported", {"kind": made.kind, "format": kind, "edited": edited})
    st.session_state[FILE] = content
    st.download_button(
        WORDS["download"].format(name=name),
        content,
        file_name=name,
        icon=":material/download:",
        type="primary",
    )


def _sources(made: Report) -> None:
    with st.expander(WORDS["sources"].format(n=len(made.sources)), icon=":material/database:"):
        rows = [{"query": one.number, "name": one.query, "rows": one.rows} for one in made.sources]
        parts.table(pd.DataFrame(rows), {key: WORDS[key] for key in ("query", "name", "rows")})


show()
