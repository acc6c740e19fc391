"""The response to one claim, as a panel: a claim's id comes in; its state, deadlines, drafts, reviews and
history, and the form of the next step, are shown.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard import data, formats, forms, parts, wording
from dashboard import wording_ledger as words
from pipeline.ledger_records import Answer, Deadline, Draft, Response

WORDS = words.WORK
STATE_LOOKS = {
    "pending": (":material/hourglass_empty:", "orange"),
    "assigned": (":material/assignment_ind:", "blue"),
    "drafting": (":material/edit_note:", "blue"),
    "reviewing": (":material/rule:", "violet"),
    "published": (":material/campaign:", "green"),
    "closed": (":material/task_alt:", "gray"),
    "declined": (":material/do_not_disturb_on:", "gray"),
}
SENTENCES = re.compile(r"(?<=[。!?;\n])")


def state_badge(state: str) -> None:
    """Show a response's state by word, icon and colour."""
    icon, colour = STATE_LOOKS[state]
    st.badge(words.STATES[state], icon=icon, color=colour)  # type: ignore[arg-type]


def escalated_badge(to: str) -> None:
    """Show to whom a matter was passed on, by a person or because its deadline passed."""
    if to:
        said = WORDS["escalated"].format(to=to)
        st.badge(formats.escaped(said), icon=":material/supervisor_account:", color="violet")


def doing() -> tuple[str, str] | None:
    """Return the claim and the kind of event whose form is open, if one is."""
    open_form: tuple[str, str] | None = st.session_state.get("doing")
    return open_form


def start(claim_id: str, kind: str) -> None:
    """Open the form of one kind of event for a claim."""
    st.session_state["doing"] = (claim_id, kind)


def stop() -> None:
    """Close the open form and show the page anew."""
    st.session_state.pop("doing", None)
    st.rerun()


def panel(claim_id: str) -> None:
    """Show a claim's response and the form of its next step."""
    response = data.response(claim_id)
    if response is None:
        st.caption(WORDS["no_history"])
        return
    _summary(response)
    _next_step(response)
    _deadlines(response)
    _answers(response)
    _drafts(response.drafts)
    _reviews(response)
    _history(response)


def quick(response: Response, kinds: Sequence[tuple[str, str]]) -> None:
    """Show a button with its key for each kind of event, or the form of the one that was chosen."""
    chosen = doing()
    if chosen and chosen[0] == response.claim_id:
        forms.show(chosen[1], response, stop)
        return
    with st.container(horizontal=True):
        for kind, key in kinds:
            if kind in forms.offered(response) and st.button(
                words.EVENTS[kind], key=f"do-{kind}-{response.claim_id}", shortcut=key or None,
                type="primary" if kind == forms.offered(response)[0] else "secondary",
            ):  # fmt: skip
                start(response.claim_id, kind)
                st.rerun()
        parts.claim_link(response.claim_id)


def _summary(response: Response) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        state_badge(str(response.state))
        owner = WORDS["both_owners"].format(county=response.county, department=response.department)
        st.markdown(formats.escaped(owner if response.department else WORDS["no_owner"]))
        if response.blocked_by:
            st.badge(
                formats.escaped(WORDS["blocked"].format(by=response.blocked_by)),
                icon=":material/block:",
                color="orange",
            )
        escalated_badge(response.escalated_to)
    for record in response.verdicts:
        said = WORDS["verdict"].format(
            what=words.VERDICTS[record.verdict.value],
            who=record.decided_by,
            when=formats.clock(record.decided_at),
            source=record.verdict.source,
        )
        st.markdown(f":material/gavel: {formats.escaped(said)}")
    if response.reason:
        st.caption(formats.escaped(response.reason))
    if response.consultations:
        asked = [f"{one.department}({words.AGREES[one.agrees]})" for one in response.consultations]
        st.caption(formats.escaped(f"{WORDS['consultations']}:{wording.LIST_COMMA.join(asked)}"))


def _next_step(response: Response) -> None:
    kinds = forms.offered(response)
    chosen = doing()
    open_now = chosen[1] if chosen and chosen[0] == response.claim_id and chosen[1] in kinds else None
    picked = st.pills(
        WORDS["next"], kinds, format_func=lambda kind: words.EVENTS[kind], default=open_now,
        key=f"next-{response.claim_id}-{len(response.history)}",
    )  # fmt: skip
    if picked is None:
        return
    st.session_state["doing"] = (response.claim_id, picked)
    forms.show(picked, response, stop)


def _deadlines(response: Response) -> None:
    if not response.deadlines:
        return
    st.markdown(f"**{WORDS['deadlines']}**")
    for one in response.deadlines:
        with st.container(horizontal=True, vertical_alignment="center"):
            _clock(one, done=response.done_at is not None)
            said = WORDS["starts"].format(
                words=one.words(), start=formats.clock(one.start), due=formats.clock(one.ends)
            )
            st.caption(formats.escaped(said))


def _clock(one: Deadline, *, done: bool) -> None:
    if one.ends is None:
        st.badge(WORDS["standing"], icon=":material/timer_pause:", color="gray")
    elif one.met_at is not None or done:
        late = one.met_at is not None and one.overdue(data.now())
        st.badge(
            WORDS["late" if late else "met"], icon=":material/done:", color="orange" if late else "green"
        )
    else:
        parts.deadline_badge(one.ends)


def _answers(response: Response) -> None:
    if not response.answers:
        return
    st.markdown(f"**{WORDS['answers']}**")
    resting = data.claims_citing(response.claim_id)
    for one in response.answers:
        citing = [row for row in resting if row["answer_id"] == one.answer_id]
        with st.container(horizontal=True, vertical_alignment="center"):
            holds = one.holds(data.now())
            st.badge(WORDS["holds" if holds else "ended"], color="green" if holds else "orange")
            st.caption(formats.escaped(_answer(one, len(citing))))
            parts.source_link(one.url)
        for row in citing:
            parts.claim_link(row["citing"], formats.escaped(formats.one_line(row["text"], 60)))


def _answer(one: Answer, citing: int) -> str:
    """Say who answered and when, until when it holds, what replaced it, and what else rests on it."""
    said = [
        WORDS["answer"].format(who=one.issuer or WORDS["own_answer"], when=formats.both(one.published_at))
    ]
    if one.correction:
        said.append(WORDS["correction"])
    if one.end is not None:
        said.append(WORDS["until"].format(when=formats.clock(one.end)))
    if one.ended_by:
        said.append(WORDS["ended_by"].format(by=one.ended_by))
    if citing:
        said.append(WORDS["citing"].format(n=citing))
    return " · ".join(said)


def _drafts(drafts: Sequence[Draft]) -> None:
    if drafts:
        st.markdown(f"**{WORDS['drafts']}**")
    for place, one in reversed(list(enumerate(drafts))):
        title = WORDS["version"].format(n=one.version, who=one.author, when=formats.both(one.recorded_at))
        with st.expander(formats.escaped(title), expanded=place == len(drafts) - 1):
            if one.machine:
                st.badge(WORDS["machine"], icon=":material/smart_toy:", color="orange")
            st.text(formats.shown(one.text, 20_000))
            if one.note:
                st.caption(formats.escaped(one.note))
            if place:
                st.caption(WORDS["changes"])
                st.code(changes(drafts[place - 1].text, one.text), language="diff", wrap_lines=True)


def changes(before: str, after: str) -> str:
    """Return the differences of two versions, one sentence a line, as - and + lines."""
    lines = difflib.unified_diff(_sentences(before), _sentences(after), lineterm="", n=0)
    return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))


def _sentences(text: str) -> list[str]:
    return [sentence.strip() for sentence in SENTENCES.split(text) if sentence.strip()]


def _reviews(response: Response) -> None:
    if response.reviews:
        st.markdown(f"**{WORDS['reviews']}**")
    for one in response.reviews:
        said = WORDS["review"].format(
            level=one.level_name,
            who=one.reviewer,
            what=words.FORMS["pass" if one.passed else "back"],
            when=formats.both(one.recorded_at),
        )
        icon = ":material/check:" if one.passed else ":material/undo:"
        st.markdown(f"{icon} {formats.escaped(' · '.join(filter(None, (said, one.comment))))}")


def _history(response: Response) -> None:
    with st.expander(WORDS["history"], icon=":material/history:"):
        if not response.history:
            st.caption(WORDS["no_history"])
            return
        rows = [
            {
                "when": formats.both(entry.recorded_at),
                "who": entry.actor,
                "what": words.EVENTS.get(entry.kind, entry.kind),
                "body": _said(entry.body),
            }
            for entry in reversed(response.history)
        ]
        parts.table(pd.DataFrame(rows), {key: WORDS[key] for key in ("when", "who", "what", "body")})
        for ignored in response.ignored:
            what = words.EVENTS.get(ignored.entry.kind, ignored.entry.kind)
            st.caption(formats.escaped(f"{WORDS['ignored']}:{ignored.entry.actor} {what}:{ignored.reason}"))


def _said(body: str) -> str:
    values = [value for value in parts.body_of(body).values() if isinstance(value, str) and value]
    return formats.one_line(" · ".join(values), 160)
