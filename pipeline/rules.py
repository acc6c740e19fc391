"""The office's rules as data: TOML tables come in, typed due rules and stake words go out.

Shipped tables are ``due.toml`` and ``stakes.toml``; the home's ``[due]`` and ``[stakes]`` add to them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from importlib.resources import files
from typing import Any

from ahocorasick_rs import AhoCorasick, MatchKind

from pipeline.config import ConfigError, Settings
from pipeline.workdays import after_working_days


@dataclass(frozen=True, slots=True, kw_only=True)
class DueRule:
    """One deadline: what it asks, the notice it comes from, its time, and where its clock starts.

    The time is natural ``hours`` or, by a local rule, ``working_days``. ``applies`` is ``emergency``,
    ``other`` or ``all``; ``basis`` is ``happened``, ``first_seen`` or ``assigned``; ``met_by`` is the
    ledger's event that meets it: ``published`` or ``briefed``.
    """

    id: str
    name: str
    source: str
    applies: str
    basis: str
    hours: float = 0.0
    working_days: int = 0
    met_by: str = "published"

    def __post_init__(self) -> None:
        known = {
            "applies": {"emergency", "other", "all"},
            "basis": {"happened", "first_seen", "assigned"},
            "met_by": {"published", "briefed"},
        }
        for name, values in known.items():
            if getattr(self, name) not in values:
                raise ConfigError(
                    f"due rule {self.id!r}: {name} = {getattr(self, name)!r}, not one of {values}"
                )
        if (self.hours > 0) == (self.working_days > 0):
            raise ConfigError(f"due rule {self.id!r} must have either hours or working_days, above 0")

    def deadline(self, start: datetime) -> datetime:
        """Return when this rule's time is up, counted from ``start``."""
        if self.working_days:
            return after_working_days(start, self.working_days)
        return start + timedelta(hours=self.hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stake:
    """What is at stake for the public, with a weight in [0, 1] and the words that show it."""

    name: str
    weight: float
    words: tuple[str, ...]


@dataclass(frozen=True)
class Rules:
    """The due table and the stake words of one office."""

    due: tuple[DueRule, ...]
    stakes: tuple[Stake, ...]

    @classmethod
    def load(cls, settings: Settings) -> Rules:
        """Read the shipped tables and the office's additions.

        Raises:
            ConfigError: a rule lacks a key, has an unknown one, or there is no rule for ordinary matters.
        """
        due = _table("due.toml", "rule", DueRule, settings.tables.get("due", {}))
        stakes = _table("stakes.toml", "stake", Stake, settings.tables.get("stakes", {}))
        rules = cls(due=tuple(due), stakes=tuple(stakes))
        if not any(rule.applies == "other" for rule in due):
            raise ConfigError("the due table has no rule with applies = 'other'")
        return rules

    def due_rule(self, emergency: bool) -> DueRule:
        """Return the rule with the earliest deadline for a matter."""
        wanted = "emergency" if emergency else "other"
        return min(
            (rule for rule in self.due if rule.applies == wanted),
            key=lambda rule: rule.hours or rule.working_days * 24,
        )

    def due_rules(self, emergency: bool) -> tuple[DueRule, ...]:
        """Return every rule that applies to a matter."""
        wanted = {"all", "emergency" if emergency else "other"}
        return tuple(rule for rule in self.due if rule.applies in wanted)

    def stake(self, text: str) -> tuple[float, tuple[str, ...]]:
        """Return the highest stake that a text's words show, and the names of all it touches.

        Words of weight 0 are sayings (热死了) that stand in the way of a shorter word with a stake.
        """
        touched = {
            self._owner[index].name: self._owner[index]
            for index, _, _ in self._finder.find_matches_as_indexes(text)
            if self._owner[index].weight
        }
        if not touched:
            return 0.0, ()
        ranked = sorted(touched.values(), key=lambda stake: -stake.weight)
        return ranked[0].weight, tuple(stake.name for stake in ranked)

    @cached_property
    def _finder(self) -> AhoCorasick:
        words = [word for stake in self.stakes for word in stake.words]
        return AhoCorasick(words, matchkind=MatchKind.LeftmostLongest)

    @cached_property
    def _owner(self) -> Sequence[Stake]:
        return [stake for stake in self.stakes for _ in stake.words]


def _table(file: str, key: str, kind: Any, more: Mapping[str, Any]) -> list[Any]:
    shipped = tomllib.loads((files("pipeline") / file).read_text("utf-8"))
    return [_record(kind, row, file) for row in [*shipped.get(key, []), *more.get(key, [])]]


def _record(kind: Any, row: Mapping[str, Any], file: str) -> Any:
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    try:
        return kind(**values)
    except TypeError as error:
        raise ConfigError(f"{file}: {error} in {dict(row)}") from error
