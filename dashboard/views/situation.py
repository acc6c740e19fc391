"""态势: how much is said, about what, where; what waits; the newest alerts. Wall mode for a large screen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from dashboard import charts, data, formats, parts, wording, wording_alerts, wording_situation, wording_today

WORDS = wording_situation.SITUATION
QUIET = timedelta(hours=2)  # without a new post for longer, the page asks to look at the sources


def show() -> None:
    """Show the page."""
    st.title(WORDS["title"], anchor=False)
    spots = st.columns([1, 1.4, 4])
    with spots[0]:
        hours = parts.choice("span", wording.SPANS, 24)
    with spots[1]:
        counties = {"": wording.ALL, **{name: name for name in data.county_names()}}
        county = parts.choice("county", counties, "")
    parts.live(lambda: _everything(hours, county))


def _everything(hours: int, county: str) -> None:
    figures = data.situation(hours)
    if not figures["posts"] and not figures["claims"]:
        parts.empty(WORDS["empty_title"], WORDS["empty"], ":material/hourglass_empty:")
        return
    _stale(figures["newest_collected"])
    _figures(figures)
    left, right = st.columns([1.7, 1], gap="large")
    with left:
        _trend(hours, county)
        _newest_alerts(hours)
    with right:
        _tiles(hours)
        _queue_top()


def _stale(newest: pd.Timestamp | None) -> None:
    if newest is not None and data.now() - newest > QUIET:
        st.warning(WORDS["stale"].format(when=formats.ago(newest)), icon=":material/sensors_off:")


def _figures(figures: Mapping[str, Any]) -> None:
    posts, claims, waiting, alerts = st.columns(4)
    before = WORDS["posts_before"].format(n=formats.number(figures["posts_before"]))
    parts.figure(posts, WORDS["posts"], formats.number(figures["posts"]), before, hint=WORDS["posts_help"])
    parts.figure(
        claims,
        WORDS["claims"],
        formats.number(figures["claims"]),
        WORDS["new_claims"].format(n=formats.number(figures["new_claims"])),
        hint=WORDS["claims_help"],
    )
    late = int(figures["overdue"])
    parts.figure(
        waiting,
        WORDS["waiting"],
        formats.number(figures["waiting"]),
        WORDS["overdue_n"].format(n=late) if late else WORDS["none_overdue"],
        colour="red" if late else "off",
        hint=wording_today.TODAY["waiting_help"],
    )
    opened = int(figures["open_alerts"])
    parts.figure(
        alerts,
        WORDS["alerts"],
        formats.number(figures["alerts"]),
        WORDS["open_alerts"].format(n=opened),
        colour="orange" if opened else "off",
        hint=WORDS["alerts_help"],
    )


def _trend(hours: int, county: str) -> None:
    st.subheader(WORDS["trend"], anchor=False)
    table = data.trend(hours, county)
    chart: alt.LayerChart = charts.layered(charts.gaps(table), charts.trend(table))
    st.altair_chart(chart, key="trend", alt=WORDS["trend"])
    st.caption(WORDS["trend_caption"])


def _tiles(hours: int) -> None:
    st.subheader(WORDS["tiles"], anchor=False)
    table = data.counties(hours)
    shown = table.assign(
        short=[name[:-1] if len(name) <= 4 else name[:2] for name in table["county"]],
        words=[WORDS["tile_waiting"].format(n=count) for count in table["waiting"]],
        more=[WORDS["tile_posts"].format(n=formats.number(count)) for count in table["posts"]],
    )
    st.altair_chart(charts.tiles(shown), key="tiles", alt=WORDS["tiles"])
    st.caption(WORDS["tiles_caption"])


def _newest_alerts(hours: int) -> None:
    st.subheader(WORDS["newest_alerts"], anchor=False)
    found = data.alerts(hours, most=data.NEWEST_ALERTS)
    if found.empty:
        st.caption(WORDS["no_alerts"])
    for row in data.records(found):
        with st.container(border=True, key=f"alert-{row['alert_id']}"):
            with st.container(horizontal=True, vertical_alignment="center"):
                parts.level_badge(row["level"])
                st.caption(formats.both(row["raised_at"]))
                if row["handled"]:
                    st.caption(wording_alerts.HANDLED.get(row["handled"], row["handled"]))
            parts.claim_link(row["claim_id"], formats.escaped(formats.one_line(row["text"] or "")), None)


def _queue_top() -> None:
    st.subheader(WORDS["queue_top"], anchor=False)
    found = data.queue(data.QueueFilter()).head(data.NEWEST_ALERTS)
    if found.empty:
        st.caption(WORDS["no_queue"])
    for row in data.records(found):
        with st.container(key=f"top-{row['claim_id']}", gap=None):
            parts.claim_link(row["claim_id"], formats.escaped(formats.one_line(row["text"], 32)), None)
            parts.deadline_badge(row["deadline"])


show()
