"""Rows of a file that cannot be used come in; a file of them beside the output, and lines to tell, go out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.incoming import raw_of
from pipeline.readers import Line
from pipeline.writers import JsonLinesWriter, draft_of

SHOWN = 5  # rows told on the screen; all stand in the file
LONGEST_VALUE = 40  # characters of a value that are told


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """A row that was not used: its file, line, why, and what it was (as read, or as words)."""

    file: str
    line: int
    reason: str
    raw: Mapping[str, Any] | str = ""

    @classmethod
    def of(cls, file: str, line: Line, reason: str) -> Aside:
        """Return a line of a file that was read, or not read, with why it was not used."""
        return cls(file=file, line=line.number, reason=reason, raw=line.raw if line.row is None else line.row)

    def words(self) -> str:
        """Return it as one line of a message."""
        return f"{self.file}：第 {self.line} 行：{self.reason}"


class Rejects:
    """``OUT.rejects.jsonl``: the rows that could not be used, with the reason; no file without any."""

    def __init__(self, output: Path) -> None:
        self.path = output.with_name(f"{output.name}.rejects.jsonl")
        self._writer = JsonLinesWriter(self.path, draft_of(self.path))
        self._rows = 0

    def write(self, line: int, reason: str, raw: Mapping[str, Any] | str, **more: str) -> None:
        """Add one row, personal numbers masked and fields that a post does not have left out."""
        self._rows += 1
        self._writer.write({**more, "line": line, "reason": reason, "raw": raw_of(raw)})

    def close(self) -> None:
        """Put the file in its place, or take away that of an earlier run."""
        if self._rows:
            self._writer.close()
            return
        self.discard()
        self.path.unlink(missing_ok=True)

    def discard(self) -> None:
        """Take the unfinished draft away."""
        self._writer.discard()


def keep_aside(output: Path, asides: Iterable[Aside]) -> list[str]:
    """Write the rows beside the output; return what to tell: at most ``SHOWN`` of them, and how many."""
    rejects, told, number = Rejects(output), [], 0
    for number, aside in enumerate(asides, 1):
        rejects.write(aside.line, aside.reason, aside.raw, file=Path(aside.file).name)
        if number <= SHOWN:
            told.append(aside.words())
    rejects.close()
    return [*told, f"{number} 行未处理，见 {rejects.path}"] if number else []


def shown(value: object) -> str:
    """Return a value as a message tells it, cut where it is long."""
    words = str(value)
    return repr(words if len(words) <= LONGEST_VALUE else f"{words[:LONGEST_VALUE]}…")
