"""今日待办: the queue of claims that are owed an answer, overdue first, with the reasons of each rank."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import data, formats, parts, wording, wording_claim, wording_statements, wording_today, work

WORDS = wording_today.TODAY
FIGURES = wording_today.FIGURES
BAND_ICONS = {
    "urgent": ":material/crisis_alert:",
    "overdue": ":material/timer_off:",
    "rest": ":material/list:",
}
QUICK = (("assigned", "a"), ("cited", "s"), ("declined", "n"))


def show() -> None:
    """Show the page."""
    st.title(WORDS["title"], anchor=False)
    parts.live(_totals)
    chosen = _filters()
    parts.live(lambda: _queue(chosen), paused=work.doing() is not None)


def _totals() -> None:
    totals = data.queue_totals()
    for (key, question), column in zip(FIGURES.items(), st.columns(len(FIGURES)), strict=True):
        parts.figure(
            column, WORDS[key], formats.number(totals[key]), hint=WORDS[f"{key}_help"],
            pick=("question", question),
        )  # fmt: skip


def _filters() -> data.QueueFilter:
    spots = st.columns([0.9, 1.1, 1.1, 1.1, 1.7, 1.3, 1.2])
    counties = {"": wording.ALL, **{name: name for name in data.county_names()}}
    channels = {"": wording.ALL, **{name: name for name in data.queue_channels()}}
    needs = {"": wording.ALL, **{key: word for key, word in wording.NEEDS.items() if key not in {"", "none"}}}
    with spots[0]:
        hours = parts.choice("span", wording_today.SPANS, 0)
    with spots[1]:
        need = parts.choice("need", needs, "")
    with spots[2]:
        channel = parts.choice("channel", channels, "")
    with spots[3]:
        county = parts.choice("county", counties, "")
    with spots[4]:
        question = parts.choice("question", wording_today.QUESTIONS, "")
    with spots[5]:
        sort = parts.choice("sort", wording_today.SORTS, "urgent")
    with spots[6]:
        words = parts.search()
    return data.QueueFilter(
        need=need, county=county, channel=channel, words=words, question=question,
        hours=hours, sort=sort, page=parts.page_number(),
    )  # fmt: skip


def _queue(chosen: data.QueueFilter) -> None:
    found = data.queue(chosen)
    if found.empty:
        _nothing(chosen)
        return
    selected = min(int(st.session_state.get("selected", 0)), len(found) - 1)
    _keys(selected, len(found))
    first_rank = (chosen.page - 1) * data.PAGE_ROWS + 1
    band = ""
    for place, row in enumerate(data.records(found)):
        if chosen.sort == "urgent" and row["band"] != band:
            band = row["band"]
            words = wording_today.BANDS[band]
            st.caption(f"{BAND_ICONS[band]} **{words}**", help=wording_today.BANDS_HELP[band])
        _card(row, first_rank + place, place, open_now=place == selected)
    parts.pager("queue", chosen.page, data.pages(found, data.PAGE_ROWS), int(found["total"].iloc[0]))


def _nothing(chosen: data.QueueFilter) -> None:
    if chosen == data.QueueFilter():
        parts.empty(WORDS["calm_title"], WORDS["calm"], ":material/done_all:")
        return
    parts.empty(WORDS["nothing_title"], WORDS["nothing"], ":material/filter_alt:")
    if st.button(WORDS["clear"], icon=":material/filter_alt_off:"):
        for key in [key for key in st.session_state if str(key).startswith("filter-")]:
            del st.session_state[key]
        st.query_params.clear()
        st.rerun()


def _keys(selected: int, rows: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(WORDS["previous"], shortcut="k", on_click=_select, args=(max(selected - 1, 0),))
        st.button(WORDS["next"], shortcut="j", on_click=_select, args=(min(selected + 1, rows - 1),))
        editing = work.doing() is not None
        words = wording.RUN_STATE_WORDS["paused" if editing else "updated"]
        st.caption(words.format(when=formats.clock(data.now())), help=WORDS["keys"])


def _select(place: int) -> None:
    st.session_state["selected"] = place
    st.session_state.pop("doing", None)


def _card(row: Mapping[str, Any], rank: int, place: int, *, open_now: bool) -> None:
    with st.container(border=True, key=f"queue-{place}", gap="small"):
        words, due = st.columns([4, 1.3], vertical_alignment="top")
        with words:
            st.markdown(f"**{rank}. {formats.escaped(formats.one_line(row['text']))}**")
            with st.container(horizontal=True, gap="small", vertical_alignment="center"):
                parts.level_badge(row["level"])
                if row["state"] != "pending":
                    work.state_badge(row["state"])
                parts.need_badge(row["need"])
                work.escalated_badge(row["escalated_to"])
                if row["answers"]:
                    st.badge(wording_statements.STATEMENTS["title"], icon=":material/verified:", color="blue")
                st.caption(formats.escaped(_facts(row)))
        with due:
            parts.deadline_badge(row["deadline"])
            if not open_now:
                st.button(
                    WORDS["expand"], key=f"open-{place}", on_click=_select, args=(place,), type="tertiary"
                )
        if open_now:
            _opened(row)
        elif row["reasons"]:
            st.caption(formats.escaped(parts.reason_words(row["reasons"])))


def _opened(row: Mapping[str, Any]) -> None:
    if not pd.isna(row["deadline"]):
        st.caption(formats.escaped(parts.deadline_rule(row)))
    if row["reasons"]:
        parts.reason_bars(row["reasons"])
    else:
        st.caption(WORDS["no_reasons"])
    response = data.response(row["claim_id"])
    if response is None:
        parts.claim_link(row["claim_id"])
    else:
        work.quick(response, QUICK)


def _facts(row: Mapping[str, Any]) -> str:
    counties = wording.LIST_COMMA.join(row["counties"][:4])
    parts_shown = [
        f"{wording_claim.CLAIM['size']} {formats.number(row['size'])}",
        f"{wording_claim.CLAIM['authors']} {formats.number(row['authors'])}",
        counties,
        f"{wording_claim.CLAIM['last_here']} {formats.ago(row['last_seen'])}",
    ]
    return " · ".join(part for part in parts_shown if part)


show()
