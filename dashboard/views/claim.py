"""说法: one claim with its timeline, answer, posts, places and channels; without one in the URL, a list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import (
    charts,
    data,
    data_claims,
    effect_panel,
    formats,
    grouping,
    known_panel,
    parts,
    wording,
    wording_claim,
    wording_grouping,
    wording_ledger,
    wording_today,
    work,
)
from dashboard.connection import Served
from pipeline.drafting import material

WORDS = wording_claim.CLAIM
TITLES = {
    "work": wording_ledger.WORK["title"],
    "effect": wording_grouping.EFFECT["title"],
    "grouping": wording_grouping.GROUPING["title"],
}


def show() -> None:
    """Show one claim, or the list."""
    claim_id = st.query_params.get("claim", "")
    if claim_id:
        _one(claim_id)
    else:
        st.title(WORDS["pick_title"], anchor=False)
        _pick()


def _pick() -> None:
    st.caption(WORDS["pick"])
    spots = st.columns([1, 1.2, 1.2, 1, 2])
    counties = {"": wording.ALL, **{name: name for name in data.county_names()}}
    needs = {"": wording.ALL, **{key: word for key, word in wording.NEEDS.items() if key}}
    with spots[0]:
        hours = parts.choice("span", wording.SPANS, 336)
    with spots[1]:
        need = parts.choice("need", needs, "")
    with spots[2]:
        county = parts.choice("county", counties, "")
    with spots[3]:
        sort = parts.choice("sort", wording_claim.CLAIM_SORTS, "newest")
    with spots[4]:
        words = parts.search()
    parts.live(lambda: _list(words, county, need, sort, hours))


def _list(words: str, county: str, need: str, sort: str, hours: int) -> None:
    page = parts.page_number()
    found = data.claims(words, county, need, sort, hours, page)
    if found.empty:
        parts.empty(
            wording_today.TODAY["nothing_title"], wording_today.TODAY["nothing"], ":material/search_off:"
        )
        return
    for row in data.records(found):
        with st.container(border=True, key=f"claim-{row['claim_id']}", gap="small"):
            parts.claim_link(row["claim_id"], formats.escaped(formats.one_line(row["text"])), None)
            with st.container(horizontal=True, vertical_alignment="center"):
                parts.need_badge(row["need"])
                st.caption(formats.escaped(_facts(row)))
    parts.pager("claims", page, data.pages(found, data.PAGE_ROWS), int(found["total"].iloc[0]))


def _facts(row: Mapping[str, Any]) -> str:
    shown = [
        f"{WORDS['size']} {formats.number(row['size'])}",
        f"{WORDS['rumor']} {row['rumor_score']:.0%}",
        wording.LIST_COMMA.join(row["counties"][:4]),
        f"{WORDS['last_here']} {formats.ago(row['last_seen'])}",
    ]
    return " · ".join(part for part in shown if part)


def _one(claim_id: str) -> None:
    claim = data.claim(claim_id)
    st.page_link(parts.PAGE_FILES["claim"], label=WORDS["back"], icon=":material/arrow_back:")
    if claim is None:
        st.title(WORDS["pick_title"], anchor=False)
        parts.empty(WORDS["missing_title"], WORDS["missing"], ":material/search_off:")
        return
    st.title(wording.PAGES["claim"], anchor=False)
    parts.live(lambda: _top(claim_id))
    known_panel.show(claim_id)
    st.page_link(
        parts.PAGE_FILES["reports"], label=WORDS["brief"], icon=":material/description:",
        query_params={"kind": "claim", "claim": claim_id},
    )  # fmt: skip
    names = ("work", "effect", "members", "questions", "statements", "places", "channels", "grouping")
    shown = (
        work.panel, effect_panel.show, _members, _questions, _statements, _places, _channels, grouping.show,
    )  # fmt: skip
    titles = [TITLES.get(name) or WORDS[name] for name in names]
    # Only the open tab is asked for and drawn; which one is in the URL, so that it can be sent.
    tabs = st.tabs(titles, key="tab", on_change="rerun", bind="query-params")
    for tab, body, name in zip(tabs, shown, names, strict=True):
        if tab.open:
            with tab, st.container(key=f"tab-{name}"):
                body(claim_id)


def _top(claim_id: str) -> None:
    claim = data.claim(claim_id)
    if claim is not None:
        _head(claim)
        _timeline(claim)


def _head(claim: Mapping[str, Any]) -> None:
    with st.container(border=True):
        st.markdown(f"##### {formats.escaped(formats.one_line(claim['text'], 200))}")
        with st.container(horizontal=True):
            parts.need_badge(claim["need"])
            _verdict(claim)
            if claim["deadline"] is not None:
                parts.deadline_badge(claim["owed_until"])
        in_queue = claim["deadline"] is not None
        st.caption(formats.escaped(parts.deadline_rule(claim)) if in_queue else WORDS["not_in_queue"])
    size, authors, rumor, seen = st.columns(4)
    parts.figure(size, WORDS["size"], formats.number(claim["size"]), hint=WORDS["size_help"])
    parts.figure(authors, WORDS["authors"], formats.number(claim["authors"]), hint=WORDS["authors_help"])
    parts.figure(rumor, WORDS["rumor"], f"{claim['rumor_score']:.0%}", hint=WORDS["rumor_help"])
    parts.figure(
        seen, WORDS["first_seen"], formats.clock(claim["first_seen"]), formats.ago(claim["first_seen"]),
        hint=WORDS["first_seen_help"],
    )  # fmt: skip
    if claim["reasons"]:
        with st.expander(wording_today.TODAY["why"], icon=":material/bar_chart:"):
            parts.reason_bars(parts.list_of(claim["reasons"]))


def _verdict(claim: Mapping[str, Any]) -> None:
    """Show what a named person found; nothing else takes away that a claim is unverified."""
    if claim["verdict"]:
        said = WORDS["verdict_by"].format(who=claim["decided_by"])
        st.badge(claim["verdict"], icon=":material/gavel:", color="violet", help=formats.escaped(said))
        return
    icon = ":material/help_center:"
    st.badge(WORDS["unverified"], icon=icon, color="gray", help=WORDS["unverified_help"])


def _timeline(claim: Mapping[str, Any]) -> None:
    st.subheader(WORDS["timeline"], anchor=False)
    series, minutes = data.claim_series(claim["claim_id"], claim["first_seen"], claim["last_seen"])
    if series.empty:
        st.caption(WORDS["no_posts"])
        return
    marks = data_claims.marks(claim["claim_id"])
    gaps = data_claims.gaps(series)
    chart = charts.claim_timeline(series, marks, gaps, minutes)
    st.altair_chart(chart, key="timeline", alt=WORDS["timeline"])
    st.caption(WORDS["timeline_caption"].format(minutes=minutes))


def _members(claim_id: str) -> None:
    left, right = st.columns(2)
    with left:
        relation = parts.choice("relation", {"": wording.ALL, **wording.RELATIONS}, "")
    with right:
        sort = parts.choice("sort", wording_claim.MEMBER_SORTS, "newest")
    page = parts.page_number()
    found = data.claim_members(claim_id, relation, sort, page)
    for row in data.records(found):
        _post(row)
    if not found.empty:
        pages = data.pages(found, data.MEMBER_ROWS)
        parts.pager("members", page, pages, int(found["total"].iloc[0]))


def _post(row: Mapping[str, Any]) -> None:
    with st.container(border=True, key=f"post-{row['post_id']}", gap="small"):
        parts.public_text(row["text"])
        if row["first_text"] != row["text"]:
            with st.expander(WORDS["edited"]):
                parts.public_text(row["first_text"])
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge(wording.RELATIONS.get(row["relation"], row["relation"]), color="gray")
            if row["official"]:
                st.badge(WORDS["official"], icon=":material/verified:", color="blue")
            if not pd.isna(row["deleted_at"]):
                st.badge(WORDS["deleted"], icon=":material/delete:", color="orange")
            st.caption(formats.escaped(_post_facts(row)))
            parts.source_link(row["url"])


def _post_facts(row: Mapping[str, Any]) -> str:
    return " · ".join(
        part
        for part in (
            formats.both(row["published_at"]),
            str(row["channel"]),
            wording.LIST_COMMA.join(row["places"]) or str(row["county"]),
            f"{WORDS['similarity']} {row['similarity']:.0%}",
            f"{WORDS['reason']}:{row['reason']}",
        )
        if part
    )


def _questions(claim_id: str) -> None:
    facts = material(Served(), claim_id)
    if not facts.asked:
        st.caption(WORDS["no_questions"])
    for group in facts.asked:
        with st.container(border=True, gap="small"):
            st.markdown(f"**{group.name}** · {WORDS['posts']} {formats.number(group.posts)}")
            for example in group.examples:
                parts.public_text(example, 160)
    if facts.confusions:
        st.markdown(f"**{WORDS['confusions']}**", help=WORDS["confusions_help"])
    for one in facts.confusions:
        parts.public_text(one.words(), 300)


def _statements(claim_id: str) -> None:
    for earlier in material(Served(), claim_id).earlier:
        with st.container(border=True, gap="small"):
            st.badge(WORDS["known"], icon=":material/history:", color="violet", help=WORDS["known_help"])
            parts.public_text(earlier.words(), 300)
            st.caption(formats.escaped(earlier.cited.issuer))
            parts.source_link(earlier.cited.url)
    found = data.claim_table("statements", claim_id)
    if found.empty:
        st.caption(WORDS["no_statements"])
    for row in data.records(found):
        with st.container(border=True, gap="small"):
            with st.container(horizontal=True, vertical_alignment="center"):
                colour = "blue" if row["relation"] == "answers" else "gray"
                st.badge(WORDS[row["relation"]], icon=":material/verified:", color=colour)  # type: ignore[arg-type]
                st.caption(formats.escaped(f"{row['issuer']} · {formats.both(row['published_at'])}"))
            st.markdown(f"**{formats.escaped(formats.one_line(row['title'] or row['text']))}**")
            parts.public_text(row["sentence"], 200)
            parts.source_link(row["url"])


def _places(claim_id: str) -> None:
    _ranked(data.claim_table("places", claim_id), "county", WORDS["places"], WORDS["no_places"])


def _channels(claim_id: str) -> None:
    _ranked(data.claim_table("channels", claim_id), "channel", WORDS["channels"], WORDS["no_places"])


def _ranked(table: pd.DataFrame, label: str, word: str, nothing: str) -> None:
    if table.empty:
        st.caption(nothing)
        return
    st.altair_chart(charts.ranked_bars(table, label, "posts"), key=f"bars-{label}", alt=word)
    parts.table(
        table,
        {
            label: word,
            "posts": st.column_config.NumberColumn(WORDS["posts"]),
            "first_seen": st.column_config.DatetimeColumn(WORDS["first_here"], format="MM-DD HH:mm"),
            "last_seen": st.column_config.DatetimeColumn(WORDS["last_here"], format="MM-DD HH:mm"),
        },
    )


show()
