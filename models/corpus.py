"""Training data: data folders come in, texts with the labels of whichever heads they have go out.

Public sets are read from a folder that is not part of the project (``--data``); our own posts are in
``models/data``. Sets that are open to research only are left out with ``research=False``.
"""

from __future__ import annotations

import gzip
import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.clean import for_model
from models.contrast import SUFFIX, claimed, in_another_mood
from models.labels import class_numbers, label_index
from models.weak_labels import LETTERS_A_NEED, REPLIES_A_STANCE, Cap, letter_need, reply_stance

log = logging.getLogger(__name__)

OWN = Path(__file__).parent / "data"
RESEARCH_ONLY = frozenset({"checked", "weibo21", "gov_messages", "debunk_answers", "propagation"})
OWN_CONTRAST = f"own_need{SUFFIX}"
OWN_NEED_HEADS = ("need", "checkworthy", "rumor", "sentiment", "emotion")
RUMOR_SETS = ("ced", "weibo21", "ltcr", "checked")


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One text with class numbers by head; ``set`` names where it is from, ``split`` is train or dev.

    ``group`` is the same for near copies; ``published_at`` is ISO 8601 or empty.
    """

    text: str
    labels: Mapping[str, int]
    set: str
    split: str
    hard: bool = False
    group: str = ""
    published_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawPost:
    """A post of a public rumor set as it was written, markup and all."""

    text: str
    rumor: int
    split: str


@dataclass(frozen=True, slots=True)
class Corpus:
    """All examples, in a fixed order."""

    examples: list[Example] = field(default_factory=list)

    def split(self, name: str) -> list[Example]:
        """Return the examples of one split."""
        return [example for example in self.examples if example.split == name]


def load_corpus(data: Path | None, research: bool = True, weak: bool = True) -> Corpus:
    """Read our own posts and, where there is a data folder, the public sets.

    ``research`` lets in the sets that are open to research only; ``weak`` the labels that rules read off
    letters and replies (``models.weak_labels``), which are only ever for training.

    Raises:
        UnknownLabelError: a row has a label that no head knows.
        ValueError: the data folder does not exist or has none of the sets; a line is not JSON.
    """
    found = list(own_examples())
    if data is not None:
        for name, read in _there(data).items():
            if research or name not in RESEARCH_ONLY:
                found.extend(read(data / name))
        if weak and research:
            found.extend(weak_examples(data))
    return Corpus([example for example in found if len(example.text) > 1])


def _there(data: Path) -> dict[str, Callable[[Path], Iterator[Example]]]:
    """Return the readers of the sets that the folder has; the others are named in the log."""
    found = {name: read for name, read in PUBLIC.items() if (data / name).is_dir()}
    if not found:
        raise ValueError(f"{data}: no folder with any of {', '.join(PUBLIC)}")
    if absent := [name for name in PUBLIC if name not in found]:
        log.warning("%s has no %s: going on without", data, ", ".join(absent))
    return found


def own_examples(folder: Path = OWN) -> Iterator[Example]:
    """Read the hand-written posts and replies of ``models/data``, or of another folder laid out like it.

    Raises:
        UnknownLabelError: rows have labels that no head knows; all of them are listed.
        ValueError: a line is not JSON, or a row lacks a field.
    """
    posts = list(_own_rows(folder, "need_*.jsonl", OWN_NEED_HEADS, "own_need"))
    yield from posts
    yield from _contrasts(posts)
    yield from _own_rows(folder, "replies*.jsonl", ("stance",), "own_stance")


def _contrasts(posts: Sequence[Example]) -> Iterator[Example]:
    """Yield the rumors of the train split again, asked about or refuted (``models.contrast``)."""
    for post in posts:
        rumor = post.split == "train" and post.labels.get("rumor") == 1
        if rumor and (statement := claimed(post.text)) and (turned := in_another_mood(statement)):
            text, asked = turned
            need = label_index("need", "question" if asked else "none", OWN_CONTRAST)
            labels = {"rumor": 0, "checkworthy": 1, "need": need}
            yield Example(text=for_model(text), labels=labels, set=OWN_CONTRAST, split="train")


def _own_rows(folder: Path, pattern: str, heads: Sequence[str], name: str) -> Iterator[Example]:
    rows = [row for file in sorted(folder.glob(pattern)) for row in read_lines(file)]
    for where, row in rows:
        if missing := [key for key in ("text", "split", heads[0]) if key not in row]:
            raise ValueError(f"{where}: no field {', '.join(missing)}")
    labels: list[dict[str, int]] = [{} for _ in rows]
    for head in heads:
        there = [at for at, (_, row) in enumerate(rows) if row.get(head) is not None]
        numbers = class_numbers(head, [(rows[at][0], _word(rows[at][1][head])) for at in there])
        for at, number in zip(there, numbers, strict=True):
            labels[at][head] = number
    for (_, row), found in zip(rows, labels, strict=True):
        yield _own(row, found, name)


def read_lines(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (``file:line``, row) of a JSON-lines file, gzipped or not; a missing file has no rows.

    Raises:
        ValueError: a line is not a JSON object.
    """
    if not file.exists():
        return
    opener: Callable[..., Any] = gzip.open if file.suffix == ".gz" else open
    with opener(file, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                yield f"{file.name}:{number}", json.loads(line)
            except json.JSONDecodeError as error:
                raise ValueError(f"{file}:{number}: not JSON: {error}") from error


def _own(row: Mapping[str, Any], labels: Mapping[str, int], name: str) -> Example:
    return Example(
        text=for_model(row["text"]), labels=labels, set=name, split=row["split"], hard=bool(row.get("hard"))
    )


def _word(value: object) -> str:
    if isinstance(value, int):
        return "yes" if value else "no"
    return str(value)


def _both_splits(folder: Path, prefix: str = "") -> Iterator[tuple[str, dict[str, Any], str]]:
    for split in ("train", "dev"):
        for where, row in read_lines(folder / f"{prefix}{split}.jsonl.gz"):
            yield where, row, split


def raw_rumor_posts(folder: Path) -> list[RawPost]:
    """Read a public rumor set without folding its texts, to measure what the markup gives away."""
    return [
        RawPost(text=row["text"], rumor=int(row["label"]), split=split) for row, split in _rumor_rows(folder)
    ]


def _rumor_rows(folder: Path) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield rows that are a claim and true or false; a refutation or an open case teaches neither."""
    for _, row, split in _both_splits(folder):
        if row["label"] in (0, 1) and row.get("text_role") != "maybe_refutation":
            yield row, split


def _rumor_set(folder: Path) -> Iterator[Example]:
    """CED, Weibo21, LTCR and CHECKED: a post and whether it was found false."""
    for row, split in _rumor_rows(folder):
        yield Example(
            text=for_model(row["text"]),
            labels={"rumor": int(row["label"])},
            set=folder.name,
            split=split,
            group=str(row.get("dup_group") or ""),
            published_at=str(row.get("published_at") or ""),
        )


def _ewect(folder: Path) -> Iterator[Example]:
    """SMP2020-EWECT, pandemic part: six emotions; surprise has no polarity."""
    for where, row, split in _both_splits(folder, "virus_"):
        labels = {"emotion": label_index("emotion", row["label"], where)}
        if row["polarity"] != "ambiguous":
            labels["sentiment"] = label_index("sentiment", row["polarity"], where)
        yield Example(text=for_model(row["text"]), labels=labels, set="ewect", split=split)
    # Of the general part only the dev file exists: every fifth row stays dev, the rest is trained on.
    for number, (where, row) in enumerate(read_lines(folder / "usual_dev.jsonl.gz")):
        labels = {"emotion": label_index("emotion", row["label"], where)}
        split = "train" if number % 5 else "dev"
        yield Example(text=for_model(row["text"]), labels=labels, set="ewect_usual", split=split)


def _gov_messages(folder: Path) -> Iterator[Example]:
    """Letters to officials: complaints and requests carry no rumor. Every fourth, so that they do not
    swamp it.
    """
    for number, (_, row) in enumerate(read_lines(folder / "unlabelled.jsonl.gz")):
        if number % 4 == 0:
            text = for_model(row["text"])[:200]
            yield Example(text=text, labels={"rumor": 0}, set="gov_messages", split="train")


def _debunks(folder: Path) -> Iterator[Example]:
    """Claims found false, as statements and in another mood, and the answers to them, which quote the claim
    and spread nothing. Fact-checkers head many as questions; those with the question inside are left out.
    """
    for _, row in read_lines(folder / "train.jsonl.gz"):
        statement = claimed(for_model(row["text"])) if row["label"] == "false" else None
        if statement is not None:
            yield _claim(statement, 1, "debunk_answers")
            if turned := in_another_mood(statement):
                yield _claim(turned[0], 0, f"debunk_answers{SUFFIX}")
        if row.get("answer"):
            text = for_model(row["answer"])[:200]
            yield Example(text=text, labels={"rumor": 0}, set="debunk_answers", split="train")


def _claim(text: str, rumor: int, name: str) -> Example:
    labels = {"rumor": rumor, "checkworthy": 1}
    return Example(text=for_model(text), labels=labels, set=name, split="train")


def weak_examples(
    data: Path, letters: int = LETTERS_A_NEED, replies: int = REPLIES_A_STANCE
) -> Iterator[Example]:
    """Yield training rows with a weak label: letters with a need, replies with a stance, so many a class."""
    cap, seen = Cap(letters), set[str]()
    for where, row in read_lines(data / "gov_messages" / "unlabelled.jsonl.gz"):
        need = letter_need(row.get("title") or "", row["text"])
        text = for_model(row["text"])[:200]
        if need and _first(seen, row.get("dup_group") or text) and cap.admits(need):
            labels = {"need": label_index("need", need, where), "rumor": 0}
            yield Example(text=text, labels=labels, set="weak_need", split="train")
    cap = Cap(replies)
    for where, row in read_lines(data / "propagation" / "ced_replies.jsonl.gz"):
        text = for_model(row["text"])
        stance = reply_stance(text)
        if stance and _first(seen, text) and cap.admits(stance):
            labels = {"stance": label_index("stance", stance, where)}
            yield Example(text=text, labels=labels, set="weak_stance", split="train")


def _first(seen: set[str], key: str) -> bool:
    new = key not in seen
    seen.add(key)
    return new


PUBLIC: Mapping[str, Callable[[Path], Iterator[Example]]] = {
    "ewect": _ewect,
    "ced": _rumor_set,
    "weibo21": _rumor_set,
    "ltcr": _rumor_set,
    "checked": _rumor_set,
    "gov_messages": _gov_messages,
    "debunk_answers": _debunks,
}
