"""预警调校: other thresholds come in; what they would have raised in the past days is shown before they are
saved.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import actions, alert_data, formats, parts, wording, wording_alerts
from pipeline.tuning import DAYS, Trial, Tried

WORDS = wording_alerts.TUNING
LISTED = 200


def show() -> None:
    """Show the page."""
    st.title(WORDS["title"], anchor=False)
    st.caption(WORDS["intro"].format(days=DAYS))
    parts.guarded(_form)
    parts.guarded(_result)
    parts.guarded(_votes)


def _form() -> None:
    current = alert_data.current_values()
    with st.form("tuning"):
        columns = st.columns(3)
        values = {
            name: _number(columns[place % 3], name, current[name])
            for place, name in enumerate(wording_alerts.TUNED)
        }
        days = st.slider(WORDS["days"], 1, 40, DAYS)
        if st.form_submit_button(WORDS["try"], type="primary"):
            trial, seen = alert_data.trial(values, days)
            st.session_state["trial"] = (trial, seen, values)


def _number(spot: Any, name: str, value: float) -> float:
    """Show the field of one setting; whole numbers stay whole."""
    label, hint = wording_alerts.TUNED[name]
    kind = type(value)
    least, step = (1, 1) if name == "alert_pages_per_day" else (kind(0), 1 if kind is int else 0.05)
    chosen: float = spot.number_input(
        label, value=value, min_value=least, step=step, help=hint, key=f"tune-{name}"
    )
    return chosen


def _result() -> None:
    found = st.session_state.get("trial")
    if found is None:
        return
    trial, seen, values = found
    st.subheader(WORDS["result"], anchor=False)
    st.markdown(f"**{formats.escaped(trial.words())}**")
    _figures(trial)
    st.caption(WORDS["limits"])
    if trial.days == 0:
        st.info(WORDS["no_looks"])
    _table(WORDS["list"], trial.alerts, WORDS["none"])
    if trial.missed:
        _table(WORDS["missed"], trial.missed, "")
    st.button(
        WORDS["save"], icon=":material/save:", key="save-tuning", on_click=actions.save_alert_rules,
        args=(values, seen, trial.words()),
    )  # fmt: skip


def _figures(trial: Trial) -> None:
    shown = (len(trial.alerts), trial.false_alarms, trial.paged, trial.held, len(trial.missed))
    labels, hints = wording_alerts.TUNING_FIGURES, wording_alerts.TUNING_FIGURES_HELP
    for spot, label, value, hint in zip(st.columns(5), labels, shown, hints, strict=True):
        parts.figure(spot, label, formats.number(value), hint=hint)


def _table(title: str, alerts: Sequence[Tried], empty: str) -> None:
    st.markdown(f"**{title}**")
    if not alerts:
        st.caption(empty)
        return
    rows = [
        {
            "at": formats.clock(one.at),
            "level": wording.LEVELS.get(one.level, one.level),
            "trigger": wording_alerts.TRIGGERS.get(one.trigger, wording.NONE_YET),
            "called": wording_alerts.SETTLED_AS.get(one.called, one.called),
            "text": formats.one_line(one.text),
        }
        for one in alerts[-LISTED:]
    ]
    parts.table(pd.DataFrame(rows), wording_alerts.TUNING_COLUMNS)


def _votes() -> None:
    st.subheader(WORDS["votes"], anchor=False)
    rows = alert_data.votes()
    if not rows:
        st.caption(WORDS["votes_none"])
    for source, votes, offset, most in rows:
        said = WORDS["vote"].format(source=source, votes=votes, offset=f"{offset:.2f}", most=f"{most:.2f}")
        st.markdown(f"- {formats.escaped(said)}")


show()
