"""Who is at the page: Streamlit's sign-in and the office's list come in, a ``User`` with roles goes out.

Without a sign-in service the pages are served on the loopback address only, to one named local user, who may
do everything. With one (``[auth]`` in Streamlit's secrets), roles come from the service's claim ``roles`` or
from ``[people]`` in ``huiying.toml``; nobody without a role gets in.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from dashboard import wording
from pipeline.config import ConfigError, Settings, find_home
from pipeline.roles import ForbiddenError, Role, User, roles_from
from pipeline.signin import is_loopback

LOCAL_ACTOR = "HUIYING_ACTOR"


def signing_in() -> bool:
    """Return whether a sign-in service is set up."""
    try:
        return "auth" in st.secrets
    except StreamlitSecretNotFoundError:
        return False


def current() -> User:
    """Return who is at this page.

    Raises:
        ForbiddenError: signed in, but without a role in this office; or nobody is signed in.
        ConfigError: the office's list of people has a fault.
    """
    if not signing_in():
        return User(name=os.environ.get(LOCAL_ACTOR) or getpass.getuser(), roles=frozenset(Role))
    if not st.user.is_logged_in:
        raise ForbiddenError(wording.LOGIN["title"])
    return from_claims(st.user.to_dict(), Settings.load(find_home()).tables.get("people", {}))


def signed_in_as() -> str:
    """Return the e-mail address or subject that the sign-in service gave for this session."""
    claims = st.user.to_dict()
    return str(claims.get("email") or claims.get("sub") or wording.LOGIN["this_account"])


def from_claims(claims: Mapping[str, Any], people: Mapping[str, Any]) -> User:
    """Return the user for a sign-in's claims: the office's list first, then the claims themselves.

    ``people`` maps an e-mail address or subject to ``name``, ``roles`` and ``counties``.

    Raises:
        ForbiddenError: neither names a role.
        ConfigError: a role or a table in the list is none.
    """
    key = str(claims.get("email") or claims.get("sub") or "")
    listed = people.get(key, {})
    if not isinstance(listed, Mapping):
        raise ConfigError(f"huiying.toml: [people] {key!r} must be a table, got {listed!r}")
    names = listed.get("roles", claims.get("roles", []))
    try:
        roles = roles_from([names] if isinstance(names, str) else list(names))
    except ValueError as error:
        raise ConfigError(f"huiying.toml: [people] {key!r}: {error}") from error
    if not roles:
        raise ForbiddenError(wording.LOGIN["no_role"].format(who=key or wording.LOGIN["this_account"]))
    counties = listed.get("counties", claims.get("counties", []))
    name = str(listed.get("name") or claims.get("name") or key)
    return User(name=name, roles=roles, counties=frozenset(counties))


def bound_elsewhere() -> str | None:
    """Return the address that the pages are served on if others can reach it, else None."""
    address = str(st.get_option("server.address") or "0.0.0.0")  # noqa: S104 - Streamlit's meaning of none
    return None if is_loopback(address) else address
