"""The part 更正标注 of 批量标注: posts come one by one; what a person says of each is recorded by a key."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard import actions, data_models, formats, parts, people, wording_batch
from pipeline.label_words import FIELD_WORDS, LABEL_WORDS
from pipeline.labels import DOUBTFUL, RANDOM

WORDS = wording_batch.CORRECT
AT_ONCE = 50  # posts of a batch
SHOWN = 2000  # characters of a post
STATE = "labels-batch"


def correcting() -> None:
    """Show one post of a batch with its labels as buttons, and the way to the next."""
    left, right = st.columns(2)
    with left:
        field = st.selectbox(
            WORDS["field"], list(FIELD_WORDS), format_func=lambda key: FIELD_WORDS[key], key="labels-field"
        )
    with right:
        sample = st.segmented_control(
            WORDS["sample"], list(wording_batch.SAMPLES), default=RANDOM,
            format_func=lambda key: wording_batch.SAMPLES[key], help=WORDS["samples_help"],
            key="labels-sample",
        )  # fmt: skip
    batch = _batch(field, sample or RANDOM)
    if not batch["rows"]:
        parts.empty(WORDS["empty_title"], WORDS["empty"], ":material/done_all:")
        st.caption(WORDS["spreadsheet"])
        return
    if batch["at"] >= len(batch["rows"]):
        parts.empty(WORDS["done_title"], WORDS["done"], ":material/celebration:")
        _more()
        return
    _post(batch, field, sample or RANDOM)
    _keys(batch)
    st.caption(WORDS["keys"])
    st.caption(WORDS["spreadsheet"])


def _batch(field: str, sample: str) -> dict[str, Any]:
    """Return the posts to judge now, kept for the session until another kind is asked for."""
    kind = (field, sample, people.current().name)
    known: dict[str, Any] | None = st.session_state.get(STATE)
    if known is None or known["kind"] != kind:
        rows = data_models.candidates(field, sample, AT_ONCE)
        known = {"kind": kind, "rows": rows, "at": 0, "given": {}}
        st.session_state[STATE] = known
    return known


def _post(batch: dict[str, Any], field: str, sample: str) -> None:
    row = batch["rows"][batch["at"]]
    given = batch["given"].get(row["post_id"])
    position = WORDS["position"].format(n=batch["at"] + 1, total=len(batch["rows"]), done=len(batch["given"]))
    with st.container(border=True, key="labels-post"):
        st.caption(formats.escaped(f"{position} · {row['source']} · {formats.both(row['published_at'])}"))
        parts.public_text(row["text"], SHOWN)
        words = LABEL_WORDS[field]
        if sample == DOUBTFUL or given:
            said = WORDS["said"].format(label=words[row["label"]], score=f"{row['score']:.0%}")
            st.caption(formats.escaped(said))
        else:
            st.caption(WORDS["hidden"])
        if given:
            st.badge(WORDS["yours"].format(label=words[given]), icon=":material/check:", color="green")
    with st.container(horizontal=True):
        for number, (label, word) in enumerate(words.items(), start=1):
            st.button(
                word,
                key=f"label-{label}",
                shortcut=str(number),
                type="primary" if label == given else "secondary",
                on_click=_give,
                args=(batch, row["post_id"], field, label, sample),
            )


def _give(batch: dict[str, Any], post_id: str, field: str, label: str, sample: str) -> None:
    done = WORDS["recorded"].format(label=LABEL_WORDS[field][label])
    if actions.label(post_id, field, label, sample, done):
        batch["given"][post_id] = label
        batch["at"] += 1


def _keys(batch: dict[str, Any]) -> None:
    with st.container(horizontal=True):
        st.button(
            WORDS["previous"], shortcut="k", disabled=batch["at"] == 0, on_click=_move, args=(batch, -1)
        )
        st.button(WORDS["next"], shortcut="j", on_click=_move, args=(batch, 1))
        _more()


def _more() -> None:
    st.button(WORDS["more"], icon=":material/refresh:", type="tertiary", on_click=_forget)


def _move(batch: dict[str, Any], step: int) -> None:
    batch["at"] = min(max(batch["at"] + step, 0), len(batch["rows"]))


def _forget() -> None:
    st.session_state.pop(STATE, None)
