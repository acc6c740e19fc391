"""From people's corrections to a version in use: what teaches, what the gate decides, what is told."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from test_models_update import LOCAL

from models.labels import HEADS
from pipeline import model_update
from pipeline.cli import group
from pipeline.labels import label_event, said_of
from pipeline.model_update import corrected_posts, counts_text
from pipeline.model_versions import active_name, versions
from pipeline.store import Store

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def fill(store, texts):
    moment = [NOW - timedelta(hours=number) for number in range(len(texts))]
    store.insert("posts", [
        {
            **{"post_id": f"p{n}", "source": "s", "channel": "论坛", "text": text, "first_text": text},
            **{"match_text": text, "text_hash": text, "published_at": moment[n], "collected_at": NOW},
            **{"places": ["都匀市"], "batch": "b", "ingested_at": NOW},
        }
        for n, text in enumerate(texts)
    ])  # fmt: skip
    store.insert("tags", [
        {"post_id": f"p{n}", "need": "problem", "need_score": 0.6, "model_version": "m", "tagged_at": NOW}
        for n in range(len(texts))
    ])  # fmt: skip


def judge(store, number, label, actor="李明"):
    post = said_of(store, [f"p{number}"])[f"p{number}"]
    event = label_event(post, "need", label, actor, sample="correction", known=None, now=NOW)
    store.append("label_events", event)


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "home") as opened:
        fill(opened, LOCAL)
        yield opened


def test_what_people_agree_on_teaches_and_expired_texts_do_not(store):
    judge(store, 0, "none")
    judge(store, 1, "none")
    judge(store, 1, "help", "王芳")
    judge(store, 2, "problem")
    store.connection.execute("delete from posts where post_id = 'p2'")
    [post] = corrected_posts(store)
    assert (post.text, post.labels) == (LOCAL[0], {"need": HEADS["need"].index("none")})
    assert "诉求(need)1 条:question 0、" in counts_text([post])


def train(home, *more):
    return CliRunner(env={"HUIYING_ACTOR": "李明"}).invoke(
        group, ["--home", str(home), "train", "--update", *more], catch_exceptions=False
    )


def test_too_few_corrections_are_told_with_their_numbers(store):
    judge(store, 0, "none")
    home = store.home
    store.close()
    result = train(home.root)
    assert result.exit_code == 1
    assert "至少要 30 条" in result.stderr
    assert "none 1" in result.stderr
    assert len(versions(home)) == 1


def test_corrections_become_a_version_that_the_gate_judges(store, monkeypatch):
    # A quarter of the corpus holds the heads well enough for a test, in a quarter of the time.
    whole = model_update.replayed
    monkeypatch.setattr(model_update, "replayed", lambda: whole()[::4])
    for number in range(len(LOCAL)):
        judge(store, number, "none")
    home = store.home
    store.close()
    result = train(home.root, "--json")
    made = json.loads(result.stdout)
    assert made["passed"] == made["in_use"] == (result.exit_code == 0)
    [shipped, version] = versions(home)
    assert (version.name, version.passed) == (made["name"], made["passed"])
    assert active_name(home) == (version.name if made["passed"] else shipped.name)
    assert version.record["posts"] == len(LOCAL)
    assert version.record["made_by"] == "李明"
    assert version.record["gate"]["lines"]
    need = next(head for head in version.record["heads"] if head["head"] == "need")
    assert need["right_after"] >= need["right_before"]
