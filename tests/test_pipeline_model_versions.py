"""Versions of the models: kept, put in use, gone back from, followed while the pipeline runs, and refused."""

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from models.weights import SHIPPED, TOKENIZER_FILE, WeightsError, read_manifest, write_manifest
from pipeline.cli import group
from pipeline.config import Home
from pipeline.model_follow import FollowingTagger
from pipeline.model_update import fresh_draft
from pipeline.model_versions import (
    VersionError,
    active_folder,
    active_name,
    history,
    keep,
    rollback,
    use,
    versions,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def home(tmp_path):
    return Home(root=tmp_path / "home").create()


def add(home, name, passed=True):
    draft = fresh_draft(home)
    shutil.copytree(SHIPPED, draft)
    manifest = replace(read_manifest(SHIPPED), version=name)
    write_manifest(draft, manifest)
    keep(home, draft, manifest, {"kind": "update", "passed": passed, "made_at": NOW.isoformat(), "posts": 40})
    return name


def test_without_versions_the_shipped_weights_are_in_use(home):
    assert active_folder(home) == SHIPPED
    [only] = versions(home)
    assert (only.name, only.active, only.passed) == ("shipped", True, True)
    with pytest.raises(VersionError, match="没有可以退回"):
        rollback(home, "李明", NOW)


def test_versions_are_used_and_gone_back_from_step_by_step(home):
    for name in ("office-1", "office-2"):
        use(home, add(home, name), "李明", NOW, "试用")
    assert active_name(home) == "office-2"
    assert read_manifest(active_folder(home)).version == "office-2"
    assert rollback(home, "王芳", NOW).name == "office-1"
    assert rollback(home, "王芳", NOW).name == "shipped"
    assert active_folder(home) == SHIPPED
    use(home, "office-1", "李明", NOW)
    use(home, "shipped", "李明", NOW)
    assert rollback(home, "李明", NOW).name == "office-1"
    assert [change.kind for change in history(home)] == [
        *["use"] * 2,
        *["rollback"] * 2,
        *["use"] * 2,
        "rollback",
    ]
    assert history(home)[0].why == "试用"


def test_what_the_gate_refused_or_somebody_changed_is_not_put_in_use(home):
    add(home, "office-1", passed=False)
    with pytest.raises(VersionError, match="没有通过质量门"):
        use(home, "office-1", "李明", NOW)
    use(home, "office-1", "李明", NOW, force=True)
    with pytest.raises(VersionError, match="已在使用"):
        use(home, "office-1", "李明", NOW)
    folder = active_folder(home)
    use(home, "shipped", "李明", NOW)
    (folder / TOKENIZER_FILE).write_bytes(b"{}")
    with pytest.raises(WeightsError, match=r"tokenizer\.json"):
        use(home, "office-1", "李明", NOW, force=True)
    assert active_name(home) == "shipped"


@pytest.mark.parametrize("name", ["nothing", "../../etc", "", "OFFICE 1"])
def test_an_unknown_name_lists_the_versions(home, name):
    with pytest.raises(VersionError, match="shipped"):
        use(home, name, "李明", NOW)


def test_the_same_version_is_kept_once(home):
    add(home, "office-1")
    with pytest.raises(VersionError, match="完全相同"):
        add(home, "office-1")


def test_a_running_tagger_takes_up_a_new_version_and_names_one_that_is_broken(home, caplog):
    tagger = FollowingTagger(home)
    shipped = tagger.version
    use(home, add(home, "office-1"), "李明", NOW)
    assert set(tagger.tag(["停水了"])["model_version"]) == {"office-1"}
    assert tagger.analyse(["停水了"])[0]["model_version"][0] == "office-1"
    rollback(home, "李明", NOW)
    assert tagger.version == shipped
    use(home, add(home, "office-2"), "李明", NOW)
    (active_folder(home) / TOKENIZER_FILE).write_bytes(b"{}")
    assert tagger.version == shipped
    assert "tokenizer.json" in caplog.text
    with pytest.raises(WeightsError):
        FollowingTagger(home)


def test_the_command_lists_uses_and_rolls_back(home):
    add(home, "office-1")

    def run(*arguments):
        return CliRunner(env={"HUIYING_ACTOR": "李明"}).invoke(group, ["--home", str(home.root), *arguments])

    listed = [json.loads(line) for line in run("model", "list", "--json").stdout.splitlines()]
    assert [(row["name"], row["active"]) for row in listed] == [("shipped", True), ("office-1", False)]
    assert run("model", "use", "office-1", "--why", "试用").exit_code == 0
    assert "* office-1" in run("model", "list").stdout
    assert "试用" in run("model", "history").stdout
    assert run("model", "rollback").exit_code == 0
    assert run("model", "rollback").exit_code == 2
    assert run("model", "use", "none-such").exit_code == 2
