"""Golden folders: saved pages come in, the items that a person approved must come out; found, never listed.

``tests/golden/SLUG`` belongs to the shipped source of that name. Their pages are written by hand, with
invented text, in the structure that the sources' comments describe: those sites could not be reached. A
shipped source that was verified has its folder beside it instead.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import crawlers
from crawlers.golden import ITEMS, GoldenError, compare_golden, differences, golden_folder, replay
from crawlers.preview import PreviewError
from crawlers.source import SourceConfig, load_source

SOURCES = Path(crawlers.__file__).parent / "sources"
GOLDEN = Path(__file__).parent / "golden"
FOLDERS = sorted(folder for root in (GOLDEN, SOURCES) for folder in root.iterdir() if folder.is_dir())


def source_of(folder: Path) -> SourceConfig:
    return load_source(SOURCES / f"{folder.name}.toml", contact="0854-8220000")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_saved_pages_give_what_was_approved(folder: Path) -> None:
    assert compare_golden(source_of(folder), folder) == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_approved_item_is_dated_and_has_words(folder: Path) -> None:
    for item in json.loads((folder / ITEMS).read_text("utf-8")):
        assert item["text"]
        assert item["published_at"]


def test_every_kind_of_shipped_web_source_has_an_example() -> None:
    kinds = {load_source(path, contact="x").kind for path in SOURCES.glob("*.toml")}
    assert {source_of(folder).kind for folder in FOLDERS} >= kinds - {"files", "weibo_open"}


def test_a_verified_source_without_saved_pages_is_a_failure() -> None:
    for path in SOURCES.glob("*.toml"):
        assert not load_source(path, contact="x").verified or golden_folder(path).is_dir()


def test_a_changed_page_is_noticed(tmp_path: Path) -> None:
    folder = GOLDEN / "piyao"
    for file in folder.rglob("*.*"):
        target = tmp_path / file.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes().replace("高铁停运".encode(), "公路中断".encode()))
    (tmp_path / ITEMS).write_bytes((folder / ITEMS).read_bytes())
    (line,) = compare_golden(source_of(folder), tmp_path)
    assert "text" in line


def test_selectors_that_find_nothing_are_an_error(tmp_path: Path) -> None:
    source = load_source(SOURCES / "guizhou-wjw.toml", contact="x")
    with pytest.raises((PreviewError, GoldenError)):
        compare_golden(source, GOLDEN / "piyao")


def test_a_page_that_was_not_saved_is_named() -> None:
    with pytest.raises(GoldenError, match="example"):
        replay(GOLDEN / "piyao")("https://example.cn/")


def test_differences_name_what_is_gone_new_and_other() -> None:
    before = [{"id": "1", "text": "a"}, {"id": "2", "text": "b"}]
    after = [{"id": "2", "text": "c"}, {"id": "3", "text": "d"}]
    assert [line[:2] for line in differences(before, after)] == ["2 ", "多了", "少了"]
