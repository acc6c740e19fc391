"""A watched folder: exports of vendors or of a hotline (csv, xlsx, jsonl, parquet) come in, posts go out.

Columns are recognised by their names as ``huiying import`` does; ``[select]`` says otherwise for single
fields (``text = "诉求内容"``). A file is read once, when nobody writes to it any more; it stays where it is.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from scrapy import Request

from crawlers.parsing.found import Found
from crawlers.saved import SavedPage
from crawlers.spiders.base import SourceSpider
from pipeline.columns import MappingError, map_columns
from pipeline.readers import KINDS, ReadError, open_source

SETTLED = timedelta(seconds=10)  # a file that was changed this recently may still be being written
READ = "read"
YES = frozenset({"1", "true", "yes", "是", "官方"})


class FilesSpider(SourceSpider):
    """Reads each new file of the folders that ``start`` names, relative to the home folder."""

    name = "files"

    async def start(self) -> AsyncIterator[Request]:
        """Read what is new; there is nothing to ask for."""
        for file in self._new_files():
            self._read_file(file)
        for request in self.first_requests():
            yield request

    def first_requests(self) -> Iterator[Request]:
        """Yield nothing: files need no network."""
        return iter(())

    def _new_files(self) -> Iterator[Path]:
        home = self.collector.spool.folder.parent
        for start in self.source.start:
            folder = home / start
            if not folder.is_dir():
                self.leave(f"没有这个文件夹：{folder}")
                continue
            for file in sorted(folder.iterdir()):
                settled = time.time() - file.stat().st_mtime > SETTLED.total_seconds()
                if file.suffix.lower() in KINDS and not file.name.startswith((".", "~$")) and settled:
                    yield file

    def _read_file(self, file: Path) -> None:
        """Read a file's rows; one that cannot be read is an error each time until it is put right."""
        given = {name: column for name, column in self.source.select.items() if name != "links"}
        try:
            source = open_source(file, tuple(given.values()))
            if self.state.validators(f"file:{source.digest}")[0] == READ:
                return
            mapping = map_columns(source.layout.names, given)
        except (ReadError, MappingError) as error:
            self.errors += 1
            self.collector.warn(str(error)[:120])
            return
        self.asked += 1
        page = SavedPage(
            url=file.as_uri(), body=b"", fetched_at=datetime.fromtimestamp(file.stat().st_mtime, UTC)
        )
        for line in source.lines():
            found = None if line.row is None else _found(line.row, mapping)
            if found is None:
                self.collector.warn(f"{file.name} 中有读不出或没有正文的行")
            else:
                self.collector.take(found, page, _text(line.row or {}, mapping, "county"))
        self.state.mark_page(f"file:{source.digest}", READ, "")


def _found(row: Mapping[str, Any], mapping: Mapping[str, str]) -> Found | None:
    """Return a row as a message; None if it has no words."""
    values = {name: _text(row, mapping, name) for name in mapping}
    text = values.get("text") or values.get("title") or ""
    if not text:
        return None
    return Found(
        id=values.get("id") or _identity(values),
        url=values.get("url", ""),
        channel=values.get("channel", ""),
        title=values.get("title", ""),
        text=text,
        published=_moment(row, mapping, "published_at"),
        edited=_moment(row, mapping, "edited_at"),
        author=values.get("author", ""),
        parent=values.get("parent_id") or None,
        official=values.get("official", "").lower() in YES,
        deleted=values.get("deleted", "").lower() in YES,
        likes=values.get("likes") or None,
        replies=values.get("replies") or None,
        reposts=values.get("reposts") or None,
        views=values.get("views") or None,
    )


def _identity(values: Mapping[str, str]) -> str:
    """Return the same id for the same row of any file: address, or time and words."""
    said = values.get("url") or [values.get("published_at"), values.get("title"), values.get("text")]
    return hashlib.blake2b(json.dumps(said).encode(), digest_size=12).hexdigest()


def _text(row: Mapping[str, Any], mapping: Mapping[str, str], name: str) -> str:
    value = row.get(mapping.get(name, ""))
    if value is None or value != value:  # a NaN is an empty cell
        return ""
    # A spreadsheet keeps whole numbers as floats; an id of 12.0 is 12.
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _moment(row: Mapping[str, Any], mapping: Mapping[str, str], name: str) -> str | datetime | None:
    value = row.get(mapping.get(name, ""))
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return value.isoformat()
    return _text(row, mapping, name) or None
