"""``huiying source list``: what it says of healthy, paused and broken sources."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipeline.cli import group
from pipeline.config import Home
from pipeline.store import Store

NOW = datetime.now(UTC)


def source(name: str) -> dict[str, object]:
    return {
        "source": name,
        "name": f"{name}站",
        "kind": "article",
        "url": "https://example.cn/",
        "channel": "政务",
        "county": "",
        "official": True,
        "every_minutes": 15.0,
        "updated_at": NOW,
    }


def run(
    name: str, status: str, hours_ago: float, new_items: int = 3, reasons: list[str] | None = None
) -> dict[str, object]:
    finished = NOW - timedelta(hours=hours_ago)
    return {
        "run_id": f"{name}-{hours_ago}",
        "source": name,
        "started_at": finished - timedelta(seconds=5),
        "finished_at": finished,
        "items": 5,
        "new_items": new_items,
        "requests": 7,
        "errors": 0,
        "status": status,
        "reasons": reasons or [],
        "stats": "{}",
    }


def paused(name: str, minutes_ago: float, kind: str) -> dict[str, object]:
    moment = NOW - timedelta(minutes=minutes_ago)
    return {"event_id": f"{name}{kind}", "source": name, "kind": kind, "actor": "张三", "recorded_at": moment}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with Store.open(Home(root=tmp_path).create()) as store:
        store.insert("sources", [source(name) for name in ("good", "bad", "fresh", "halted", "resumed")])
        store.insert(
            "runs",
            [
                run("good", "green", 1),
                run("good", "green", 30, 100),
                run("bad", "green", 5),
                run("bad", "red", 1, 0, ["列表选择器没有找到任何条目"]),
                run("halted", "green", 2),
                run("resumed", "green", 2),
            ],
        )
        store.insert(
            "source_events",
            [paused("halted", 5, "paused"), paused("resumed", 9, "paused"), paused("resumed", 3, "resumed")],
        )
    return tmp_path


def huiying(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(group, ["--home", str(home), "source", *arguments])


def test_broken_sources_come_first_with_their_reason(home: Path) -> None:
    lines = huiying(home, "list").output.splitlines()
    assert lines[0].startswith("故障  bad")
    assert "列表选择器没有找到任何条目" in lines[0]
    assert [line.split()[0] for line in lines] == ["故障", "未运行", "已暂停", "正常", "正常"]


def test_the_day_counts_only_the_last_day_and_the_last_good_run_is_kept(home: Path) -> None:
    rows = {
        row["source"]: row for row in map(json.loads, huiying(home, "list", "--json").output.splitlines())
    }
    assert (rows["good"]["new_a_day"], rows["good"]["runs_a_day"]) == (3, 1)
    assert datetime.fromisoformat(rows["bad"]["last_good"]) == NOW - timedelta(hours=5)
    assert rows["fresh"]["last_run"] is None


def test_only_the_ones_in_trouble(home: Path) -> None:
    assert [line.split()[1] for line in huiying(home, "list", "--bad").output.splitlines()] == ["bad"]


def test_an_empty_store_says_what_to_do(tmp_path: Path) -> None:
    assert "huiying source new" in huiying(tmp_path, "list").output


def test_files_that_never_ran_are_listed_with_what_they_wait_for(home: Path) -> None:
    folder = home / "sources"
    folder.mkdir()
    (folder / "new-one.toml").write_text(
        'id = "new-one"\nname = "新"\n[legal]\nrobots_checked = 2026-11-24\n', "utf-8"
    )
    (folder / "unseen.toml").write_text('id = "unseen"\nname = "待核"\nverified = false\n', "utf-8")
    (folder / "good.toml").write_text('id = "good"\n', "utf-8")
    (folder / "torn.toml").write_text("id = ", "utf-8")
    lines = {line.split()[1]: line for line in huiying(home, "list").output.splitlines()}
    assert lines["new-one"].startswith("未运行")
    assert lines["unseen"].startswith("未核实")
    assert "--approve" in lines["unseen"]
    assert lines["torn"].startswith("故障")
    assert lines["good"].startswith("正常")
