from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")

from models import Tagger, tiny_fit  # noqa: E402
from models.batches import pad_batch  # noqa: E402
from models.corpus import Corpus, Example, load_corpus  # noqa: E402
from models.runtime import Session  # noqa: E402
from models.tiny_fit import LONGEST, add_tiny, fit, made_up  # noqa: E402
from models.tiny_network import Packed, Tiny  # noqa: E402
from models.weights import MANIFEST_FILE, SHIPPED, TINY_FILE, WeightsError, read_manifest  # noqa: E402

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def folder(tmp_path):
    """A copy of the shipped weights, to be changed."""
    return shutil.copytree(SHIPPED, tmp_path / "weights")


def test_made_up_texts_are_parts_of_texts_the_same_every_time_and_short():
    rows = [
        Example(text=text * 40, labels={}, set="own_need", split="train") for text in ("水停了", "路坏了")
    ]
    found = made_up(rows)
    assert found == made_up(rows)
    assert len(set(found)) == len(found) > len(rows)
    assert all(0 < len(text) <= LONGEST for text in found)
    assert any("水" in text and "路" in text for text in found)


def test_the_exported_network_says_what_the_trained_one_says_whatever_is_beside_a_text(tmp_path):
    torch.manual_seed(1)
    tiny = Tiny(50).eval()
    tiny_fit.export(tiny, tmp_path / "tiny.onnx")
    rows = [[5, 6, 7, 8], [9, 10], [11] * 20]
    together = Session(tmp_path / "tiny.onnx", pad=1, threads=2).run(rows)[0]
    with torch.inference_mode():
        for at, row in enumerate(rows):
            packed = Packed(tiny)(*pad_batch([row], 1)).numpy()[0]
            assert np.abs(together[at] - packed).max() < 1e-4
            assert np.abs(packed - tiny(*pad_batch([row], 1)).numpy()[0]).max() < 0.05


def test_it_learns_labels_and_opinions(monkeypatch, folder):
    monkeypatch.setattr(tiny_fit, "EPOCHS", 30)
    own = [row for row in load_corpus(None).split("train") if row.set == "own_need"][:300]
    every = _with_every_class(own)
    nothing = np.full((len(every), 24), np.nan, np.float32)
    tiny = fit(every, nothing, folder, None).eval()
    tokenizer = Tagger.load(folder)._network.tokenizer
    ids = [tokenizer.encode(row.text).ids for row in every[:300]]
    with torch.inference_mode():
        guess = tiny(*pad_batch(ids, tokenizer.token_to_id("<pad>")))[:, 9:16].argmax(1)
    assert (guess.numpy() == [row.labels["need"] for row in every[:300]]).mean() > 0.8


def _with_every_class(rows):
    """Add a row for every class of the heads that the rows do not have."""
    known = load_corpus(None).split("train")
    found = {}
    for row in known:
        for head, number in row.labels.items():
            found.setdefault((head, number), row)
    return [*rows, *found.values()]


def test_weights_of_before_the_tiny_network_tag_on_but_have_no_fast_tier_and_say_so(folder):
    kept = json.loads((folder / MANIFEST_FILE).read_text("utf-8"))
    del kept["quick"], kept["files"][TINY_FILE]
    (folder / MANIFEST_FILE).write_text(json.dumps({**kept, "alone": {"need": 1.0}}), "utf-8")
    (folder / TINY_FILE).unlink()
    assert len(Tagger.load(folder).tag(["停水三天"])) == 1
    with pytest.raises(WeightsError, match=TINY_FILE):
        Tagger.load(folder, quality="fast")


def test_a_new_tiny_network_takes_the_place_of_the_old_one(monkeypatch, folder):
    monkeypatch.setattr(tiny_fit, "EPOCHS", 1)
    monkeypatch.setattr(tiny_fit, "MADE_UP", {})
    corpus = load_corpus(None)
    few = Corpus([*_with_every_class(corpus.split("train")[:200]), *corpus.split("dev")])
    before = read_manifest(folder)
    after = add_tiny(folder, few, None)
    assert after.files[TINY_FILE] != before.files[TINY_FILE]
    assert after.version != before.version
    assert after.blend == before.blend
    assert Tagger.load(folder, quality="fast").version == f"{after.version}+fast"
