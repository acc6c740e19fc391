from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from models import Tagger
from models.clean import for_model, split_forward
from models.labels import HEADS
from models.metrics import auc, calibration_error, confusion, macro_f1
from models.ngrams import NGrams, count
from models.runtime import split_ids
from models.tagger import COLUMNS
from models.weights import SHIPPED, WeightsError, read_manifest


@pytest.fixture(scope="module")
def tagger():
    return Tagger.load()


def test_every_text_gets_one_row_with_labels_of_the_heads(tagger):
    frame = tagger.tag(["听说水厂被投毒，停水三天", "这路修了三年了", "明天社保大厅上班不？"])
    assert list(frame.columns) == list(COLUMNS)
    assert len(frame) == 3
    for head in ("sentiment", "emotion", "need", "stance"):
        assert set(frame[head]) <= set(HEADS[head])
        assert frame[f"{head}_score"].between(0, 1).all()
    assert set(frame["model_version"]) == {tagger.version}


def test_a_text_without_words_is_not_scored(tagger):
    frame, vectors = tagger.analyse(["", "……！！！", "https://example.com/x", "水"])
    assert frame["need"].isna().tolist() == [True, True, True, False]
    assert frame["rumor_score"].isna().tolist() == [True, True, True, False]
    assert not vectors[:3].any()
    assert np.linalg.norm(vectors[3]) == pytest.approx(1, abs=1e-5)


def test_the_company_of_a_text_changes_nothing(tagger):
    texts = ["石坪小学食堂中毒", "今天天气不错" * 30, "求助，老人走丢了", "好"]
    together = tagger.probabilities(texts)["need"]
    alone = np.concatenate([tagger.probabilities([text])["need"] for text in texts])
    assert np.abs(together - alone).max() < 1e-3


def test_an_article_of_ten_thousand_characters_is_read_in_parts(tagger):
    frame = tagger.tag(["水厂停水通知，请大家储水。" * 800])
    assert frame["need"].notna().all()


def test_no_texts_give_an_empty_table(tagger):
    frame, vectors = tagger.analyse([])
    assert list(frame.columns) == list(COLUMNS)
    assert vectors.shape == (0, 384)


def test_a_tampered_file_is_refused_by_name(tmp_path):
    folder = tmp_path / "weights"
    shutil.copytree(SHIPPED, folder)
    (folder / "tokenizer.json").write_bytes(b"{}")
    with pytest.raises(WeightsError, match=r"tokenizer\.json"):
        Tagger.load(folder)


def test_a_folder_without_a_manifest_is_refused(tmp_path):
    with pytest.raises(WeightsError, match=r"manifest\.json"):
        Tagger.load(tmp_path)


def test_a_manifest_for_other_labels_is_refused(tmp_path):
    folder = tmp_path / "weights"
    shutil.copytree(SHIPPED, folder)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["heads"]["need"] = ["a", "b"]
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    with pytest.raises(WeightsError, match="labels"):
        read_manifest(folder)


def test_the_weights_fit_into_the_repository():
    assert sum(file.stat().st_size for file in SHIPPED.iterdir()) <= 30 * 2**20


def test_markup_and_spacing_tricks_are_folded():
    assert for_model("停 水 三 天") == "停水三天"
    assert for_model("【紧急通知】今晚停水 #大家看看# 转 https://a.cn/x") == "紧急通知 今晚停水 大家看看 转"
    assert split_forward("转发微博//@某某:停水三天") == ("", "停水三天")
    assert split_forward("真的假的//@某某:停水三天") == ("真的假的", "停水三天")


def test_long_token_rows_keep_their_ends():
    chunks = split_ids([0, *range(10, 400), 2], 96)
    assert all(chunk[0] == 0 and chunk[-1] == 2 and len(chunk) <= 96 for chunk in chunks)
    assert [chunks[0][1], chunks[-1][-2]] == [10, 399]


def test_measures_agree_with_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    random = np.random.default_rng(3)
    truth, guess = random.integers(0, 3, 200), random.integers(0, 3, 200)
    score = random.random(200).round(2)
    assert macro_f1(truth, guess, 3) == pytest.approx(metrics.f1_score(truth, guess, average="macro"))
    assert (confusion(truth, guess, 3) == metrics.confusion_matrix(truth, guess)).all()
    positive = (truth == 1).astype(np.int64)
    assert auc(positive, score) == pytest.approx(metrics.roc_auc_score(positive, score))


def test_a_perfectly_honest_score_has_no_calibration_error():
    confidence = np.repeat([0.25, 0.75], 400)
    right = np.concatenate([np.arange(400) % 4 == 0, np.arange(400) % 4 != 0])
    assert calibration_error(right, confidence) == pytest.approx(0, abs=1e-9)


def test_the_fast_tier_passes_its_doubts_to_the_network(tagger):
    fast = Tagger.load(quality="fast")
    texts = ["听说水厂被投毒，停水三天", "这路修了三年了", "明天社保大厅上班不？", "加油武汉", "好", "……"] * 3
    frame = fast.tag(texts)
    assert set(frame["model_version"]) == {f"{tagger.version}+fast"}
    assert frame["need"].isna().sum() == 3
    quick, slow = fast.probabilities(texts), tagger.probabilities(texts)
    same = [np.allclose(quick["need"][at], slow["need"][at], atol=1e-3) for at in range(5)]
    assert not all(same)


def test_hashed_ngrams_do_not_cross_from_one_text_to_the_next():
    texts = ["停水三天", "Abc的", "", "😀"]
    together = count(texts)
    alone = sparse.vstack([count([text]) for text in texts])
    assert (together != alone).nnz == 0
    assert (count(["ABC"]) != count(["abc"])).nnz == 0


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(max_size=30), max_size=5))
def test_any_text_gets_a_row_of_finite_ngram_scores(texts):
    scores = NGrams.load(SHIPPED).scores(texts)
    assert scores.shape == (len(texts), 24)
    assert np.isfinite(scores).all()
