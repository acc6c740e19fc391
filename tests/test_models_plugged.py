from __future__ import annotations

import shutil

import numpy as np
import pytest

from models import Tagger
from models.plugged import PLUGIN_FILE
from models.weights import SHIPPED, WeightsError

LETTERS = "水厂停三天学校食堂中毒吗好"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a weights folder with a tiny classifier of another make plugged in for sentiment."""
    transformers = pytest.importorskip("transformers", reason="needs the train extra")
    torch = pytest.importorskip("torch", reason="needs the train extra")
    place = tmp_path_factory.mktemp("weights")
    shutil.copytree(SHIPPED, place, dirs_exist_ok=True)
    theirs = place / "theirs"
    theirs.mkdir()
    words = theirs / "vocab.txt"
    words.write_text(
        "\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *dict.fromkeys(LETTERS)]), "utf-8"
    )
    torch.manual_seed(7)
    config = transformers.BertConfig(
        vocab_size=40, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        num_labels=2, id2label={0: "bad", 1: "good"}, label2id={"bad": 0, "good": 1},
    )  # fmt: skip
    transformers.BertForSequenceClassification(config).save_pretrained(theirs)
    transformers.BertTokenizerFast(str(words)).save_pretrained(theirs)
    return place


def plug(folder, text):
    (folder / PLUGIN_FILE).write_text(text, "utf-8")


def test_a_plugged_classifier_speaks_for_its_head_and_no_other(folder):
    texts = ["水厂停水三天", "食堂中毒吗", "好"]
    own = Tagger.load().tag(texts)
    plug(folder, '[sentiment]\nmodel = "theirs"\nlabels = { bad = "negative", good = "positive" }\n')
    tagger = Tagger.load(folder)
    tags = tagger.tag(texts)
    assert set(tags["sentiment"]) <= {"negative", "positive"}
    assert tags["need"].tolist() == own["need"].tolist()
    assert tags["rumor_score"].tolist() == own["rumor_score"].tolist()
    assert np.allclose(tagger.probabilities(texts)["sentiment"].sum(axis=1), 1, atol=1e-3)
    assert "+sentiment:" in tags["model_version"][0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[mood]\nmodel = "theirs"\nlabels = {}\n', "no head 'mood'"),
        ('[sentiment]\nmodel = "theirs"\nlabels = { bad = "awful" }\n', "no label 'awful'"),
        ('[sentiment]\nmodel = "theirs"\n', "needs model and labels"),
        ("[sentiment\n", "not TOML"),
    ],
)
def test_a_wrong_plugin_file_is_refused_with_what_is_wrong(folder, text, said):
    plug(folder, text)
    with pytest.raises(WeightsError, match=said):
        Tagger.load(folder)


def test_a_label_that_is_not_translated_is_named(folder):
    plug(folder, '[sentiment]\nmodel = "theirs"\nlabels = { bad = "negative" }\n')
    with pytest.raises(WeightsError, match="'good'"):
        Tagger.load(folder).tag(["停水三天"])
