"""批量标注: a file is uploaded, tagged and downloaded; or the models' labels are judged post by post."""

from __future__ import annotations

import streamlit as st

from dashboard import parts, wording_batch
from dashboard.correcting import correcting
from dashboard.uploading import uploading

WORDS = wording_batch.BATCH
PARTS = {"upload": WORDS["upload"], "correct": WORDS["correct"]}


def show() -> None:
    """Show the part that the URL asks for."""
    st.title(WORDS["title"], anchor=False)
    given = st.query_params.get("part", "upload")
    chosen = st.segmented_control(
        WORDS["part"],
        list(PARTS),
        format_func=lambda part: PARTS[part],
        default=given if given in PARTS else "upload",
        label_visibility="collapsed",
        key="labels-part",
    )
    parts.set_parameter("part", "" if chosen in {None, "upload"} else str(chosen))
    parts.guarded(correcting if chosen == "correct" else uploading)


show()
