"""Labels from people: files out and in, error rates on local text, agreement, and what makes them stale."""

import csv
import json
from datetime import UTC, datetime, timedelta

import openpyxl
import pytest
from click.testing import CliRunner

from pipeline.cli import group
from pipeline.client import StoreClient
from pipeline.config import ConfigError, Home, Secrets, Settings
from pipeline.label_files import candidates, import_labels, write_candidates
from pipeline.label_words import LABEL_WORDS, label_of
from pipeline.labels import (
    LabelError,
    Vote,
    agreement,
    error_rates,
    freshness,
    judged,
    kappa,
    stale_after,
    votes,
)
from pipeline.processes import free_port
from pipeline.store import Store

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NEEDS = ("help", "question", "none")


def post(number, text):
    return {
        **{
            "post_id": f"p{number}",
            "source": f"s{number % 2}",
            "channel": "论坛",
            "text": text,
            "first_text": text,
        },
        **{"match_text": text, "text_hash": f"h{text}", "published_at": NOW - timedelta(hours=number)},
        **{"collected_at": NOW, "county": "都匀市", "places": ["都匀市"], "batch": "b", "ingested_at": NOW},
    }


def tags(number):
    return {
        **{"post_id": f"p{number}", "need": NEEDS[number % 3], "need_score": 0.3 + (number % 60) / 100},
        **{"rumor_score": (number % 100) / 100, "model_version": "m-1", "tagged_at": NOW},
    }


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "home") as opened:
        opened.insert("posts", [post(n, f"=停水第{n}天") for n in range(60)] + [post(60, "=停水第0天")])
        opened.insert("tags", [tags(n) for n in range(61)])
        yield opened


def pick(store, sample="random", most=30, **more):
    return candidates(store, "need", sample, most, NOW - timedelta(days=90), **more)


def filled(path, labels, annotator="", column="need_new"):
    """Fill the blank column of a csv, row by row."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row, label in zip(rows, labels, strict=True):
        row[column], row["annotator"] = label, annotator
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_the_doubtful_come_least_sure_first_and_equal_texts_once(store):
    found = pick(store, "doubtful", 100)
    scores = [row["score"] for row in found]
    assert scores == sorted(scores)
    assert len({row["text"] for row in found}) == len(found) == 60


def test_the_random_sample_takes_the_labels_in_turn_and_depends_on_the_seed(store):
    first, again, other = (pick(store, most=9, seed=seed) for seed in ("1", "1", "2"))
    assert [row["post_id"] for row in first] == [row["post_id"] for row in again]
    assert [row["post_id"] for row in first] != [row["post_id"] for row in other]
    assert sorted(row["label"] for row in first) == sorted(NEEDS * 3)


def test_a_yes_or_no_head_has_candidates_too(store):
    found = candidates(store, "rumor", "doubtful", 3, NOW - timedelta(days=90))
    assert [round(row["score"], 2) for row in found] == [0.5, 0.51, 0.51]
    assert {row["label"] for row in found} <= {"yes", "no"}


def test_a_file_comes_back_as_events_and_twice_is_once(store, tmp_path):
    path = tmp_path / "a.csv"
    write_candidates(pick(store, most=6), "need", "random", path)
    assert "'=停水" in path.read_text("utf-8-sig")
    filled(path, ["求助", "help", "疑问", "无需回应", "", "problem"], "王芳")
    done = import_labels(store, path, "李明", NOW)
    assert (done.new, done.known, done.blank, done.bad) == ({"need": 5}, 0, 1, [])
    found = votes(store, "need")
    assert {vote.actor for vote in found} == {"王芳"}
    assert {(vote.sample, vote.model_version) for vote in found} == {("random", "m-1")}
    again = import_labels(store, path, "李明", NOW + timedelta(hours=1))
    assert (again.new, again.known) == ({}, 5)
    assert len(votes(store)) == 5
    assert not {row["post_id"] for row in pick(store, most=60)} & {vote.post_id for vote in found}


def test_somebody_may_change_their_mind_and_back(store, tmp_path):
    path = tmp_path / "a.csv"
    write_candidates(pick(store, most=1), "need", "random", path)
    for hours, label in enumerate(["help", "question", "help"]):
        import_labels(store, filled(path, [label]), "李明", NOW + timedelta(hours=hours))
        assert [vote.label for vote in votes(store)] == [label]
    assert store.select("select count(*) as n from label_events")["n"][0] == 3


def test_unknown_labels_posts_and_contradictions_are_listed_and_the_rest_recorded(store, tmp_path):
    path = tmp_path / "a.csv"
    lines = [
        "post_id,annotator,need_new",
        *("p1,,投诉", "p2,,help", "p2,,question", "nobody,,help", "p3,,none"),
    ]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    done = import_labels(store, path, "李明", NOW)
    assert [(bad.line, bad.value) for bad in done.bad] == [(2, "投诉"), (4, "question"), (5, "help")]
    assert "反映问题(problem)" in done.bad[0].words(path)
    assert sorted(vote.post_id for vote in votes(store)) == ["p2", "p3"]


def test_a_file_without_the_columns_is_refused(store, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,label\np1,help\n", "utf-8")
    with pytest.raises(LabelError, match="post_id"):
        import_labels(store, path, "李明", NOW)


def test_a_field_that_the_model_has_not_labelled_cannot_be_corrected(store, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("post_id,sentiment_new\np1,负面\n", "utf-8")
    assert "模型没有标注" in import_labels(store, path, "李明", NOW).bad[0].reason


def test_a_workbook_offers_the_labels_and_keeps_formulas_as_text(store, tmp_path):
    path = tmp_path / "a.xlsx"
    write_candidates(pick(store, most=4), "need", "random", path)
    book = openpyxl.load_workbook(path)
    sheet = book["待标注"]
    [offered] = sheet.data_validations.dataValidation
    assert "求助" in offered.formula1
    column = {cell.value: cell.column for cell in sheet[1]}
    text = sheet.cell(2, column["text"])
    assert (text.data_type, text.quotePrefix) == ("s", True)
    for row in range(2, 6):
        sheet.cell(row, column["need_new"]).value = "疑问"
    book.save(path)
    assert import_labels(store, path, "李明", NOW).new == {"need": 4}


def test_a_running_store_takes_the_same_events(store, tmp_path):
    home = Home(root=tmp_path / "home")
    known = Secrets.load(home)
    path = tmp_path / "a.csv"
    path.write_text("post_id,need_new,note\np1,求助,'; drop table posts; --\n", "utf-8")
    address = store.serve(free_port(), known.reader_token, known.writer_token)
    with StoreClient.connect(address, known.writer_token, home.extensions) as client:
        assert import_labels(client, path, "李明", NOW).new == {"need": 1}
        assert import_labels(client, path, "李明", NOW).known == 1
        assert len(candidates(client, "need", "random", 100, NOW - timedelta(days=90))) == 59
    assert votes(store)[0].label == "help"


def vote(post_id, label, said="help", actor="甲", sample="random", source="s", days=0, version="m-1"):
    return Vote(
        post_id=post_id, field="need", actor=actor, label=label, said=said, sample=sample,
        model_version=version, source=source, recorded_at=NOW - timedelta(days=days), event_id=post_id,
    )  # fmt: skip


def test_only_the_random_sample_counts_and_labels_weigh_as_often_as_they_occur():
    given = [
        *(vote(f"a{n}", "help" if n < 8 else "none", source="s1" if n % 2 else "s2") for n in range(10)),
        *(vote(f"b{n}", "none" if n < 5 else "help", said="none") for n in range(10)),
        *(vote(f"c{n}", "none", sample="doubtful") for n in range(50)),
    ]
    rates = {
        (rate.label, rate.source): rate for rate in error_rates(judged(given), {"help": 900, "none": 100})
    }
    assert rates["help", ""].error.share == pytest.approx(0.2)
    assert rates["help", ""].posts == 10
    assert rates["none", ""].error.share == pytest.approx(0.5)
    assert rates["help", "s1"].posts == 5
    assert rates["", ""].error.share == pytest.approx(0.9 * 0.2 + 0.1 * 0.5)
    assert rates["", ""].error.low < 0.23 < rates["", ""].error.high


def test_what_people_disagree_about_neither_counts_nor_trains():
    found = judged(
        [vote("a", "help"), vote("a", "none", actor="乙"), vote("b", "help"), vote("b", "help", actor="乙")]
    )
    assert {row.post_id: row.label for row in found} == {"a": None, "b": "help"}
    third = judged([vote("a", "help"), vote("a", "none", actor="乙"), vote("a", "none", actor="丙")])
    assert third[0].label == "none"


def test_kappa_is_that_of_cohens_table():
    # 25 both yes, 20 both no, 15 and 10 divided: observed 0.643, by chance 0.5 (of rows 40:30, 35:35).
    pairs = [("y", "y")] * 25 + [("n", "n")] * 20 + [("y", "n")] * 15 + [("n", "y")] * 10
    assert kappa(pairs) == pytest.approx((45 / 70 - 0.5) / 0.5)
    assert kappa([("y", "y")] * 5) is None
    assert kappa([("y", "n"), ("n", "y")]) == pytest.approx(-1)


def test_agreement_is_of_every_two_people_on_what_both_judged():
    given = [
        vote("a", "help"),
        vote("a", "help", actor="乙"),
        vote("b", "none"),
        vote("b", "none", actor="乙"),
    ]
    [pair] = agreement([*given, vote("c", "help", actor="丙")])
    assert (pair.first, pair.second, pair.posts, pair.same, pair.kappa) == ("乙", "甲", 2, 2, 1.0)


def test_an_old_sample_another_model_and_a_small_one_are_said():
    fresh = judged([vote(f"a{n}", "help", days=1) for n in range(40)])
    assert freshness(fresh, "need", "m-1", NOW).stale == ()
    old = freshness(judged([vote("a", "help", days=200)]), "need", "m-2", NOW).stale
    assert len(old) == 3
    assert "200 天" in old[0]
    assert freshness([], "need", "m-1", NOW).stale == ("还没有随机抽样的人工标注",)


def test_every_label_can_be_written_in_chinese():
    for field, words in LABEL_WORDS.items():
        assert [label_of(field, word) for word in words.values()] == list(words)
        assert label_of(field, " 没有这种 ") is None


def test_the_command_exports_imports_and_reports(store, tmp_path):
    home = store.home.root
    store.close()
    run = CliRunner(env={"HUIYING_ACTOR": "李明"})
    path = tmp_path / "a.csv"
    arguments = ["--home", str(home), "label"]
    asked = [*arguments, "export", "--random", "12", "--days", "3000", "-o", str(path)]
    out = run.invoke(group, asked, catch_exceptions=False)
    assert out.exit_code == 0, out.output
    assert run.invoke(group, asked).exit_code == 2  # the file is there
    filled(path, ["求助"] * 11 + ["胡说"])
    result = run.invoke(group, [*arguments, "import", str(path)])
    assert result.exit_code == 2
    assert "第 13 行,need_new = '胡说'" in result.stderr
    assert "新记录 11 条" in result.stdout
    report = run.invoke(group, [*arguments, "report", "--json"], catch_exceptions=False)
    errors = json.loads(report.stdout)["errors"]
    assert sum(row["posts"] for row in errors if row["label"] and not row["source"]) == 11
    words = run.invoke(group, [*arguments, "report"], catch_exceptions=False).stdout
    assert "错误率" in words
    assert "旧模型 m-1" in words


def test_an_office_sets_after_how_long_a_sample_is_stale():
    assert stale_after(Settings()) == timedelta(days=90)
    assert stale_after(Settings(tables={"labels": {"stale_days": 30}})) == timedelta(days=30)
    with pytest.raises(ConfigError, match="stale_days"):
        stale_after(Settings(tables={"labels": {"stale_days": "a month"}}))


def test_a_second_reader_gets_what_one_person_has_judged(store, tmp_path):
    path = tmp_path / "a.csv"
    write_candidates(pick(store, most=5), "need", "random", path)
    import_labels(store, filled(path, ["help"] * 5, "王芳"), "李明", NOW)
    assert len(pick(store, again=True, actor="李明")) == 5
    assert pick(store, again=True, actor="王芳") == []
