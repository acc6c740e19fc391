"""The forms of the ledger: a response comes in; fields are shown, and what was filled in goes to the ledger.

One function for each kind of event. It shows the fields and returns how to build the event from them; whether
the event may be recorded is decided in ``dashboard.actions`` and the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta

import streamlit as st

from dashboard import actions, data, draft_box, formats, wording_ledger
from pipeline import ledger_events as events
from pipeline.config import LOCAL_TIME
from pipeline.ledger_records import DONE, Response, State
from pipeline.records import VerdictValue

WORDS = wording_ledger.FORMS
Make = Callable[[], events.LedgerEvent]


def offered(response: Response) -> list[str]:
    """Return the kinds of events that make sense in this state, the usual next step first."""
    asking = any(one.agrees is None for one in response.consultations)
    more = ["consented"] if asking else []
    more += ["unblocked"] if response.blocked_by else ["blocked"]
    more += ["briefed"] if response.emergency else []
    usual = ["verdict", "consulted", *more, "extended", "graded", "happened", "escalated", "noted"]
    if response.state in DONE:
        return ["reopened", "verdict", "noted"]
    first = {
        State.PENDING: ["assigned", "cited", "declined"],
        State.ASSIGNED: ["drafted", "cited", "declined", "assigned", "closed"],
        State.DRAFTING: ["submitted", "drafted", "cited", "declined", "closed"],
        State.REVIEWING: ["reviewed", "published", "drafted"],
        State.PUBLISHED: ["closed", "drafted", "superseded", "withdrawn", "reopened"],
    }[response.state]
    if response.state == State.REVIEWING and _all_passed(response):
        first = ["published", "drafted"]
    return first + usual


def show(kind: str, response: Response, done: Callable[[], None]) -> None:
    """Show the form of one kind of event; after recording it, call ``done``."""
    if kind == "drafted":
        draft_box.show(response, done)
        return
    with st.form(f"form-{kind}-{response.claim_id}", border=True):
        make = FORMS[kind](response)
        with st.container(horizontal=True):
            sent = st.form_submit_button(WORDS["save"], type="primary", icon=":material/check:")
            left = st.form_submit_button(WORDS["cancel"])
    if left:
        done()
    if sent and actions.record(
        response.claim_id, make, WORDS["recorded"].format(what=wording_ledger.EVENTS[kind])
    ):
        done()


def _assigned(response: Response) -> Make:
    left, right = st.columns(2)
    touched = _touched(response)
    counties = data.county_names()
    place = counties.index(touched) if touched in counties else None
    county = left.selectbox(WORDS["county"], counties, index=place, placeholder=WORDS["choose"])
    department = right.selectbox(
        WORDS["department"], list(wording_ledger.DEPARTMENTS), index=None,
        placeholder=WORDS["choose_or_type"], accept_new_options=True,
    )  # fmt: skip
    note = st.text_input(WORDS["note"])
    return lambda: events.Assigned(county=county or "", department=department or "", note=note)


def _cited(response: Response) -> Make:
    found = data.records(data.claim_table("statements", response.claim_id))
    titles = {"": WORDS["other_statement"]}
    titles |= {
        row["statement_id"]: f"{row['issuer']}:{formats.one_line(row['title'] or row['text'], 50)}"
        for row in found
    }
    keys = [*list(titles)[1:], ""]
    picked = st.selectbox(WORDS["which_statement"], keys, format_func=lambda key: titles[key])
    st.caption(WORDS["statement_hint"])
    left, right = st.columns(2)
    issuer = left.text_input(WORDS["issuer"])
    url = right.text_input(WORDS["url"], placeholder="https://")
    published = _moment(WORDS["published_at"], "cited")
    known = {row["statement_id"]: row for row in found}.get(picked)
    if known is None:
        return lambda: events.Cited(url=url.strip(), issuer=issuer, published_at=published())
    until = known["valid_until"]
    return lambda: events.Cited(
        url=known["url"],
        issuer=known["issuer"],
        published_at=known["published_at"].to_pydatetime(),
        statement_id=known["statement_id"],
        valid_until=None if until is None or until != until else until.to_pydatetime(),
    )


def _declined(response: Response) -> Make:
    reason = st.radio(
        WORDS["decline_reason"],
        list(events.DECLINE_REASONS),
        format_func=lambda key: events.DECLINE_REASONS[key],
    )
    note = st.text_input(WORDS["decline_note"])
    others = {"": WORDS["choose"], **data.claim_choices(response.claim_id)}
    duplicate = st.selectbox(
        WORDS["duplicate_of"], list(others), format_func=lambda key: others[key], help=WORDS["duplicate_help"]
    )
    return lambda: events.Declined(
        reason=reason, note=note, duplicate_of=duplicate if reason == "duplicate" else ""
    )


def _submitted(response: Response) -> Make:
    version = len(response.drafts)
    st.markdown(WORDS["submit_version"].format(version=version))
    return lambda: events.Submitted(version=version)


def _reviewed(response: Response) -> Make:
    level = response.next_level or 1
    names = data.ledger().review.levels
    st.markdown(
        WORDS["review_level"].format(name=formats.escaped(names[min(level, len(names)) - 1]), level=level)
    )
    passed = st.radio(
        WORDS["decision"], [True, False], format_func=lambda value: WORDS["pass" if value else "back"]
    )
    comment = st.text_area(WORDS["comment"], height=80)
    version = response.submitted or 0
    return lambda: events.Reviewed(version=version, level=level, passed=passed, comment=comment)


def _published(response: Response) -> Make:
    url = st.text_input(WORDS["url"], placeholder="https://")
    published = _moment(WORDS["published_at"], "published")
    days = st.number_input(
        WORDS["valid_days"], min_value=0, max_value=3650, value=0, help=WORDS["valid_help"]
    )
    earlier = {"": WORDS["none_replaced"], **{one.answer_id: one.url for one in response.answers}}
    replaces = st.selectbox(WORDS["replaces"], list(earlier), format_func=lambda key: earlier[key])
    correction = st.checkbox(WORDS["correction"])
    return lambda: events.Published(
        version=response.submitted or 0,
        url=url.strip(),
        published_at=published(),
        valid_until=published() + timedelta(days=days) if days else None,
        replaces=replaces,
        correction=correction,
    )


def _closed(response: Response) -> Make:
    note = st.text_input(WORDS["close_note"], help=WORDS["close_help"])
    return lambda: events.Closed(note=note)


def _reopened(response: Response) -> Make:
    reason = st.text_input(WORDS["reason"])
    return lambda: events.Reopened(reason=reason)


def _withdrawn(response: Response) -> Make:
    answers = {one.answer_id: one.url for one in response.answers}
    answer = st.selectbox(WORDS["which_answer"], list(answers), format_func=lambda key: answers[key])
    reason = st.text_input(WORDS["reason"])
    return lambda: events.Withdrawn(answer_id=answer or "", reason=reason)


def _superseded(response: Response) -> Make:
    answers = {one.answer_id: one.url for one in response.answers}
    answer = st.selectbox(WORDS["which_answer"], list(answers), format_func=lambda key: answers[key])
    by = st.text_input(WORDS["superseded_by"], placeholder="https://")
    return lambda: events.Superseded(answer_id=answer or "", by=by.strip())


def _happened(response: Response) -> Make:
    at = _moment(WORDS["happened_at"], "happened")
    source = st.text_input(WORDS["happened_source"], help=WORDS["source_help"])
    return lambda: events.Happened(at=at(), source=source)


def _briefed(response: Response) -> Make:
    at = _moment(WORDS["briefed_at"], "briefed")
    url = st.text_input(WORDS["briefed_url"], placeholder="https://")
    return lambda: events.Briefed(at=at(), url=url.strip())


def _verdict(response: Response) -> Make:
    st.caption(WORDS["verdict_hint"])
    words = {value: events.VERDICT_WORDS[value] for value in VerdictValue}
    value = st.radio(WORDS["verdict"], list(words), format_func=lambda key: words[key], horizontal=True)
    left, right = st.columns(2)
    source = left.text_input(WORDS["source"], help=WORDS["source_help"])
    url = right.text_input(WORDS["source_url"], placeholder="https://")
    note = st.text_input(WORDS["note"])
    return lambda: events.VerdictGiven(value=value, source=source, source_url=url.strip(), note=note)


def _graded(response: Response) -> Make:
    st.caption(WORDS["grade_hint"])
    emergency = st.checkbox(WORDS["emergency"], value=response.emergency)
    reason = st.text_input(WORDS["reason"])
    return lambda: events.Graded(emergency=emergency, reason=reason)


def _extended(response: Response) -> Make:
    rules = {"": WORDS["all_rules"], **{one.rule: one.name for one in response.deadlines}}
    rule = st.selectbox(WORDS["rule"], list(rules), format_func=lambda key: rules[key])
    until = _moment(WORDS["until"], "extended", timedelta(days=1))
    left, right = st.columns(2)
    reason = left.text_input(WORDS["reason"])
    approved = right.text_input(WORDS["approved_by"])
    return lambda: events.Extended(until=until(), reason=reason, approved_by=approved, rule=rule)


def _consulted(response: Response) -> Make:
    department = st.selectbox(
        WORDS["consulted"], list(wording_ledger.DEPARTMENTS), index=None,
        placeholder=WORDS["choose_or_type"], accept_new_options=True,
    )  # fmt: skip
    question = st.text_input(WORDS["question"])
    return lambda: events.Consulted(department=department or "", question=question)


def _consented(response: Response) -> Make:
    waiting = [one.department for one in response.consultations if one.agrees is None]
    department = st.selectbox(WORDS["consulted"], waiting)
    agrees = st.radio(
        WORDS["answer"], [True, False], format_func=lambda value: WORDS["agree" if value else "disagree"]
    )
    note = st.text_input(WORDS["note"])
    return lambda: events.Consented(department=department or "", agrees=agrees, note=note)


def _blocked(response: Response) -> Make:
    by = st.text_input(WORDS["blocked_by"])
    note = st.text_input(WORDS["note"])
    return lambda: events.Blocked(by=by, note=note)


def _unblocked(response: Response) -> Make:
    note = st.text_input(WORDS["note"])
    return lambda: events.Unblocked(note=note)


def _escalated(response: Response) -> Make:
    to = st.text_input(WORDS["escalate_to"])
    reason = st.text_input(WORDS["reason"])
    return lambda: events.Escalated(to=to, reason=reason)


def _noted(response: Response) -> Make:
    text = st.text_area(WORDS["note"], height=80)
    return lambda: events.Noted(text=text)


FORMS: Mapping[str, Callable[[Response], Make]] = {
    "assigned": _assigned,
    "cited": _cited,
    "declined": _declined,
    "submitted": _submitted,
    "reviewed": _reviewed,
    "published": _published,
    "closed": _closed,
    "reopened": _reopened,
    "withdrawn": _withdrawn,
    "superseded": _superseded,
    "happened": _happened,
    "briefed": _briefed,
    "verdict": _verdict,
    "graded": _graded,
    "extended": _extended,
    "consulted": _consulted,
    "consented": _consented,
    "blocked": _blocked,
    "unblocked": _unblocked,
    "escalated": _escalated,
    "noted": _noted,
}


def _moment(label: str, key: str, ahead: timedelta = timedelta()) -> Callable[[], datetime]:
    """Show a date and a time of Asia/Shanghai; return how to read them as an aware moment."""
    start = datetime.now(LOCAL_TIME) + ahead
    left, right = st.columns(2)
    day = left.date_input(label, value=start.date(), key=f"{key}-day")
    clock = right.time_input(
        WORDS["clock"], value=time(start.hour, start.minute), step=60, key=f"{key}-clock"
    )
    return lambda: datetime.combine(day, clock, tzinfo=LOCAL_TIME)


def _touched(response: Response) -> str:
    if response.county:
        return response.county
    claim = data.claim(response.claim_id)
    return claim["counties"][0] if claim is not None and len(claim["counties"]) else ""


def _all_passed(response: Response) -> bool:
    return (response.next_level or 1) > len(data.ledger().review.levels)
