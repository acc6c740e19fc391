from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pytest
from click.testing import CliRunner

from pipeline.cli import group
from pipeline.demo.world import read_world
from pipeline.store import Store

START = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def posts(tmp_path_factory):
    """The demo's posts as a file, its minutes stretched to hours."""
    folder = tmp_path_factory.mktemp("posts")
    rows = []
    for number, line in enumerate(sorted(read_world(), key=lambda line: line.at_s)):
        if line.at_s < -86400:
            continue
        at = START + timedelta(seconds=line.at_s * (20 if line.at_s > 0 else 1))
        rows.append(
            {
                "id": f"m{number}", "text": line.text, "published_at": at.isoformat(), "source": "demo",
                "channel": line.where, "county": line.county, "official": line.official,
                "author": line.author,
            }
        )  # fmt: skip
    return folder, rows


def backtest(folder, rows, name):
    file, output = folder / f"{name}.jsonl", folder / name
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    home = folder / "home"
    home.mkdir(exist_ok=True)
    region = files("pipeline") / "demo" / "region.toml"
    (home / "huiying.toml").write_text(f'region = "{region}"\nlateness_minutes = 0\n', "utf-8")
    found = CliRunner().invoke(
        group,
        ["--home", str(home), "backtest", str(file), "--output", str(output), "--json"],
        catch_exceptions=False,
    )
    assert found.exit_code == 0, found.output
    kinds = ("tags", "claims", "alerts", "queue", "ranks")
    return {
        kind: [json.loads(line) for line in (output / f"{kind}.jsonl").read_text("utf-8").splitlines()]
        for kind in kinds
    }


def test_a_backtest_writes_its_files_and_cutting_the_input_changes_nothing_before(posts):
    folder, rows = posts
    whole = backtest(folder, rows, "whole")
    assert len(whole["tags"]) == len(rows)
    assert {row["id"] for row in whole["tags"]} == {row["id"] for row in rows}
    known = {row["claim_id"] for row in whole["claims"]}
    assert known
    assert {row["claim_id"] for row in whole["tags"] if row["claim_id"]} <= known
    # A claim of the queue may have gone into another since; that one says so.
    texts = {row["claim_id"]: row["text"] for row in whole["claims"]}
    texts |= {was: row["text"] for row in whole["claims"] for was in row["formerly"]}
    assert {row["claim_id"] for row in (*whole["queue"], *whole["ranks"])} <= texts.keys()
    assert all(row["deadline"] > row["entered_at"] or row["reasons"] for row in whole["queue"])
    for rumor in json.loads((files("pipeline") / "demo" / "planted.json").read_text("utf-8"))["rumors"]:
        places = [
            row["rank"]
            for row in whole["ranks"]
            if any(word in texts[row["claim_id"]] for word in rumor["keywords"])
        ]
        assert places, f"{rumor['name']} never was in the first ten places"
    cut = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
    early = [row for row in rows if datetime.fromisoformat(row["published_at"]) < cut]
    part = backtest(folder, early, "part")
    for kind, time in (("alerts", "raised_at"), ("queue", "entered_at")):
        before = [row for row in whole[kind] if datetime.fromisoformat(row[time]) <= cut]
        assert part[kind] == before, kind


def test_an_unreadable_file_is_bad_input(tmp_path):
    wrong = tmp_path / "posts.jsonl"
    wrong.write_text('{"a": 1}\n', "utf-8")
    found = CliRunner().invoke(
        group, ["--home", str(tmp_path), "backtest", str(wrong), "--output", str(tmp_path / "o")]
    )
    assert found.exit_code == 2


def test_what_is_answered_is_not_ranked_as_overdue(tmp_path):
    now = datetime(2026, 11, 20, 4, tzinfo=UTC)
    late = {"deadline": now - timedelta(hours=1), "deadline_rule": "", "start_basis": "", "reasons": "[]"}
    asked = {"entered_at": now, "urgent": False, "updated_at": now, **late}
    done = {"opened_at": now, "due_at": None, "events": 1, "updated_at": now}
    with Store.open(tmp_path) as store:
        for claim_id, priority in (("answered", 0.9), ("declined", 0.9), ("open", 0.5)):
            store.insert("queue", [{"claim_id": claim_id, "priority": priority, **asked}])
        for claim_id, state in (("answered", "published"), ("declined", "declined")):
            store.insert("responses", [{"claim_id": claim_id, "state": state, **done}])
        rows = store.rows("top_of_queue", now=now, most=10)
    due = [(row["claim_id"], row["deadline"] is not None) for row in rows]
    assert due == [("open", True), ("answered", False)]
