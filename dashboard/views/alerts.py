"""预警: the alerts with their reasons, who handled each, and whether the messages went out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard import actions, data, formats, parts, wording, wording_alerts

WORDS = wording_alerts.ALERTS


def show() -> None:
    """Show the page."""
    st.title(WORDS["title"], anchor=False)
    spots = st.columns([1, 1, 1.2, 2], vertical_alignment="bottom")
    counties = {"": wording.ALL, **{name: name for name in data.county_names()}}
    with spots[0]:
        hours = parts.choice("span", wording.SPANS, 72)
    with spots[1]:
        level = parts.choice("level", {"": wording.ALL, **wording.LEVELS}, "")
    with spots[2]:
        county = parts.choice("county", counties, "")
    with spots[3]:
        unhandled = st.toggle(WORDS["unhandled"], key="alerts-unhandled")
    parts.live(lambda: _list(hours, level, county, unhandled))


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
            st.badge(wording_alerts.TRIGGERS.get(row["trigger"], row["trigger"]), color="gray")
            st.caption(formats.both(row["raised_at"]))
        parts.claim_link(row["claim_id"], formats.escaped(formats.one_line(row["text"] or "")), None)
        for reason in row["reasons"]:
            st.markdown(f"- {formats.escaped(reason)}")
        st.caption(formats.escaped(_numbers(row)))
        _handling(row)


def _numbers(row: Mapping[str, Any]) -> str:
    counted = WORDS["observed"].format(
        observed=formats.number(row["observed"]),
        expected=f"{row['expected']:.1f}",
        upper=f"{row['upper']:.0f}",
        minutes=row["window_minutes"],
    )
    told = (
        WORDS["sent"].format(sent=row["sent"], failed=row["failed"], waiting=row["waiting"])
        if row["sent"] + row["failed"] + row["waiting"]
        else WORDS["no_messages"]
    )
    return f"{counted} · {told}"


def _handling(row: Mapping[str, Any]) -> None:
    if row["handled"]:
        st.caption(
            formats.escaped(
                WORDS["handled_by"].format(
                    what=wording_alerts.HANDLED.get(row["handled"], row["handled"]),
                    who=row["handled_by"],
                    when=formats.both(row["handled_at"]),
                )
            )
        )
    with st.container(horizontal=True):
        for kind, label in wording_alerts.ALERT_ACTIONS.items():
            if kind != row["handled"]:
                st.button(
                    label,
                    key=f"{kind}-{row['alert_id']}",
                    type="primary" if kind == "acknowledged" and not row["handled"] else "secondary",
                    on_click=actions.handle_alert,
                    args=(row["alert_id"], kind, tuple(row["counties"])),
                )


show()
