"""Baselines: training texts with classes and test texts come in; predictions of simple methods go out.

They say how hard a set is. All are trained on the same split as the model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

Ints = npt.NDArray[np.int64]
Fit = Callable[[Sequence[str], Ints, Sequence[str]], Ints]

# SnowNLP gives the probability of positive; thirds are the usual reading of it.
SNOW_NEGATIVE, SNOW_POSITIVE = 1 / 3, 2 / 3


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


def frozen_encoder(embed: Callable[[Sequence[str]], npt.NDArray[np.float32]]) -> Fit:
    """Return a method that trains logistic regression on an encoder's embeddings as they are."""

    def fit(train: Sequence[str], classes: Ints, test: Sequence[str]) -> Ints:
        model = LogisticRegression(C=10.0, max_iter=2000, class_weight="balanced")
        return np.asarray(model.fit(embed(train), classes).predict(embed(test)), np.int64)

    return fit


def snow_sentiment(train: Sequence[str], classes: Ints, test: Sequence[str]) -> Ints:
    """SnowNLP's own sentiment model, untrained here: classes negative, neutral, positive."""
    from snownlp import SnowNLP

    scores = np.array([SnowNLP(text).sentiments if text.strip() else 0.5 for text in test])
    return np.where(scores < SNOW_NEGATIVE, 0, np.where(scores > SNOW_POSITIVE, 2, 1)).astype(np.int64)


def bracket_rule(train: Sequence[str], classes: Ints, test: Sequence[str]) -> Ints:
    """Answer 'no rumor' for what starts with a 【headline】: measures house style, see the data sheet."""
    return np.array([0 if text.lstrip().startswith("【") else 1 for text in test], np.int64)


def methods(head: str, embed: Callable[[Sequence[str]], npt.NDArray[np.float32]]) -> Mapping[str, Fit]:
    """Return the baselines of a head by name."""
    found: dict[str, Fit] = {
        "majority": majority,
        "char n-gram TF-IDF + linear SVM": ngram_svm,
        "frozen encoder + logistic regression": frozen_encoder(embed),
    }
    if head == "sentiment":
        found["SnowNLP"] = snow_sentiment
    return found
