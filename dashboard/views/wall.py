"""大屏: one screen after another for a wall, in large letters; nothing to click but to leave."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import streamlit as st

from dashboard import charts, connection, data, formats, parts, picture, wording_situation, wording_today

WORDS = wording_situation.WALL
SECONDS = 20  # long enough to read five lines across a room
HOURS = 24
ROWS = 5
WALL_TILE = 150  # pixels: four rows of tiles fill a screen of 1080
QUIET = timedelta(hours=2)
STYLE = Path(__file__).parent.parent / "wall.css"


def show() -> None:
    """Show the wall, and turn to the next screen every ``SECONDS``."""
    st.html(STYLE)
    # A whole run shows the screen that the URL names; each run of the fragment after it turns to the next.
    given = st.query_params.get("screen", "1")
    st.session_state["wall-screen"] = int(given) - 2 if given.isdecimal() and len(given) < 4 else -1
    parts.live(_turn, seconds=SECONDS)


def _turn() -> None:
    screens: tuple[tuple[str, Callable[[], None]], ...] = (
        (WORDS["numbers"], _numbers),
        (WORDS["queue"], _queue),
        (WORDS["places"], _places),
        (WORDS["alerts"], _alerts),
    )
    place = (int(st.session_state.get("wall-screen", -1)) + 1) % len(screens)
    st.session_state["wall-screen"] = place
    title, screen = screens[place]
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title(WORDS["title"].format(office=connection.settings().office), anchor=False, width="content")
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            st.caption(WORDS["clock"].format(when=formats.clock(data.now())))
            st.caption(WORDS["screen"].format(n=place + 1, all=len(screens)))
            st.page_link(parts.PAGE_FILES["situation"], label=WORDS["leave"], icon=":material/close:")
    st.header(title, anchor=False)
    screen()


def _numbers() -> None:
    figures = data.situation(HOURS)
    words = wording_situation.SITUATION
    spots = st.columns(4)
    late, opened = int(figures["overdue"]), int(figures["open_alerts"])
    parts.figure(
        spots[0], words["waiting"], formats.number(figures["waiting"]),
        words["overdue_n"].format(n=late) if late else words["none_overdue"], colour="red" if late else "off",
        hint=wording_today.TODAY["waiting_help"],
    )  # fmt: skip
    parts.figure(
        spots[1], words["alerts"], formats.number(figures["alerts"]), words["open_alerts"].format(n=opened),
        colour="orange" if opened else "off", hint=words["alerts_help"],
    )  # fmt: skip
    parts.figure(
        spots[2], words["posts"], formats.number(figures["posts"]),
        words["posts_before"].format(n=formats.number(figures["posts_before"])), hint=words["posts_help"],
    )  # fmt: skip
    parts.figure(
        spots[3], words["claims"], formats.number(figures["claims"]),
        words["new_claims"].format(n=formats.number(figures["new_claims"])), hint=words["claims_help"],
    )  # fmt: skip
    newest = figures["newest_collected"]
    if newest is not None and data.now() - newest > QUIET:
        st.warning(WORDS["stale"].format(when=formats.ago(newest)), icon=":material/sensors_off:")
    table = data.trend(HOURS)
    drawn = charts.layered(charts.gaps(table), charts.trend(table, {}, height=420), charts.partial(table))
    st.altair_chart(drawn, key="wall-trend", alt=words["trend"])


def _queue() -> None:
    found = data.queue(data.QueueFilter()).head(ROWS)
    with st.container(key="wall-rows"):
        if found.empty:
            st.markdown(WORDS["calm"])
        for rank, row in enumerate(data.records(found), 1):
            with st.container(border=True, gap="small"):
                st.markdown(f"**{rank}. {formats.escaped(formats.one_line(row['text'], 60))}**")
                with st.container(horizontal=True, vertical_alignment="center"):
                    parts.level_badge(row["level"])
                    parts.need_badge(row["need"])
                    parts.deadline_badge(row["deadline"])


def _places() -> None:
    chart, caption = picture.counties(HOURS, WALL_TILE)
    st.altair_chart(chart, key="wall-tiles", alt=WORDS["places"])
    st.caption(caption)


def _alerts() -> None:
    found = data.alerts(HOURS, most=ROWS)
    with st.container(key="wall-rows"):
        if found.empty:
            st.markdown(WORDS["no_alerts"])
        for row in data.records(found):
            with st.container(border=True, gap="small"):
                st.markdown(f"**{formats.escaped(formats.one_line(row['text'] or '', 60))}**")
                with st.container(horizontal=True, vertical_alignment="center"):
                    parts.level_badge(row["level"])
                    st.caption(formats.both(row["raised_at"]))


show()
