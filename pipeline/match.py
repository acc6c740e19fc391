"""Posts (or claims) and official statements come in; which statement answers which, with the sentence that
does and a score, goes out.

Two stages: candidates by sentence embeddings and by rare words, then a pair scorer, a logistic regression
fitted on claims and the answers to them (``benchmarks/match_fit.py``). Another county, or another thing cut
off, makes a statement related at most.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from models.ngrams import Floats
from pipeline.lexical import Words, alike, covered
from pipeline.normalise import simplify
from pipeline.same_claim import WHATS
from pipeline.tag import Analyst

FEATURES = ("dense_sentence", "dense_whole", "words_sentence", "words_whole", "covered")
SENTENCE_END = re.compile(r"(?<=[。!?\uff01\uff1f;\uff1b\n])")
SHORTEST_SENTENCE = 12  # characters: a shorter one is read with the next
SENTENCES = 40  # of a statement that are read
CANDIDATES = 20  # statements a post is compared with in the second stage
AT_ONCE = 256  # posts
ELSEWHERE = 0.3  # factor where both name counties and none is the same
OTHER_THING = 0.5  # factor where both name what is cut off, and it differs: water, power


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A post, claim or statement to compare; ``places`` are full names of counties."""

    text_id: str
    text: str
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One statement that says something of one post; ``relation`` is ``answers`` or ``related``."""

    statement_id: str
    post_id: str
    relation: str
    score: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Scorer:
    """The fitted pair scorer: weights of ``FEATURES``, and the scores from which a relation holds."""

    weights: tuple[float, ...]
    bias: float
    answers: float
    related: float

    def score(self, features: Floats) -> Floats:
        """Return probabilities (...,) of pairs with features (..., 5)."""
        line = features @ np.array(self.weights, np.float32) + self.bias
        found: Floats = (1 / (1 + np.exp(-line))).astype(np.float32)
        return found


class Matcher:
    """Holds statements; compares posts with them."""

    def __init__(self, analyst: Analyst, statements: Sequence[Text]) -> None:
        self._analyst = analyst
        self.statements = list(statements)
        self.sentences = [sentences_of(statement.text) for statement in statements]
        flat = [sentence for part in self.sentences for sentence in part]
        self._first = np.cumsum([0, *(len(part) for part in self.sentences)])
        self._vectors = analyst.analyse(flat)[1] if flat else np.zeros((0, 384), np.float32)
        self._words = Words(flat) if flat else None
        self._whole_words = Words([statement.text for statement in statements]) if flat else None
        self._whole_vectors = np.array([self._whole(at) for at in range(len(self.statements))], np.float32)
        self._things = [things_of(statement.text) for statement in statements]

    def match(self, posts: Sequence[Text]) -> Iterator[Match]:
        """Yield what answers or is related to posts, post by post, the best first."""
        if not self.statements:
            return
        for start in range(0, len(posts), AT_ONCE):
            part = posts[start : start + AT_ONCE]
            features, best = self.features([post.text for post in part])
            scores = scorer().score(features)
            for row, post in enumerate(part):
                yield from self._of_post(post, scores[row], features[row], best[row])

    def features(self, texts: Sequence[str]) -> tuple[Floats, Floats]:
        """Return features (n, statements, 5) and which sentence says most, (n, statements)."""
        words = Words(texts)
        if self._words is None or self._whole_words is None:
            raise ValueError("there are no statements to compare with")
        vectors = self._analyst.analyse(list(texts))[1]
        dense, lexical = vectors @ self._vectors.T, alike(words, self._words)
        spans = list(zip(self._first, self._first[1:], strict=False))
        best = np.stack([(dense + lexical)[:, a:b].argmax(axis=1) for a, b in spans], axis=1)
        parts = [
            np.stack([dense[:, a:b].max(axis=1) for a, b in spans], axis=1),
            vectors @ self._whole_vectors.T,
            np.stack([lexical[:, a:b].max(axis=1) for a, b in spans], axis=1),
            alike(words, self._whole_words),
            covered(words, self._whole_words),
        ]
        return np.stack(parts, axis=2).astype(np.float32), best

    def _of_post(self, post: Text, scores: Floats, features: Floats, best: Floats) -> Iterator[Match]:
        near = np.argsort(-features.sum(axis=1), kind="stable")[:CANDIDATES]
        things, limits, found = things_of(post.text), scorer(), []
        for at in near:
            score = float(scores[at]) * self._factor(post, things, int(at))
            if score >= limits.related:
                statement = self.statements[at]
                relation = "answers" if score >= limits.answers else "related"
                sentence = self.sentences[at][int(best[at])]
                found.append(
                    Match(
                        statement_id=statement.text_id, post_id=post.text_id, relation=relation,
                        score=round(score, 4), sentence=sentence,
                    )
                )  # fmt: skip
        yield from sorted(found, key=lambda match: (-match.score, match.statement_id))

    def _factor(self, post: Text, things: frozenset[str], at: int) -> float:
        there = self.statements[at].places
        factor = ELSEWHERE if post.places and there and not set(post.places) & set(there) else 1.0
        other = things and self._things[at] and not things & self._things[at]
        return factor * (OTHER_THING if other else 1.0)

    def _whole(self, at: int) -> Floats:
        total = self._vectors[self._first[at] : self._first[at + 1]].sum(axis=0)
        found: Floats = total / max(float(np.linalg.norm(total)), 1e-9)
        return found


def sentences_of(text: str) -> list[str]:
    """Split a statement into sentences, short ones joined to the next; never empty."""
    found, waiting = [], ""
    for part in SENTENCE_END.split(text):
        waiting += part
        if len(waiting.strip()) >= SHORTEST_SENTENCE:
            found.append(waiting.strip())
            waiting = ""
    if waiting.strip() or not found:
        found.append(waiting.strip())
    return found[:SENTENCES]


def things_of(text: str) -> frozenset[str]:
    """Return what a text says is cut off, and numbered schools: 停水, 停电, 三小."""
    return frozenset(match.group().replace("断", "停") for match in WHATS.finditer(simplify(text)))


@cache
def scorer() -> Scorer:
    """Read the shipped pair scorer."""
    kept = json.loads((files("pipeline") / "match_weights.json").read_text("utf-8"))
    weights = tuple(kept["weights"][name] for name in FEATURES)
    return Scorer(weights, kept["bias"], kept["answers"], kept["related"])
