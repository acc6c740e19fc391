"""The router of the pages: ``streamlit run dashboard/app.py`` with the home in ``HUIYING_HOME``."""

from __future__ import annotations

from pathlib import Path

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
    chosen = st.navigation(
        {
            wording.SECTIONS[section]: [_page(name) for name in names if _exists(name)]
            for section, names in MENU.items()
        },
        expanded=True,
    )
    parts.guarded(actions.signed_in)
    if chosen.url_path not in HIDDEN:
        _who()
    parts.guarded(chosen.run)


def _page(name: str) -> st.Page:
    return st.Page(
        parts.PAGE_FILES[name],
        title=wording.PAGES[name],
        icon=ICONS[name],
        url_path=name,
        default=name == "today",
        visibility="hidden" if name in HIDDEN else "visible",
    )


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
