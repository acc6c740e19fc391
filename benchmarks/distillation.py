"""What distilling and 8 bits cost: work folders of teacher and student come in; macro-F1 goes out as JSON.

``python -m benchmarks.distillation --teacher DIR --student DIR --data DIR [--weights FOLDER]``, on dev rows
of the heads that the teacher was trained on: the teacher, the student in floating point, the student in 8
bits, and the shipped blend with the n-gram branch.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from models import Tagger
from models.corpus import load_corpus
from models.labels import HEADS
from models.metrics import Ints, macro_f1
from models.runtime import Floats, Network, head_slices
from models.soft import load_student, outputs
from models.train_config import TrainConfig
from models.weights import SHIPPED, read_manifest

RESULT = Path(__file__).parent / "results" / "distillation.json"
SMALLEST = 50  # rows of a set


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("teacher", "student", "data"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--weights", type=Path, default=SHIPPED)
    given = parser.parse_args(arguments)
    heads = TrainConfig.load(given.teacher / "config.toml").heads
    dev = [row for row in load_corpus(given.data).split("dev") if set(row.labels) & set(heads)]
    texts = [row.text for row in dev]
    manifest = read_manifest(given.weights)
    shipped = Tagger.load(given.weights).probabilities(texts)
    answers = {
        "teacher": _ask(given.teacher, texts, manifest.max_tokens),
        "student": _ask(given.student, texts, manifest.max_tokens),
        "student, 8 bits": Network(given.weights, manifest.max_tokens).run(texts)[0],
        "shipped blend": np.concatenate([shipped[head] for head in HEADS], axis=1),
    }
    report = {"version": manifest.version, "macro_f1": []}
    for head in heads:
        for name in sorted({row.set for row in dev if head in row.labels}):
            rows = np.array([at for at, row in enumerate(dev) if row.set == name and head in row.labels])
            if len(rows) >= SMALLEST:
                truth = np.array([dev[at].labels[head] for at in rows], np.int64)
                report["macro_f1"].append(_line(head, name, truth, rows, answers))
    RESULT.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _ask(work: Path, texts: Sequence[str], max_tokens: int) -> Floats:
    tokenizer = Tokenizer.from_file(str(work / "base" / "tokenizer.json"))
    return outputs(load_student(work), tokenizer, texts, max_tokens, "cpu")[0]


def _line(head: str, name: str, truth: Ints, rows: Ints, answers: dict[str, Floats]) -> dict[str, object]:
    part = head_slices()[head]
    figures = {
        who: round(macro_f1(truth, values[rows][:, part].argmax(axis=1), len(HEADS[head])), 4)
        for who, values in answers.items()
    }
    return {"head": head, "set": name, "rows": len(rows), **figures}


if __name__ == "__main__":
    main()
