"""What an answer changed, as a panel: a claim's id comes in; what was said before and after it is shown."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard import data, formats, parts, wording_grouping
from dashboard.connection import Served
from pipeline.effect import Effect, Side, effect_of

WORDS = wording_grouping.EFFECT


def show(claim_id: str) -> None:
    """Show the effect of a claim's first answer that was published; none without one."""
    response, claim = data.response(claim_id), data.claim(claim_id)
    if response is None or claim is None or not response.answers:
        parts.empty(WORDS["none_title"], WORDS["none"], ":material/query_stats:")
        return
    answered = min(answer.published_at for answer in response.answers)
    found = effect_of(Served(), claim_id, claim["first_seen"], answered, data.now())
    _figures(found)
    st.caption(found.caveat)
    if found.returned:
        st.markdown(WORDS["returned"].format(n=found.returned))
    _listed(WORDS["asking"], [(row["text"], row["posts"], "") for row in found.asking])
    _listed(WORDS["recurring"], [(row["text"], row["size"], row["claim_id"]) for row in found.recurring])


def _figures(found: Effect) -> None:
    before, after, doubt, half = st.columns(4)
    _side(before, WORDS["before"], found.before)
    _side(after, WORDS["after"], found.after)
    share = formats.share(found.after.deny + found.after.query, found.after.posts)
    earlier = formats.share(found.before.deny + found.before.query, found.before.posts)
    parts.figure(doubt, WORDS["doubt"], share, f"{WORDS['before']} {earlier}", hint=WORDS["doubt_help"])
    known = found.half_after
    words = WORDS["half_none"] if known is None else WORDS["half_n"].format(n=known)
    parts.figure(half, WORDS["half"], words, hint=WORDS["half_help"])


def _side(spot: Any, label: str, side: Side) -> None:
    hint = WORDS["rate_help"].format(hours=side.hours, posts=side.posts)
    parts.figure(spot, label, WORDS["rate"].format(n=f"{side.rate:.1f}"), hint=hint)


def _listed(title: str, rows: list[tuple[str, int, str]]) -> None:
    if rows:
        st.markdown(f"**{title}**")
    for text, posts, claim_id in rows:
        with st.container(border=True, gap="small"):
            parts.public_text(text, 160)
            st.caption(WORDS["posts_n"].format(n=formats.number(posts)))
            if claim_id:
                parts.claim_link(claim_id)
