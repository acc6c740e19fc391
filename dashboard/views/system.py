"""系统: the processes with their restarts, the backlog, the disk, versions and the audit log."""

from __future__ import annotations

from datetime import datetime
from importlib.metadata import version

import pandas as pd
import streamlit as st

from dashboard import audit_words, connection, data, formats, machine, parts, people, wording, wording_system
from pipeline.roles import may

WORDS = wording_system.SYSTEM
LOW_DISK = 0.10


def show() -> None:
    """Show the page; processes and disk are shown without a running store too."""
    st.title(WORDS["title"], anchor=False)
    parts.live(_processes)
    parts.live(_disk)
    parts.live(_store)


def _processes() -> None:
    st.subheader(WORDS["processes"], anchor=False)
    children = machine.children()
    if not children:
        st.caption(WORDS["no_processes"])
        return
    rows = [
        {
            "name": wording_system.PROCESSES.get(child.name, child.name),
            "state": wording_system.PROCESS_STATES.get(child.state, child.state),
            "restarts": child.restarts,
            "since": formats.both(datetime.fromisoformat(child.since)),
            "exit": wording.NONE_YET if child.last_exit is None else str(child.last_exit),
        }
        for child in children
    ]
    columns = {key: WORDS[key] for key in ("name", "state", "restarts", "since", "exit")}
    parts.table(pd.DataFrame(rows), columns)


def _disk() -> None:
    used = machine.disk()
    free = used["free"] / used["total"]
    if free < LOW_DISK:
        st.error(WORDS["low_disk"], icon=":material/hard_disk:")
    left, database, spool, kept = st.columns(4)
    parts.figure(left, WORDS["disk"], formats.size(used["free"]), f"{free:.0%}", hint=WORDS["disk_help"])
    parts.figure(database, WORDS["database"], formats.size(used["database"]), hint=WORDS["database_help"])
    parts.figure(spool, WORDS["spool"], formats.number(used["spool_files"]), hint=WORDS["spool_help"])
    days = connection.settings().retention_days
    parts.figure(
        kept, WORDS["retention"], WORDS["retention_days"].format(days=days), WORDS["retention_more"],
        hint=WORDS["retention_help"],
    )  # fmt: skip


def _store() -> None:
    state = machine.pipeline_state()
    sizes = data.sizes()
    waiting = max(0, sizes["posts"] - sizes["tags"])
    first, second = st.columns(2, gap="large")
    parts.figure(first, WORDS["backlog"], formats.number(waiting), hint=WORDS["backlog_help"])
    at = formats.ago(_moment(state.get("at")))
    parts.figure(second, WORDS["last_round"], at, hint=WORDS["last_round_help"])
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(WORDS["tables"], anchor=False)
        rows = [{"name": word, "rows": sizes[key]} for key, word in wording_system.TABLES.items()]
        parts.table(pd.DataFrame(rows), {"name": WORDS["table"], "rows": WORDS["rows"]})
    with right:
        st.subheader(WORDS["stages"], anchor=False)
        _stages(state)
    _versions(str(state.get("model_version", "")))
    if may(people.current(), "audit"):
        _audit()


def _stages(state: dict[str, object]) -> None:
    seconds, rows = state.get("seconds"), state.get("rows")
    if not isinstance(seconds, dict) or not seconds:
        st.caption(WORDS["no_round"])
        return
    done = rows if isinstance(rows, dict) else {}
    table = pd.DataFrame(
        [
            {"stage": wording_system.STAGES.get(name, name), "seconds": took, "rows": done.get(name)}
            for name, took in seconds.items()
        ]
    )
    columns = {
        "stage": WORDS["stage"],
        "seconds": st.column_config.NumberColumn(WORDS["seconds"], format="%.2f"),
        "rows": WORDS["rows"],
    }
    parts.table(table, columns)


def _versions(model: str) -> None:
    st.subheader(WORDS["versions"], anchor=False)
    rows = [
        {"name": wording.PRODUCT, "version": version("huiying")},
        {"name": WORDS["model"], "version": model or wording.NONE_YET},
        *({"name": name, "version": version(name)} for name in ("duckdb", "streamlit", "onnxruntime")),
    ]
    parts.table(pd.DataFrame(rows), {"name": WORDS["part"], "version": WORDS["versions"]})


def _audit() -> None:
    st.subheader(WORDS["audit"], anchor=False)
    page = parts.page_number()
    found = data.audit(page)
    if found.empty:
        st.caption(WORDS["no_audit"])
        return
    shown = found.assign(
        action=[audit_words.of(str(action)) for action in found["action"]],
        body=[_said(body) for body in found["body"]],
    )
    columns = {
        "recorded_at": st.column_config.DatetimeColumn(WORDS["when"], format="MM-DD HH:mm:ss"),
        "actor": WORDS["actor"],
        "action": WORDS["action"],
        "body": WORDS["body"],
    }
    parts.table(shown, columns)
    parts.pager("audit", page, data.pages(found, data.TABLE_ROWS), int(found["total"].iloc[0]))


def _said(body: str) -> str:
    """Return what an audit event notes, without the names of its fields and empty values."""
    values = [_plain(value) for value in parts.body_of(body).values()]
    return formats.one_line(" · ".join(value for value in values if value), 160)


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return wording.LIST_COMMA.join(f"{key} {_plain(part)}" for key, part in value.items())
    return wording.LIST_COMMA.join(map(str, value)) if isinstance(value, list) else str(value)


def _moment(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None


show()
