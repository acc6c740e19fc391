"""Official statements matched to posts, beside BM25 and plain embeddings, on our own posts and statements.

``python -m benchmarks.match [--half held] [--output FILE]``: the posts of ``tests/fixtures/claims`` (claims
in several wordings, hard negatives, chatter) and the statements beside them, of which some answer nothing.
The scorer is fitted on the other half. recall@k: a post of the right claim is among the first k of a
statement.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models import Tagger
from pipeline.config import region_path
from pipeline.match import FEATURES, Matcher, Text, scorer
from pipeline.normalise import match_text
from pipeline.places import Region

FIXTURES = Path(__file__).parent.parent / "tests" / "fixtures" / "claims"
K1, B = 1.2, 0.75  # of BM25, as usual (Robertson and Zaragoza 2009)


@dataclass(frozen=True, slots=True)
class Half:
    """Posts with the claim of each, statements with the claim that each answers; None for none."""

    posts: list[Text]
    claims: list[str | None]
    statements: list[Text]
    answers: list[str | None]

    def right(self) -> np.ndarray:
        """Return which statement answers which post, (posts, statements)."""
        return np.array(
            [[claim is not None and claim == answer for answer in self.answers] for claim in self.claims]
        )


def own(half: str) -> Half:
    """Read one half, ``tune`` or ``held``, of our own posts and statements."""
    region = Region.load(region_path("qiannan"))
    posts = [row for row in _rows("wordings.jsonl") if row["half"] == half]
    statements = [row for row in _rows("statements.jsonl") if row["half"] == half]
    return Half(
        [_text(region, row["id"], row["text"]) for row in posts],
        [row["claim"] for row in posts],
        [
            _text(region, row["id"], f"{row['title']}\n{row['text']}", str(row["issuer"]))
            for row in statements
        ],
        [row["answers"] for row in statements],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", choices=["tune", "held"], default="held")
    parser.add_argument("--output", type=Path, default=None)
    given = parser.parse_args()
    half, tagger = own(given.half), Tagger.load()
    features = Matcher(half.statements, tagger).features(half.posts)[0]
    ways = {
        "ours": scorer().score(features),
        "BM25 of character pairs": _bm25(
            [post.text for post in half.posts], [s.text for s in half.statements]
        ),
        "plain embedding": features[:, :, FEATURES.index("dense_whole")],
    }
    found = {name: figures_of(scores, half) for name, scores in ways.items()}
    found["ours"] |= _at_threshold(Matcher(half.statements, tagger), half)
    for name, figures in found.items():
        print(name, json.dumps(figures, ensure_ascii=False))
    if given.output:
        setup = {
            "half": given.half, "posts": len(half.posts), "statements": len(half.statements),
            "answering_none": half.answers.count(None), "model": tagger.version,
        }  # fmt: skip
        given.output.write_text(
            json.dumps({"setup": setup, "ways": found}, ensure_ascii=False, indent=1) + "\n"
        )


def figures_of(scores: np.ndarray, half: Half) -> dict[str, float]:
    right, order = half.right(), np.argsort(-scores, axis=0, kind="stable")
    asked = [at for at, answer in enumerate(half.answers) if answer is not None]
    none = [at for at, answer in enumerate(half.answers) if answer is None]
    hits = np.take_along_axis(right, order, axis=0)
    # One threshold for all statements, set where one in ten of those that answer nothing would match.
    limit = np.sort(scores[:, none].max(axis=0))[-max(1, len(none) // 10) - 1]
    return {
        "recall@1": round(float(hits[0, asked].mean()), 4),
        "recall@3": round(float(hits[:3, asked].any(axis=0).mean()), 4),
        "answers_found_at_one_false_in_ten": round(float((scores[right] > limit).mean()), 4),
    }


def _at_threshold(matcher: Matcher, half: Half) -> dict[str, float]:
    """Return what the shipped threshold says: right and wrong ``answers``, and false ones of none."""
    claim_of = {post.text_id: claim for post, claim in zip(half.posts, half.claims, strict=True)}
    answer_of = {text.text_id: answer for text, answer in zip(half.statements, half.answers, strict=True)}
    found = [match for match in matcher.match(half.posts) if match.relation == "answers"]
    hits = [
        claim_of[match.post_id] is not None and claim_of[match.post_id] == answer_of[match.statement_id]
        for match in found
    ]
    right = sum(hits)
    false = {match.statement_id for match in found if answer_of[match.statement_id] is None}
    return {
        "answers": len(found),
        "answers_right": round(right / max(len(found), 1), 4),
        "pairs_found": round(right / int(half.right().sum()), 4),
        "none_statements_matched": len(false),
    }


def _bm25(posts: Sequence[str], statements: Sequence[str]) -> np.ndarray:
    """Return BM25 of posts as documents, statements as queries: (posts, statements)."""
    documents = [Counter(_character_pairs(post)) for post in posts]
    seen = Counter(word for document in documents for word in document)
    sizes = np.array([max(sum(document.values()), 1) for document in documents])
    found = np.zeros((len(posts), len(statements)))
    for column, statement in enumerate(statements):
        for word in set(_character_pairs(statement)) & seen.keys():
            rarity = math.log(1 + (len(posts) - seen[word] + 0.5) / (seen[word] + 0.5))
            counts = np.array([document[word] for document in documents])
            found[:, column] += (
                rarity * counts * (K1 + 1) / (counts + K1 * (1 - B + B * sizes / sizes.mean()))
            )
    return found


def _character_pairs(text: str) -> list[str]:
    folded = match_text(text)
    return [folded[at : at + 2] for at in range(len(folded) - 1)]


def _text(region: Region, text_id: str, text: str, issuer: str = "") -> Text:
    return Text(text_id=text_id, text=text, places=region.places_of(f"{issuer}\n{text}"))


def _rows(name: str) -> list[dict[str, str | None]]:
    return [json.loads(line) for line in (FIXTURES / name).read_text("utf-8").splitlines()]


if __name__ == "__main__":
    main()
