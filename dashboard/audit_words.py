"""The name of an action in the audit log comes in; what was done, in Chinese words, goes out."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard import wording_alerts, wording_ledger, wording_sources, wording_system

KINDS: Mapping[str, Mapping[str, str]] = {
    "ledger": wording_ledger.EVENTS,
    "claim": wording_system.CLAIM_ACTIONS,
    "alert": wording_alerts.HANDLED,
    "statement": wording_system.STATEMENT_ACTIONS,
    "source": wording_sources.EVENTS,
}
LINK = ".link"  # the end of what the holder of a message's link did


def of(action: str) -> str:
    """Say what an action is; one of an older or newer version that has no words stands as it is."""
    if action in wording_system.ACTIONS:
        return wording_system.ACTIONS[action]
    area, _, kind = action.removesuffix(LINK).partition(".")
    word = KINDS.get(area, {}).get(kind)
    if word is None:
        return action
    by_link = wording_system.BY_LINK if action.endswith(LINK) else ""
    return f"{wording_system.AREAS[area]} · {word}{by_link}"
