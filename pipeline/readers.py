"""Files of posts come in, in whatever form an office has them; numbered rows and unreadable lines go out.

Every reader streams: memory does not grow with the file. JSON Lines, CSV (any usual delimiter), Excel
workbooks and Parquet; UTF-8 with or without its mark, UTF-16 and GB18030 (of which GBK is a part).
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl.utils.exceptions import InvalidFileException

from pipeline.columns import Layout, find_header

LONGEST_LINE = 32 * 2**20  # bytes; a longer line is refused, not read
BLOCK = 2**20
MOST_BREAKS = 1000  # line breaks in one CSV cell; more means a quotation mark that is never closed
HEADER_ROWS = 10  # how far down a workbook's header may be
PARQUET_ROWS = 2000
DELIMITERS = ",\t;|"
KINDS = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".parquet": "parquet",
}


class ReadError(ValueError):
    """A file cannot be read at all; the message is Chinese and names the file."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a file with its line number (from 1), or why it could not be read and what it was."""

    number: int
    row: dict[str, Any] | None
    reason: str = ""
    raw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file that can be read: its kind, encoding, columns, and about how many rows it has."""

    path: Path
    kind: str
    encoding: str
    layout: Layout
    rows: int
    digest: str

    def lines(self, skip: int = 0) -> Iterator[Line]:
        """Yield the rows in order, leaving out the first ``skip`` (header lines are not rows)."""
        reader = {"jsonl": _json_lines, "csv": _csv_lines, "xlsx": _xlsx_lines, "parquet": _parquet_lines}
        return reader[self.kind](self, skip)


def open_source(path: Path, wanted: Sequence[str] = ()) -> Source:
    """Look at a file: its kind by its name, its encoding by its bytes, its columns by its header.

    ``wanted`` are column names that the header must hold, which helps to find it in a workbook.

    Raises:
        ReadError: no such file, an empty one, an unknown kind, or one that is not what its name says.
    """
    kind = kind_of(path)
    if not path.is_file():
        raise ReadError(f"{path}:没有这个文件")
    if path.stat().st_size == 0:
        raise ReadError(f"{path}:文件是空的")
    digest, lines = _scan(path)
    encoding = detect_encoding(path) if kind in {"jsonl", "csv"} else ""
    layout, rows = _layout(path, kind, encoding, wanted)
    return Source(
        path=path,
        kind=kind,
        encoding=encoding,
        layout=layout,
        rows=lines - layout.header_rows if rows is None else rows,
        digest=digest,
    )


def kind_of(path: Path) -> str:
    """Return jsonl, csv, xlsx or parquet.

    Raises:
        ReadError: the name ends in none of the known ways.
    """
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        raise ReadError(f"{path}:不认识的文件类型 {path.suffix or '(无扩展名)'},可用 {' '.join(KINDS)}")
    return kind


def detect_encoding(path: Path) -> str:
    """Return the encoding of a text file: by its mark, else UTF-8 or GB18030, whichever all of it is.

    Where it is neither, the one with fewer broken bytes in the first MiB; its lines are judged one by one.
    """
    with path.open("rb") as file:
        head = file.read(BLOCK)
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if head.startswith(mark):
            return name
    for name in ("utf-8", "gb18030"):
        if _decodes(path, name):
            return name
    broken = {name: head.decode(name, "replace").count("\ufffd") for name in ("utf-8", "gb18030")}
    return min(broken, key=lambda name: broken[name])


def read_json_lines(file: BinaryIO, encoding: str, skip: int = 0) -> Iterator[Line]:
    """Yield each line of a JSON Lines file; blank lines are not rows, but count in the line numbers.

    ``skip`` counts rows, readable or not.
    """
    number = seen = 0
    for raw in _bounded_lines(file):
        number += 1
        if not raw.strip():
            continue
        seen += 1
        if seen > skip:
            yield _json_line(number, raw, encoding)


def _json_line(number: int, raw: bytes, encoding: str) -> Line:
    if len(raw) > LONGEST_LINE:
        return Line(number, None, f"一行超过 {LONGEST_LINE >> 20} MB", raw[:4000].decode(encoding, "replace"))
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        return Line(number, None, f"不是 {encoding} 编码", raw[:4000].decode(encoding, "replace"))
    try:
        value = json.loads(text.lstrip("\ufeff"))
    except (json.JSONDecodeError, RecursionError) as error:
        where = f"第 {error.colno} 列" if isinstance(error, json.JSONDecodeError) else "嵌套太深"
        return Line(number, None, f"不是 JSON({where})", text[:4000])
    if not isinstance(value, dict):
        return Line(number, None, "JSON 不是一个对象", text[:4000])
    return Line(number, value)


def _bounded_lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield lines; of a line that is too long only the beginning, one byte more than is allowed."""
    while raw := file.readline(LONGEST_LINE + 1):
        if len(raw) > LONGEST_LINE and not raw.endswith(b"\n"):
            rest = raw
            while rest and not rest.endswith(b"\n"):
                rest = file.readline(BLOCK)
        yield raw


def _json_lines(source: Source, skip: int) -> Iterator[Line]:
    if source.encoding == "utf-16":
        raise ReadError(f"{source.path}:JSON Lines 请用 UTF-8 或 GB18030 编码")
    with source.path.open("rb") as file:
        yield from read_json_lines(file, source.encoding.removesuffix("-sig"), skip)


def _csv_lines(source: Source, skip: int) -> Iterator[Line]:
    names = source.layout.names
    with _open_text(source.path, source.encoding) as file:
        reader = _csv_reader(file, source.layout.delimiter)
        end = 0
        seen = -source.layout.header_rows
        while True:
            start = end + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Line(start, None, f"CSV 格式有误:{error}", "")
                return
            end = reader.line_num
            if not any(cells):
                continue
            seen += 1
            if seen > max(skip, 0):
                yield _csv_line(start, cells, names)


def _csv_line(number: int, cells: list[str], names: Sequence[str]) -> Line:
    # Without its words: where the cells have moved, nobody can tell which of them is a person's name.
    breaks = max(cell.count("\n") for cell in cells)
    if breaks > MOST_BREAKS:
        return Line(number, None, f"引号没有闭合:从这里起 {breaks} 行成了一格", "")
    if len(cells) > len(names) and any(cells[len(names) :]):
        return Line(number, None, f"有 {len(cells)} 列,表头只有 {len(names)} 列", "")
    return Line(number, dict(zip(names, cells, strict=False)))


def _xlsx_lines(source: Source, skip: int) -> Iterator[Line]:
    names = source.layout.names
    book = _open_book(source.path)
    try:
        seen = 0
        for number, cells in enumerate(book.worksheets[0].iter_rows(values_only=True), start=1):
            if number <= source.layout.header_rows or all(cell is None for cell in cells):
                continue
            seen += 1
            if seen > skip:
                yield Line(number, {name: cell for name, cell in zip(names, cells, strict=False) if name})
    finally:
        book.close()


def _parquet_lines(source: Source, skip: int) -> Iterator[Line]:
    number = 0
    for batch in parquet_batches(source.path, PARQUET_ROWS):
        if number + batch.num_rows <= skip:
            number += batch.num_rows
            continue
        for row in batch.to_pylist():
            number += 1
            if number > skip:
                yield Line(number, row)


def parquet_batches(path: Path, rows: int) -> Iterator[pa.RecordBatch]:
    """Yield a Parquet file's record batches.

    Raises:
        ReadError: it is not a Parquet file.
    """
    try:
        with pq.ParquetFile(path) as file:
            yield from file.iter_batches(batch_size=rows)
    except pa.ArrowInvalid as error:
        raise ReadError(f"{path}:不是可读的 Parquet 文件({error})") from error


def _layout(path: Path, kind: str, encoding: str, wanted: Sequence[str]) -> tuple[Layout, int | None]:
    """Return the columns, and the number of rows where the file says it."""
    if kind == "xlsx":
        return _xlsx_layout(path, wanted)
    if kind == "parquet":
        return _parquet_layout(path)
    if kind == "csv":
        return _csv_layout(path, encoding), None
    return Layout(names=_json_names(path, encoding), header_rows=0), None


def _json_names(path: Path, encoding: str) -> tuple[str, ...]:
    """Return the keys of the first hundred rows, in order of appearance."""
    names: dict[str, None] = {}
    with path.open("rb") as file:
        for line in read_json_lines(file, encoding.removesuffix("-sig")):
            names |= dict.fromkeys(line.row or ())
            if line.number >= 100:
                break
    return tuple(names)


def _csv_layout(path: Path, encoding: str) -> Layout:
    with _open_text(path, encoding) as file:
        first = file.readline()
        delimiter = max(DELIMITERS, key=first.count)
        file.seek(0)
        try:
            names = next(_csv_reader(file, delimiter))
        except (StopIteration, csv.Error) as error:
            raise ReadError(f"{path}:读不出表头({error})") from error
    cleaned = tuple(name.strip().lstrip("\ufeff") for name in names)
    if len(set(cleaned)) != len(cleaned):
        raise ReadError(f"{path}:表头有重名的列:{'、'.join(cleaned)}")
    return Layout(names=cleaned, header_rows=1, delimiter=delimiter)


def _xlsx_layout(path: Path, wanted: Sequence[str]) -> tuple[Layout, int]:
    book = _open_book(path)
    try:
        sheet = book.worksheets[0]
        head = list(sheet.iter_rows(max_row=HEADER_ROWS + 1, values_only=True))
        if not any(cell is not None for row in head for cell in row):
            raise ReadError(f"{path}:第一张工作表是空的")
        layout = find_header(head, wanted)
        return layout, max((sheet.max_row or 0) - layout.header_rows, 0)
    finally:
        book.close()


def _parquet_layout(path: Path) -> tuple[Layout, int]:
    try:
        with pq.ParquetFile(path) as file:
            return Layout(names=tuple(file.schema_arrow.names), header_rows=0), int(file.metadata.num_rows)
    except pa.ArrowInvalid as error:
        raise ReadError(f"{path}:不是可读的 Parquet 文件({error})") from error


def _open_book(path: Path) -> Any:
    try:
        return openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, OSError) as error:
        raise ReadError(f"{path}:不是可读的 Excel 工作簿(.xlsx);旧版 .xls 请先另存为 .xlsx") from error


def _open_text(path: Path, encoding: str) -> TextIO:
    return path.open(encoding=encoding, errors="replace", newline="")


def _csv_reader(file: TextIO, delimiter: str) -> Any:
    csv.field_size_limit(LONGEST_LINE)
    return csv.reader(file, delimiter=delimiter)


def _scan(path: Path) -> tuple[str, int]:
    """Return a hash of a file's bytes and how many lines it has."""
    hasher = hashlib.blake2b(digest_size=12)
    lines = 0
    last = b""
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            hasher.update(block)
            lines += block.count(b"\n")
            last = block
    return hasher.hexdigest(), lines + (not last.endswith(b"\n"))


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            while block := file.read(BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True
