"""Posts (or claims) and official statements come in; which statement answers which, with the sentence that
does and a score, goes out.

Two stages: candidates by sentence embeddings and by rare words, then a pair scorer, a logistic regression
over both and over the facts that two texts share or not (``benchmarks/match_fit.py``). Another county, or
another thing cut off, makes a statement related at most.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from models.labels import EMBEDDING_WIDTH
from models.ngrams import Floats
from pipeline.lexical import Words, alike, covered
from pipeline.normalise import simplify
from pipeline.same_claim import Facts, facts_of
from pipeline.tag import Analyst

Flags = npt.NDArray[np.bool_]

LIKENESS = ("dense_sentence", "dense_whole", "words_sentence", "words_whole", "covered")
# 1 where so; 0 too where one of the two is silent. A statement that denies gives other numbers by right, so
# only a number that both have counts.
FACTS = ("same_place", "other_place", "other_thing", "other_cause")
FEATURES = (*LIKENESS, *FACTS)
SENTENCE_END = re.compile(r"(?<=[。!?\uff01\uff1f;\uff1b\n])")
COUNTY_KIND = re.compile(r"(?:[\u4e00-\u9fff]族)*自治县$|[县市区]$")  # 三都水族自治县 is called 三都
SHORTEST_SENTENCE = 12  # characters: a shorter one is read with the next
SENTENCES = 40  # of a statement that are read
CANDIDATES = 20  # statements a post is compared with in the second stage
AT_ONCE = 256  # posts
RULED_OUT = (FEATURES.index("other_place"), FEATURES.index("other_thing"))  # never an answer, however alike


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
        """Return probabilities (...,) of pairs with features (..., 9)."""
        line = features @ np.array(self.weights, np.float32) + self.bias
        found: Floats = (1 / (1 + np.exp(-line))).astype(np.float32)
        return found


class Matcher:
    """Holds statements; compares posts with them.

    Without an ``analyst`` only words and facts are compared, which is all that the scorer asks for where
    ``needs_meaning()`` is false.
    """

    def __init__(self, statements: Sequence[Text], analyst: Analyst | None = None) -> None:
        self._analyst = analyst
        self.statements = list(statements)
        self.sentences = [sentences_of(statement.text) for statement in statements]
        flat = [sentence for part in self.sentences for sentence in part]
        self._first = np.cumsum([0, *(len(part) for part in self.sentences)])
        self._vectors = self._meanings(flat)
        places = [text.places for text, part in zip(statements, self.sentences, strict=True) for _ in part]
        said = [placeless(sentence, named) for sentence, named in zip(flat, places, strict=True)]
        self._words = Words(said) if flat else None
        whole = [placeless(statement.text, statement.places) for statement in statements]
        self._whole_words = Words(whole) if flat else None
        self._whole_vectors = np.array([self._whole(at) for at in range(len(self.statements))], np.float32)
        self._facts = _FactTable([_facts(statement) for statement in statements])

    def match(self, posts: Sequence[Text]) -> Iterator[Match]:
        """Yield what answers or is related to posts, post by post, the best first."""
        if not self.statements:
            return
        for start in range(0, len(posts), AT_ONCE):
            part = posts[start : start + AT_ONCE]
            features, best = self.features(part)
            scores = scorer().score(features)
            for row, post in enumerate(part):
                yield from self._of_post(post, scores[row], features[row], best[row])

    def features(self, posts: Sequence[Text]) -> tuple[Floats, Floats]:
        """Return features (n, statements, 9) and which sentence says most, (n, statements)."""
        texts = [post.text for post in posts]
        words = Words([placeless(post.text, post.places) for post in posts])
        if self._words is None or self._whole_words is None:
            raise ValueError("there are no statements to compare with")
        vectors = self._meanings(texts)
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
        shared = np.stack([self._facts.compared(_facts(post)) for post in posts])
        return np.concatenate([np.stack(parts, axis=2), shared], axis=2).astype(np.float32), best

    def _of_post(self, post: Text, scores: Floats, features: Floats, best: Floats) -> Iterator[Match]:
        near = np.argsort(-features[:, : len(LIKENESS)].sum(axis=1), kind="stable")[:CANDIDATES]
        limits, found = scorer(), []
        for at in near:
            score = float(scores[at])
            if score >= limits.related:
                statement = self.statements[at]
                ruled_out = features[at, RULED_OUT].any()
                relation = "answers" if score >= limits.answers and not ruled_out else "related"
                sentence = self.sentences[at][int(best[at])]
                found.append(
                    Match(
                        statement_id=statement.text_id, post_id=post.text_id, relation=relation,
                        score=round(score, 4), sentence=sentence,
                    )
                )  # fmt: skip
        yield from sorted(found, key=lambda match: (-match.score, match.statement_id))

    def _meanings(self, texts: list[str]) -> Floats:
        """Return embeddings (n, 384); zeros where no analyst was given."""
        if self._analyst is None or not texts:
            return np.zeros((len(texts), EMBEDDING_WIDTH), np.float32)
        return self._analyst.analyse(texts)[1]

    def _whole(self, at: int) -> Floats:
        total = self._vectors[self._first[at] : self._first[at + 1]].sum(axis=0)
        found: Floats = total / max(float(np.linalg.norm(total)), 1e-9)
        return found


def needs_meaning() -> bool:
    """Whether the shipped scorer weighs embeddings at all; where it does not, none need be computed."""
    return any(weight for name, weight in zip(FEATURES, scorer().weights, strict=True) if "dense" in name)


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


def placeless(text: str, places: Sequence[str]) -> str:
    """Return a text without the names of its counties: that both name one is a fact of its own, and as the
    rarest word of both it made any notice of a small county answer its rumors.
    """
    for name in places:
        for form in (name, COUNTY_KIND.sub("", name)):
            text = text.replace(form, " ") if len(form) > 1 else text
    return text


def _facts(text: Text) -> Facts:
    return facts_of(simplify(text.text), text.places)


class _Named:
    """What statements name of one kind (places, say), as a table that a text is compared with at once."""

    def __init__(self, named: Sequence[frozenset[str]]) -> None:
        self._column = {name: at for at, name in enumerate(sorted(frozenset().union(*named)))}
        self._has = np.zeros((len(named), len(self._column)), np.bool_)
        for row, names in enumerate(named):
            self._has[row, [self._column[name] for name in names]] = True
        self._names_any: Flags = np.asarray(self._has.any(axis=1), np.bool_)

    def shared(self, names: frozenset[str]) -> Flags:
        """Return which statements (n,) name one of these too."""
        known = [self._column[name] for name in names if name in self._column]
        found: Flags = np.asarray(self._has[:, known].any(axis=1), np.bool_)
        return found

    def apart(self, names: frozenset[str]) -> Flags:
        """Return which statements (n,) name some, but none of these; none where a text names nothing."""
        if not names:
            return np.zeros(len(self._has), np.bool_)
        found: Flags = self._names_any & ~self.shared(names)
        return found


class _FactTable:
    """The facts of statements, compared with those of one text at once."""

    def __init__(self, facts: Sequence[Facts]) -> None:
        self._places = _Named([found.places for found in facts])
        self._whats = _Named([found.whats for found in facts])
        self._causes = _Named([found.causes for found in facts])

    def compared(self, facts: Facts) -> Floats:
        """Return what a text's facts say of each statement's, (n, 4) in the order of ``FACTS``."""
        columns = (
            self._places.shared(facts.places),
            self._places.apart(facts.places),
            self._whats.apart(facts.whats),
            self._causes.apart(facts.causes),
        )
        return np.stack(columns, axis=1).astype(np.float32)


@cache
def scorer() -> Scorer:
    """Read the shipped pair scorer."""
    kept = json.loads((files("pipeline") / "match_weights.json").read_text("utf-8"))
    weights = tuple(kept["weights"][name] for name in FEATURES)
    return Scorer(weights, kept["bias"], kept["answers"], kept["related"])
