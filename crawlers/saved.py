"""Pages kept on disk: a body file and a headers file come in, one answer of a server goes out; and back.

A saved page is two files: ``NAME.body`` with the bytes as they came, and ``NAME.json`` with the address, the
status, the headers and the time of fetching. Tests, replays and ``huiying source check FILE`` read them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from w3lib.encoding import html_to_unicode


class SavedPageError(ValueError):
    """A saved page cannot be read; the message is Chinese and names the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPage:
    """One answer of a server; header names are in lower case."""

    url: str
    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    fetched_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def content_type(self) -> str:
        """The media type without its parameters, in lower case; empty if the server did not say."""
        return self.headers.get("content-type", "").split(";")[0].strip().lower()

    @property
    def charset(self) -> str:
        """The name of the encoding that the text was read with."""
        return self._decoded()[0]

    @property
    def text(self) -> str:
        """The body as text: as declared, else GB18030 where the declared encoding does not fit."""
        return self._decoded()[1]

    @property
    def date(self) -> datetime:
        """When the server answered: its Date header, else when it was fetched."""
        try:
            answered = parsedate_to_datetime(self.headers.get("date", ""))
        except ValueError:
            return self.fetched_at
        return answered if answered.tzinfo else answered.replace(tzinfo=UTC)

    def _decoded(self) -> tuple[str, str]:
        """Decode as browsers do; a false utf-8 label gives U+FFFD and no error, so GB18030 is tried then."""
        name, text = html_to_unicode(self.headers.get("content-type"), self.body, default_encoding="utf-8")
        if "\ufffd" not in text:
            return name, text
        try:
            return "gb18030", self.body.decode("gb18030")
        except UnicodeDecodeError:
            return name, text


def save_page(page: SavedPage, folder: Path, name: str) -> Path:
    """Write a page as two files and return the path of its body."""
    folder.mkdir(parents=True, exist_ok=True)
    body = folder / f"{name}.body"
    body.write_bytes(page.body)
    about = {
        "url": page.url,
        "status": page.status,
        "headers": dict(page.headers),
        "fetched_at": page.fetched_at.isoformat(),
    }
    text = json.dumps(about, ensure_ascii=False, indent=2, sort_keys=True)
    body.with_suffix(".json").write_text(text + "\n", "utf-8")
    return body


def load_page(path: Path, url: str = "") -> SavedPage:
    """Read a saved page.

    ``url`` is used where there is no headers file beside it, as with a page saved from a browser.

    Raises:
        SavedPageError: there is no such file, or its headers file is not what ``save_page`` writes.
    """
    if not path.is_file():
        raise SavedPageError(f"{path}:没有这个文件")
    about = path.with_suffix(".json")
    if about == path or not about.is_file():
        return SavedPage(url=url or path.resolve().as_uri(), body=path.read_bytes())
    try:
        values = json.loads(about.read_text("utf-8"))
        return SavedPage(
            url=url or values["url"],
            body=path.read_bytes(),
            status=int(values["status"]),
            headers={name.lower(): value for name, value in values["headers"].items()},
            fetched_at=datetime.fromisoformat(values["fetched_at"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SavedPageError(f"{about}:不是保存页面时写下的说明({error})") from error
