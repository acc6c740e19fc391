"""Baselines: training texts with classes and test texts come in; predictions of simple methods go out.

They say how hard a set is. All are trained on the same split as the model.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

Ints = npt.NDArray[np.int64]
Fit = Callable[[Sequence[str], Ints, Sequence[str]], Ints]
Embed = Callable[[Sequence[str]], npt.NDArray[np.float32]]

SVM = "char n-gram TF-IDF + linear SVM"
FROZEN = "frozen encoder + logistic regression"
# SnowNLP gives the probability of positive; thirds are the usual reading of it.
SNOW_NEGATIVE, SNOW_POSITIVE = 1 / 3, 2 / 3
# A linear model on 384 features gains nothing from more rows that would be worth the encoder's time.
FROZEN_ROWS = 3000


class Answers:
    """Keeps what a method answered, by everything the answer depends on, in a folder or not at all."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def of(self, name: str, fit: Fit, texts: Sequence[str], classes: Ints, test: Sequence[str]) -> Ints:
        """Return the classes a method gives to the test texts: kept ones, or found by training it now."""
        if self._folder is None:
            return fit(texts, classes, test)
        asked = json.dumps([name, list(texts), classes.tolist(), list(test)], ensure_ascii=False)
        kept = self._folder / f"{hashlib.sha256(asked.encode()).hexdigest()}.npy"
        if kept.exists():
            return np.asarray(np.load(kept, allow_pickle=False), np.int64)
        answer = fit(texts, classes, test)
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = kept.with_suffix(".part.npy")
        np.save(draft, answer, allow_pickle=False)
        draft.replace(kept)
        return answer


def majority(train: Sequence[str], classes: Ints, test: Sequence[str]) -> Ints:
    """Answer the commonest class, whatever the text."""
    return np.full(len(test), Counter(classes.tolist()).most_common(1)[0][0], np.int64)


def ngram_svm(train: Sequence[str], classes: Ints, test: Sequence[str]) -> Ints:
    """Character 1-3-gram TF-IDF and a linear support vector machine (Joachims 1998)."""
    model = make_pipeline(
        TfidfVectorizer(
            analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True, max_features=200_000
        ),
        LinearSVC(C=0.5, class_weight="balanced"),
    )
    return np.asarray(model.fit(list(train), classes).predict(list(test)), np.int64)


def frozen_encoder(embed: Embed) -> Fit:
    """Return a method that trains logistic regression on an encoder's embeddings as they are."""

    def fit(train: Sequence[str], classes: Ints, test: Sequence[str]) -> Ints:
        kept = list(range(len(train)))
        if len(kept) > FROZEN_ROWS:
            kept = sorted(np.random.default_rng(7).choice(len(train), FROZEN_ROWS, replace=False).tolist())
        model = LogisticRegression(C=10.0, max_iter=2000, class_weight="balanced")
        model.fit(embed([train[at] for at in kept]), classes[kept])
        return np.asarray(model.predict(embed(test)), np.int64)

    return fit


def snow_sentiment(train: Sequence[str], classes: Ints, test: Sequence[str]) -> Ints:
    """SnowNLP's own sentiment model, untrained here: classes negative, neutral, positive."""
    from snownlp import SnowNLP

    scores = np.array([SnowNLP(text).sentiments if text.strip() else 0.5 for text in test])
    return np.where(scores < SNOW_NEGATIVE, 0, np.where(scores > SNOW_POSITIVE, 2, 1)).astype(np.int64)


def bracket_rule(train: Sequence[str], classes: Ints, test: Sequence[str]) -> Ints:
    """Answer 'no rumor' for what starts with a 【headline】: measures house style, see the data sheet."""
    return np.array([0 if text.lstrip().startswith("【") else 1 for text in test], np.int64)


def methods(embed: Embed | None) -> dict[str, Fit]:
    """Return the baselines by name: the frozen encoder's where there is one, SnowNLP for sentiment only."""
    found: dict[str, Fit] = {"majority": majority, SVM: ngram_svm}
    if embed is not None:
        found[FROZEN] = frozen_encoder(embed)
    return {**found, "SnowNLP": snow_sentiment}
