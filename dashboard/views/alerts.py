"""预警: open alerts first, each with its reasons, who has it, what was done, and whether its messages
arrived.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import actions, alert_charts, alert_data, data, formats, parts, wording, wording_alerts
from dashboard.connection import settings
from pipeline.routing import Routing

WORDS = wording_alerts.ALERTS
STATE_LOOKS = {
    "new": (":material/fiber_new:", "orange"),
    "open": (":material/notifications_active:", "orange"),
    "acknowledged": (":material/how_to_reg:", "blue"),
    "escalated": (":material/trending_up:", "violet"),
    "closed": (":material/task_alt:", "gray"),
}
MUTE_HOURS = (1, 4, 12, 24, 72)


def show() -> None:
    """Show the page."""
    st.title(WORDS["title"], anchor=False)
    parts.guarded(_day)
    spots = st.columns([1, 1, 1.2, 2], vertical_alignment="bottom")
    counties = {"": wording.ALL, **{name: name for name in data.county_names()}}
    with spots[0]:
        hours = parts.choice("span", wording.SPANS, 72)
    with spots[1]:
        level = parts.choice("level", {"": wording.ALL, **wording.LEVELS}, "")
    with spots[2]:
        county = parts.choice("county", counties, "")
    with spots[3]:
        unhandled = parts.switch("unhandled", WORDS["unhandled"])
    parts.live(lambda: _list(hours, level, county, unhandled))
    parts.guarded(_rota)


def _day() -> None:
    lines = alert_data.day_words()
    with st.expander(formats.escaped(f"{WORDS['day']}：{lines[0]}"), icon=":material/outgoing_mail:"):
        for line in lines:
            st.markdown(f"- {formats.escaped(line)}")


def _list(hours: int, level: str, county: str, unhandled: bool) -> None:
    page = parts.page_number()
    only = st.query_params.get("alert", "")
    found = data.alerts(hours, level=level, county=county, unhandled=unhandled, alert=only, page=page)
    if found.empty:
        parts.empty(WORDS["empty_title"], WORDS["empty"], ":material/notifications_off:")
        return
    for row in data.records(found):
        _alert(row)
    parts.pager("alerts", page, data.pages(found, data.PAGE_ROWS), int(found["total"].iloc[0]))


def _alert(row: Mapping[str, Any]) -> None:
    with st.container(border=True, key=f"alert-{row['alert_id']}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            parts.level_badge(row["level"])
            icon, colour = STATE_LOOKS[row["state"]]
            st.badge(wording_alerts.STATES[row["state"]], icon=icon, color=colour)  # type: ignore[arg-type]
            st.badge(wording_alerts.KINDS.get(row["kind"], row["kind"]), color="gray")
            st.badge(wording_alerts.TRIGGERS.get(row["trigger"], row["trigger"]), color="gray")
        parts.claim_link(row["claim_id"], formats.escaped(formats.one_line(row["text"] or "")), None)
        if len(row["reasons"]):
            st.markdown(f"**{formats.escaped(row['reasons'][0])}**")
        for reason in list(row["reasons"])[1:3]:
            st.markdown(formats.escaped(reason))
        st.caption(formats.escaped(_how_it_stands(row)))
        _buttons(row)
        # Only what is opened is asked for: ten alerts' posts and messages are thirty questions.
        only = st.query_params.get("alert") == row["alert_id"]
        more = st.expander(WORDS["more"], expanded=only, key=f"more-{row['alert_id']}", on_change="rerun")
        if more.open:
            with more:
                _details(row)


def _how_it_stands(row: Mapping[str, Any]) -> str:
    said = [WORDS["raised"].format(when=formats.both(row["raised_at"]))]
    if row["updates"]:
        said.append(WORDS["updated"].format(when=formats.both(row["updated_at"]), n=row["updates"]))
    if row["level"] != row["raised_level"]:
        said.append(WORDS["risen"].format(before=wording.LEVELS[row["raised_level"]]))
    if row["claims"] > 1:
        said.append(WORDS["claims"].format(n=row["claims"]))
    said.append(_who_has_it(row))
    if _is_muted(row):
        said.append(WORDS["muted_until"].format(when=formats.both(row["muted_until"])))
    return " · ".join(said)


def _who_has_it(row: Mapping[str, Any]) -> str:
    if not pd.isna(row["settled_at"]):
        what = wording_alerts.HANDLED.get(row["settled_as"], row["settled_as"])
        return WORDS["settled"].format(what=what, who=row["settled_by"], when=formats.both(row["settled_at"]))
    if pd.isna(row["acknowledged_at"]):
        return WORDS["nobody"]
    said = WORDS["has_it"].format(who=row["acknowledged_by"], when=formats.both(row["acknowledged_at"]))
    others = int(row["acknowledgers"]) - 1
    return f"{said}（{WORDS['also'].format(n=others)}）" if others > 0 else said


def _buttons(row: Mapping[str, Any]) -> None:
    counties = tuple(row["counties"]) if row["counties"] is not None else ()
    with st.container(horizontal=True, vertical_alignment="center"):
        if row["state"] == "closed":
            _button(row, "reopened", wording_alerts.HANDLED["reopened"], counties)
            return
        for kind, label in wording_alerts.ALERT_ACTIONS.items():
            if kind != "acknowledged" or row["state"] != "acknowledged":
                _button(row, kind, label, counties)
        if _is_muted(row):
            _button(row, "unmuted", wording_alerts.HANDLED["unmuted"], counties)
        else:
            _mute(row, counties)


def _button(row: Mapping[str, Any], kind: str, label: str, counties: tuple[str, ...]) -> None:
    st.button(
        label,
        key=f"{kind}-{row['alert_id']}",
        type="primary" if kind == "acknowledged" else "secondary",
        on_click=actions.handle_alert,
        args=(row["alert_id"], kind, counties),
    )


def _mute(row: Mapping[str, Any], counties: tuple[str, ...]) -> None:
    with st.popover(WORDS["mute"], icon=":material/notifications_paused:"):
        hours = st.radio(
            WORDS["mute_hours"], MUTE_HOURS, index=3, horizontal=True, key=f"mute-hours-{row['alert_id']}",
            format_func=lambda n: WORDS["hours"].format(n=n),
        )  # fmt: skip
        until = data.now() + timedelta(hours=hours)
        st.caption(WORDS["mute_ends"].format(when=formats.clock(until)))
        st.button(
            WORDS["mute_do"], key=f"muted-{row['alert_id']}", on_click=actions.handle_alert,
            args=(row["alert_id"], "muted", counties, hours),
        )  # fmt: skip


def _details(row: Mapping[str, Any]) -> None:
    st.markdown(f"**{WORDS['reasons']}**")
    for reason in row["reasons"]:
        st.markdown(f"- {formats.escaped(reason)}")
    st.caption(formats.escaped(_numbers(row)))
    st.markdown(f"**{WORDS['samples']}**")
    for post in alert_data.samples(list(row["post_ids"])):
        st.caption(
            formats.escaped(
                f"{formats.both(post['published_at'])} · {post['channel']} · {post['county'] or ''}"
            )
        )
        parts.public_text(post["text"])
    st.markdown(f"**{WORDS['history']}**")
    history = alert_data.history(row["alert_id"])
    if history.empty:
        st.caption(WORDS["no_history"])
    else:
        parts.table(history, wording_alerts.HISTORY_COLUMNS)
    told = alert_data.deliveries(row["alert_id"])
    st.markdown(f"**{WORDS['deliveries']}**")
    if told.empty:
        st.caption(WORDS["no_deliveries"])
    else:
        parts.table(told, wording_alerts.DELIVERY_COLUMNS)


def _numbers(row: Mapping[str, Any]) -> str:
    return WORDS["observed"].format(
        observed=formats.number(row["observed"]),
        expected=f"{row['expected']:.1f}",
        upper=f"{row['upper']:.0f}",
        minutes=row["window_minutes"],
    )


def _is_muted(row: Mapping[str, Any]) -> bool:
    return not pd.isna(row["muted_until"]) and row["muted_until"] > data.now()


def _rota() -> None:
    routing = Routing.load(settings())
    with st.expander(WORDS["rota"], icon=":material/calendar_view_week:"):
        if not routing.recipients:
            st.caption(WORDS["rota_none"])
            return
        people = routing.rota.on_call(data.now())
        said = WORDS["on_call"].format(people=wording.LIST_COMMA.join(people)) if people else WORDS["no_rota"]
        st.markdown(formats.escaped(said))
        st.altair_chart(alert_charts.quiet_hours(alert_data.quiet_grid(routing)), key="quiet-hours")
        st.caption(WORDS["rota_caption"])
        st.markdown(f"**{WORDS['routes']}**")
        for line in alert_data.route_words(routing):
            st.markdown(f"- {formats.escaped(line)}")


show()
