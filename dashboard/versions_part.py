"""The versions of the models on the page 模型: which is in use, what each learned, and changing it."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import streamlit as st

from dashboard import actions, data, data_models, formats, parts, people, wording, wording_models
from pipeline.label_words import FIELD_WORDS
from pipeline.model_versions import SHIPPED_NAME, Version
from pipeline.roles import may

WORDS = wording_models.MODELS
ASKED = "models-asked"  # in the session's state: the version that somebody is about to put in use
WHY = "models-why"


def in_use() -> None:
    """Show the version in use, where it is from, and whether it passed the gate."""
    version = next(one for one in data_models.model_versions() if one.active)
    left, right = st.columns([2, 1])
    below = " · ".join(part for part in (version.version, _made(version)) if part)
    parts.figure(left, WORDS["in_use"], _kind(version), below, hint=WORDS["in_use_help"])
    passed = WORDS["passed_yes" if version.passed else "passed_no"]
    parts.figure(right, WORDS["passed"], passed, hint=WORDS["passed_help"])


def versions() -> None:
    """Show all versions with the number of posts each tagged, the history, and how to change."""
    found = data_models.model_versions()
    st.subheader(WORDS["versions"], anchor=False)
    tagged = dict(data.model_versions()[["model_version", "posts"]].itertuples(index=False, name=None))
    rows = [
        {
            "mark": "✓" if version.active else "",
            "name": version.name,
            "kind": _kind(version),
            "made_at": _made(version) or wording.NONE_YET,
            "posts": str(version.record.get("posts", wording.NONE_YET)),
            "passed": WORDS["passed_yes" if version.passed else "passed_no"],
            "tagged": int(tagged.get(version.version, 0)),
        }
        for version in found
    ]
    parts.table(pd.DataFrame(rows), wording_models.VERSION_COLUMNS)
    st.caption(WORDS["learn"])
    _change(found)
    _learned(found)
    _history()
    _floors()


def _change(found: list[Version]) -> None:
    allowed = may(people.current(), "model", data.county_names())
    names = [version.name for version in found if not version.active and version.passed]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            WORDS["choose"], names, index=None, placeholder=WORDS["choose"], key="models-version"
        )
        st.button(
            WORDS["activate"],
            disabled=not chosen or not allowed,
            icon=":material/published_with_changes:",
            on_click=_ask,
            args=(chosen,),
        )
        st.button(
            WORDS["roll_back"],
            disabled=not data_models.version_before() or not allowed,
            icon=":material/undo:",
            on_click=_ask,
            args=("",),
        )
    if any(not version.passed for version in found):
        st.caption(WORDS["refused"])
    if ASKED in st.session_state:
        _confirm(st.session_state[ASKED])


def _confirm(name: str) -> None:
    """Ask for a reason before a change; an empty ``name`` means the version before."""
    before = next(one.name for one in data_models.model_versions() if one.active)
    after = name or data_models.version_before() or WORDS["none_before"]
    with st.container(border=True, key="models-confirm"):
        st.markdown(f"**{WORDS['confirm_title']}**")
        st.markdown(formats.escaped(WORDS["confirm"].format(before=before, after=after)))
        st.text_input(WORDS["why"], max_chars=200, key=WHY)
        with st.container(horizontal=True):
            st.button(WORDS["yes"], type="primary", icon=":material/check:", on_click=_do, args=(name, after))
            st.button(WORDS["no"], on_click=_ask, args=(None,))


def _ask(name: str | None) -> None:
    if name is None:
        st.session_state.pop(ASKED, None)
    else:
        st.session_state[ASKED] = name


def _do(name: str, after: str) -> None:
    why, done = str(st.session_state.get(WHY, "")), WORDS["done"].format(name=after)
    if actions.use_model(name, why, done) if name else actions.roll_back_model(why, done):
        _ask(None)


def _learned(found: list[Version]) -> None:
    learned = [version for version in found if version.record.get("heads")]
    if not learned:
        return
    newest = learned[-1]
    with st.expander(f"{WORDS['heads']}:{newest.name}"):
        rows = [
            {
                "head": FIELD_WORDS[head["head"]],
                "rows": head["rows"],
                "before": _share(head["right_before"]),
                "after": _share(head["right_after"]),
                "reason": head["reason"],
            }
            for head in newest.record["heads"]
        ]
        parts.table(pd.DataFrame(rows), wording_models.HEAD_COLUMNS)
        for line in newest.record["gate"]["lines"]:
            if not line["passed"]:
                words = WORDS["gate_failed"].format(
                    what=line["what"], measured=f"{line['measured']:.3f}", bound=f"{line['bound']:.3f}"
                )
                st.markdown(f"- {formats.escaped(words)}")


def _history() -> None:
    changes = data_models.model_history()
    with st.expander(WORDS["history"]):
        if not changes:
            st.caption(WORDS["no_history"])
            return
        rows = [
            {
                "at": formats.both(datetime.fromisoformat(change.at)),
                "actor": change.actor,
                "before": change.before,
                "after": change.after,
                "why": change.why,
            }
            for change in changes
        ]
        parts.table(pd.DataFrame(rows), wording_models.HISTORY_COLUMNS)


def _floors() -> None:
    with st.expander(WORDS["floors"]):
        st.caption(WORDS["floors_help"])
        table = data_models.floors()
        table["field"] = table["field"].map(FIELD_WORDS)
        parts.table(table, wording_models.FLOOR_COLUMNS)


def _kind(version: Version) -> str:
    return WORDS["shipped"] if version.name == SHIPPED_NAME else WORDS[str(version.record["kind"])]


def _made(version: Version) -> str | None:
    return formats.both(datetime.fromisoformat(version.made_at)) if version.made_at else None


def _share(value: float | None) -> str:
    return wording.NONE_YET if value is None else f"{value:.0%}"
