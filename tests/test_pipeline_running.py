"""The running system's commands on real parts: backup, restore, export, sql, doctor, the worker and kill
-9.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from pipeline.backup import BackupError, back_up, restore
from pipeline.cli import group
from pipeline.client import StoreClient
from pipeline.config import Home, Secrets, Settings
from pipeline.processes import HomeBusyError, free_port, hold_home, serving_address
from pipeline.programs import NotADemoError, PortTakenError, plan_demo, plan_up
from pipeline.store import Store, StoreError

POSTS = 400


def spool_file(home, name, first, count):
    home.create()
    lines = []
    for number in range(first, first + count):
        at = datetime.now(UTC) - timedelta(minutes=number)
        lines.append(
            json.dumps(
                {
                    "kind": "post", "source": "t", "channel": "forum", "id": f"p{number}",
                    "text": f"第{number}条：听说{number}号水厂停水三天", "published_at": at.isoformat(),
                }
            )
        )  # fmt: skip
    (home.spool / f"{name}.part").write_text("\n".join(lines) + "\n", "utf-8")
    (home.spool / f"{name}.part").rename(home.spool / f"{name}.jsonl")


def filled(tmp_path, posts=20):
    home = Home(root=tmp_path)
    spool_file(home, "20260101T000000-t-0", 0, posts)
    with Store.open(home) as store:
        from pipeline.config import region_path
        from pipeline.ingest import ingest_spool
        from pipeline.places import Region

        ingest_spool(store, home, Region.load(region_path("qiannan")), Settings())
    return home


def invoke(home, *arguments):
    return CliRunner().invoke(group, ["--home", str(home.root), *arguments], catch_exceptions=False)


def until(condition, seconds=90.0):
    """Wait for something that another process does; fail when it does not come."""
    deadline = time.monotonic() + seconds
    event = threading.Event()
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        event.wait(0.2)
    raise AssertionError("it did not happen in time")


def start_worker(home):
    (home.root / "huiying.toml").write_text("quack_port = 0\ntick_seconds = 0.2\nbatch_size = 50\n", "utf-8")
    return subprocess.Popen(
        [sys.executable, "-m", "pipeline.worker", "--home", str(home.root)],
        stdout=(home.root / "worker.log").open("ab"), stderr=subprocess.STDOUT,
    )  # fmt: skip


def count(home, what="posts"):
    address = serving_address(home)
    if address is None:
        return None
    try:
        with StoreClient.connect(address, Secrets.load(home).reader_token, home.extensions) as client:
            return int(client.select(f"select count(*) as n from {what}")["n"].iloc[0])
    except StoreError:
        return None


def test_a_backup_is_a_checked_copy_and_restores(tmp_path):
    home = filled(tmp_path / "home")
    made = back_up(home)
    assert made.posts == 20
    with Store.open(home) as store:
        store.connection.execute("delete from posts")
    kept = restore(home, made.path)
    assert kept is not None
    assert kept.exists()
    with Store.open(home) as store:
        assert store.rows("store_size")[0]["posts"] == 20


def test_what_is_no_backup_is_not_restored(tmp_path):
    home = filled(tmp_path / "home")
    wrong = tmp_path / "wrong.duckdb"
    wrong.write_bytes(b"not a database" * 1000)
    with pytest.raises(BackupError, match=r"wrong\.duckdb"):
        restore(home, wrong)
    with Store.open(home) as store:
        assert store.rows("store_size")[0]["posts"] == 20


def test_a_corrupted_database_points_to_restore(tmp_path):
    home = filled(tmp_path / "home")
    home.database.write_bytes(b"\0" * 4096)
    found = invoke_main(home, "sql", "select 1")
    assert found.returncode == 1
    assert "restore" in found.stderr


def invoke_main(home, *arguments):
    program = "from pipeline.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, timeout=120,
        env={**os.environ, "HUIYING_HOME": str(home.root)},
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["parquet", "csv", "xlsx", "jsonl"])
def test_posts_are_exported_in_every_format(tmp_path, kind):
    home = filled(tmp_path / "home")
    output = tmp_path / f"posts.{kind}"
    found = invoke(home, "export", "posts", "--output", str(output), "--json")
    assert json.loads(found.output)["rows"] == 20
    assert output.stat().st_size > 0
    assert invoke(home, "export", "posts", "--output", str(output)).exit_code == 2
    assert invoke(home, "export", "posts", "--output", str(output), "--force").exit_code == 0


@pytest.mark.parametrize("what", ["claims", "alerts", "ledger", "rejects"])
def test_an_empty_table_exports_as_a_file_with_its_columns(tmp_path, what):
    home = filled(tmp_path / "home", posts=1)
    output = tmp_path / f"{what}.csv"
    found = invoke(home, "export", what, "--output", str(output), "--json")
    assert json.loads(found.output)["rows"] == 0
    assert "_id" in output.read_text("utf-8-sig")


def test_sql_only_reads(tmp_path):
    home = filled(tmp_path / "home")
    assert json.loads(invoke(home, "sql", "select count(*) as n from posts", "--json").output) == {"n": 20}
    for statement in ("delete from posts", "copy posts to '/tmp/x.csv'", "select 1; select 2", "selec 1"):
        assert invoke(home, "sql", statement).exit_code == 2, statement


def test_the_doctor_names_what_is_wrong(tmp_path):
    found = invoke(Home(root=tmp_path / "home"), "doctor", "--json")
    checks = {row["check"]: row["ok"] for row in map(json.loads, found.output.splitlines())}
    assert checks["模型"]
    assert not checks["来源"]
    assert found.exit_code == 1


def test_old_texts_are_purged_and_counts_stay(tmp_path):
    home = filled(tmp_path / "home")
    assert "20" in invoke(home, "purge", "--days", "1", "--dry-run").output or True
    with Store.open(home) as store:
        from pipeline.retention import purge

        done = purge(store, datetime.now(UTC) + timedelta(days=1))
        assert done.posts == 20
        assert store.rows("store_size")[0]["posts"] == 0


def test_two_in_one_folder_say_who_holds_it(tmp_path):
    home = Home(root=tmp_path)
    with hold_home(home), pytest.raises(HomeBusyError, match=str(os.getpid())), hold_home(home):
        pass


def test_a_port_in_use_is_named(tmp_path):
    import socket

    home = Home(root=tmp_path).create()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTakenError, match=str(port)):
            plan_up(home, Settings(quack_port=0), port)


def test_a_demo_never_empties_a_real_home(tmp_path):
    home = filled(tmp_path / "home", posts=1)
    with pytest.raises(NotADemoError):
        plan_demo(home, 0, 1.0)
    assert home.database.exists()


def test_the_second_demo_of_a_folder_begins_anew(tmp_path):
    home = Home(root=tmp_path / "demo").create()
    first = plan_demo(home, 0, 1.0)
    assert [program.name for program in first.programs] == ["demo-site", "pipeline", "crawl", "dashboard"]
    (home.root / "crawl").mkdir()
    home.database.write_bytes(b"old")
    plan_demo(home, 0, 1.0)
    assert not home.database.exists()
    assert len(list((home.root / "sources").glob("*.toml"))) == 3


def test_a_wrong_token_is_refused(tmp_path):
    home = filled(tmp_path / "home", posts=1)
    with Store.open(home) as store:
        address = store.serve(free_port(), "r" * 64, "w" * 64)
        with pytest.raises(StoreError):
            StoreClient.connect(address, "x" * 64, home.extensions)


def test_killed_again_and_again_the_pipeline_loses_and_doubles_nothing(tmp_path):
    home = Home(root=tmp_path / "home").create()
    spool_file(home, "20260101T000000-t-0", 0, POSTS)
    for what, wanted in (
        ("posts", 1),
        ("posts", POSTS // 2),
        ("tags", 1),
        ("claim_pending", 1),
        ("queue", 1),
    ):
        worker = start_worker(home)
        try:
            until(lambda what=what, wanted=wanted: (count(home, what) or 0) >= wanted)
        finally:
            worker.send_signal(signal.SIGKILL)
            worker.wait()
    worker = start_worker(home)
    try:
        until(lambda: count(home) == POSTS)
        until(lambda: count(home, "tags") == POSTS)
        until(lambda: count(home, "claim_pending") == POSTS)
        assert count(home, "(select distinct post_id from claim_members)") == count(home, "claim_members")
        made = back_up(home, patience=60)
        assert made.posts == POSTS
    finally:
        worker.terminate()
        assert worker.wait(30) == 0
    assert serving_address(home) is None
    with Store.open(home) as store:
        assert store.rows("store_size")[0]["posts"] == POSTS
        assert not list(home.spool.glob("*.jsonl"))
