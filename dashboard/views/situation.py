"""态势: how much is said, about what, where; what waits; the newest alerts. Every number opens its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import (
    charts,
    data,
    data_posts,
    formats,
    parts,
    picture,
    wording,
    wording_alerts,
    wording_situation,
    wording_today,
)

WORDS = wording_situation.SITUATION
QUIET = timedelta(hours=2)  # without a new post for longer, the page asks to look at the sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What the filters say."""

    hours: int
    sentiment: str
    channel: str
    county: str
    merged: bool
    sort: str

    @property
    def params(self) -> dict[str, str]:
        """The same as parameters of another page's URL."""
        given = {
            "span": str(self.hours),
            "sentiment": self.sentiment,
            "channel": self.channel,
            "county": self.county,
        }
        return {name: value for name, value in given.items() if value}


def show() -> None:
    """Show the page."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title(WORDS["title"], anchor=False, width="content")
        st.page_link(parts.PAGE_FILES["wall"], label=WORDS["wall"], icon=":material/tv:")
    parts.guarded(_filtered)


def _filtered() -> None:
    with parts.filter_bar():
        hours = parts.choice("span", wording.SPANS, 24, width=parts.FILTER_WIDTH)
        sentiment = parts.choice(
            "sentiment", {"": wording.ALL, **wording.SENTIMENTS}, "", width=parts.FILTER_WIDTH
        )
        channel = parts.choice("channel", _named(data_posts.channels(hours)), "", width=parts.FILTER_WIDTH)
        county = parts.choice("county", _named(data.county_names()), "", width=parts.FILTER_WIDTH)
        merged = parts.choice(
            "similar", {0: wording.PAGES["posts"], 1: WORDS["merged"]}, 0, width=parts.FILTER_WIDTH
        )
        sort = parts.choice("sort", wording_situation.QUEUE_SORTS, "urgent", width=parts.FILTER_WIDTH)
    chosen = Chosen(
        hours=hours, sentiment=sentiment, channel=channel, county=county, merged=bool(merged), sort=sort
    )
    parts.live(lambda: _everything(chosen))


def _everything(chosen: Chosen) -> None:
    figures = data.situation(chosen.hours, chosen.county, chosen.channel, chosen.sentiment)
    if not figures["posts"] and not figures["claims"] and chosen.params.keys() == {"span"}:
        parts.empty(WORDS["empty_title"], WORDS["empty"], ":material/hourglass_empty:")
        return
    _stale(figures["newest_collected"])
    _figures(figures, chosen)
    left, right = st.columns([1.4, 1], gap="large")
    with left:
        _trend(chosen)
        _moods(chosen)
    with right:
        _places(chosen)
        _queue_top(chosen)
        _newest_alerts(chosen)


def _stale(newest: pd.Timestamp | None) -> None:
    if newest is not None and data.now() - newest > QUIET:
        st.warning(WORDS["stale"].format(when=formats.ago(newest)), icon=":material/sensors_off:")


def _figures(figures: Mapping[str, Any], chosen: Chosen) -> None:
    posts, waiting, claims, alerts = st.columns(4)
    county = {"county": chosen.county} if chosen.county else {}
    span = {"span": str(chosen.hours)}
    before = WORDS["posts_before"].format(n=formats.number(figures["posts_before"]))
    parts.figure(
        posts, WORDS["posts"], formats.number(figures["posts"]), before, hint=WORDS["posts_help"],
        rows=[("posts", chosen.params | ({"similar": "1"} if chosen.merged else {}))],
    )  # fmt: skip
    late = int(figures["overdue"])
    parts.figure(
        waiting, WORDS["waiting"], formats.number(figures["waiting"]),
        WORDS["overdue_n"].format(n=late) if late else WORDS["none_overdue"],
        colour="red" if late else "off", hint=wording_today.TODAY["waiting_help"],
        rows=[
            ("today", county),
            *([("today", county | {"question": "overdue"}, WORDS["open_overdue"])] if late else []),
        ],
    )  # fmt: skip
    parts.figure(
        claims, WORDS["claims"], formats.number(figures["claims"]),
        WORDS["new_claims"].format(n=formats.number(figures["new_claims"])), hint=WORDS["claims_help"],
        rows=[("claim", county | span)],
    )  # fmt: skip
    opened = int(figures["open_alerts"])
    parts.figure(
        alerts, WORDS["alerts"], formats.number(figures["alerts"]), WORDS["open_alerts"].format(n=opened),
        colour="orange" if opened else "off", hint=WORDS["alerts_help"],
        rows=[
            ("alerts", county | span),
            *([("alerts", county | span | {"unhandled": "1"}, WORDS["open_unhandled"])] if opened else []),
        ],
    )  # fmt: skip


def _trend(chosen: Chosen) -> None:
    st.subheader(WORDS["trend"], anchor=False)
    table = data.trend(chosen.hours, chosen.county, chosen.channel, chosen.sentiment)
    chart = charts.layered(charts.gaps(table), charts.trend(table, chosen.params), charts.partial(table))
    st.altair_chart(chart, key="trend", alt=WORDS["trend"])
    st.caption(WORDS["trend_caption"])


def _moods(chosen: Chosen) -> None:
    st.subheader(WORDS["moods"], anchor=False, help=WORDS["moods_help"])
    counted = data_posts.moods(chosen.hours, chosen.county, chosen.channel)
    left, right = st.columns(2, gap="large")
    with left:
        _shares(counted, "need", wording.NEEDS, WORDS["by_need"], chosen)
    with right:
        _shares(counted, "sentiment", wording.SENTIMENTS, WORDS["by_sentiment"], chosen)


def _shares(counted: pd.DataFrame, field: str, words: Mapping[str, str], title: str, chosen: Chosen) -> None:
    known = counted[counted[field] != ""]
    total = int(known["posts"].sum())
    st.caption(f"{title} · n={formats.number(total)}")
    for value, posts in known.groupby(field)["posts"].sum().sort_values(ascending=False).items():
        with st.container(gap=None):
            parts.rows_link("posts", chosen.params | {field: str(value)}, words.get(str(value), str(value)))
            st.caption(f"{formats.share(int(posts), total)} · {picture.error_words(field, str(value))}")


def _places(chosen: Chosen) -> None:
    st.subheader(WORDS["tiles"], anchor=False)
    chart, caption = picture.counties(chosen.hours)
    st.altair_chart(chart, key="tiles", alt=WORDS["tiles"])
    st.caption(caption)


def _newest_alerts(chosen: Chosen) -> None:
    st.subheader(WORDS["newest_alerts"], anchor=False)
    found = data.alerts(chosen.hours, county=chosen.county, most=data.NEWEST_ALERTS)
    if found.empty:
        st.caption(WORDS["no_alerts"])
    for row in data.records(found):
        with st.container(border=True, key=f"alert-{row['alert_id']}", gap="small"):
            with st.container(horizontal=True, vertical_alignment="center"):
                parts.level_badge(row["level"])
                st.caption(formats.both(row["raised_at"]))
                st.caption(wording_alerts.STATES[row["state"]])
            parts.claim_link(row["claim_id"], formats.escaped(formats.one_line(row["text"] or "")), None)


def _queue_top(chosen: Chosen) -> None:
    st.subheader(WORDS["queue_top"], anchor=False)
    found = data.queue(data.QueueFilter(county=chosen.county, sort=chosen.sort)).head(data.NEWEST_ALERTS)
    if found.empty:
        st.caption(WORDS["no_queue"])
    for row in data.records(found):
        with st.container(key=f"top-{row['claim_id']}", gap=None):
            parts.claim_link(row["claim_id"], formats.escaped(formats.one_line(row["text"], 32)), None)
            parts.deadline_badge(row["deadline"])


def _named(names: list[str]) -> dict[str, str]:
    return {"": wording.ALL, **{name: name for name in names}}


show()
