"""Fitting the scorer of threads: posts with labels and their replies come in; its weights go out.

``python -m models.thread_fit --data DIR``: minutes on two cores, no torch. The three parts are fitted on all
threads; how they add up is fitted on their values for threads that they had not seen (stacking, Wolpert
1992), in folds that keep posts on one rumor together, over looks from no reply to all.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from models.clean import for_model
from models.ngrams import Floats, count, rarity_of, weigh
from models.threads import (
    FIRST,
    SHIPPED,
    Linear,
    ThreadParts,
    held_back,
    reply_counts,
    reply_shares,
    save,
)

log = logging.getLogger("models.thread_fit")

Ints = npt.NDArray[np.int64]

FOLDS = 5
ASIDE_WEIGHT = 0.3  # of posts of another corpus: 1.0 gave 0.006 less on CED, none 0.03 less
PUBLISHED_SHARE = 1538 / 3387  # rumors in CED as published (Song et al. 2018); what is left here has fewer
TEXT_LOOSENESS, WORDS_LOOSENESS, CUES_LOOSENESS, SUM_LOOSENESS = 30.0, 3.0, 0.1, 1.0
# Looks that the fit sees: counts of first replies, and seconds.
COUNT_LOOKS = (0, 5, 10, 20, FIRST)
TIME_LOOKS = (600, 1800, 3600, 21600)
REPLY_LOOKS = ((5, None), (10, None), (20, None), (FIRST, None), (None, 3600.0))  # of the reply parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A folded post, whether it was found false, and its folded replies as (seconds after it, text) by time.

    ``group`` is shared by posts on one rumor; ``published_at`` is ISO 8601, for splits by time.
    """

    thread_id: str
    text: str
    label: int
    group: str
    published_at: str
    replies: tuple[tuple[float, str], ...] = ()

    def until(self, count_look: int | None = None, seconds: float | None = None) -> list[str]:
        """Return the replies at a look; at 0 seconds there are none."""
        if seconds is not None:
            return [text for offset, text in self.replies[:FIRST] if 0 < seconds >= offset]
        return [text for _, text in self.replies[:FIRST][:count_look]]


@dataclass(frozen=True, slots=True)
class Fitted:
    """The fitted scorer's parts, to be saved or used at once."""

    lines: dict[str, Linear]
    parts: ThreadParts


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit on everything and write the shipped weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--weights", type=Path, default=SHIPPED)
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    threads, aside = load_threads(given.data), load_aside(given.data)
    fitted = fit(threads, aside)
    facts: dict[str, object] = {
        "threads": len(threads),
        "with_replies": sum(bool(thread.replies) for thread in threads),
        "posts_of_other_corpus": len(aside),
    }
    save(given.weights, fitted.lines, fitted.parts, facts)
    log.info("%s: %s", given.weights, fitted.parts)


def load_threads(data: Path) -> list[Thread]:
    """Read CED's posts, train and dev, with the first replies of those that have them.

    Raises:
        OSError: a file is missing.
    """
    replies: dict[str, list[tuple[float, str]]] = {}
    for row in _rows(data / "propagation" / "ced_replies.jsonl.gz"):
        replies.setdefault(str(row["event_id"]), []).append((float(row["offset_s"]), for_model(row["text"])))
    rows = [row for split in ("train", "dev") for row in _rows(data / "ced" / f"{split}.jsonl.gz")]
    return [
        Thread(
            thread_id=row["id"],
            text=for_model(row["text"]),
            label=int(row["label"]),
            group=str(row["dup_group"] or row["id"]),
            published_at=row["published_at"],
            replies=tuple(sorted(replies.get(row["id"], []), key=lambda reply: reply[0])),
        )
        for row in rows
    ]


def load_aside(data: Path) -> list[Thread]:
    """Read Weibo21's posts: texts only, to know more words of rumors."""
    rows = [row for split in ("train", "dev") for row in _rows(data / "weibo21" / f"{split}.jsonl.gz")]
    return [
        Thread(
            thread_id=row["id"],
            text=for_model(row["text"]),
            label=int(row["label"]),
            group=str(row["dup_group"] or row["id"]),
            published_at="",
        )
        for row in rows
        if str(row["label"]) in {"0", "1"}  # the rest is undecided
    ]


def fit(threads: Sequence[Thread], aside: Sequence[Thread], seed: int = 7, inner: int = FOLDS) -> Fitted:
    """Fit the parts on all threads and their sum on values for threads not seen."""
    labels = np.array([thread.label for thread in threads], np.int64)
    groups = np.array([thread.group for thread in threads])
    folds = StratifiedGroupKFold(inner, shuffle=True, random_state=seed)
    parts: list[tuple[Floats, Ints]] = []
    for number, (known, rest) in enumerate(folds.split(labels, labels, groups)):
        lines = fit_lines([threads[at] for at in known], without(aside, [threads[at] for at in rest]))
        unseen = [threads[at] for at in rest if threads[at].replies]
        parts.append(_values(lines, unseen))
        log.info("fold %d of %d", number + 1, inner)
    values, truth = (np.concatenate([part[at] for part in parts]) for at in (0, 1))
    model = LogisticRegression(C=SUM_LOOSENESS, max_iter=1000).fit(values, truth)
    prior = _log_odds(PUBLISHED_SHARE) - _log_odds(float(truth.mean()))
    text, words, cues = (round(float(weight), 4) for weight in model.coef_[0])
    bias = round(float(model.intercept_[0]) + prior, 4)
    return Fitted(
        fit_lines(threads, aside),
        ThreadParts(text=text, words=words, cues=cues, bias=bias, prior=round(prior, 4)),
    )


def without(aside: Sequence[Thread], held_out: Sequence[Thread]) -> list[Thread]:
    """Return posts of another corpus but those on a rumor that is held out: groups span both."""
    groups = {thread.group for thread in held_out}
    return [thread for thread in aside if thread.group not in groups]


def fit_lines(threads: Sequence[Thread], aside: Sequence[Thread]) -> dict[str, Linear]:
    """Fit the three parts, each on all that it can use; the reply parts read threads as of several looks."""
    answered = [thread for thread in threads if thread.replies]
    seen = [(thread.until(*look), thread.label) for thread in answered for look in REPLY_LOOKS]
    sets = [(texts, label) for texts, label in seen if texts]
    labels = np.array([label for _, label in sets], np.int64)
    replies = [texts for texts, _ in sets]
    return {
        "text": _fit_text(threads, aside),
        "words": _fit_words(answered, replies, labels),
        "cues": _fit_cues(reply_shares(replies), labels),
    }


def _fit_text(threads: Sequence[Thread], aside: Sequence[Thread]) -> Linear:
    both = [*threads, *aside]
    counts = count([thread.text for thread in both])
    rarity = rarity_of(counts)
    weights = np.array([1.0] * len(threads) + [ASIDE_WEIGHT] * len(aside))
    labels = np.array([thread.label for thread in both], np.int64)
    return _line(weigh(counts, rarity), labels, TEXT_LOOSENESS, rarity, weights)


def _fit_words(answered: Sequence[Thread], replies: Sequence[Sequence[str]], labels: Ints) -> Linear:
    rarity = rarity_of(count([text for thread in answered for text in thread.until(count_look=FIRST)]))
    return _line(weigh(reply_counts(replies), rarity), labels, WORDS_LOOSENESS, rarity)


def _fit_cues(shares: Floats, labels: Ints) -> Linear:
    scale: Floats = np.stack([shares.mean(axis=0), np.maximum(shares.std(axis=0), 1e-6)]).astype(np.float32)
    return _line((shares - scale[0]) / scale[1], labels, CUES_LOOSENESS, scale)


def _line(
    features: sparse.csr_matrix | Floats,
    labels: Ints,
    looseness: float,
    rarity: Floats,
    weights: npt.NDArray[np.float64] | None = None,
) -> Linear:
    model = LogisticRegression(C=looseness, max_iter=400, class_weight="balanced", solver="liblinear")
    model.fit(features, labels, sample_weight=weights)
    return Linear(model.coef_[0].astype(np.float32), float(model.intercept_[0]), rarity)


def _values(lines: dict[str, Linear], threads: Sequence[Thread]) -> tuple[Floats, Ints]:
    """Return (values, labels) of every thread at every look: values (rows, 3) of text, words and cues."""
    text = lines["text"].of_grams(count([thread.text for thread in threads]))
    labels = np.array([thread.label for thread in threads], np.int64)
    rows = []
    for look in looks():
        replies = [thread.until(*look) for thread in threads]
        rows.append(np.stack([text, *_reply_values(lines, replies)], axis=1))
    return np.concatenate(rows).astype(np.float32), np.tile(labels, len(rows))


def looks() -> list[tuple[int | None, float | None]]:
    """Return the looks of the fit, as arguments of ``Thread.until``."""
    return [(number, None) for number in COUNT_LOOKS] + [(None, float(seconds)) for seconds in TIME_LOOKS]


def _reply_values(lines: dict[str, Linear], replies: Sequence[Sequence[str]]) -> tuple[Floats, Floats]:
    share = held_back(np.array([len(texts) for texts in replies], np.float32))
    words = lines["words"].of_grams(reply_counts(replies))
    return share * words, share * lines["cues"].of_shares(reply_shares(replies))


def _log_odds(share: float) -> float:
    return math.log(share / (1 - share))


def _rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


if __name__ == "__main__":
    main()
