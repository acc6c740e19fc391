"""The router of the pages: started as ``streamlit run dashboard/app.py`` with the home in ``HUIYING_HOME``."""

from __future__ import annotations

import streamlit as st

from dashboard import parts, wording

ICONS = {
    "today": ":material/checklist:",
    "situation": ":material/monitoring:",
    "claim": ":material/forum:",
    "alerts": ":material/notifications_active:",
    "statements": ":material/verified:",
    "sources": ":material/rss_feed:",
    "system": ":material/memory:",
}
MENU = {
    "work": ("today", "alerts"),
    "look": ("situation", "claim", "statements"),
    "run": ("sources", "system"),
}

st.set_page_config(
    page_title=wording.PRODUCT_LONG,
    page_icon=":material/campaign:",
    layout="wide",
    initial_sidebar_state="auto",
)
chosen = st.navigation(
    {
        wording.SECTIONS[section]: [
            st.Page(
                parts.PAGE_FILES[name],
                title=wording.PAGES[name],
                icon=ICONS[name],
                url_path=name,
                default=name == "today",
            )
            for name in names
        ]
        for section, names in MENU.items()
    }
)
parts.guarded(chosen.run)
