"""广告与套话: clusters kept out of the queue, each with its reason, so that nothing real hides there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import actions, data, data_noise, formats, parts, people, wording, wording_noise
from pipeline.roles import may

WORDS = wording_noise.NOISE
KIND_ICONS = {"advert": ":material/storefront:", "copypasta": ":material/content_copy:"}


def show() -> None:
    """Show the page."""
    st.title(WORDS["title"], anchor=False)
    st.caption(WORDS["caption"])
    with parts.filter_bar():
        hours = parts.choice("span", wording.SPANS, 168, width=parts.FILTER_WIDTH)
        kind = parts.choice("kind", {"": wording.ALL, **wording_noise.KINDS}, "", width=parts.FILTER_WIDTH)
        sort = parts.choice("sort", wording_noise.SORTS, "newest", width=parts.FILTER_WIDTH)
        words = parts.search(label=WORDS["search"])
    parts.live(lambda: _kinds(hours))
    parts.live(lambda: _list(kind, words, sort, hours))


def _kinds(hours: int) -> None:
    found = data.records(data_noise.kinds(hours))
    for row, column in zip(found, st.columns(max(len(found), 1)), strict=False):
        parts.figure(
            column,
            _kind_word(row["kind"]),
            formats.number(row["clusters"]),
            WORDS["clusters"].format(n=formats.number(row["clusters"]), posts=formats.number(row["posts"])),
            hint=WORDS["kinds_help"],
        )


def _list(kind: str, words: str, sort: str, hours: int) -> None:
    page = parts.page_number()
    found = data_noise.clusters(kind, words, sort, hours, page)
    if found.empty:
        parts.empty(WORDS["empty_title"], WORDS["empty"], ":material/filter_alt_off:")
        return
    for row in data.records(found):
        _cluster(row)
    parts.pager("noise", page, data.pages(found, data.PAGE_ROWS), int(found["total"].iloc[0]))


def _cluster(row: Mapping[str, Any]) -> None:
    with st.container(border=True, key=f"noise-{row['claim_id']}", gap="small"):
        parts.public_text(row["text"], 160)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge(_kind_word(row["kind"]), icon=KIND_ICONS.get(row["kind"]), color="gray")
            if not pd.isna(row["reason"]):
                st.caption(formats.escaped(WORDS["reason"].format(reason=row["reason"])))
            st.caption(formats.escaped(_facts(row)))
            _release(row)
        # Only what is opened is asked for: ten clusters' posts are ten walks through the largest tables.
        words = WORDS["members"].format(n=data_noise.MEMBERS)
        more = st.expander(words, key=f"more-{row['claim_id']}", on_change="rerun")
        if more.open:
            with more:
                _members(row["claim_id"])


def _members(claim_id: str) -> None:
    for post in data.records(data_noise.members(claim_id)):
        with st.container(border=True, gap="small"):
            parts.cut_text(post["text"], 200)
            st.caption(formats.escaped(f"{formats.both(post['published_at'])} · {post['channel']}"))
            parts.source_link(post["url"])


def _release(row: Mapping[str, Any]) -> None:
    if row["released"]:
        st.badge(WORDS["is_released"], icon=":material/check:", color="green")
    elif may(people.current(), "claim", list(row["counties"])):
        st.button(
            WORDS["release"], key=f"release-{row['claim_id']}", icon=":material/undo:",
            help=WORDS["release_help"], on_click=actions.release_noise,
            args=(row["claim_id"], WORDS["released"]),
        )  # fmt: skip


def _facts(row: Mapping[str, Any]) -> str:
    return WORDS["facts"].format(
        size=formats.number(row["size"]),
        authors=formats.number(row["authors"]),
        counties=wording.LIST_COMMA.join(list(row["counties"])[:4]) or wording.NONE_YET,
        when=formats.ago(row["last_seen"]),
    )


def _kind_word(kind: str) -> str:
    return wording_noise.KINDS.get(kind, kind)


show()
