"""帖文: the posts behind a number, with the filters in the URL, each shown as plain text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import data, data_posts, formats, parts, wording, wording_claim, wording_posts

WORDS = wording_posts.POSTS


def show() -> None:
    """Show the page."""
    st.title(WORDS["title"], anchor=False)
    st.caption(WORDS["caption"])
    parts.guarded(_filtered)


def _filtered() -> None:
    chosen = _filters()
    if chosen.hour is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(WORDS["hour"].format(hour=formats.clock(chosen.hour)), icon=":material/schedule:")
            st.button(WORDS["all_hours"], type="tertiary", on_click=parts.set_parameter, args=("hour", ""))
    parts.live(lambda: _list(chosen))


def _filters() -> data_posts.PostFilter:
    needs = {"": wording.ALL, **{key: word for key, word in wording.NEEDS.items() if key}}
    with parts.filter_bar():
        hours = parts.choice("span", wording.SPANS, 24, width=parts.FILTER_WIDTH)
        sentiment = parts.choice(
            "sentiment", {"": wording.ALL, **wording.SENTIMENTS}, "", width=parts.FILTER_WIDTH
        )
        channel = parts.choice("channel", _named(data_posts.channels(hours)), "", width=parts.FILTER_WIDTH)
        county = parts.choice("county", _named(data.county_names()), "", width=parts.FILTER_WIDTH)
        merged = parts.choice("similar", wording_posts.MERGED, 0, width=parts.FILTER_WIDTH)
        sort = parts.choice("sort", wording_posts.SORTS, "newest", width=parts.FILTER_WIDTH)
        need = parts.choice("need", needs, "", width=parts.FILTER_WIDTH)
        words = parts.search(label=WORDS["search"])
    return data_posts.PostFilter(
        hours=hours, hour=_hour(st.query_params.get("hour", "")), sentiment=sentiment, need=need,
        channel=channel, county=county, merged=bool(merged), sort=sort, words=words, page=parts.page_number(),
    )  # fmt: skip


def _list(chosen: data_posts.PostFilter) -> None:
    found = data_posts.posts(chosen)
    if found.empty:
        parts.empty(WORDS["nothing_title"], WORDS["nothing"], ":material/search_off:")
        return
    total = int(found["total"].iloc[0])
    st.caption(WORDS["total_merged" if chosen.merged else "total"].format(n=formats.number(total)))
    for row in data.records(found):
        _post(row)
    parts.pager("posts", chosen.page, data.pages(found, data_posts.ROWS), total)


def _post(row: Mapping[str, Any]) -> None:
    with st.container(border=True, key=f"post-{row['post_id']}", gap="small"):
        parts.cut_text(row["text"])
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            _badges(row)
            st.caption(formats.escaped(_facts(row)))
            parts.source_link(row["url"])
            if not pd.isna(row["claim_id"]):
                parts.claim_link(row["claim_id"], WORDS["claim"], None)


def _badges(row: Mapping[str, Any]) -> None:
    if pd.isna(row["need"]):
        st.badge(WORDS["untagged"], icon=":material/hourglass_empty:", color="gray")
    else:
        parts.need_badge(row["need"])
    if not pd.isna(row["sentiment"]):
        parts.sentiment_badge(row["sentiment"])
    if row["official"]:
        st.badge(wording_claim.CLAIM["official"], icon=":material/verified:", color="blue")
    if row["alike"] > 1:
        st.badge(
            WORDS["alike"].format(n=formats.number(row["alike"])), icon=":material/join:", color="violet"
        )


def _facts(row: Mapping[str, Any]) -> str:
    numbers = {
        key: formats.number(0 if pd.isna(row[key]) else row[key]) for key in ("replies", "reposts", "likes")
    }
    shown = [
        formats.both(row["published_at"]),
        str(row["channel"]),
        str(row["county"]),
        WORDS["counts"].format(**numbers),
        "" if pd.isna(row["rumor_score"]) else WORDS["rumor"].format(share=f"{row['rumor_score']:.0%}"),
    ]
    return " · ".join(part for part in shown if part)


def _hour(given: str) -> datetime | None:
    """Return the hour that the URL asks for; None where it asks for none or for nonsense."""
    try:
        found = datetime.fromisoformat(given)
    except ValueError:
        return None
    return found.replace(minute=0, second=0, microsecond=0) if found.tzinfo else None


def _named(names: list[str]) -> dict[str, str]:
    return {"": wording.ALL, **{name: name for name in names}}


show()
