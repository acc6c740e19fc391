"""The frozen encoder: unit embeddings, kept in a file, whatever texts are beside them."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the frozen encoder needs the train extra")

from tokenizers import Tokenizer, models, pre_tokenizers  # noqa: E402 - after the skip
from transformers import BertConfig, BertModel  # noqa: E402

from models.frozen import FrozenEncoder, lacking  # noqa: E402

WORDS = ["<s>", "<pad>", "</s>", "<unk>", "query", ":", "水", "停", "了", "路"]


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    folder = tmp_path_factory.mktemp("base")
    torch.manual_seed(7)
    shape = {"hidden_size": 384, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8}
    BertModel(BertConfig(vocab_size=len(WORDS), **shape), add_pooling_layer=False).save_pretrained(folder)
    level = models.WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="<unk>")
    tokenizer = Tokenizer(level)
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    tokenizer.save(str(folder / "tokenizer.json"))
    return str(folder)


def test_embeddings_are_of_unit_length_and_do_not_depend_on_the_company(base):
    encoder = FrozenEncoder(base)
    together = encoder.embed(["停水了", "路", "停水了"])
    assert together.shape == (3, 384)
    assert np.linalg.norm(together, axis=1) == pytest.approx(np.ones(3), abs=1e-2)
    assert (together[0] == together[2]).all()
    assert np.abs(FrozenEncoder(base).embed(["路"])[0] - together[1]).max() < 0.02  # bfloat16
    assert encoder.embed([]).shape == (0, 384)


def test_what_was_embedded_once_is_read_from_the_file(base, tmp_path):
    kept = tmp_path / "frozen.npz"
    first = FrozenEncoder(base, kept).embed(["停水了"])
    again = FrozenEncoder(base, kept)
    again._run = None  # a second run would fail
    assert again.embed(["停水了"]) == pytest.approx(first, abs=1e-3)


def test_a_base_that_is_not_there_is_said_to_be(tmp_path):
    assert "config.json" in lacking(str(tmp_path))


def test_a_folder_with_a_base_lacks_nothing(base):
    assert lacking(base) is None
