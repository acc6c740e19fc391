"""模型: how often the models are wrong on local text, how label shares drift, and which version is in use."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard import charts_models, data_models, formats, parts, versions_part, wording, wording_models
from pipeline.label_words import FIELD_WORDS, LABEL_WORDS
from pipeline.labels import Agreement, ErrorRate

WORDS = wording_models.MODELS


def show() -> None:
    """Show the page; versions are shown without a running store too."""
    st.title(WORDS["title"], anchor=False)
    parts.guarded(versions_part.in_use)
    chosen = st.segmented_control(
        WORDS["field"],
        list(FIELD_WORDS),
        default=_field(),
        format_func=lambda key: FIELD_WORDS[key],
        key="models-field",
    )
    field = chosen or "need"
    parts.set_parameter("field", "" if field == "need" else field)
    parts.guarded(lambda: _field_figures(field))
    parts.guarded(versions_part.versions)


def _field() -> str:
    given = st.query_params.get("field", "need")
    return given if given in FIELD_WORDS else "need"


def _field_figures(field: str) -> None:
    rates, pairs = data_models.local_errors(field), data_models.local_agreement(field)
    _local(field, rates, pairs)
    _by_label(field, rates)
    _pairs(pairs)
    _drift(field)


def _local(field: str, rates: Sequence[ErrorRate], pairs: Sequence[Agreement]) -> None:
    fresh = data_models.local_freshness(field)
    whole = next((rate for rate in rates if not rate.label and not rate.source), None)
    left, middle, right = st.columns(3)
    value = WORDS["local_none"] if whole is None else f"{whole.error.share:.0%}"
    below = None if whole is None else f"n={whole.posts} · {_interval(whole)}"
    parts.figure(left, WORDS["local"], value, below, hint=WORDS["local_help"])
    when = WORDS["judged_below"].format(when=formats.ago(fresh.newest)) if fresh.newest else None
    parts.figure(middle, WORDS["judged"], formats.number(fresh.posts), when, hint=WORDS["judged_help"])
    best = max(pairs, key=lambda pair: pair.posts, default=None)
    kappa = wording.NONE_YET if best is None or best.kappa is None else f"{best.kappa:.2f}"
    below = WORDS["kappa_none"] if best is None else f"n={best.posts}"
    parts.figure(right, WORDS["kappa"], kappa, below, hint=WORDS["kappa_help"])
    if not fresh.posts:
        parts.empty(WORDS["no_labels_title"], WORDS["no_labels"], ":material/label:")
        st.page_link(
            parts.PAGE_FILES["labels"],
            label=WORDS["to_labels"],
            icon=":material/arrow_forward:",
            query_params={"part": "correct"},
        )
    elif fresh.stale:
        reasons = wording.LIST_COMMA.join(fresh.stale)
        st.warning(formats.escaped(WORDS["stale"].format(reasons=reasons)), icon=":material/update:")


def _by_label(field: str, rates: Sequence[ErrorRate]) -> None:
    labelled = [rate for rate in rates if rate.label]
    if not labelled:
        return
    st.subheader(WORDS["by_label"], anchor=False, help=WORDS["by_label_help"])
    split = st.toggle(WORDS["by_source"], key="models-by-source")
    rows = [
        {
            "label": LABEL_WORDS[field][rate.label],
            "source": rate.source or wording.ALL,
            "posts": rate.posts,
            "share": f"{rate.error.share:.0%}",
            "interval": _interval(rate),
        }
        for rate in labelled
        if split or not rate.source
    ]
    parts.table(pd.DataFrame(rows), wording_models.ERROR_COLUMNS)


def _pairs(pairs: Sequence[Agreement]) -> None:
    if not pairs:
        return
    rows = [
        {
            "pair": f"{pair.first}{wording.LIST_COMMA}{pair.second}",
            "posts": pair.posts,
            "same": pair.same,
            "kappa": wording.NONE_YET if pair.kappa is None else f"{pair.kappa:.2f}",
        }
        for pair in pairs
    ]
    st.subheader(WORDS["kappa"], anchor=False, help=WORDS["kappa_help"])
    parts.table(pd.DataFrame(rows), wording_models.PAIR_COLUMNS)


def _drift(field: str) -> None:
    st.subheader(WORDS["drift"], anchor=False)
    found = data_models.drift(field)
    if found.empty:
        st.caption(WORDS["no_drift"])
        return
    whole = found.groupby("week")["posts"].transform("sum")
    words = LABEL_WORDS[field]
    order = {word: place for place, word in enumerate(words.values())}
    table = found.assign(
        week=pd.to_datetime(found["week"]),
        word=found["label"].map(lambda label: words.get(label, label)),
        share=found["posts"] / whole,
    )
    table = table.sort_values(
        ["word", "week"], key=lambda column: column.map(order) if column.name == "word" else column
    )
    st.altair_chart(charts_models.drift_lines(table))
    st.caption(WORDS["drift_caption"])


def _interval(rate: ErrorRate) -> str:
    return f"{rate.error.low:.0%}–{rate.error.high:.0%}"


show()
