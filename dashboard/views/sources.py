"""数据源: every source with its last run and what it brought, refused rows, and run now or pause."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import actions, charts, data, data_sources, formats, machine, parts, wording_sources

WORDS = wording_sources.SOURCES


def show() -> None:
    """Show the page."""
    st.title(WORDS["title"], anchor=False)
    parts.live(_sources)
    parts.guarded(_clocks)
    parts.live(_notices)
    parts.guarded(_one)
    if not data.scope():
        parts.guarded(_rejects)


def _sources() -> None:
    found = data_sources.sources()
    if found.empty:
        parts.empty(WORDS["empty_title"], WORDS["empty"], ":material/rss_feed:")
        return
    control = machine.source_control()
    paused, urgent = set(control["pause"]), set(control["emergency"])
    counted = found["status"].value_counts()
    idle = int(found["status"].isna().sum())
    for status, column in zip(("red", "amber", "green"), st.columns(3), strict=True):
        parts.figure(
            column, WORDS[status], formats.number(int(counted.get(status, 0))), hint=WORDS[f"{status}_help"]
        )
    if idle:
        st.caption(f"{WORDS['idle']}:{idle}")
    parts.table(_table(found, paused, urgent), _columns())


def _clocks() -> None:
    """Say whose clock runs ahead: its times, and every age counted from them, are too late."""
    for row in data.records(data_sources.clocks_ahead()):
        ahead = formats.span(timedelta(seconds=row["seconds"]))
        words = wording_sources.CLOCKS[row["kind"]].format(name=row["name"], ahead=ahead)
        st.warning(formats.escaped(words), icon=":material/schedule:")


def _notices() -> None:
    """Show what collection itself has to say: calm that is none must be seen."""
    st.subheader(WORDS["notices"], anchor=False)
    found = data_sources.notices()
    if found.empty:
        st.caption(WORDS["notices_none"])
        return
    shown = pd.DataFrame(
        {
            "kind": [wording_sources.NOTICE_KINDS.get(str(kind), str(kind)) for kind in found["kind"]],
            "words": found["words"],
            "since": [formats.both(at) for at in found["since"]],
            "until": [WORDS["notice_on"] if pd.isna(at) else formats.both(at) for at in found["ended_at"]],
        }
    )
    names = {"kind": "notice_kind", "words": "notice_words", "since": "notice_since", "until": "notice_until"}
    parts.table(shown, {column: WORDS[name] for column, name in names.items()})


def _table(found: pd.DataFrame, paused: set[str], urgent: set[str]) -> pd.DataFrame:
    words = [
        WORDS["is_paused"] if source in paused else _status(status) + WORDS["is_urgent"] * (source in urgent)
        for source, status in zip(found["source"], found["status"], strict=True)
    ]
    return pd.DataFrame(
        {
            "status": words,
            "name": found["name"],
            "finished_at": [formats.both(None if pd.isna(at) else at) for at in found["finished_at"]],
            "items": found["items"],
            "new_items": found["new_items"],
            "new_day": found["new_day"],
            "errors": found["errors"],
            "reasons": [_joined(reasons) for reasons in found["reasons"]],
            "every_minutes": found["every_minutes"],
            "kind": [wording_sources.SOURCE_KINDS.get(str(kind), str(kind)) for kind in found["kind"]],
            "channel": found["channel"],
            "county": found["county"],
            "url": found["url"],
        }
    )


def _columns() -> dict[str, Any]:
    return {
        "status": WORDS["status"],
        "name": WORDS["name"],
        "finished_at": WORDS["last_run"],
        "items": st.column_config.NumberColumn(WORDS["items"]),
        "new_items": st.column_config.NumberColumn(WORDS["new"]),
        "new_day": st.column_config.NumberColumn(WORDS["day"]),
        "errors": st.column_config.NumberColumn(WORDS["errors"]),
        "reasons": WORDS["reasons"],
        "every_minutes": st.column_config.NumberColumn(WORDS["every"], format="%.0f"),
        "kind": WORDS["kind"],
        "channel": WORDS["channel"],
        "county": WORDS["county"],
        "url": st.column_config.LinkColumn(WORDS["url"], validate="^https?://"),
    }


def _status(status: object) -> str:
    known = None if not isinstance(status, str) else status
    marks = {"green": "✓", "amber": "!", "red": "✕", None: "–"}
    return f"{marks.get(known, '?')} {wording_sources.RUN_STATUS.get(known, known)}"


def _one() -> None:
    found = data_sources.sources()
    if found.empty:
        return
    st.subheader(WORDS["detail"], anchor=False)
    names = dict(zip(found["source"], found["name"], strict=True))
    counties = dict(zip(found["source"], found["county"].fillna(""), strict=True))
    source = st.selectbox(WORDS["pick"], list(names), format_func=lambda key: names[key], key="source-pick")
    act = partial(_control, source, counties[source])
    paused = source in machine.source_control()["pause"]
    urgent = source in machine.source_control()["emergency"]
    with st.container(horizontal=True):
        act("run_now", WORDS["run_now"], WORDS["asked"], ":material/play_arrow:", disabled=paused)
        if paused:
            act("resumed", WORDS["resume"], WORDS["resumed"], ":material/resume:")
        else:
            act("paused", WORDS["pause"], WORDS["paused"], ":material/pause:")
        if urgent:
            act("normal", WORDS["calm"], WORDS["calmed"], ":material/speed:")
        else:
            act("urgent", WORDS["urgent"], WORDS["hurried"], ":material/bolt:")
    _events(source)
    runs = data_sources.source_runs(source)
    if not runs.empty:
        st.caption(WORDS["history"], help=WORDS["history_help"])
        words = {str(status): word for status, word in wording_sources.RUN_STATUS.items()}
        st.altair_chart(charts.runs(runs, words), key="source-history", alt=WORDS["history"])
    parts.table(_runs(runs), _run_columns())


def _events(source: str) -> None:
    found = data.records(data_sources.source_events(source))
    lines = [
        WORDS["event_line"].format(
            what=wording_sources.EVENTS.get(row["kind"], row["kind"]),
            who=row["actor"],
            when=formats.both(row["recorded_at"]),
        )
        for row in found
    ]
    with st.expander(WORDS["events"], icon=":material/history:"):
        st.text("\n".join(lines) or WORDS["no_events"])


def _control(
    source: str, county: str, kind: str, label: str, confirmation: str, icon: str, *, disabled: bool = False
) -> None:
    st.button(
        label,
        key=f"control-{kind}",
        icon=icon,
        disabled=disabled,
        on_click=actions.control_source,
        args=(source, county, kind, confirmation),
    )


def _runs(runs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "status": [_status(status) for status in runs["status"]],
            "started_at": [formats.both(at) for at in runs["started_at"]],
            "seconds": (runs["finished_at"] - runs["started_at"]).dt.total_seconds(),
            "items": runs["items"],
            "new_items": runs["new_items"],
            "requests": runs["requests"],
            "errors": runs["errors"],
            "reasons": [_joined(reasons) for reasons in runs["reasons"]],
        }
    )


def _run_columns() -> Mapping[str, Any]:
    return {
        "status": WORDS["status"],
        "started_at": WORDS["started"],
        "seconds": st.column_config.NumberColumn(WORDS["seconds"], format="%.1f"),
        "items": st.column_config.NumberColumn(WORDS["items"]),
        "new_items": st.column_config.NumberColumn(WORDS["new"]),
        "requests": st.column_config.NumberColumn(WORDS["requests"]),
        "errors": st.column_config.NumberColumn(WORDS["errors"]),
        "reasons": WORDS["reasons"],
    }


def _rejects() -> None:
    st.subheader(WORDS["rejects"], anchor=False)
    st.caption(WORDS["rejects_help"])
    files = data.reject_files()
    if files.empty:
        st.markdown(WORDS["no_rejects"])
        return
    columns = {
        "file": WORDS["file"],
        "reason": WORDS["reason"],
        "rows": st.column_config.NumberColumn(WORDS["rows"]),
        "newest": st.column_config.DatetimeColumn(WORDS["when"], format="MM-DD HH:mm"),
    }
    parts.table(files, columns)
    picked = st.selectbox(
        WORDS["file"], ["", *files["file"].unique()], format_func=lambda name: name or WORDS["all_files"]
    )
    _reject_rows(picked)


def _reject_rows(file: str) -> None:
    page = parts.page_number()
    found = data.rejects(file, page)
    shown = found.drop(columns="total").assign(raw=[formats.one_line(raw, 200) for raw in found["raw"]])
    columns = {
        "line": st.column_config.NumberColumn(WORDS["line"]),
        "reason": WORDS["reason"],
        "file": WORDS["file"],
        "raw": WORDS["raw"],
        "rejected_at": st.column_config.DatetimeColumn(WORDS["when"], format="MM-DD HH:mm"),
    }
    parts.table(shown, columns)
    if not found.empty:
        parts.pager("rejects", page, data.pages(found, data.TABLE_ROWS), int(found["total"].iloc[0]))


def _joined(reasons: Any) -> str:
    # A source that never ran has no list of reasons but a missing value.
    return "" if not hasattr(reasons, "__len__") else ";".join(str(reason) for reason in reasons)


show()
