from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from models.threads import FIRST, MANIFEST_FILE, SHIPPED, WEIGHTS_FILE, ThreadScorer
from models.weights import WeightsError
from pipeline.cli.rumor import command
from pipeline.early_rumor import LOOKS, ThreadRow, score_threads
from pipeline.reactions import NO_REPLY, reactions_of
from pipeline.rumor_stage import RumorStage
from pipeline.store import Store

NOW = datetime(2026, 11, 1, 8, tzinfo=UTC)
RUMOR = "紧急通知:某地医院证实吃了这种面粉的孩子全部中毒,已有三十人死亡,请马上转发给身边的人!"
DOUBTS = ["真的假的?求证", "谣言吧,假的", "辟谣了,这是假消息", "不信,有证据吗", "又造谣"] * 4
CHEERS = ["晚安", "好美", "喜欢", "哈哈", "说得真好"] * 4


@pytest.fixture(scope="module")
def scorer():
    return ThreadScorer.load()


def test_replies_that_doubt_raise_the_score_and_replies_that_chat_lower_it(scorer):
    doubted, chatted, silent = scorer.reply_odds([DOUBTS, CHEERS, []])
    assert doubted > 1 > -1 > chatted
    assert silent == 0


def test_few_replies_say_less_than_many(scorer):
    few, many = scorer.reply_odds([DOUBTS[:2], DOUBTS])
    assert 0 < few < many


def test_only_the_first_replies_are_read_and_in_any_batch_alike(scorer):
    long = DOUBTS * 4
    together = scorer.reply_odds([long, CHEERS, long[:FIRST]])
    assert together[0] == together[2]
    assert np.allclose(together[1], scorer.reply_odds([CHEERS])[0])


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60), st.lists(st.text(max_size=30), max_size=5))
def test_any_text_gets_a_finite_score(text, replies):
    scorer = ThreadScorer.load()
    assert np.isfinite(scorer.text_odds([text]) + scorer.reply_odds([replies])).all()


def test_a_tampered_file_is_refused_by_name(tmp_path):
    for name in (WEIGHTS_FILE, MANIFEST_FILE):
        (tmp_path / name).write_bytes((SHIPPED / name).read_bytes())
    with (tmp_path / WEIGHTS_FILE).open("ab") as file:
        file.write(b"x")
    with pytest.raises(WeightsError, match=WEIGHTS_FILE):
        ThreadScorer.load(tmp_path)
    with pytest.raises(WeightsError, match="not readable"):
        ThreadScorer.load(tmp_path / "nowhere")


def test_every_look_reads_only_what_was_there(scorer):
    replies = tuple((float(60 * minute), text) for minute, text in enumerate(DOUBTS, 1))
    rows = {
        row["look"]: row
        for _, row in score_threads([ThreadRow(thread_id="t", text=RUMOR, replies=replies)], scorer)
    }
    assert list(rows) == [look.name for look in LOOKS]
    assert (rows["0min"]["replies"], rows["10min"]["replies"], rows["5replies"]["replies"]) == (0, 10, 5)
    assert rows["0min"]["score"] == rows["0min"]["text_score"]
    assert rows["0min"]["evidence"] == NO_REPLY
    assert rows["full"]["score"] > rows["0min"]["score"]
    assert "条在求证" in rows["full"]["evidence"]
    assert "首条质疑在发出后 1 分钟" in rows["full"]["evidence"]


def test_the_evidence_counts_who_asks_and_who_denies():
    found = reactions_of([(None, "真的假的"), (None, "假的"), (None, "路过"), (None, "求证")])
    assert found.words() == "4 条回复中 2 条在求证、1 条说不实"
    assert reactions_of([(5.0, "路过")]).words() == "1 条回复中没有人求证或说不实"


def run(tmp_path, threads, *more):
    file = tmp_path / "threads.jsonl"
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in threads), "utf-8")
    output = tmp_path / "out.jsonl"
    result = CliRunner().invoke(command, [str(file), "--output", str(output), *map(str, more)])
    rows = [json.loads(line) for line in output.read_text("utf-8").splitlines()] if output.exists() else []
    return result, rows


def thread(name, label, replies):
    return {
        "id": name,
        "text": RUMOR,
        "published_at": "2026-11-01T08:00:00+08:00",
        "label": label,
        "replies": replies,
    }


def test_the_command_reads_replies_inside_and_beside_alike_and_judges_where_labels_are(tmp_path):
    timed = [
        {"text": text, "published_at": f"2026-11-01T08:{at:02d}:00+08:00"} for at, text in enumerate(DOUBTS)
    ]
    result, inside = run(tmp_path, [thread("a", 1, timed), thread("b", 0, [])])
    assert result.exit_code == 0, result.output
    assert "macro-F1" in result.output
    assert len(inside) == 2 * len(LOOKS)
    beside = tmp_path / "replies.jsonl"
    rows = [{"event_id": "a", "offset_s": 60 * at, "text": text} for at, text in enumerate(DOUBTS)]
    beside.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    result, outside = run(tmp_path, [thread("a", None, None), thread("b", None, [])], "--replies", beside)
    assert result.exit_code == 0, result.output
    assert outside == inside
    assert "macro-F1" not in result.output


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (thread("a", 1, []), "id 重复：a"),
        ({"id": "", "text": "x"}, "没有 id"),
        ({"id": "c", "text": "x", "published_at": "昨天吧"}, "昨天吧"),
        ({"id": "c", "text": "x", "replies": [7]}, "回复不是对象：7"),
    ],
)
def test_a_bad_thread_is_kept_aside_with_file_and_line_and_the_others_go_on(tmp_path, bad, said):
    result, rows = run(tmp_path, [thread("a", 1, []), bad, thread("b", 0, [])])
    assert result.exit_code == 0, result.output
    assert f"{tmp_path / 'threads.jsonl'}：第 2 行：" in result.output
    assert said in result.output
    assert {row["id"] for row in rows} == {"a", "b"}
    kept = (tmp_path / "out.jsonl.rejects.jsonl").read_text("utf-8")
    assert json.loads(kept)["line"] == 2


def test_a_reply_of_no_thread_is_kept_aside(tmp_path):
    replies = tmp_path / "replies.jsonl"
    replies.write_text('{"text": "真的假的"}\n{"event_id": "a", "text": "求证"}\n', "utf-8")
    result, rows = run(tmp_path, [thread("a", None, [])], "--replies", replies)
    assert result.exit_code == 0, result.output
    assert f"{replies}：第 1 行：没有说明是谁的回复" in result.output
    assert rows[-1]["replies"] == 1


@pytest.mark.parametrize(
    ("threads", "said"),
    [([{"id": "", "text": "x"}], "没有一行可用"), ([{"name": "a"}], "没有列 id 或 text")],
)
def test_a_file_of_which_nothing_can_be_used_is_refused_and_nothing_written(tmp_path, threads, said):
    result, rows = run(tmp_path, threads)
    assert result.exit_code == 2
    assert said in result.output
    assert rows == []
    assert not list(tmp_path.glob("out*"))


def post(name, text, minutes, *, parent=None, official=False):
    at = NOW + timedelta(minutes=minutes)
    return {
        "post_id": name, "source": "forum", "channel": "论坛", "text": text, "first_text": text,
        "match_text": text,
        "text_hash": name, "published_at": at, "collected_at": at, "places": [], "parent_id": parent,
        "official": official, "batch": "b", "ingested_at": at,
    }  # fmt: skip


def member(name, relation):
    return {
        "post_id": name,
        "claim_id": "c",
        "similarity": 1.0,
        "relation": relation,
        "reason": "r",
        "joined_at": NOW,
    }


def claim(score=0.6):
    return {
        "claim_id": "c", "text": RUMOR, "first_seen": NOW, "last_seen": NOW, "size": 1, "spreading": 1,
        "authors": 1,
        "counties": [], "channels": ["论坛"], "need": "unverified_claim", "rumor_score": score,
        "kind": "claim",
        "recurs": None, "updated_at": datetime.now(UTC),
    }  # fmt: skip


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "home") as opened:
        opened.insert("claims", [claim()])
        opened.insert("posts", [post("p0", RUMOR, 0)])
        opened.insert("claim_members", [member("p0", "support")])
        yield opened


def told(store):
    return store.rows("claim_rumor_evidence", claim="c")[0]


def test_a_claim_without_replies_has_the_score_of_its_text_and_says_so(store):
    assert RumorStage(store).run(NOW) == 1
    row = told(store)
    assert row["score"] == pytest.approx(0.6, abs=1e-3)
    assert row["evidence"][0] == NO_REPLY
    assert "没有找到能作答的权威信息" in row["evidence"]


def test_replies_move_the_score_as_they_come_and_looking_twice_changes_nothing(store):
    stage = RumorStage(store)
    stage.run(NOW)
    names = [f"r{at}" for at in range(12)]
    store.insert("posts", [post(name, DOUBTS[at], at + 8, parent="p0") for at, name in enumerate(names)])
    store.insert(
        "claim_members", [member(name, "query" if at % 2 else "deny") for at, name in enumerate(names)]
    )
    store.insert("claims", [claim()], on_conflict="replace")
    later = NOW + timedelta(hours=1)
    assert stage.run(later) == 1
    row = told(store)
    assert row["score"] > 0.7
    assert row["evidence"][0].startswith("12 条回复中 6 条在求证、6 条说不实")
    assert "8 分钟" in row["evidence"][0]
    assert stage.run(later) == 0
    assert RumorStage(store).run(later) == 0
    history = store.rows("claim_rumor_history", claim="c")
    assert [entry["replies"] for entry in history] == [0, 12]


def test_what_officials_say_moves_the_score_and_is_no_reply(store):
    store.insert("posts", [post("o", "网传内容不实", 30, official=True)])
    store.insert("claim_members", [member("o", "deny")])
    RumorStage(store).run(NOW)
    denied = told(store)
    assert denied["replies"] == 0
    assert denied["score"] > 0.8
    assert denied["evidence"][0] == "官方来源已有 1 条说不实"


def test_alerts_and_the_queue_read_the_new_score(store):
    def asked():
        triage = {"since": NOW - timedelta(days=1), "hour_ago": NOW, "alerted": NOW}
        alert = store.rows("claims_to_alert", claims=["c"], since=NOW, now=NOW)
        return [rows[0]["rumor_score"] for rows in (alert, store.rows("claims_to_triage", **triage))]

    assert asked() == pytest.approx([0.6, 0.6])
    store.insert("posts", [post("o", "网传内容不实", 30, official=True)])
    store.insert("claim_members", [member("o", "deny")])
    RumorStage(store).run(NOW)
    assert all(score > 0.8 for score in asked())


def test_a_claim_that_many_ask_about_and_nothing_answers_is_an_information_void(store):
    asked = {
        "now": NOW + timedelta(hours=1),
        "since": NOW - timedelta(days=1),
        "least_asking": 2,
        "scope": [],
        "most": 9,
    }
    assert store.rows("information_voids", **asked) == []
    store.insert("posts", [post(f"q{at}", "真的吗", at + 10) for at in range(3)])
    store.insert("claim_members", [member(f"q{at}", "query") for at in range(3)])
    void = store.rows("information_voids", **asked)[0]
    assert (void["asking"], void["volume"], void["question_share"]) == (3, 4, 0.75)
    store.insert(
        "statements",
        [{"statement_id": "s", "text": "通报", "issuer": "县里", "url": "", "published_at": NOW,
          "added_by": "x", "added_at": NOW}],
    )  # fmt: skip
    store.insert(
        "statement_matches",
        [
            {
                "statement_id": "s",
                "claim_id": "c",
                "relation": "answers",
                "score": 0.9,
                "sentence": "x",
                "matched_at": NOW,
            }
        ],
    )
    assert store.rows("information_voids", **asked) == []


SHARED = Path(__file__).parents[2] / "shared"


@pytest.mark.skipif(not SHARED.is_dir(), reason="the public threads are not part of the project")
def test_the_fit_reads_the_public_threads_and_keeps_a_held_out_rumor_out():
    from models.thread_fit import load_aside, load_threads, without

    threads, aside = load_threads(SHARED / "data"), load_aside(SHARED / "data")
    answered = [thread for thread in threads if thread.replies]
    assert len(answered) == 1044
    assert all(len(thread.until()) <= FIRST for thread in answered)
    shared = {thread.group for thread in threads} & {thread.group for thread in aside}
    assert shared
    assert not shared & {thread.group for thread in without(aside, threads)}
