import multiprocessing
import socket
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.client import StoreClient, StoreRefusedError
from pipeline.queries import literal, render
from pipeline.store import Store, StoreBusyError, StoreError

READER = "a" * 64
WRITER = "b" * 64


def free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return int(server.getsockname()[1])


def serve_until_told(home: Path, port: int, ready, stop) -> None:
    with Store.open(home) as store:
        store.connection.execute(
            "insert into batches values ('b', 'x', 1, 1, 0, 0, true, '2026-01-01T00:00:00Z')"
        )
        store.serve(port, READER, WRITER)
        ready.set()
        stop.wait(60)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    port = free_port()
    context = multiprocessing.get_context("spawn")
    ready, stop = context.Event(), context.Event()
    process = context.Process(target=serve_until_told, args=(home, port, ready, stop))
    process.start()
    assert ready.wait(60)
    yield home, f"quack:localhost:{port}"
    stop.set()
    process.join(30)
    assert process.exitcode == 0


def connect(served, token):
    home, uri = served
    return StoreClient.connect(uri, token, home / "extensions")


def event(event_id: str, body: str = "{}") -> dict[str, object]:
    return {
        "event_id": event_id,
        "claim_id": "c1",
        "kind": "assigned",
        "actor": "值班员",
        "body": body,
        "recorded_at": datetime(2026, 1, 2, tzinfo=UTC),
    }


def test_a_reader_selects_and_sees_what_the_owner_wrote(served):
    with connect(served, READER) as client:
        assert client.select("select batch, accepted from batches").to_dict("records") == [
            {"batch": "b", "accepted": 1}
        ]


@pytest.mark.parametrize(
    "statement",
    [
        "drop table posts",
        "select 1; drop table posts",
        "with x as (select 1) insert into batches select * from batches",
        "update batches set accepted = 2",
        "copy batches to 'x.csv'",
        "attach 'x.duckdb' as y",
        "set enable_external_access = true",
        "select * from read_text('/etc/hostname')",
        "select * from quack_active_connections()",
        "insert into ledger_events (event_id) values ('x')",
        f"/*{WRITER}*/ INSERT INTO posts (post_id) VALUES ('x')",
        f"/*{WRITER}*/ INSERT INTO ledger_events (event_id) VALUES ('x'); drop table posts",
        f"/*{WRITER}*/ INSERT INTO ledger_events (event_id) VALUES ((select 'x'))",
    ],
)
def test_a_client_can_send_nothing_but_a_select_or_a_signed_event(served, statement):
    with connect(served, READER) as client, pytest.raises(StoreRefusedError):
        client.select(statement)


def test_a_writer_appends_an_event_once_even_if_sent_twice(served):
    with connect(served, WRITER) as client:
        client.append("ledger_events", event("e1", "它's; drop table posts --"))
        client.append("ledger_events", event("e1"))
        found = client.select("select event_id, body from ledger_events where event_id = 'e1'")
    assert found.to_dict("records") == [{"event_id": "e1", "body": "它's; drop table posts --"}]


def test_a_reader_cannot_append(served):
    with connect(served, READER) as client, pytest.raises(StoreRefusedError):
        client.append("ledger_events", event("e2"))


def test_a_writer_cannot_write_an_observed_table(served):
    with connect(served, WRITER) as client, pytest.raises(ValueError, match="only events"):
        client.append("posts", {"post_id": "x"})


def test_a_wrong_token_is_refused_at_once(served):
    with pytest.raises(StoreError, match="不能连接"):
        connect(served, "c" * 64)


def test_a_second_owner_is_told_who_holds_the_file(served):
    home, _ = served
    with pytest.raises(StoreBusyError, match="占用"):
        Store.open(home)


def test_a_corrupted_file_names_itself_and_points_to_restore(tmp_path):
    (tmp_path / "huiying.duckdb").write_bytes(b"not a database at all" * 500)
    with pytest.raises(StoreError, match="restore"):
        Store.open(tmp_path)


def test_a_port_in_use_is_said(tmp_path):
    with socket.socket() as server, Store.open(tmp_path) as store:
        server.bind(("127.0.0.1", 0))
        server.listen()
        with pytest.raises(StoreError, match="端口"):
            store.serve(server.getsockname()[1], READER, WRITER)


def test_inserting_the_same_key_again_changes_nothing_unless_replaced(tmp_path):
    row = {
        "reject_id": "r", "file": "f", "line": 1, "reason": "x", "raw": "",
        "rejected_at": datetime(2026, 1, 1, tzinfo=UTC),
    }  # fmt: skip
    with Store.open(tmp_path) as store:
        assert store.insert("rejects", [row]) == 1
        assert store.insert("rejects", [{**row, "reason": "y"}]) == 0
        store.insert("rejects", [{**row, "reason": "z"}], on_conflict="replace")
        assert store.connection.execute("select reason from rejects").fetchall() == [("z",)]


def test_a_failing_transaction_leaves_nothing(tmp_path):
    with Store.open(tmp_path) as store:
        with pytest.raises(duckdb.Error), store.transaction():
            store.save_state("tag", b"1")
            store.connection.execute("select * from no_such_table")
        assert store.load_state("tag") is None


def test_migrations_are_applied_once(tmp_path):
    with Store.open(tmp_path):
        pass
    with Store.open(tmp_path) as store:
        assert store.migrate() == []


@given(st.text(max_size=200))
def test_any_text_survives_as_a_literal(text):
    expected = text.replace("\x00", "").encode("utf-8", "replace").decode()
    assert duckdb.sql(f"select {literal(text)}").fetchone() == (expected,)


FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(st.one_of(st.none(), st.booleans(), st.integers(-(2**60), 2**60), FINITE))
def test_simple_values_survive_as_literals(value):
    assert duckdb.sql(f"select {literal(value)}").fetchone() == (value,)


def test_parameters_inside_strings_and_comments_are_left_alone():
    assert render("select '$a', $a -- $a", {"a": 1}) == "select '$a', 1 -- $a"
