"""The quality gate: a scorer and a corpus come in; whether it stays above the pinned floors goes out.

``gate.toml`` pins, for every head and set, the least macro-F1 and the largest calibration error, for every
kind of the test table the least share that holds, and a fingerprint of every dev set: a figure on other rows
is no comparison. Sets that the corpus does not have are skipped and said to be.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import tomli_w

from models.cases import Rate, held, load_cases
from models.corpus import Corpus, Example
from models.figures import Remembering, Result, Scorer, judge, judged_sets
from models.labels import HEADS

GATE = Path(__file__).with_name("gate.toml")
FLIPS = 2.0  # rows that may change between processors (int8 kernels round differently) without an alarm
LEAST_SLACK = 0.005  # of macro-F1, where two rows of a large set move less than that


class GateError(ValueError):
    """The gate cannot judge, or a floor would be lowered; the message says which and by how much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateLine:
    """One measured figure and what it must reach. ``ceiling`` says that less is better."""

    what: str
    rows: int
    measured: float
    bound: float
    ceiling: bool = False

    @property
    def passed(self) -> bool:
        """Return whether the figure keeps its bound."""
        return self.measured <= self.bound if self.ceiling else self.measured >= self.bound


@dataclass(frozen=True, slots=True, kw_only=True)
class GateReport:
    """All lines, what was skipped with the reason, and the fingerprint of the rows that were judged."""

    lines: tuple[GateLine, ...]
    skipped: tuple[str, ...]
    fingerprint: str

    @property
    def passed(self) -> bool:
        """Return whether every line passed; a report without lines judged nothing and does not pass."""
        return bool(self.lines) and all(line.passed for line in self.lines)

    @property
    def failed(self) -> tuple[GateLine, ...]:
        """Return the lines below their floor or above their ceiling."""
        return tuple(line for line in self.lines if not line.passed)

    def record(self) -> dict[str, Any]:
        """Return the report as JSON can say it."""
        return {
            "passed": self.passed,
            "fingerprint": self.fingerprint,
            "lines": [{**asdict(line), "passed": line.passed} for line in self.lines],
            "skipped": list(self.skipped),
        }


def check(scorer: Scorer, corpus: Corpus, gate: Path = GATE) -> GateReport:
    """Judge a scorer (``models.Tagger`` or any other) on the dev rows of a corpus against the floors.

    Raises:
        GateError: the file of floors cannot be read, or a dev set is not the one its floors were pinned on.
    """
    pinned = read_pins(gate)
    prints = fingerprints(corpus)
    _same_rows(prints, pinned["corpus"], gate)
    scorer = Remembering(scorer)
    lines: list[GateLine] = []
    skipped = []
    for key, floor in pinned["floors"].items():
        head, name = key.split("/")
        rows = [row for row in corpus.split("dev") if row.set == name and head in row.labels]
        if rows:
            lines += _lines(judge(scorer, head, name, rows), floor)
        else:
            skipped.append(f"{key}: this corpus has no dev rows of {name}")
    lines += _case_lines(held(scorer, load_cases()), pinned["cases"])
    return GateReport(lines=tuple(lines), skipped=tuple(skipped), fingerprint=_whole(prints))


def pin(scorer: Scorer, corpus: Corpus, lower: bool = False, gate: Path = GATE) -> list[str]:
    """Write the floors that a scorer reaches, less the slack; return what was lowered.

    Sets that the corpus lacks keep their floors. A floor is lowered, or a dev set replaced, only where
    ``lower`` says so.

    Raises:
        GateError: floors would be lowered and ``lower`` was not said.
    """
    old = read_pins(gate) if gate.exists() else {"corpus": {}, "floors": {}, "cases": {}}
    scorer = Remembering(scorer)
    found = [judge(scorer, *group) for group in judged_sets(corpus, tuple(HEADS))]
    floors = {f"{result.head}/{result.set}": _floor(result) for result in found}
    cases = {rate.kind: round(rate.share, 4) for rate in held(scorer, load_cases())}
    new = {
        "corpus": {**old["corpus"], **fingerprints(corpus)},
        "floors": {**old["floors"], **floors},
        "cases": cases,
    }
    lowered = [*_lowered(old, new), *_replaced(old["corpus"], new["corpus"])]
    if lowered and not lower:
        raise GateError("these would be lowered, which needs --lower: " + "; ".join(lowered))
    gate.write_text(tomli_w.dumps(new), "utf-8")
    return lowered


def read_pins(gate: Path = GATE) -> dict[str, dict[str, Any]]:
    """Read the pinned floors.

    Raises:
        GateError: the file is missing, is no TOML, or lacks a table; the message names the file.
    """
    try:
        found = tomllib.loads(gate.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise GateError(f"{gate}: {error}") from error
    missing = {"corpus", "floors", "cases"} - found.keys()
    if missing:
        raise GateError(f"{gate}: no table {', '.join(sorted(missing))}")
    return found


def fingerprints(corpus: Corpus) -> dict[str, str]:
    """Return, by set, a SHA-256 over its dev rows' texts and labels, whatever their order."""
    by_set: dict[str, list[Example]] = {}
    for row in corpus.split("dev"):
        by_set.setdefault(row.set, []).append(row)
    return {name: _digest(rows) for name, rows in sorted(by_set.items())}


def _digest(rows: Sequence[Example]) -> str:
    lines = sorted(json.dumps([row.text, sorted(row.labels.items())], ensure_ascii=False) for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _whole(prints: Mapping[str, str]) -> str:
    return hashlib.sha256("\n".join(f"{name} {prints[name]}" for name in sorted(prints)).encode()).hexdigest()


def _same_rows(prints: Mapping[str, str], pinned: Mapping[str, str], gate: Path) -> None:
    changed = sorted(name for name in prints.keys() & pinned.keys() if prints[name] != pinned[name])
    if changed:
        raise GateError(
            f"{gate}: dev rows of {', '.join(changed)} are not those the floors were pinned on; "
            "pin again with: huiying evaluate --pin --lower"
        )


def _lines(result: Result, floor: Mapping[str, float]) -> Iterator[GateLine]:
    what = f"{result.head}/{result.set}"
    f1, least = round(result.macro_f1.value, 4), floor["macro_f1"]
    yield GateLine(what=f"{what} macro-F1", rows=result.rows, measured=f1, bound=least)
    error, most = round(result.ece, 4), floor["ece"]
    yield GateLine(what=f"{what} ECE", rows=result.rows, measured=error, bound=most, ceiling=True)


def _case_lines(rates: Sequence[Rate], floors: Mapping[str, float]) -> Iterator[GateLine]:
    for rate in rates:
        if rate.kind in floors:
            share = round(rate.share, 4)
            yield GateLine(
                what=f"cases {rate.kind}", rows=rate.cases, measured=share, bound=floors[rate.kind]
            )


def _floor(result: Result) -> dict[str, float]:
    slack = max(LEAST_SLACK, FLIPS / result.rows)
    return {
        "macro_f1": round(result.macro_f1.value - slack, 4),
        "ece": round(result.ece + slack, 4),
        "rows": result.rows,
    }


def _lowered(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for key, floor in new["floors"].items():
        before = old["floors"].get(key, floor)
        if floor["macro_f1"] < before["macro_f1"]:
            yield f"{key} macro-F1 {before['macro_f1']} to {floor['macro_f1']}"
        if floor["ece"] > before["ece"]:
            yield f"{key} ECE {before['ece']} to {floor['ece']}"
    for kind, before in old["cases"].items():
        after = new["cases"].get(kind, 0.0)
        if after < before:
            yield f"cases {kind} {before} to {after}"


def _replaced(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    for name, before in old.items():
        if new[name] != before:
            yield f"dev rows of {name} replaced"
