"""Saved pages of a source come in; the items that a person approved, and what differs now, go out.

A golden folder stands beside its source file and has its name: ``pages/*.body`` with ``*.json`` are the pages
as they came, ``items.json`` is what was read from them. A folder is found by its place, never listed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crawlers.preview import Look, plain, preview
from crawlers.saved import SavedPage, load_page, save_page
from crawlers.source import SourceConfig

ITEMS = "items.json"
PAGES = "pages"


class GoldenError(ValueError):
    """A golden folder cannot be used; the message is Chinese and names the file."""


@dataclass(slots=True)
class Recorder:
    """Looks for pages and remembers all of them, in order."""

    look: Callable[[str], SavedPage]
    pages: list[SavedPage] = field(default_factory=list)

    def __call__(self, url: str) -> SavedPage:
        """Return the page at an address and keep it under the address that was asked for."""
        page = self.look(url)
        self.pages.append(page if page.url == url else SavedPage(
            url=url, body=page.body, status=page.status, headers=page.headers, fetched_at=page.fetched_at
        ))  # fmt: skip
        return page


def golden_folder(source_file: Path) -> Path:
    """Return where a source file's golden folder is, or would be."""
    return source_file.with_suffix("")


def read_items(source: SourceConfig, look: Look) -> list[dict[str, Any]]:
    """Return the items of a source's first page, as golden files keep them.

    Raises:
        PreviewError: the page gives nothing.
    """
    page = look(source.start[0])
    return [plain(found, source, page) for found in preview(source, page, look)]


def write_golden(folder: Path, pages: list[SavedPage], items: list[dict[str, Any]]) -> None:
    """Save the pages and what was read from them."""
    for number, page in enumerate(pages):
        save_page(page, folder / PAGES, f"{number:02d}")
    text = json.dumps(items, ensure_ascii=False, indent=1)
    (folder / ITEMS).write_text(text + "\n", "utf-8")


def compare_golden(source: SourceConfig, folder: Path) -> list[str]:
    """Read the saved pages again; return what differs from the approved items, in Chinese.

    Raises:
        GoldenError: the folder lacks its items or a page that is asked for.
        PreviewError: the pages give nothing any more.
    """
    file = folder / ITEMS
    if not file.is_file():
        raise GoldenError(f"{file}:没有这个文件")
    try:
        wanted = json.loads(file.read_text("utf-8"))
    except json.JSONDecodeError as error:
        raise GoldenError(f"{file}:不是 JSON({error})") from error
    return differences(wanted, read_items(source, replay(folder)))


def replay(folder: Path) -> Look:
    """Return a look that answers from a golden folder's saved pages."""
    pages = {page.url: page for page in map(load_page, sorted((folder / PAGES).glob("*.body")))}

    def look(url: str) -> SavedPage:
        if url not in pages:
            raise GoldenError(f"{folder}:没有保存页面 {url}")
        return pages[url]

    return look


def differences(wanted: list[dict[str, Any]], found: list[dict[str, Any]]) -> list[str]:
    """Return one line for each item that is gone, new, or has another value in a field."""
    before = {item["id"]: item for item in wanted}
    after = {item["id"]: item for item in found}
    lines = [f"少了 {key}" for key in before.keys() - after.keys()]
    lines += [f"多了 {key}" for key in after.keys() - before.keys()]
    for key in before.keys() & after.keys():
        for name, value in before[key].items():
            if after[key].get(name) != value:
                lines.append(
                    f"{key} 的 {name}:原为 {str(value)[:60]!r},现为 {str(after[key].get(name))[:60]!r}"
                )
    return sorted(lines)
