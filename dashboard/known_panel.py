"""What is known of a claim, as a panel: its id comes in; known rumors and its score's evidence show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import data, formats, parts
from dashboard.connection import ask
from dashboard.wording_known import KNOWN as WORDS
from pipeline.ledger_events import VERDICT_WORDS
from pipeline.records import VerdictValue

STEPS = 6  # of the score's history that are shown, the newest


def show(claim_id: str) -> None:
    """Show known rumors that a claim repeats or varies, then what its early score rests on."""
    for row in data.records(ask("known_rumor_of", claim=claim_id)):
        _known(row)
    found = data.records(ask("claim_rumor_evidence", claim=claim_id))
    if found:
        _evidence(found[0], data.records(ask("claim_rumor_history", claim=claim_id)))


def _known(row: Mapping[str, Any]) -> None:
    varies = row["novelty"] == "variant"
    title = WORDS["variant"].format(difference=row["difference"]) if varies else WORDS["recurrence"]
    date = "" if pd.isna(row["decided_at"]) else f" {formats.both(row['decided_at'])}"
    verdict = VERDICT_WORDS[VerdictValue(row["verdict"])]
    with st.container(border=True, gap="small"):
        st.badge(title, icon=":material/history:", color="orange" if varies else "violet")
        parts.public_text(row["text"], 160)
        said = WORDS["verdict"].format(verdict=verdict, issuer=row["issuer"], date=date)
        st.caption(f"{formats.escaped(said)} · {WORDS['note']}")
        parts.source_link(row["url"])
        if row["earlier_claim"]:
            parts.claim_link(row["earlier_claim"], WORDS["open_earlier"], None)


def _evidence(row: Mapping[str, Any], history: list[dict[str, Any]]) -> None:
    with st.expander(WORDS["score"], icon=":material/balance:"):
        st.markdown(WORDS["score_line"].format(score=row["score"], text=row["text_score"]))
        for said in row["evidence"]:
            st.markdown(f"- {formats.escaped(said)}")
        if len(history) > 1:
            steps = [f"{formats.clock(step['scored_at'])} {step['score']:.0%}" for step in history[-STEPS:]]
            st.caption(WORDS["history"].format(steps=" → ".join(steps)))
