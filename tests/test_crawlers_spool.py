from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawlers.run import forget_drafts
from crawlers.spool import LINES_A_FILE, Spool


def test_a_file_appears_only_when_it_is_whole(tmp_path):
    spool = Spool(tmp_path, "s")
    spool.write({"kind": "post", "text": "停水\ud800"})
    assert not list(tmp_path.glob("*.jsonl"))
    assert len(list(tmp_path.glob("*.part"))) == 1
    spool.close()
    assert not list(tmp_path.glob("*.part"))
    (file,) = tmp_path.glob("*.jsonl")
    assert json.loads(file.read_text("utf-8"))["text"] == "停水\ud800"


def test_a_long_run_closes_files_as_it_goes(tmp_path):
    spool = Spool(tmp_path, "s")
    for number in range(LINES_A_FILE + 1):
        spool.write({"n": number})
    assert len(list(tmp_path.glob("*.jsonl"))) == 1
    spool.close()
    spool.close()
    assert len(list(tmp_path.glob("*.jsonl"))) == 2


def test_what_a_killed_run_left_is_taken_away_for_its_own_source_only(tmp_path):
    for source in ("mine", "other"):
        Spool(tmp_path, source).write({"n": 1})
    forget_drafts(tmp_path, "mine")
    assert [path.name.split("-")[1] for path in tmp_path.glob("*.part")] == ["other"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_is_an_error_and_leaves_no_file(tmp_path):
    spool = Spool(tmp_path, "s")
    spool._draft.symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        for number in range(LINES_A_FILE):
            spool.write({"n": number, "text": "长" * 500})
    assert not list(tmp_path.glob("*.jsonl"))
