"""How early threads are told to be rumors: the scorer of ``models.threads`` beside text only and all replies.

``python -m benchmarks.early_rumor --data DIR [--output FILE] [--folds N]``: CED events that have replies,
in folds that keep posts on one rumor together, every fold scored by a fit that saw none of it; then once
more in order of time, the earlier 70 % against the later 30 %. At each look: macro-F1 with its 95 %
interval, calibration error, and the difference to text only with its interval (paired bootstrap over
events).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from models.metrics import auc, bootstrap, calibration_error, macro_f1
from models.ngrams import count, rarity_of, weigh
from models.thread_fit import Thread, fit, load_aside, load_threads, without
from models.threads import ThreadScorer, probability, reply_counts

LOOKS = {
    "0 min": (None, 0.0), "10 min": (None, 600.0), "30 min": (None, 1800.0), "60 min": (None, 3600.0),
    "6 h": (None, 21600.0), "24 h": (None, 86400.0), "5 replies": (5, None), "10 replies": (10, None),
    "50 replies (40 are in the data)": (50, None),
}  # fmt: skip
Scores = dict[str, dict[str, np.ndarray]]  # way -> look -> log-odds of the events of one test


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--output", type=Path, default=None)
    parser.add_argument("--folds", type=int, default=5)
    given = parser.parse_args()
    threads, aside = load_threads(given.data), load_aside(given.data)
    record = {
        "setup": {
            "events": sum(bool(thread.replies) for thread in threads),
            "rumors": sum(thread.label for thread in threads if thread.replies),
            "folds": given.folds,
            "not_read": "numbers of reposts, speed of replies, anything of authors",
        },
        "grouped_folds": _report(*_folds(threads, aside, given.folds)),
        "later_30_percent": _report(*_later(threads, aside)),
    }
    if given.output:
        given.output.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _folds(threads: list[Thread], aside: list[Thread], folds: int) -> tuple[np.ndarray, Scores]:
    labels, groups = [thread.label for thread in threads], [thread.group for thread in threads]
    parts = []
    for known, rest in StratifiedGroupKFold(folds, shuffle=True, random_state=11).split(
        labels, labels, groups
    ):
        parts.append(_test([threads[at] for at in known], [threads[at] for at in rest], aside))
        print(f"fold {len(parts)} of {folds}", flush=True)
    truth = np.concatenate([part[0] for part in parts])
    joined = {
        way: {look: np.concatenate([part[1][way][look] for part in parts]) for look in LOOKS}
        for way in parts[0][1]
    }
    return truth, joined


def _later(threads: list[Thread], aside: list[Thread]) -> tuple[np.ndarray, Scores]:
    """Split by time of the post; a rumor that is in both parts only trains."""
    ordered = sorted(threads, key=lambda thread: thread.published_at)
    answered = [thread for thread in ordered if thread.replies]
    cut = answered[int(0.7 * len(answered))].published_at
    earlier = [thread for thread in ordered if thread.published_at < cut]
    seen = {thread.group for thread in earlier}
    later = [thread for thread in ordered if thread.published_at >= cut and thread.group not in seen]
    return _test(earlier, later, aside)


def _test(known: list[Thread], rest: list[Thread], aside: list[Thread]) -> tuple[np.ndarray, Scores]:
    test = [thread for thread in rest if thread.replies]
    fitted = fit(known, without(aside, rest), inner=3)
    scorer = ThreadScorer(*(fitted.lines[name] for name in ("text", "words", "cues")), fitted.parts, "fold")
    text = scorer.text_odds([thread.text for thread in test])
    plain = _plain_text(known, test)
    all_replies = _plain_replies([thread for thread in known if thread.replies])
    scores: Scores = {
        "ours": {},
        "ours, text only": {},
        "TF-IDF of the text": {},
        "TF-IDF of all replies": {},
    }
    for look, (number, seconds) in LOOKS.items():
        replies = [thread.until(number, seconds) for thread in test]
        scores["ours"][look] = text + scorer.reply_odds(replies)
        scores["ours, text only"][look] = text
        scores["TF-IDF of the text"][look] = plain
        scores["TF-IDF of all replies"][look] = all_replies(replies)
    return np.array([thread.label for thread in test], np.int64), scores


def _plain_text(known: Sequence[Thread], test: Sequence[Thread]) -> np.ndarray:
    counts = count([thread.text for thread in known])
    rarity = rarity_of(counts)
    model = LogisticRegression(C=10, max_iter=400, class_weight="balanced", solver="liblinear")
    model.fit(weigh(counts, rarity), [thread.label for thread in known])
    return model.decision_function(weigh(count([thread.text for thread in test]), rarity))


def _plain_replies(known: Sequence[Thread]) -> Callable[[Sequence[Sequence[str]]], np.ndarray]:
    counts = reply_counts([thread.until() for thread in known])
    rarity = rarity_of(counts)
    model = LogisticRegression(C=10, max_iter=400, class_weight="balanced", solver="liblinear")
    model.fit(weigh(counts, rarity), [thread.label for thread in known])
    return lambda replies: model.decision_function(weigh(reply_counts(replies), rarity))


def _report(truth: np.ndarray, scores: Scores) -> dict[str, object]:
    rows = []
    for look in LOOKS:
        odds = {way: scores[way][look] for way in scores}
        guess = {way: (found > 0).astype(np.int64) for way, found in odds.items()}
        gain = bootstrap(
            lambda at, guess=guess: (
                macro_f1(truth[at], guess["ours"][at], 2)
                - macro_f1(truth[at], guess["ours, text only"][at], 2)
            ),
            len(truth),
        )
        ours = bootstrap(lambda at, guess=guess: macro_f1(truth[at], guess["ours"][at], 2), len(truth))
        chances = probability(odds["ours"].astype(np.float32)).astype(np.float64)
        rows.append(
            {
                "look": look,
                "macro_f1": {way: round(macro_f1(truth, guess[way], 2), 4) for way in guess},
                "interval": [round(ours.low, 4), round(ours.high, 4)],
                "gain_over_text": [round(gain.value, 4), round(gain.low, 4), round(gain.high, 4)],
                "auc": round(auc(truth, odds["ours"]), 4),
                "ece": round(calibration_error(truth == 1, chances), 4),
            }
        )
        print(f"{look:<32} {rows[-1]['macro_f1']}  gain {rows[-1]['gain_over_text']}  ece {rows[-1]['ece']}")
    return {"events": len(truth), "rumor_share": round(float(truth.mean()), 3), "looks": rows}


if __name__ == "__main__":
    main()
