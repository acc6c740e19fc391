"""Places: a region file comes in; which counties a text speaks of goes out.

One Aho-Corasick automaton over all aliases, leftmost and longest match first; context rules say when a
name means something else (三都 in 三都澳, 长顺 as a person's name, 龙里 in 龙里程).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar, cast

from ahocorasick_rs import AhoCorasick, MatchKind

from pipeline.config import ConfigError, read_toml
from pipeline.normalise import simplify


@dataclass(frozen=True, slots=True, kw_only=True)
class County:
    """A county: its name, other names, places in it that people name, and its tile (column, row)."""

    name: str
    aliases: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    tile: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """When an alias does not mean the county."""

    alias: str
    not_in: tuple[str, ...] = ()
    not_if_followed_by: tuple[str, ...] = ()
    not_if_preceded_by: tuple[str, ...] = ()

    def excludes(self, text: str, start: int, end: int) -> bool:
        """Tell whether the alias at ``text[start:end]`` means something else."""
        if text[end:].startswith(self.not_if_followed_by) and self.not_if_followed_by:
            return True
        if text[:start].endswith(self.not_if_preceded_by) and self.not_if_preceded_by:
            return True
        return any(_covers(text, phrase, start, end) for phrase in self.not_in)


Kind = TypeVar("Kind", County, Context)


@dataclass(frozen=True)
class Region:
    """A prefecture and its counties."""

    prefecture: str
    counties: tuple[County, ...]
    contexts: Mapping[str, Context]

    @classmethod
    def load(cls, path: Path) -> Region:
        """Read a region file.

        Raises:
            ConfigError: unknown or missing keys, an alias of two counties, two counties on one tile.
        """
        raw = read_toml(path)
        unknown = set(raw) - {"prefecture", "county", "context"}
        if unknown or "prefecture" not in raw:
            raise ConfigError(f"{path}: needs prefecture, county, context; unknown: {sorted(unknown)}")
        counties = tuple(_record(County, row, path) for row in raw.get("county", []))
        contexts = [_record(Context, _simplified(row), path) for row in raw.get("context", [])]
        region = cls(str(raw["prefecture"]), counties, {context.alias: context for context in contexts})
        if len(region.contexts) != len(contexts):
            raise ConfigError(f"{path}: an alias has two [[context]] tables")
        region.check(path)
        return region

    def check(self, path: Path) -> None:
        """Refuse a region that contradicts itself.

        Raises:
            ConfigError: no county, an alias of two counties, two counties on one tile, or a context for
                an alias that no county has.
        """
        if not self.counties:
            raise ConfigError(f"{path}: no [[county]] in it")
        owners: dict[str, str] = {}
        tiles: dict[tuple[int, int], str] = {}
        for county in self.counties:
            for alias in map(simplify, (county.name, *county.aliases, *county.places)):
                if owners.setdefault(alias, county.name) != county.name:
                    raise ConfigError(f"{path}: {alias!r} is of {owners[alias]} and of {county.name}")
            if tiles.setdefault(county.tile, county.name) != county.name:
                raise ConfigError(f"{path}: {county.name} and {tiles[county.tile]} share tile {county.tile}")
        unused = sorted(set(self.contexts) - set(owners))
        if unused:
            raise ConfigError(f"{path}: a [[context]] for {', '.join(unused)}, which no county is called")

    def places_of(self, text: str, fallback_county: str = "") -> tuple[str, ...]:
        """Return the counties that a text names, in order of first mention; else its source's county, if any.

        The text is simplified first (OpenCC), so that 獨山 is found too.
        """
        text = simplify(text)
        found: dict[str, None] = {}
        for index, start, end in self._finder.find_matches_as_indexes(text):
            alias, county = self._names[index]
            context = self.contexts.get(alias)
            if context is None or not context.excludes(text, start, end):
                found[county] = None
        if not found and fallback_county:
            return (self.county_name(fallback_county),)
        return tuple(found)

    def county_name(self, name: str) -> str:
        """Return a county's full name for its name or alias; another name stays as it is."""
        return self._by_alias.get(simplify(name), name)

    @cached_property
    def _names(self) -> list[tuple[str, str]]:
        # Simplified as the texts are: OpenCC turns 濛江 into 蒙江 in both.
        return [
            (alias, county.name)
            for county in self.counties
            for alias in dict.fromkeys(map(simplify, (county.name, *county.aliases, *county.places)))
        ]

    @cached_property
    def _by_alias(self) -> dict[str, str]:
        return dict(self._names)

    @cached_property
    def _finder(self) -> AhoCorasick:
        return AhoCorasick([alias for alias, _ in self._names], matchkind=MatchKind.LeftmostLongest)


def _covers(text: str, phrase: str, start: int, end: int) -> bool:
    """Tell whether ``phrase`` stands in the text around ``text[start:end]``."""
    at = text.find(phrase, max(0, end - len(phrase)), start + len(phrase))
    return at != -1 and at <= start and end <= at + len(phrase)


def _simplified(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with its words as they stand in a simplified text."""
    return {
        name: [simplify(str(word)) for word in value] if isinstance(value, list) else value
        for name, value in row.items()
    } | ({"alias": simplify(row["alias"])} if isinstance(row.get("alias"), str) else {})


def _record(kind: type[Kind], row: Mapping[str, Any], path: Path) -> Kind:
    known = {field.name: field for field in fields(kind)}
    for name, value in row.items():
        if name not in known:
            raise ConfigError(f"{path}: unknown key {name!r} in {dict(row)}; known are {', '.join(known)}")
        if not _has_shape(str(known[name].type), value):
            raise ConfigError(f"{path}: {name} must be {known[name].type}, got {value!r}")
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    make: Any = kind
    try:
        return cast("Kind", make(**values))
    except TypeError as error:
        raise ConfigError(f"{path}: {error} in {dict(row)}") from error


def _has_shape(wanted: str, value: object) -> bool:
    if wanted == "str":
        return isinstance(value, str) and bool(value.strip())
    if not isinstance(value, list):
        return False
    if wanted == "tuple[int, int]":
        return len(value) == 2 and all(isinstance(number, int) and number >= 0 for number in value)
    return all(isinstance(entry, str) and entry.strip() for entry in value)
