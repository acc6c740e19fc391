"""A text for a spreadsheet's cell comes in; one that no spreadsheet runs as a formula goes out, and back."""

from __future__ import annotations

import re

# What spreadsheets take for the beginning of a formula or a command, also as full-width characters.
# Source: OWASP, "CSV Injection".
STARTS = "=+-@\t\r\uff1d\uff0b\uff0d\uff20"
MARK = "'"
NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?%?")


def is_formula(text: str) -> bool:
    """Whether a spreadsheet may run this text; a signed number or a lone dash is none."""
    return len(text) > 1 and text[0] in STARTS and not NUMBER.fullmatch(text)


def safe_cell(text: str) -> str:
    """Return a text with an apostrophe before it where a spreadsheet would run it."""
    return f"{MARK}{text}" if is_formula(text) else text


def plain_cell(text: str) -> str:
    """Return what ``safe_cell`` was given."""
    return text[1:] if text.startswith(MARK) and is_formula(text[1:]) else text
