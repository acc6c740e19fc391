"""The box in which an answer is written: a response comes in; the text is kept while it is written, and a new
version goes to the ledger.

It is no form: a form's fields reach the server only when it is sent, and a connection lost before that would
lose the words.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from dashboard import actions, formats, people, wording_ledger
from dashboard.connection import Served, home, settings
from pipeline import draft_keep
from pipeline.config import LOCAL_TIME, Secrets
from pipeline.drafting import material, skeleton
from pipeline.drafting_service import DraftingError, Service, propose
from pipeline.ledger_events import Drafted
from pipeline.ledger_records import Response

WORDS = wording_ledger.DRAFT
FORMS = wording_ledger.FORMS
KEEPER = Path(__file__).with_name("draft_keep.html")
KEPT = "draft-kept"  # in the session: the box in which somebody types, and when its words were last kept


def show(response: Response, done: Callable[[], None]) -> None:
    """Show the box; after recording a version, call ``done``."""
    version = len(response.drafts)
    with st.container(border=True, key=f"draft-box-{response.claim_id}"):
        key = f"draft-{response.claim_id}-{version}"
        st.caption(_hint(key))
        _machine_text(response)
        start = _start(
            response, version, typing=KEPT in st.session_state and st.session_state[KEPT][0] == key
        )
        text = st.text_area(
            FORMS["draft"],
            value=start,
            height=360,
            key=key,
            on_change=_keep,
            args=(response.claim_id, key, version),
        )
        note = st.text_input(FORMS["draft_note"], key=f"note-{key}")
        with st.container(horizontal=True):
            sent = st.button(FORMS["save"], type="primary", icon=":material/check:", key=f"save-{key}")
            left = st.button(FORMS["cancel"], key=f"cancel-{key}", help=WORDS["cancel_help"])
            _ask_machine(response)
        st.html(KEEPER, unsafe_allow_javascript=True)
    if left:
        done()
    if sent and _recorded(response, Drafted(text=text, note=note) if text.strip() else None):
        draft_keep.forget(home(), people.current().name, response.claim_id)
        done()


def _hint(key: str) -> str:
    """Say how the box works, or since when what is typed in it is safe."""
    at = _kept_at(key)
    return WORDS["hint"] if at is None else WORDS["kept"].format(when=f"{at.astimezone(LOCAL_TIME):%H:%M:%S}")


def _kept_at(key: str) -> datetime | None:
    """Return when words typed in this box were last kept, in this session."""
    kept: tuple[str, datetime] | None = st.session_state.get(KEPT)
    return kept[1] if kept is not None and kept[0] == key else None


def _start(response: Response, version: int, *, typing: bool) -> str:
    """Return what the box begins with: what was being written, the newest version, or the skeleton.

    Who is ``typing`` in this very box is not told that it was restored.
    """
    known = draft_keep.kept(home(), people.current().name, response.claim_id)
    if known is not None and not (typing and known.version == version):
        words = WORDS["restored" if known.version == version else "restored_older"]
        st.info(words.format(when=formats.clock(known.at), n=version), icon=":material/history_edu:")
        if known.version == version:
            st.button(WORDS["drop"], on_click=_drop, args=(response.claim_id, version), type="tertiary")
        else:
            with st.expander(WORDS["older_text"]):
                st.text(formats.shown(known.text, 20_000))
            known = None
    if known is not None:
        return known.text
    return response.drafts[-1].text if response.drafts else skeleton(material(Served(), response.claim_id))


def _keep(claim_id: str, key: str, version: int) -> None:
    try:
        draft_keep.keep(home(), people.current().name, claim_id, st.session_state[key], version)
        st.session_state[KEPT] = (key, datetime.now(UTC))
    except (OSError, ValueError) as error:
        st.toast(WORDS["not_kept"].format(why=error), icon=":material/error:", duration="long")


def _drop(claim_id: str, version: int) -> None:
    draft_keep.forget(home(), people.current().name, claim_id)
    st.session_state.pop(f"draft-{claim_id}-{version}", None)
    st.session_state.pop(KEPT, None)


def _machine_text(response: Response) -> None:
    if response.drafts and response.drafts[-1].machine:
        st.warning(WORDS["machine"], icon=":material/smart_toy:")
        missing = st.session_state.get(f"unsupported-{response.claim_id}", ())
        if missing:
            words = WORDS["unsupported"].format(what=wording_ledger.COMMA.join(missing))
            st.warning(formats.escaped(words), icon=":material/fact_check:")


def _ask_machine(response: Response) -> None:
    service = Service.load(settings())
    if service is None:
        return
    label = WORDS["ask"].format(model=formats.escaped(service.model))
    if not st.button(
        label, icon=":material/smart_toy:", key=f"ask-{response.claim_id}", help=WORDS["ask_help"]
    ):
        return
    try:
        with st.spinner(WORDS["asking"]):
            key = Secrets.load(home()).drafting_key
            found = propose(service, key, skeleton(material(Served(), response.claim_id)))
    except DraftingError as error:
        st.error(formats.escaped(str(error)))
        return
    if _recorded(response, Drafted(text=found.text, machine=True, note=found.model)):
        st.session_state[f"unsupported-{response.claim_id}"] = found.unsupported
        draft_keep.forget(home(), people.current().name, response.claim_id)
        st.rerun()


def _recorded(response: Response, event: Drafted | None) -> bool:
    words = FORMS["recorded"].format(what=wording_ledger.EVENTS["drafted"])
    # The event is built inside, so that an empty text is refused in the ledger's own words.
    return actions.record(response.claim_id, lambda: event or Drafted(text=""), words)
