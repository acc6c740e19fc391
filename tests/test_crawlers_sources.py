"""The source files that come with the product: each is found in its folder and held to the same rules."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import crawlers
from crawlers.parsing.json_items import check_rules, rules_of
from crawlers.source import SourceConfig, load_source, read_source
from pipeline.config import region_path

FOLDER = Path(crawlers.__file__).parent / "sources"
FILES = sorted(FOLDER.glob("*.toml"))
COUNTIES = {county["name"] for county in tomllib.loads(region_path("qiannan").read_text("utf-8"))["county"]}


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def file(request) -> Path:
    return request.param


@pytest.fixture
def source(file: Path) -> SourceConfig:
    return load_source(file, contact="0854-8220000")


def test_a_file_has_its_sources_name(file: Path, source: SourceConfig) -> None:
    assert source.id == file.stem


def test_a_file_says_why_it_is_as_it_is(file: Path) -> None:
    assert "# why" in file.read_text("utf-8")


def test_what_was_never_tried_says_so(file: Path, source: SourceConfig) -> None:
    saved = file.with_suffix("").is_dir()
    assert source.verified <= saved, "a verified source has saved pages beside it"
    assert source.verified or "verified = false" in file.read_text("utf-8")


def test_robots_are_checked_on_a_real_day_or_not_at_all(source: SourceConfig) -> None:
    assert source.verified == (source.legal.robots_checked is not None)


def test_the_contact_is_the_offices_own(file: Path) -> None:
    assert 'contact = "{contact}"' in file.read_text("utf-8")


def test_its_county_is_one_of_the_region(source: SourceConfig) -> None:
    assert source.county in COUNTIES | {""}


def test_only_state_bodies_are_official(source: SourceConfig) -> None:
    hosts = [url.split("/")[2] for url in source.start if "//" in url]
    assert source.official == (
        bool(hosts) and all(host.endswith((".gov.cn", ".piyao.org.cn")) for host in hosts)
    )


def test_its_field_paths_can_be_followed(source: SourceConfig) -> None:
    if source.kind in {"json_api", "gov_mailbox"} and source.api:
        check_rules(rules_of(source.api))


def test_what_the_guide_shows_is_accepted() -> None:
    guide = (Path(__file__).parents[1] / "docs" / "sources.md").read_text("utf-8")
    source, forum, api = re.findall(r"```toml\n(.*?)```", guide, re.S)
    assert read_source(tomllib.loads(source), "docs/sources.md").id == "tongbao"
    custom = {"kind": "forum", "family": "custom", **tomllib.loads(forum)}
    assert read_source(tomllib.loads(source) | custom, "docs/sources.md").select["post"] == "div.comment"
    rules_of(tomllib.loads(api)["api"])


def test_every_county_of_the_prefecture_has_a_source() -> None:
    assert {load_source(path, contact="x").county for path in FILES} >= COUNTIES
