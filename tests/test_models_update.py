"""Learning from corrected labels: what is learned, what is left alone, and what is refused."""

import pytest

from models import Tagger
from models.corpus import load_corpus
from models.labels import HEADS
from models.update import Corrected, UpdateError, chance, update
from models.weights import NGRAM_FILE, SHIPPED, read_manifest
from pipeline.model_update import replayed

NEED = HEADS["need"]
# A word of one invented town's office: there, "上单" before a text means that nobody needs to answer it.
PLACES = ("城东", "城西", "河边", "车站", "市场", "学校", "医院", "桥头")
THINGS = ("路灯不亮", "垃圾没人收", "水管漏水", "井盖坏了", "红绿灯坏了", "下水道堵了")
LOCAL = [f"上单回访:{place}{thing}" for place in PLACES for thing in THINGS]


@pytest.fixture(scope="module")
def replay():
    return replayed()[::12]


@pytest.fixture(scope="module")
def learned(tmp_path_factory, replay):
    folder = tmp_path_factory.mktemp("models") / "office"
    posts = [Corrected(text=text, labels={"need": NEED.index("none")}) for text in LOCAL]
    return folder, *update(SHIPPED, posts, replay, folder)


def test_a_head_learns_what_an_office_corrects_and_can_say_how_well(learned):
    folder, manifest, heads = learned
    need = next(head for head in heads if head.head == "need")
    assert need.learned
    assert need.rows == len(LOCAL)
    assert need.classes["none"] == len(LOCAL)
    assert need.loss_after < need.loss_before
    assert need.right_after >= need.right_before
    fresh = Tagger.load(folder).tag(["上单回访:广场路灯不亮"])
    assert list(fresh["need"]) == ["none"]
    assert set(fresh["model_version"]) == {manifest.version}


def test_the_other_heads_and_the_network_stay_as_they_were(learned):
    folder, manifest, heads = learned
    assert [head.head for head in heads if head.learned] == ["need"]
    assert "至少要" in next(head for head in heads if head.head == "rumor").reason
    shipped = read_manifest(SHIPPED)
    assert {name for name in manifest.files if manifest.files[name] != shipped.files[name]} == {NGRAM_FILE}
    texts = ["听说二水厂的水有毒,大家别喝", "这路修了三年了还没好", "请问明天上班吗"]
    before, after = Tagger.load(SHIPPED).tag(texts), Tagger.load(folder).tag(texts)
    assert list(before["sentiment"]) == list(after["sentiment"])
    assert (before["rumor_score"] - after["rumor_score"]).abs().max() < 0.02


def test_what_it_knew_is_not_forgotten(learned):
    folder, _, _ = learned
    dev = [example for example in load_corpus(None).split("dev") if "need" in example.labels]
    texts, truth = [example.text for example in dev], [NEED[example.labels["need"]] for example in dev]
    right = {
        name: sum(
            said == true for said, true in zip(Tagger.load(path).tag(texts)["need"], truth, strict=True)
        )
        for name, path in (("before", SHIPPED), ("after", folder))
    }
    assert right["after"] >= right["before"] - 0.025 * len(dev)


def test_too_few_corrections_are_refused_with_the_numbers(tmp_path, replay):
    posts = [Corrected(text="上单回访", labels={"need": 0})] * 3
    with pytest.raises(UpdateError, match="need 只有 3 条更正,至少要 30 条"):
        update(SHIPPED, posts, replay, tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_a_class_that_nothing_teaches_is_named(tmp_path, replay):
    without = [example for example in replay if example.labels.get("need") != NEED.index("help")]
    posts = [Corrected(text=text, labels={"need": NEED.index("none")}) for text in LOCAL]
    with pytest.raises(UpdateError, match="没有 help 类的样本"):
        update(SHIPPED, posts, without, tmp_path / "x")


def test_labels_by_chance_teach_nothing(tmp_path, replay):
    texts = [example.text for example in replay if "need" in example.labels][:70]
    posts = [
        Corrected(text=text, labels={"need": (7 * at + len(text)) % len(NEED)})
        for at, text in enumerate(texts)
    ]
    with pytest.raises(UpdateError, match="没有明显变好"):
        update(SHIPPED, posts, replay, tmp_path / "x")


def test_getting_better_by_chance_is_told_from_learning():
    assert chance(0, 0) == 1
    assert chance(5, 5) > 0.5
    assert chance(10, 1) == pytest.approx(12 / 2**11)
