"""Two outputs of the same input come in; the rows whose label changed, and which way, go out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any

from pipeline.cells import plain_cell
from pipeline.columns import guess_columns
from pipeline.readers import Line, Source
from pipeline.tagging import HEADS
from pipeline.writers import CsvWriter, draft_of, finishing

COLUMNS = ("row", "id", "head", "from", "to", "from_score", "to_score", "from_version", "to_version", "text")
LONGEST_TEXT = 500  # characters: enough to see why


class ChangesError(ValueError):
    """Two outputs cannot be compared; the message is Chinese and says where."""


@dataclass(slots=True)
class Changes:
    """How many rows were compared, and how many went from one label to another, by head."""

    rows: int = 0
    changed_rows: int = 0
    heads: tuple[str, ...] = ()
    moves: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def record(self) -> dict[str, Any]:
        """Return it as JSON can say it: ``moves`` by head, the most frequent first."""
        moves: dict[str, dict[str, int]] = {head: {} for head in self.heads}
        for (head, old, new), rows in self.moves.most_common():
            moves[head][f"{old}→{new}"] = rows
        return {"rows": self.rows, "changed_rows": self.changed_rows, "moves": moves}


def comparable_heads(old: Source) -> tuple[str, ...]:
    """Return the heads that an older output has.

    Raises:
        ChangesError: it has none of them, so it is not an output of ``classify``.
    """
    heads = tuple(head for head in HEADS if head in old.layout.names)
    if not heads:
        raise ChangesError(f"{old.path}:没有标注列({'、'.join(HEADS)}),不是 classify 的输出")
    return heads


def write_changes(old: Source, new: Source, text_column: str, path: Path) -> Changes:
    """Compare two outputs row by row and write a row for every label that changed.

    Raises:
        ChangesError: they have different texts or numbers of rows; the message names the row.
    """
    changes = Changes(heads=comparable_heads(old))
    id_column = guess_columns([name for name in new.layout.names if name]).get("id", "")
    writer = CsvWriter(path, draft_of(path), COLUMNS, mark=True)
    with finishing(writer):
        for number, before, after in _pairs(old, new, text_column):
            moved = list(_moved(changes.heads, before, after))
            changes.rows += 1
            changes.changed_rows += bool(moved)
            for head, was, now in moved:
                changes.moves[head, was, now] += 1
                writer.write(_change(number, head, before, after, text_column, id_column))
    return changes


def _pairs(
    old: Source, new: Source, text_column: str
) -> Iterator[tuple[int, Mapping[str, Any], Mapping[str, Any]]]:
    for number, (before, after) in enumerate(zip_longest(old.lines(), new.lines()), start=1):
        if before is None or after is None:
            raise ChangesError(f"{old.path}:行数与本次输出不同(第 {number} 行起),不是同一份输入的结果")
        first, second = _row_of(before, old), _row_of(after, new)
        if _text(first.get(text_column)) != _text(second.get(text_column)):
            raise ChangesError(f"{old.path}:第 {before.number} 行的正文与本次输出不同,不是同一份输入的结果")
        yield number, first, second


def _row_of(line: Line, source: Source) -> Mapping[str, Any]:
    if line.row is None:
        raise ChangesError(f"{source.path}:第 {line.number} 行读不出:{line.reason}")
    return line.row


def _moved(
    heads: tuple[str, ...], before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[tuple[str, str, str]]:
    for head in heads:
        was, now = str(before.get(head) or ""), str(after.get(head) or "")
        if was != now:
            yield head, was, now


def _change(
    number: int,
    head: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    text_column: str,
    id_column: str,
) -> dict[str, Any]:
    return {
        "row": number,
        "id": after.get(id_column, ""),
        "head": head,
        "from": before.get(head) or "",
        "to": after.get(head) or "",
        "from_score": before.get(f"{head}_score"),
        "to_score": after.get(f"{head}_score"),
        "from_version": before.get("model_version"),
        "to_version": after.get("model_version"),
        "text": _text(after.get(text_column))[:LONGEST_TEXT],
    }


def _text(value: Any) -> str:
    return "" if value is None or value != value else plain_cell(str(value))
