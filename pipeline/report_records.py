"""The parts of a report as records, and a reader that notes every query from which a number comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pandas as pd

from pipeline.store import Reader

TEXT_LIMIT = 20_000  # characters of one edited section


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A query that was asked for a report: its number there, name, parameters and the rows it returned."""

    number: int
    query: str
    params: Mapping[str, Any]
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """Words with the numbers of the queries behind their figures."""

    text: str
    sources: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A titled table of words."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A titled chart as a Vega-Lite specification."""

    title: str
    spec: Mapping[str, Any]
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A titled section. ``edited`` tells that a person changed its words."""

    key: str
    title: str
    paragraphs: tuple[Paragraph, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    edited: bool = False

    @property
    def text(self) -> str:
        """The words of its paragraphs, one a line."""
        return "\n".join(paragraph.text for paragraph in self.paragraphs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report: what it is called, of which stretch of time, made when, and its sections and sources.

    ``errors`` are the models' measured errors on local text, one sentence each; none if none was measured,
    None if they are not the reader's to see.
    """

    kind: str
    title: str
    office: str
    since: datetime
    until: datetime
    made_at: datetime
    sections: tuple[Section, ...]
    sources: tuple[Source, ...]
    errors: tuple[str, ...] | None = ()

    def edited(self, texts: Mapping[str, str]) -> Report:
        """Return the report with a person's words in place of some sections' paragraphs.

        ``texts`` maps a section's key to its lines; words that are the same as before change nothing.

        Raises:
            ValueError: there is no such section, or a text is longer than ``TEXT_LIMIT``.
        """
        unknown = set(texts) - {section.key for section in self.sections}
        if unknown:
            raise ValueError(f"报告没有这一节:{'、'.join(sorted(unknown))}")
        return replace(self, sections=tuple(_edited(one, texts.get(one.key)) for one in self.sections))


class Traced:
    """A store's reader that numbers what is asked of it; as a plain ``Reader`` it does so too."""

    def __init__(self, store: Reader) -> None:
        self.store = store
        self.sources: list[Source] = []
        self._known: dict[str, tuple[list[dict[str, Any]], int]] = {}

    def ask(self, name: str, **params: Any) -> tuple[list[dict[str, Any]], int]:
        """Run a named query; return its rows and the number under which the report lists it.

        What was asked before is not asked again: one report has one answer to one question.
        """
        question = repr((name, sorted(params.items())))
        if question not in self._known:
            rows = self.store.rows(name, **params)
            number = len(self.sources) + 1
            self.sources.append(Source(number=number, query=name, params=params, rows=len(rows)))
            self._known[question] = rows, number
        return self._known[question]

    def rows(self, name: str, **params: Any) -> list[dict[str, Any]]:
        """Run a named query; return its rows."""
        return self.ask(name, **params)[0]

    def frame(self, name: str, **params: Any) -> pd.DataFrame:
        """Run a named query; return its rows as a table."""
        return pd.DataFrame(self.rows(name, **params))

    def since(self, number: int) -> tuple[int, ...]:
        """Return the numbers of the queries that were asked after ``number`` were known."""
        return tuple(range(number + 1, len(self.sources) + 1))


def words_of(texts: Sequence[str], *sources: int) -> tuple[Paragraph, ...]:
    """Return paragraphs that share their sources, without empty ones."""
    return tuple(Paragraph(text=text, sources=sources) for text in texts if text)


def _edited(section: Section, text: str | None) -> Section:
    if text is None or text.strip() == section.text.strip():
        return section
    if len(text) > TEXT_LIMIT:
        raise ValueError(f"“{section.title}”有 {len(text)} 字,最多 {TEXT_LIMIT} 字")
    known = tuple(dict.fromkeys(number for one in section.paragraphs for number in one.sources))
    lines = [line.strip() for line in text.splitlines()]
    return replace(section, paragraphs=words_of(lines, *known), edited=True)
