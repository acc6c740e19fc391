"""Evaluation: figures, baselines with kept answers, rumor across sets and time, leaks, and the command."""

from __future__ import annotations

import json

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from models.corpus import Corpus, Example, RawPost, load_corpus, own_examples, raw_rumor_posts
from models.figures import figures, judged_sets
from models.labels import HEADS, UnknownLabelError, class_numbers
from models.reliability import reliability_svg
from pipeline.cli.evaluate import command
from pipeline.cli.evaluation_words import page

sklearn = pytest.importorskip("sklearn", reason="baselines need the train extra")

from models.ablation import MASKS, ablate  # noqa: E402 - after the skip
from models.baselines import Answers, bracket_rule, majority, ngram_svm  # noqa: E402
from models.evaluation import compare  # noqa: E402
from models.transfer import across_time, leave_out, leave_out_rows  # noqa: E402

FITS = {"majority": majority, "svm": ngram_svm}


def rumor(text, number, name, split="train", **more):
    return Example(text=text, labels={"rumor": number}, set=name, split=split, **more)


@pytest.fixture
def two_sets():
    fakes = [f"听说第{n}号水厂被投毒快转发给家人" for n in range(12)]
    reals = [f"第{n}号水厂今日完成例行检修供水正常" for n in range(12)]
    rows = [rumor(text, 1, name) for name in ("ced", "weibo21") for text in (f"{name}{f}" for f in fakes)]
    rows += [rumor(text, 0, name) for name in ("ced", "weibo21") for text in (f"{name}{r}" for r in reals)]
    return Corpus(rows)


def test_figures_count_what_could_not_be_scored_and_leave_it_out():
    truth = np.array([0, 1, 1, 0], np.int64)
    scores = np.array([[0.9, 0.1], [0.2, 0.8], [np.nan, np.nan], [0.7, 0.3]], np.float32)
    result = figures("rumor", "x", truth, scores)
    assert (result.rows, result.unscored, result.accuracy) == (3, 1, 1.0)
    assert result.confusion == [[2, 0], [0, 1]]
    assert result.macro_f1.value == result.auc.value == 1.0


def test_nothing_scored_is_an_error_not_a_zero():
    with pytest.raises(ValueError, match="none of 2 rows"):
        figures("rumor", "x", np.array([0, 1]), np.full((2, 2), np.nan))


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=60))
def test_figures_of_any_answers_are_shares_and_the_confusion_holds_every_row(rows):
    truth = np.array([t for t, _ in rows], np.int64)
    scores = np.eye(7, dtype=np.float32)[[g for _, g in rows]]
    result = figures("need", "x", truth, scores)
    assert sum(map(sum, result.confusion)) == len(rows)
    assert 0 <= result.macro_f1.low <= result.macro_f1.high <= 1
    assert 0 <= result.ece <= 1
    json.dumps(result.record())


def test_small_sets_and_unknown_heads_are_not_judged():
    corpus = Corpus([rumor("水", 1, "ced", "dev")] * 19)
    assert list(judged_sets(corpus, ("rumor",))) == []
    with pytest.raises(ValueError, match="no head 'mood'"):
        list(judged_sets(corpus, ("mood",)))


def test_unknown_labels_are_all_listed_with_their_places():
    rows = [("a:1", "need?"), ("a:2", "help"), *((f"a:{n}", "misc") for n in range(3, 12))]
    with pytest.raises(UnknownLabelError, match=r"'misc' at a:3.* and 4 more; 'need\?' at a:1"):
        class_numbers("need", rows)


def test_a_label_file_with_unknown_labels_or_missing_fields_is_refused(tmp_path):
    file = tmp_path / "need_x.jsonl"
    row = {"text": "水", "split": "train", "need": "gripe"}
    file.write_text(json.dumps(row) + "\n" + json.dumps({**row, "need": "moan"}) + "\n", "utf-8")
    with pytest.raises(UnknownLabelError, match=r"'gripe' at need_x\.jsonl:1; 'moan' at need_x\.jsonl:2"):
        list(own_examples(tmp_path))
    file.write_text('{"text": "水"}\n', "utf-8")
    with pytest.raises(ValueError, match=r"need_x\.jsonl:1: no field split, need"):
        list(own_examples(tmp_path))


def test_a_data_folder_without_any_set_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="no folder with any of"):
        load_corpus(tmp_path)


def test_baselines_learn_and_their_answers_are_kept(two_sets, tmp_path):
    rows = [row for row in two_sets.examples if row.set == "ced"]
    first = compare(FITS, "rumor", rows, rows, Answers(tmp_path))
    assert first["svm"].value == 1.0 > first["majority"].value
    forgetful = {name: _never for name in FITS}
    assert compare(forgetful, "rumor", rows, rows, Answers(tmp_path)) == first
    with pytest.raises(AssertionError):
        compare(forgetful, "rumor", rows[:-1], rows, Answers(tmp_path))


def _never(train, classes, test):
    raise AssertionError("trained again")


def test_one_class_alone_teaches_nothing(two_sets):
    rows = [row for row in two_sets.examples if row.labels["rumor"] == 1]
    assert compare(FITS, "rumor", rows, rows, Answers()) == {}


def test_a_set_left_out_is_tested_without_what_other_sets_repeat(two_sets):
    twin = rumor("传言改过几个字", 1, "ced", group="g1")
    repeated = two_sets.examples[0]
    extra = [
        twin,
        rumor("改过几个字的传言", 1, "weibo21", group="g1"),
        rumor(repeated.text, 1, "ltcr"),
        rumor("我们自己写的", 1, "own_need"),
        rumor("没有训练过的", 1, "weibo21", "dev"),
    ]
    test, train = leave_out_rows(Corpus([*two_sets.examples, *extra]), "ced")
    assert {row.set for row in test} == {"ced"}
    assert twin not in test
    assert repeated not in test
    assert {row.set for row in train} == {"weibo21", "ltcr"}
    assert {row.split for row in train} == {"train"}
    found = leave_out(Corpus([*two_sets.examples, *extra]), "ced", FITS, Answers())
    assert (found.rows, found.trained_on) == (23, 26)
    assert found.methods["svm"].value > found.methods["majority"].value


def test_a_set_that_is_not_there_is_named(two_sets):
    with pytest.raises(ValueError, match="no rumor set 'ltcr'; there are ced, weibo21"):
        leave_out_rows(two_sets, "ltcr")


def test_across_time_only_later_posts_are_tested():
    rows = [
        rumor(f"第{n}天的{'传言快转' if n % 2 else '通报正常'}", n % 2, "ced", published_at=f"2013-01-{n:02}")
        for n in range(1, 31)
    ]
    found = across_time(Corpus(rows[::-1]), "ced", FITS, Answers())
    assert (found.trained_on, found.rows, found.cut) == (21, 9, "2013-01-22")
    with pytest.raises(ValueError, match="no dated"):
        across_time(Corpus([rumor("水", 1, "ced")]), "ced", FITS, Answers())


def test_masks_take_leaks_away_one_after_the_other():
    text = "【辟谣】#水厂# 记者张某 网传投毒不实 http://t.cn/a"
    masked = [fold(text) for fold in MASKS.values()]
    assert masked[0] == text
    assert "辟谣" in masked[1]
    assert "【" not in masked[1]
    assert "水厂" not in masked[2]
    assert "记者" not in masked[3]
    assert masked[4] == "投毒"


def test_a_set_that_house_style_decides_is_shown_beside_the_rule():
    posts = [RawPost(text=f"【快讯】第{n}条", rumor=0, split=s) for n in range(20) for s in ("train", "dev")]
    posts += [RawPost(text=f"第{n}条传言", rumor=1, split=s) for n in range(20) for s in ("train", "dev")]
    rows = {row.mask: row.macro_f1.value for row in ablate("ltcr", posts, Answers())}
    assert rows["rule: starts with 【, so no rumor"] == 1.0
    assert set(rows) == {"rule: starts with 【, so no rumor", *MASKS}
    assert bracket_rule([], np.array([]), ["【a】", "b"]).tolist() == [0, 1]


def test_raw_posts_keep_their_markup_and_lose_refutations(tmp_path):
    import gzip

    rows = [
        {"text": "【快讯】a", "label": 0},
        {"text": "b", "label": 1, "text_role": "maybe_refutation"},
        {"text": "c", "label": 2},
    ]
    with gzip.open(tmp_path / "train.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    assert raw_rumor_posts(tmp_path) == [RawPost(text="【快讯】a", rumor=0, split="train")]


def test_a_plot_has_a_dot_a_bin_and_says_how_many_rows():
    bins = [{"stated": 0.1, "observed": 0.2, "rows": 5}, {"stated": 0.9, "observed": 0.8, "rows": 50}]
    drawing = reliability_svg(bins, "need")
    assert drawing.count("<circle") == 2
    assert "(n=50)" in drawing


def run(*arguments):
    return CliRunner().invoke(command, arguments, catch_exceptions=False)


def test_the_command_prints_a_record_a_set_with_its_size(tmp_path):
    result = run("--no-baselines", "--head", "stance", "--json", "--html", str(tmp_path / "a.html"))
    record = json.loads(result.stdout.splitlines()[0])
    assert (record["head"], record["set"]) == ("stance", "own_stance")
    assert record["rows"] == sum(map(sum, record["confusion"])) >= 80
    assert set(record["classes"]) == set(HEADS["stance"])
    written = (tmp_path / "a.html").read_text("utf-8")
    assert written.count("<svg") == 1
    assert "http" not in written.replace("http://www.w3.org/2000/svg", "")


def test_the_command_says_what_is_wrong(tmp_path):
    assert run("--weights", str(tmp_path)).exit_code == 1
    nowhere = run("--data", str(tmp_path), "--no-baselines")
    assert nowhere.exit_code == 1
    assert "no folder with any of" in nowhere.stderr
    assert run("--head", "mood").exit_code == 2


def test_the_page_escapes_what_it_shows():
    assert "<script>" not in page([], "<script>")


def test_a_class_missing_from_training_is_an_error_by_name(tmp_path):
    from models.ngram_fit import fit

    rows = [Example(text=f"帖子{n}", labels={"sentiment": n % 2}, set="x", split="train") for n in range(4)]
    with pytest.raises(ValueError, match="sentiment: no example of positive"):
        fit(rows, tmp_path)
