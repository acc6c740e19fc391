"""Lines of a run come in; a spool file goes out: closed atomically, or left as ``.part`` for the next run
to find.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

LINES_A_FILE = 500  # so that the pipeline sees a long run's first posts early


class Spool:
    """Writes the lines of one run; a file is renamed from ``.part`` only when it is whole and on disk."""

    def __init__(self, folder: Path, source: str) -> None:
        self.folder = folder
        self.source = source
        self.stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
        self.number = 0
        self.lines = 0
        self._file: IO[str] | None = None

    def write(self, line: Mapping[str, Any]) -> None:
        """Add one line.

        Raises:
            OSError: the disk is full; what was closed before stays.
        """
        if self._file is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._file = self._draft.open("w", encoding="utf-8")
        # ASCII only: a lone surrogate of a page has no UTF-8 form.
        self._file.write(json.dumps(line, default=_plain) + "\n")
        self.lines += 1
        if self.lines >= LINES_A_FILE:
            self.close()

    def close(self) -> None:
        """Put the file in its place; the next line begins another."""
        if self._file is None:
            return
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._draft.replace(self._draft.with_suffix(".jsonl"))
        self._file = None
        self.lines = 0
        self.number += 1

    @property
    def _draft(self) -> Path:
        return self.folder / f"{self.stamp}-{self.source}-{self.number:04d}.part"


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
