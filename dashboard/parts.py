"""Parts that several pages share: values come in, elements go out; the public's words as plain text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import formats, wording, wording_claim, wording_today
from dashboard.connection import NotRunningError, home
from pipeline.config import ConfigError
from pipeline.roles import ForbiddenError
from pipeline.store import StoreError

REFRESH_SECONDS = 5
SOON = timedelta(hours=5)  # the shortest span that the notices know (国办发〔2016〕80号)
PAGE_FILES = {name: f"views/{name}.py" for name in wording.PAGES}

LEVEL_LOOKS = {
    "blue": (":material/info:", "blue"),
    "yellow": (":material/visibility:", "yellow"),
    "orange": (":material/warning:", "orange"),
    "red": (":material/crisis_alert:", "red"),
}
STATUS_LOOKS = {
    "green": (":material/check_circle:", "green"),
    "amber": (":material/error:", "orange"),
    "red": (":material/cancel:", "red"),
}
NEED_ICONS = {
    "help": ":material/sos:",
    "unverified_claim": ":material/unknown_document:",
    "misunderstanding": ":material/psychology_alt:",
    "question": ":material/help:",
    "problem": ":material/report:",
    "suggestion": ":material/lightbulb:",
}


FILTER_WIDTH = 120  # pixels: two filters beside each other on a phone, all in one row on a desk
PICKED = "picked"  # in the session: the filter that a key figure has just set
MOST_SHOWN = 20_000  # characters of one post, opened: a page of more would only make the browser slow
SENTIMENT_LOOKS = {
    "negative": (":material/sentiment_dissatisfied:", "orange"),
    "neutral": (":material/sentiment_neutral:", "gray"),
    "positive": (":material/sentiment_satisfied:", "green"),
}


def live(show: Callable[[], None], *, paused: bool = False, seconds: int = REFRESH_SECONDS) -> None:
    """Show a part of a page and show it again every few seconds, until ``paused``."""
    st.fragment(run_every=None if paused else seconds)(guarded)(show)


def guarded(show: Callable[[], None]) -> None:
    """Show a part of a page; where the store cannot be read, say why and what to do instead."""
    try:
        show()
    except ForbiddenError as error:
        st.warning(formats.escaped(str(error)), icon=":material/lock:")
    except NotRunningError:
        not_running()
    except StoreError as error:
        st.error(
            f"**{wording.DOWN['broken_title']}**\n\n{wording.DOWN['broken']}", icon=":material/link_off:"
        )
        _detail(str(error))
    except ConfigError as error:
        st.error(
            f"**{wording.DOWN['config_title']}**\n\n{wording.DOWN['config']}", icon=":material/settings:"
        )
        _detail(str(error))


def not_running() -> None:
    """Say that nothing runs, and how to start it."""
    with st.container(border=True):
        st.subheader(wording.DOWN["title"], anchor=False)
        st.markdown(wording.DOWN["body"])
        st.code(wording.DOWN["command"], language="bash")
        st.caption(wording.DOWN["then"])
        st.caption(f"{wording.DOWN['where']}:{formats.escaped(str(home().root))}")


def empty(title: str, hint: str, icon: str = ":material/inbox:") -> None:
    """Say that there is nothing, and what that means."""
    with st.container(border=True, horizontal_alignment="center"):
        st.markdown(f"#### {icon} {title}", text_alignment="center", width="stretch")
        st.caption(hint, text_alignment="center", width="stretch")


def figure(
    spot: Any,
    label: str,
    value: str,
    below: str | None = None,
    *,
    colour: str = "off",
    hint: str | None = None,
    rows: Sequence[tuple[str, Mapping[str, str]] | tuple[str, Mapping[str, str], str]] = (),
    pick: tuple[str, str] | None = None,
) -> None:
    """Show a key figure in a column, with a few words below it; ``hint`` explains it on hover.

    ``rows`` are the pages, with the parameters of their URL and a label, that list what the figure counts;
    ``pick`` is the filter of this same page, and its value, that leaves what the figure counts in the list.
    """
    if not rows and pick is None:
        _metric(spot, label, value, below, colour=colour, hint=hint, border=True)
        return
    with spot.container(border=True, gap=None, height="stretch"):
        _metric(st, label, value, below, colour=colour, hint=hint, border=False)
        for link in rows:
            rows_link(*link)
        # A link to the page that is open would leave its filters as they are.
        if pick is not None and st.button(
            wording.OPEN_ROWS, key=f"pick-{'-'.join(pick)}", type="tertiary", icon=":material/list:",
            on_click=_pick, args=pick,
        ):  # fmt: skip
            st.rerun()  # the whole page: its filters are outside of the part that refreshes


def _metric(
    spot: Any, label: str, value: str, below: str | None, *, colour: str, hint: str | None, border: bool
) -> None:
    spot.metric(
        label,
        value,
        below,
        delta_color=colour,
        delta_arrow="off",
        help=hint,
        border=border,
        height="stretch" if border else "content",
    )


def level_badge(level: str | None) -> None:
    """Show an alert's level by word, icon and colour."""
    if level in LEVEL_LOOKS:
        icon, colour = LEVEL_LOOKS[level]
        st.badge(wording.LEVELS[level], icon=icon, color=colour, help=wording.LEVEL_HELP)  # type: ignore[arg-type]


def need_badge(need: str) -> None:
    """Show what kind of answer is owed."""
    st.badge(wording.NEEDS.get(need, need), icon=NEED_ICONS.get(need), color="gray")


def sentiment_badge(sentiment: str) -> None:
    """Show how a post sounds, by word, icon and colour."""
    icon, colour = SENTIMENT_LOOKS.get(sentiment, (None, "gray"))
    st.badge(wording.SENTIMENTS.get(sentiment, sentiment), icon=icon, color=colour)  # type: ignore[arg-type]


def rows_link(page: str, params: Mapping[str, str], label: str = wording.OPEN_ROWS) -> None:
    """Show a link to the page that lists the rows behind a number."""
    st.page_link(PAGE_FILES[page], label=label, icon=":material/list:", query_params=dict(params))


def deadline_badge(due: datetime | None) -> None:
    """Show how long is left until a deadline, for how long it has been missed, or that all were met."""
    if due is None or pd.isna(due):
        st.badge(wording.DEADLINE["met"], icon=":material/done_all:", color="green")
        return
    left = due - datetime.now(UTC)
    overdue, soon = left < timedelta(0), left < SOON
    icon = ":material/timer_off:" if overdue else ":material/timer:"
    colour = "red" if overdue else "orange" if soon else "green"
    st.badge(formats.deadline(due), icon=icon, color=colour)  # type: ignore[arg-type]


def deadline_rule(row: Mapping[str, Any]) -> str:
    """Say by which rule, from which start and until when a deadline runs."""
    return wording.DEADLINE["rule"].format(
        rule=row["deadline_rule"],
        basis=wording.BASES.get(row["start_basis"], row["start_basis"]),
        start=formats.clock(row["first_seen"]),
        deadline=formats.clock(row["deadline"]),
    )


def table(frame: pd.DataFrame, columns: Mapping[str, Any]) -> None:
    """Show a table with its columns' Chinese names; cells are plain text, numbers or times."""
    st.dataframe(frame, hide_index=True, column_config=dict(columns), column_order=list(columns))


def public_text(text: str, most: int = formats.SHOWN_CHARACTERS) -> None:
    """Show text of the public: never read as Markdown or HTML, without control characters, cut."""
    st.text(formats.shown(text, most))


def cut_text(text: str, most: int = formats.SHOWN_CHARACTERS) -> None:
    """Show text of the public, cut, with the rest behind a word to open; a giant is cut there too."""
    public_text(text, most)
    if len(text) > most:
        with st.expander(wording.SHOW_ALL.format(n=formats.number(len(text)))):
            public_text(text, MOST_SHOWN)


def reason_words(reasons: Iterable[Mapping[str, Any]], most: int = 3) -> str:
    """Return the heaviest reasons of a rank as words and small bars, on one line of plain text."""
    parts = [
        f"{reason['word']} {formats.bar(float(reason['share']))} {_seen(reason)}".rstrip()
        for reason in list(reasons)[:most]
        if reason["share"] > 0
    ]
    return "   ".join(parts)


def reason_bars(reasons: Iterable[Mapping[str, Any]]) -> None:
    """Show every reason of a rank as a bar of its share, with what was seen and its weight."""
    columns = st.columns(4, gap="medium")
    for place, reason in enumerate(reasons):
        with columns[place % 4]:
            words = formats.escaped(f"{reason['word']} {_seen(reason)}".strip())
            st.progress(min(max(float(reason["share"]), 0.0), 1.0), text=words)


def claim_link(claim_id: str, label: str | None = None, icon: str | None = ":material/open_in_new:") -> None:
    """Show a link to the page of one claim."""
    st.page_link(
        PAGE_FILES["claim"],
        label=label or wording_today.TODAY["open"],
        icon=icon,
        query_params={"claim": claim_id},
    )


def pager(key: str, page: int, pages: int, total: int) -> None:
    """Show which page this is and buttons to the next and the one before; the page is ``page`` in the URL."""
    if pages <= 1:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            wording.PAGE_PREVIOUS,
            key=f"{key}-previous",
            disabled=page <= 1,
            on_click=set_parameter,
            args=("page", str(page - 1)),
        )
        st.caption(wording.PAGE_OF.format(page=page, pages=pages, total=formats.number(total)))
        st.button(
            wording.PAGE_NEXT,
            key=f"{key}-next",
            disabled=page >= pages,
            on_click=set_parameter,
            args=("page", str(page + 1)),
        )


def set_parameter(name: str, value: str) -> None:
    """Set a parameter of the URL, or remove it where the value is empty."""
    if value:
        st.query_params[name] = value
    else:
        st.query_params.pop(name, None)


def page_number() -> int:
    """Return the page that the URL asks for; 1 where it asks for none or for nonsense."""
    given = st.query_params.get("page", "1")
    return max(1, int(given)) if given.isascii() and given.isdigit() and len(given) < 7 else 1


def filter_bar() -> Any:
    """Return a row for filters, which wraps on a narrow screen."""
    return st.container(horizontal=True, vertical_alignment="bottom", gap="small")


def choice(name: str, options: Mapping[Any, str], default: Any, *, width: int | None = None) -> Any:
    """Show a drop-down of one filter that is kept in the URL under ``name``; return what is chosen.

    A value in the URL that is no option is ignored. Choosing goes back to the first page.
    """
    by_text = {str(option): option for option in options}
    chosen = by_text.get(st.query_params.get(name, str(default)), default)
    keys = list(options)
    value = st.selectbox(
        wording.FILTERS[name],
        keys,
        index=keys.index(chosen),
        format_func=lambda option: options[option],
        key=f"filter-{name}",
        on_change=_remember,
        args=(name, default),
        width="stretch" if width is None else width,
    )
    _say_picked(name, value, default)
    return value


def switch(name: str, label: str) -> bool:
    """Show a switch that is kept in the URL under ``name``; return whether it is on."""
    return st.toggle(
        label,
        value=st.query_params.get(name) == "1",
        key=f"filter-{name}",
        on_change=_remember_switch,
        args=(name,),
    )


def search(name: str = "words", label: str = "") -> str:
    """Show a search field that is kept in the URL; return its words."""
    given: str = st.text_input(
        label or wording.FILTERS[name],
        value=st.query_params.get(name, ""),
        max_chars=60,
        key=f"filter-{name}",
        on_change=_remember,
        args=(name, ""),
    )
    return given


def body_of(text: str | None) -> dict[str, Any]:
    """Return an event's JSON body."""
    value: dict[str, Any] = json.loads(text or "{}")
    return value


def list_of(text: str | None) -> list[dict[str, Any]]:
    """Return a column's JSON list."""
    value: list[dict[str, Any]] = json.loads(text or "[]")
    return value


def source_link(url: str) -> None:
    """Show a link to a public page; an address that is not http or https is shown as text."""
    if url.startswith(("http://", "https://")):
        st.link_button(wording_claim.CLAIM["source_link"], url, type="tertiary", icon=":material/link:")
    elif url:
        st.text(formats.one_line(url))


def _pick(name: str, value: str) -> None:
    st.session_state[f"filter-{name}"] = value
    st.session_state[PICKED] = name


def _say_picked(name: str, value: Any, default: Any) -> None:
    """Put what a key figure chose into the URL: now, since a rerun drops what was said."""
    if st.session_state.get(PICKED) == name:
        del st.session_state[PICKED]
        set_parameter(name, "" if value == default else str(value))
        set_parameter("page", "")


def _remember_switch(name: str) -> None:
    set_parameter(name, "1" if st.session_state[f"filter-{name}"] else "")
    set_parameter("page", "")


def _remember(name: str, default: Any) -> None:
    value = st.session_state[f"filter-{name}"]
    set_parameter(name, "" if value == default else str(value))
    set_parameter("page", "")


def _seen(reason: Mapping[str, Any]) -> str:
    seen = str(reason.get("seen", ""))
    return wording.NEEDS.get(seen, seen)


def _detail(text: str) -> None:
    with st.expander(wording.DOWN["reason"]):
        st.text(text)
