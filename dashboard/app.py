"""The router of the pages: ``streamlit run dashboard/app.py`` with the home in ``HUIYING_HOME``."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

import streamlit as st

from dashboard import actions, formats, links, parts, people, wording
from pipeline.roles import ROLE_WORDS, Role

# Every page that there may be; one whose file is not there is not in the menu.
ICONS = {
    "today": ":material/checklist:",
    "situation": ":material/monitoring:",
    "wall": ":material/tv:",
    "claim": ":material/forum:",
    "posts": ":material/article:",
    "alerts": ":material/notifications_active:",
    "alert_tuning": ":material/tune:",
    "statements": ":material/verified:",
    "noise": ":material/filter_alt:",
    "ledger": ":material/table_rows:",
    "labels": ":material/label:",
    "models": ":material/model_training:",
    "reports": ":material/summarize:",
    "sources": ":material/rss_feed:",
    "system": ":material/memory:",
}
MENU = {
    "work": ("today", "alerts", "ledger", "reports"),
    "look": ("situation", "wall", "claim", "posts", "statements", "noise", "labels"),
    "run": ("sources", "models", "alert_tuning", "system"),
}
HIDDEN = ("wall",)  # opened from another page
LANDING = "today"
ROOT = "-"  # what the landing page's own address would be; it is served at the address without a name

st.set_page_config(
    page_title=wording.PRODUCT_LONG,
    page_icon=":material/campaign:",
    layout="wide",
    initial_sidebar_state="auto",
)


def main() -> None:
    """Show the page that was chosen, to those who may see it."""
    st.html(Path(__file__).with_name("pages.css"))
    elsewhere = people.bound_elsewhere()
    if elsewhere and not people.signing_in():
        st.error(
            f"**{wording.LOGIN['refused_title']}**\n\n{wording.LOGIN['refused'].format(address=elsewhere)}"
        )
        return
    if links.opened():  # a signed link stands for itself: whoever was woken need not sign in first
        parts.guarded(links.show)
        return
    if people.signing_in() and not st.user.is_logged_in:
        _login()
        return
    menu = {
        wording.SECTIONS[section]: [_page(name) for name in names if _exists(name)]
        for section, names in MENU.items()
    }
    chosen = st.navigation({**menu, "": _nowhere()}, expanded=True)
    parts.guarded(actions.signed_in)
    if chosen.url_path not in HIDDEN:
        _who()
    parts.guarded(chosen.run)


def _page(name: str) -> st.Page:
    return st.Page(
        parts.PAGE_FILES[name],
        title=wording.PAGES[name],
        icon=ICONS[name],
        url_path=ROOT if name == LANDING else name,
        default=name == LANDING,
        visibility="hidden" if name in HIDDEN else "visible",
    )


def _nowhere() -> list[st.Page]:
    """Return a page for an address that no page has: Streamlit's own answer to one is in English."""
    path = unquote(urlsplit(st.context.url or "").path).strip("/")
    name = path.removeprefix(st.get_option("server.baseUrlPath").strip("/")).strip("/")
    if name in {"", ROOT} or "/" in name or (name in parts.PAGE_FILES and name != LANDING):
        return []
    show = _to_landing if name == LANDING else _not_found
    return [st.Page(show, title=wording.NOWHERE["title"], url_path=name, visibility="hidden")]


def _to_landing() -> None:
    """Go from the landing page's name to where it is: the address without a name."""
    st.switch_page(parts.PAGE_FILES[LANDING], query_params=st.query_params.to_dict())


def _not_found() -> None:
    parts.empty(wording.NOWHERE["title"], wording.NOWHERE["hint"], ":material/wrong_location:")
    st.page_link(parts.PAGE_FILES[LANDING], label=wording.PAGES[LANDING], icon=ICONS[LANDING])


def _exists(name: str) -> bool:
    return Path(__file__).with_name("views").joinpath(f"{name}.py").exists()


def _login() -> None:
    st.title(wording.PRODUCT_LONG, anchor=False)
    st.markdown(wording.LOGIN["body"])
    st.button(wording.LOGIN["button"], type="primary", icon=":material/login:", on_click=st.login)


def _who() -> None:
    with st.sidebar:
        parts.guarded(_account)


def _account() -> None:
    user = people.current()
    roles = wording.LIST_COMMA.join(ROLE_WORDS[role] for role in Role if role in user.roles)
    if not people.signing_in():
        roles = wording.LOGIN["local"]
    st.caption(formats.escaped(wording.LOGIN["who"].format(name=user.name, roles=roles)))
    if people.signing_in():
        st.button(wording.LOGIN["out"], icon=":material/logout:", on_click=actions.sign_out, type="tertiary")


main()
