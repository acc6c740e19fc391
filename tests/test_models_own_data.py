"""The hand-written rows: labels, ids, splits and near copies of every file in ``models/data``."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict

import pytest

from models.cases import load_cases
from models.corpus import OWN, own_examples
from models.labels import HEADS

NEAR = 0.6  # Jaccard of character 4-grams above which two rows count as the same wording
NEED_FILES = sorted(OWN.glob("need_*.jsonl"))
REPLY_FILES = sorted(OWN.glob("replies*.jsonl"))
NEED_FIELDS = {"id", "text", "need", "checkworthy", "rumor", "sentiment", "emotion", "split", "hard"}


def rows(files):
    return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]


def grams(text):
    text = re.sub(r"\s", "", text)
    return {text[at : at + 4] for at in range(max(1, len(text) - 3))}


def near_pairs(texts):
    """Yield (Jaccard, i, j) of texts that share more than ``NEAR`` of their 4-grams."""
    found = [grams(text) for text in texts]
    holders = defaultdict(list)
    for at, row in enumerate(found):
        for gram in row:
            holders[gram].append(at)
    for at, row in enumerate(found):
        shared = Counter(other for gram in row for other in holders[gram] if other > at)
        for other, count in shared.items():
            if (overlap := count / len(row | found[other])) > NEAR:
                yield overlap, at, other


def test_every_row_has_its_fields_and_an_id_of_its_own():
    needs, replies = rows(NEED_FILES), rows(REPLY_FILES)
    assert all(set(row) == NEED_FIELDS for row in needs)
    assert all(set(row) == {"id", "parent", "text", "stance", "split", "hard"} for row in replies)
    assert max(Counter(row["id"] for row in [*needs, *replies]).values()) == 1
    assert {row["split"] for row in [*needs, *replies]} == {"train", "dev"}


def test_each_need_has_the_training_rows_it_owes():
    counts = Counter(e.labels["need"] for e in own_examples() if e.split == "train" and "need" in e.labels)
    assert {HEADS["need"][number]: n for number, n in counts.items() if n < 250} == {}
    assert set(counts) == set(range(len(HEADS["need"])))


def test_no_two_posts_are_near_copies_nor_is_a_test_pair_in_training():
    posts = rows(NEED_FILES)
    texts = [row["text"] for row in posts] + [case.text for case in load_cases()]
    # The two sides of a minimal pair are meant to be alike; everything else is not.
    alike = [(round(overlap, 2), texts[a], texts[b]) for overlap, a, b in near_pairs(texts) if a < len(posts)]
    assert alike == []


def test_a_reply_is_not_written_twice_to_one_claim():
    replies = rows(REPLY_FILES)
    texts = [row["text"] for row in replies]
    alike = [(texts[a], texts[b]) for _, a, b in near_pairs(texts) if len(texts[a]) > 6]
    assert alike == []


@pytest.mark.parametrize("file", [*NEED_FILES, *REPLY_FILES], ids=lambda file: file.name)
def test_no_row_holds_a_number_that_reaches_a_person(file):
    for row in rows([file]):
        assert not re.search(r"1[3-9]\d{9}|\d{17}[\dXx]|//\s*@(?!用户)", row["text"]), row["id"]
