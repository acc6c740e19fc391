"""The gate: floors kept and missed, other rows, lowering; and a small slice with the real tagger."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models import Tagger
from models.corpus import Corpus, Example, load_corpus
from models.gate import GateError, check, fingerprints, pin, read_pins
from models.labels import HEADS

DATA = Path(__file__).parents[2] / "shared" / "data"


class Oracle:
    """Knows the classes of some texts; says the first class, surely, of all others, and errs where told."""

    def __init__(self, corpus, wrong=()):
        self.labels = {row.text: row.labels for row in corpus.examples}
        self.wrong = set(wrong)

    def probabilities(self, texts):
        found = {head: np.zeros((len(texts), len(labels)), np.float32) for head, labels in HEADS.items()}
        for at, text in enumerate(texts):
            for head, labels in HEADS.items():
                number = self.labels.get(text, {}).get(head, 0)
                found[head][at, (number + (text in self.wrong)) % len(labels)] = 1
        return found


@pytest.fixture
def corpus():
    rows = [
        Example(text=f"帖子{number}", labels={"need": number % 7}, set="own_need", split="dev")
        for number in range(70)
    ]
    return Corpus(rows)


@pytest.fixture
def gate(tmp_path, corpus):
    path = tmp_path / "gate.toml"
    pin(Oracle(corpus), corpus, gate=path)
    return path


def test_what_reached_the_floors_passes_and_says_on_how_many_rows(corpus, gate):
    report = check(Oracle(corpus), corpus, gate)
    assert report.passed
    assert report.failed == ()
    assert {line.rows for line in report.lines if line.what.startswith("need/own_need")} == {70}


def test_a_worse_tagger_fails_by_name(corpus, gate):
    worse = Oracle(corpus, wrong=[f"帖子{number}" for number in range(10)])
    report = check(worse, corpus, gate)
    assert not report.passed
    assert [line.what for line in report.failed] == ["need/own_need macro-F1", "need/own_need ECE"]
    assert report.record()["passed"] is False


def test_other_dev_rows_are_no_comparison(corpus, gate):
    changed = Corpus([replace(corpus.examples[0], labels={"need": 3}), *corpus.examples[1:]])
    with pytest.raises(GateError, match="own_need"):
        check(Oracle(changed), changed, gate)


def test_the_order_of_rows_does_not_change_the_fingerprint(corpus):
    assert fingerprints(Corpus(corpus.examples[::-1])) == fingerprints(corpus)


def test_a_floor_is_lowered_only_when_told(corpus, gate):
    before = gate.read_text("utf-8")
    worse = Oracle(corpus, wrong=["帖子1", "帖子2"])
    with pytest.raises(GateError, match=r"need/own_need macro-F1 .* to "):
        pin(worse, corpus, gate=gate)
    assert gate.read_text("utf-8") == before
    assert any("need/own_need" in what for what in pin(worse, corpus, lower=True, gate=gate))
    assert check(worse, corpus, gate).passed


def test_a_better_tagger_raises_the_floors(corpus, gate):
    pin(Oracle(corpus, wrong=["帖子1", "帖子2"]), corpus, lower=True, gate=gate)
    low = read_pins(gate)["floors"]["need/own_need"]["macro_f1"]
    assert pin(Oracle(corpus), corpus, gate=gate) == []
    assert read_pins(gate)["floors"]["need/own_need"]["macro_f1"] > low


def test_sets_that_are_absent_are_skipped_aloud_and_an_empty_check_does_not_pass(corpus, gate):
    report = check(Oracle(corpus), Corpus([]), gate)
    assert report.skipped == ("need/own_need: this corpus has no dev rows of own_need",)
    text = "[corpus]\n[floors]\n[cases]\n"
    gate.write_text(text, "utf-8")
    assert not check(Oracle(corpus), corpus, gate).passed


@pytest.mark.parametrize("text", ["", "[floors]\n", "not toml ["])
def test_a_broken_file_of_floors_is_refused_by_name(corpus, tmp_path, text):
    path = tmp_path / "gate.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(GateError, match=r"gate\.toml"):
        check(Oracle(corpus), corpus, path)


def test_the_shipped_tagger_keeps_its_floors_on_our_own_rows_and_the_test_table():
    report = check(Tagger.load(), load_corpus(None))
    assert report.failed == ()
    assert {line.what for line in report.lines} >= {"need/own_need macro-F1", "cases forward"}


@pytest.mark.skipif(not DATA.exists(), reason="the shared data folder is not on this machine")
def test_every_dev_set_of_the_shared_data_has_a_floor_and_is_the_one_pinned():
    corpus = load_corpus(DATA)
    pins = read_pins()
    assert fingerprints(corpus) == pins["corpus"]
    assert {floor.split("/")[1] for floor in pins["floors"]} == set(pins["corpus"])
