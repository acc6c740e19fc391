"""A home and an address to serve the pages on come in; how people sign in, or why nothing may be served
there, goes out.

People sign in at the office's own service by OpenID Connect, set up in ``[auth]`` of ``secrets.toml`` with
the keys of Streamlit's ``st.login``. Without it everybody who can reach the pages may do everything, so they
are served to this machine only.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from pipeline.config import ConfigError, Home, read_toml

# What st.login needs (Streamlit documentation, st.login): the same for every provider, and of one provider.
SHARED_KEYS = ("redirect_uri", "cookie_secret")
PROVIDER_KEYS = ("client_id", "client_secret", "server_metadata_url")
CALLBACK = "/oauth2callback"
COOKIE_SECRET_CHARACTERS = 32  # 16 random bytes in hexadecimal; a guessed one forges every user


class OpenAddressError(RuntimeError):
    """The pages would be open to others without signing in; the message is Chinese."""


def is_loopback(address: str) -> bool:
    """Return whether only this machine can reach an address; a name other than localhost counts as not."""
    if address == "localhost":
        return True
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def sign_in(home: Home) -> Mapping[str, Any] | None:
    """Return the table ``[auth]`` of the home's secrets, or None where no sign-in is set up.

    Raises:
        ConfigError: the table lacks a key or has a value that cannot work; the message names it.
    """
    path = home.secrets_file
    table = read_toml(path).get("auth") if path.exists() else None
    if table is None:
        return None
    where = f"{path}: [auth]"
    missing = [key for key in (*SHARED_KEYS, *PROVIDER_KEYS) if not table.get(key)]
    if missing:
        raise ConfigError(f"{where} lacks {', '.join(missing)}")
    if not str(table["redirect_uri"]).endswith(CALLBACK):
        raise ConfigError(f"{where} redirect_uri must end in {CALLBACK}, got {table['redirect_uri']!r}")
    if len(str(table["cookie_secret"])) < COOKIE_SECRET_CHARACTERS:
        raise ConfigError(f"{where} cookie_secret must have at least {COOKIE_SECRET_CHARACTERS} characters")
    found: Mapping[str, Any] = table
    return found


def check_address(home: Home, address: str) -> None:
    """Refuse to serve the pages where others could use them without signing in.

    Raises:
        OpenAddressError: the address is not a loopback address, and no sign-in is set up.
        ConfigError: the sign-in is set up wrongly.
    """
    if sign_in(home) is None and not is_loopback(address):
        raise OpenAddressError(
            f"没有配置登录,不能在 {address} 上提供页面:任何能打开这个地址的人都可以不登录就查看和操作。"
            f"请在 {home.secrets_file} 的 [auth] 中配置统一登录(OIDC,见 docs/sign-in.md),"
            "或改回本机地址 127.0.0.1。"
        )
