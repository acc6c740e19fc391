import os
import time

import pytest

from pipeline.config import Home
from pipeline.draft_keep import forget, keep, kept


@pytest.fixture
def home(tmp_path):
    return Home(root=tmp_path)


def test_what_was_being_written_comes_back_until_it_is_recorded(home):
    keep(home, "李明", "c1", "经检测,水质合格。\u202e", 1)
    keep(home, "李明", "c1", "经检测,水质合格。请放心", 1)
    found = kept(home, "李明", "c1")
    assert (found.text, found.version) == ("经检测,水质合格。请放心", 1)
    forget(home, "李明", "c1")
    assert kept(home, "李明", "c1") is None
    forget(home, "李明", "c1")


def test_each_person_and_claim_has_a_text_of_its_own_that_others_cannot_read(home):
    keep(home, "李明", "c1", "甲", 0)
    keep(home, "王芳", "c1", "乙", 0)
    keep(home, "李明", "../../c2", "丙", 0)
    written = {("李明", "c1"): "甲", ("王芳", "c1"): "乙", ("李明", "../../c2"): "丙"}
    assert {key: kept(home, *key).text for key in written} == written
    files = sorted((home.root / "drafts").iterdir())
    assert len(files) == 3
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_a_broken_file_is_as_none(home):
    keep(home, "李明", "c1", "甲", 0)
    [path] = (home.root / "drafts").iterdir()
    for broken in (b"{", b"[]", b'{"text": "x"}', b"\xff"):
        path.write_bytes(broken)
        assert kept(home, "李明", "c1") is None


def test_too_long_a_text_is_refused_and_a_surrogate_is_kept(home):
    with pytest.raises(ValueError, match="最多"):
        keep(home, "李明", "c1", "字" * 100_001, 0)
    keep(home, "李明", "c1", "坏\ud800字", 0)
    assert kept(home, "李明", "c1").text.startswith("坏")


def test_what_nobody_came_back_for_is_forgotten(home):
    keep(home, "李明", "old", "甲", 0)
    [path] = (home.root / "drafts").iterdir()
    long_ago = time.time() - 31 * 86400
    os.utime(path, (long_ago, long_ago))
    keep(home, "李明", "new", "乙", 0)
    assert kept(home, "李明", "old") is None
