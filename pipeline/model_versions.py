"""The office's models: a home comes in; which version is in use, and which there are, goes out.

Versions are weights folders under ``HOME/models``. ``HOME/models/active`` names the one in use; without it
the shipped weights are. Every change is a line of ``HOME/models/history.jsonl``.
"""

from __future__ import annotations

from pathlib import Path

from models.weights import SHIPPED
from pipeline.config import Home

ACTIVE_FILE = "active"


def active_folder(home: Home) -> Path:
    """Return the weights folder in use."""
    name = active_name(home)
    return home.root / "models" / name if name else SHIPPED


def active_name(home: Home) -> str:
    """Return the name of the version in use; empty for the shipped weights."""
    file = home.root / "models" / ACTIVE_FILE
    return file.read_text("utf-8").strip() if file.exists() else ""
