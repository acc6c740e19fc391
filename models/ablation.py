"""What the rumor figures of a public set owe to leaks: its raw posts come in; macro-F1 with more and more
of the give-aways masked goes out.

The give-aways: 【headlines】 and #topics# (house style of newspapers), links and account phrases, and words
of debunking, which say how the case ended.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.baselines import Answers, bracket_rule, ngram_svm
from models.clean import for_model
from models.corpus import RawPost
from models.evaluation import interval
from models.metrics import Interval, Ints

HEADLINE = re.compile(r"【[^】]{0,60}】?")
TOPIC = re.compile(r"#[^#]{1,40}#")
VERDICT_WORDS = re.compile(
    r"辟谣|谣言|谣传|造谣|传谣|不实|虚假|假的|真相|属实|澄清|证实|核实|未经|网传|疑似|官方回应"
)
ACCOUNT = re.compile(
    r"(?:记者|通讯员|编辑|来源|via|via@|来自|转自)[^\s,,。]{0,12}|据?(?:人民日报|新华社|央视\w{0,4}|中新网|新华网)"
)

MASKS: dict[str, Callable[[str], str]] = {
    "nothing (raw text)": lambda text: text,
    "markup signs folded, as our models read": for_model,
    "and 【headlines】, #topics# dropped": lambda text: for_model(TOPIC.sub(" ", HEADLINE.sub(" ", text))),
    "and account phrases": lambda text: for_model(ACCOUNT.sub(" ", TOPIC.sub(" ", HEADLINE.sub(" ", text)))),
    "and words of debunking": lambda text: for_model(
        VERDICT_WORDS.sub(" ", ACCOUNT.sub(" ", TOPIC.sub(" ", HEADLINE.sub(" ", text))))
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ablation:
    """One set under one mask: macro-F1 of an n-gram model trained on the masked train split."""

    set: str
    mask: str
    rows: int
    macro_f1: Interval

    def record(self) -> dict[str, Any]:
        """Return the figures as JSON can say them."""
        return {
            "kind": "ablation",
            "head": "rumor",
            "set": self.set,
            "mask": self.mask,
            "rows": self.rows,
            "macro_f1": round(self.macro_f1.value, 4),
            "low": round(self.macro_f1.low, 4),
            "high": round(self.macro_f1.high, 4),
        }


def ablate(name: str, posts: Sequence[RawPost], answers: Answers) -> Iterator[Ablation]:
    """Yield a set's figure under each mask, and that of the rule 'starts with 【, so no rumor'."""
    train = [post for post in posts if post.split == "train"]
    test = [post for post in posts if post.split == "dev"]
    classes: Ints = np.array([post.rumor for post in train], np.int64)
    truth: Ints = np.array([post.rumor for post in test], np.int64)
    rule = bracket_rule([], classes, [post.text for post in test])
    yield _row(name, "rule: starts with 【, so no rumor", truth, rule)
    for mask, fold in MASKS.items():
        texts, masked = [fold(post.text) for post in train], [fold(post.text) for post in test]
        guess = answers.of("char n-gram TF-IDF + linear SVM", ngram_svm, texts, classes, masked)
        yield _row(name, mask, truth, guess)


def _row(name: str, mask: str, truth: Ints, guess: Ints) -> Ablation:
    return Ablation(set=name, mask=mask, rows=len(truth), macro_f1=interval(truth, guess, "rumor"))
