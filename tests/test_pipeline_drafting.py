import json
import socket
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from dashboard_home import fill
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config import ConfigError, Settings
from pipeline.drafting import AMOUNT, find_confusions, group_questions, material, skeleton
from pipeline.drafting_service import DraftingError, Service, propose, unsupported
from pipeline.ledger import Ledger
from pipeline.ledger_events import VerdictGiven
from pipeline.records import VerdictValue
from pipeline.roles import Role, User
from pipeline.store import Store

NOW = datetime(2026, 11, 25, 13, 0, tzinfo=UTC)
REVIEWER = User(name="审核丙", roles=frozenset({Role.REVIEWER}))


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with Store.open(tmp_path_factory.mktemp("home")) as opened:
        fill(opened, NOW)
        yield opened


def test_questions_are_grouped_by_what_they_ask():
    asked = [("真的假的", 5), ("什么时候来水", 3), ("几点能来水啊", 2), ("找谁反映", 1), ("水龙头坏了吗", 1)]
    found = {group.name: (group.posts, group.examples) for group in group_questions(asked)}
    assert found["何时、多久"] == (5, ("什么时候来水", "几点能来水啊"))
    assert found["是否属实"][0] == 5
    assert found["找谁、谁来管"] == (1, ("找谁反映",))
    assert found["其他"][0] == 1


def test_amounts_told_in_different_ways_are_a_confusion():
    posts = [("要停水三天", 4), ("听说停七天", 2), ("停水5小时", 3), ("死了两个学生", 1), ("停 一天吧", 1)]
    found = find_confusions(posts)
    assert [(one.unit, one.values) for one in found] == [("天", (("三天", 4), ("七天", 2)))]
    assert found[0].words() == "说法不一:三天(4 条)、七天(2 条)"


@given(st.lists(st.tuples(st.text(max_size=300), st.integers(1, 9)), max_size=20))
def test_any_text_can_be_grouped(posts):
    groups = group_questions(posts)
    assert sum(group.posts for group in groups) == sum(count for _, count in posts)
    for one in find_confusions(posts):
        assert len(one.values) > 1
        assert all(AMOUNT.fullmatch(value) for value, _ in one.values)


def test_a_skeleton_holds_cited_facts_only_each_with_its_source(store):
    said = skeleton(material(store, "c-school", NOW))
    for heading in ("一、事实", "二、依据", "三、群众在问", "四、办理情况", "五、咨询与反映渠道", "出处"):
        assert heading in said
    assert "各学校正常上课[2]" in said
    assert "[2] 独山县教育局,2026年11月25日 06:00,https://gov.example/1" in said
    assert "[1] 公开帖文归并,说法编号 c-school" in said
    assert "____" in said


def test_without_anything_official_the_basis_says_so(store):
    said = skeleton(material(store, "c-dirty", NOW))
    assert "尚无可引用的权威信息" in said
    assert "[2]" not in said


def test_a_statement_that_has_lapsed_is_not_cited(store):
    assert "停水" not in skeleton(material(store, "c-help", NOW)).split("三、")[0].split("二、依据")[1]


def test_the_newest_verdict_is_cited_with_who_found_it(store):
    ledger = Ledger.open(store, Settings())
    for value, source in ((VerdictValue.UNVERIFIABLE, "电话了解"), (VerdictValue.FALSE, "水务局通报")):
        event = VerdictGiven(value=value, source=source, source_url="https://gov.example/9")
        ledger.record(REVIEWER, "c-road", event, NOW)
    said = skeleton(material(store, "c-road", NOW))
    assert "核查结论:不属实[2]" in said
    assert "[2] 水务局通报(审核丙认定)" in said
    assert "未核实" not in said


def test_an_earlier_verdict_on_the_same_words_is_cited_as_earlier(tmp_path):
    with Store.open(tmp_path) as store:
        fill(store, NOW)
        body = {
            "text": "都匀二水厂水被污染", "verdict": "false", "issuer": "州水务局", "url": "https://gov.example/8",
            "decided_at": "2026-03-01T00:00:00+08:00",
        }  # fmt: skip
        event = {
            "event_id": "e1", "rumor_id": "r1", "kind": "imported", "actor": "李明", "recorded_at": NOW,
            "body": json.dumps(body, ensure_ascii=False),
        }  # fmt: skip
        store.insert("library_events", [event])
        match = {
            "claim_id": "c-water",
            "rumor_id": "r1",
            "relation": "recurrence",
            "score": 0.6,
            "matched_at": NOW,
        }
        store.insert("known_rumor_matches", [match])
        said = skeleton(material(store, "c-water", NOW))
    assert "以前核查过相同的说法“都匀二水厂水被污染”,结论:不属实[2]" in said
    assert "[2] 州水务局,2026年03月01日 00:00,https://gov.example/8" in said


def test_an_unknown_claim_has_no_material(store):
    with pytest.raises(KeyError):
        material(store, "nope", NOW)


# the service


@contextmanager
def answering(status=200, body=b"", delay=0.0, endless=False):
    """Serve one fixed answer on loopback; yield the service and what it was asked."""
    seen = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers["Content-Length"])
            seen.append((self.path, self.headers.get("Authorization"), json.loads(self.rfile.read(length))))
            stopping.wait(delay)
            self.send_response(status)
            self.end_headers()
            try:
                self.wfile.write(body)
                while endless:
                    self.wfile.write(b" " * 65536)
            except OSError:
                return

        def log_message(self, *_):
            pass

    stopping = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        yield Service(base_url=url, model="local", timeout_seconds=0.5 if delay else 10), seen
    finally:
        stopping.set()
        server.shutdown()
        server.server_close()


def chat(text):
    return json.dumps({"choices": [{"message": {"content": text}}]}).encode()


def test_a_wording_is_proposed_and_what_the_material_lacks_is_named():
    with answering(body=chat("检测合格[2],预计 36 小时恢复。见 https://fake.example/1")) as (service, seen):
        found = propose(service, "k-1", "出厂水检测合格[2]")
    assert found.text.startswith("检测合格")
    assert found.unsupported == ("36", "https://fake.example/1")
    path, key, body = seen[0]
    assert (path, key, body["model"]) == ("/v1/chat/completions", "Bearer k-1", "local")
    assert body["messages"][1]["content"] == "出厂水检测合格[2]"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"status": 500, "body": b"oops"}, "返回 500"),
        ({"status": 401}, "返回 401"),
        ({"status": 302}, "返回 302"),
        ({"body": b"<html>"}, "不是约定的格式"),
        ({"body": b"\xff\xfe"}, "不是约定的格式"),
        ({"body": b'{"choices": []}'}, "不是约定的格式"),
        ({"body": b"[1]"}, "不是约定的格式"),
        ({"body": chat("  ")}, "是空的"),
        ({"body": json.dumps({"choices": [{"message": {"content": None}}]}).encode()}, "是空的"),
        ({"delay": 5.0, "body": chat("晚了")}, "没有答复"),
        ({"endless": True}, "超过"),
    ],
)
def test_an_answer_that_is_none_is_said_in_words(answer, said):
    with answering(**answer) as (service, _), pytest.raises(DraftingError, match=said):
        propose(service, "", "材料")


def test_nobody_there_is_said_in_words():
    with socket.socket() as spot:
        spot.bind(("127.0.0.1", 0))
        port = spot.getsockname()[1]
    service = Service(base_url=f"http://127.0.0.1:{port}", model="m")
    with pytest.raises(DraftingError, match="连不上"):
        propose(service, "secret-key", "材料")


def test_nothing_is_sent_unless_an_office_sets_it():
    assert Service.load(Settings()) is None


@pytest.mark.parametrize(
    "table",
    [
        {"base_url": "ftp://x", "model": "m"},
        {"base_url": "http://x"},
        {"base_url": "http://x", "model": "m", "timeout_seconds": 0},
        {"base_url": "http://x", "model": "m", "token": "t"},
    ],
)
def test_settings_that_cannot_be_are_refused(table):
    with pytest.raises(ConfigError, match=r"\[drafting\]"):
        Service.load(Settings(tables={"drafting": table}))


def test_numbers_of_the_material_are_supported():
    assert unsupported("3.5 元,12 号", "每吨 3.5 元,12 号公告") == ()
