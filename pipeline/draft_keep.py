"""What somebody is writing comes in while they write; after a lost connection or a closed page it goes out.

One private file for each person and claim below the home (``drafts``), replaced whole; recording the draft in
the ledger removes it. It is no part of the record: only the ledger is.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.config import Home
from pipeline.identity import digest
from pipeline.ledger_events import TEXT_LIMIT

KEPT = timedelta(days=30)  # what nobody came back for is forgotten with the next thing that is kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A text that was being written, after which version, and when it was kept last."""

    text: str
    version: int
    at: datetime


def keep(home: Home, user: str, claim_id: str, text: str, version: int) -> None:
    """Keep what somebody has written so far on top of a draft's version.

    Raises:
        OSError: it cannot be written.
        ValueError: it is longer than a draft may be.
    """
    if len(text) > TEXT_LIMIT:
        raise ValueError(f"稿件有 {len(text)} 字,最多 {TEXT_LIMIT} 字")
    path = _path(home, user, claim_id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _forget_old(path.parent)
    value = {"text": text, "version": version, "at": datetime.now(UTC).isoformat()}
    draft = path.with_suffix(".part")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
        json.dump(value, file, ensure_ascii=False)
    draft.replace(path)


def kept(home: Home, user: str, claim_id: str) -> Kept | None:
    """Return what somebody was writing, None if nothing was kept or it cannot be read any more."""
    try:
        value = json.loads(_path(home, user, claim_id).read_text("utf-8"))
        return Kept(text=value["text"], version=int(value["version"]), at=datetime.fromisoformat(value["at"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def forget(home: Home, user: str, claim_id: str) -> None:
    """Forget what somebody was writing: it is in the ledger now, or was given up."""
    _path(home, user, claim_id).unlink(missing_ok=True)


def _path(home: Home, user: str, claim_id: str) -> Path:
    return home.root / "drafts" / f"{digest('draft', user, claim_id)}.json"


def _forget_old(folder: Path) -> None:
    oldest = (datetime.now(UTC) - KEPT).timestamp()
    for path in folder.glob("*.json"):
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
