"""Files tagged on a page: an uploaded file comes in; its tagged copies and what was found go out."""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import connection
from models.bands import bands_of, no_bands
from models.weights import read_manifest
from pipeline.cells import plain_cell
from pipeline.classify import Asked, ClassifyReport, classify
from pipeline.classify_rows import Classifier
from pipeline.model_versions import active_folder
from pipeline.readers import Line, Source, open_source
from pipeline.tagging import SCORES, OneTagger, Quality, Tagging, load_tagger
from pipeline.writers import open_writer

# What a page may tag while somebody waits: at the 300 rows a second of one busy core, about a minute.
MOST_ROWS = 20_000
MOST_BYTES = 50 * 2**20
PREVIEW_ROWS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    """A tagged file: what was found, the rows that could not be read, and the file in two forms."""

    report: ClassifyReport
    rejects: list[dict[str, Any]]
    csv: bytes
    xlsx: bytes
    manifest: bytes


class SharedTagger:
    """One model for all sessions: it is not thread-safe, so each batch waits for its turn."""

    def __init__(self, tagger: Tagging) -> None:
        self._tagger, self._lock = tagger, threading.Lock()

    @property
    def version(self) -> str:
        """Which model this is."""
        return self._tagger.version

    def tag(self, texts: Sequence[str]) -> pd.DataFrame:
        """Return one row of tags a text, in order."""
        with self._lock:
            return self._tagger.tag(texts)


def look(name: str, content: bytes) -> tuple[Source, list[Line]]:
    """Return what an uploaded file is, and its first rows.

    Raises:
        ReadError: it cannot be read; the message says why.
    """
    with _placed(name, content) as path:
        source = open_source(path)
        lines = [line for _, line in zip(range(PREVIEW_ROWS), source.lines(), strict=False)]
    return source, lines


def too_big(source: Source, size: int) -> bool:
    """Whether a file should be tagged on the command line."""
    return source.rows > MOST_ROWS or size > MOST_BYTES


def tag_file(
    name: str, content: bytes, column: str, quality: Quality, abstain: bool, advance: Callable[[int], object]
) -> Tagged:
    """Tag an uploaded file; nothing of it is left on the disk.

    Raises:
        ReadError: it cannot be read.
        ClassifyError: it has no such column.
        WeightsError: the models in use cannot be loaded.
    """
    folder = active_folder(connection.home())
    manifest = read_manifest(folder)
    bands = bands_of({**manifest.thresholds, **connection.settings().tables.get("doubt", {})})
    asked = Asked(quality=quality, bands=bands if abstain else no_bands(), weights=manifest.files)
    tagger = _tagger(str(folder), manifest.version, quality)
    classifier = Classifier(tagger=OneTagger(tagger, asked.bands), region=connection.region())
    with _placed(name, content) as path:
        output = path.with_name("tagged.csv")
        report = classify(open_source(path, (column,)), output, classifier, column, advance, asked)
        made = output.with_name("tagged.csv.manifest.json").read_bytes()
        return Tagged(
            report=report,
            rejects=_rejects(output),
            csv=_marked(output.read_bytes()),
            xlsx=_as_workbook(output),
            manifest=made,
        )


@contextmanager
def _placed(name: str, content: bytes) -> Iterator[Path]:
    """Keep a file of these bytes for as long as the block runs; it may hold personal data."""
    with tempfile.TemporaryDirectory(prefix="huiying-") as folder:
        path = Path(folder) / f"upload{Path(name).suffix.lower()}"
        path.write_bytes(content)
        yield path


@st.cache_resource(show_spinner=False, max_entries=3)
def _tagger(folder: str, version: str, quality: Quality) -> SharedTagger:
    return SharedTagger(load_tagger(Path(folder), quality, None))


def _rejects(output: Path) -> list[dict[str, Any]]:
    file = output.with_name(f"{output.name}.rejects.jsonl")
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    return [json.loads(line) for line in lines]


def _marked(content: bytes) -> bytes:
    """Return a CSV with a byte-order mark, without which Excel reads Chinese as something else."""
    mark = b"\xef\xbb\xbf"
    return content if content.startswith(mark) else mark + content


def _as_workbook(output: Path) -> bytes:
    source = open_source(output)
    path = output.with_name("tagged.xlsx")
    writer = open_writer(path, "xlsx", source.layout.names, {}, mark=False)
    try:
        for line in source.lines():
            if line.row is not None:
                writer.write(_typed(line.row))
        writer.close()
    except BaseException:
        writer.discard()
        raise
    return path.read_bytes()


def _typed(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of the CSV with its scores as numbers, and texts as they were before neutralising."""
    typed: dict[str, Any] = {name: plain_cell(cell) for name, cell in row.items()}
    return typed | {name: float(row[name]) for name in SCORES if row.get(name)}
