"""A store with corrected labels, or newly trained weights, come in; a kept version of the models, in use
if the gate lets it pass, goes out.
"""

from __future__ import annotations

import logging
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from models.contrast import SUFFIX
from models.corpus import Example, load_corpus
from models.labels import HEADS
from models.update import Corrected, HeadUpdate, update
from models.weights import Manifest, read_manifest
from pipeline.config import Home
from pipeline.label_words import FIELD_WORDS
from pipeline.labels import judged, votes
from pipeline.model_versions import active_folder, active_name, keep, models_folder, use
from pipeline.store import Reader

log = logging.getLogger(__name__)

DRAFT = ".draft"
TEXTS_A_QUERY = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A version that was made: whether it passed the gate and is in use, what was learned, what failed."""

    name: str
    passed: bool
    in_use: bool
    heads: Sequence[HeadUpdate]
    gate: Mapping[str, Any]


def corrected_posts(store: Reader) -> list[Corrected]:
    """Return the texts of posts that people judged, with the labels they agree on.

    A post whose text has expired teaches nothing any more and is left out.
    """
    labels: dict[str, dict[str, int]] = {}
    for row in judged(votes(store)):
        if row.label is not None:
            labels.setdefault(row.post_id, {})[row.field] = HEADS[row.field].index(row.label)
    texts: dict[str, str] = {}
    ids = sorted(labels)
    for at in range(0, len(ids), TEXTS_A_QUERY):
        found = store.rows("label_texts", post_ids=ids[at : at + TEXTS_A_QUERY])
        texts |= {row["post_id"]: row["text"] for row in found}
    return [Corrected(text=texts[post], labels=labels[post]) for post in ids if post in texts]


def counts_text(posts: Sequence[Corrected]) -> str:
    """Say how many corrected labels there are, by field and class; a class without any is named."""
    lines = []
    for head, labels in HEADS.items():
        counted = Counter(post.labels[head] for post in posts if head in post.labels)
        each = "、".join(f"{label} {counted[number]}" for number, label in enumerate(labels))
        lines.append(f"  {FIELD_WORDS[head]}({head}){counted.total()} 条:{each}")
    return "\n".join(lines)


def learn(
    home: Home, posts: Sequence[Corrected], actor: str, now: datetime, data: Path | None = None
) -> Outcome:
    """Make a version from the one in use and corrected posts, and put it in use if the gate lets it pass.

    ``data`` is a folder of public data sets to judge it on besides our own posts.

    Raises:
        UpdateError: too few corrections, or nothing got better by them.
        VersionError: the same version is there already.
        WeightsError: the version in use cannot be read.
    """
    draft = fresh_draft(home)
    manifest, heads = update(active_folder(home), posts, replayed(), draft)
    learned = {"kind": "update", "posts": len(posts), "heads": [asdict(one) for one in heads]}
    name, passed, gate = judge_and_keep(home, draft, manifest, learned, actor, now, data)
    return Outcome(name=name, passed=passed, in_use=passed, heads=heads, gate=gate)


def judge_and_keep(
    home: Home, draft: Path, manifest: Manifest, record: Mapping[str, Any], actor: str, now: datetime,
    data: Path | None,
) -> tuple[str, bool, Mapping[str, Any]]:  # fmt: skip
    """Let the gate judge a weights folder, keep it as a version, and put it in use if it passed.

    Raises:
        GateError: the gate cannot judge.
        VersionError: the same version is there already.
    """
    from models import Tagger  # here, because it brings onnxruntime
    from models.gate import check

    report = check(Tagger.load(draft), load_corpus(data))
    base = active_name(home)
    whole = {
        **record,
        "base": base,
        "base_version": read_manifest(active_folder(home)).version,
        "made_at": now.isoformat(),
        "made_by": actor,
        "passed": report.passed,
        "gate": report.record(),
    }
    folder = keep(home, draft, manifest, whole)
    if report.passed:
        use(home, folder.name, actor, now, "gate passed")
    return folder.name, report.passed, report.record()


def replayed() -> list[Example]:
    """Return the posts of our own corpus that an update must not forget.

    Without claims in another mood: an update is of the n-grams, which cannot tell moods apart, and forgot 4 %
    of the needs in dev for them.
    """
    return [row for row in load_corpus(None).split("train") if not row.set.endswith(SUFFIX)]


def fresh_draft(home: Home) -> Path:
    """Return where a new version may be written, with nothing in it from an earlier, interrupted try."""
    draft = models_folder(home) / DRAFT
    if draft.exists():
        shutil.rmtree(draft)
    draft.parent.mkdir(parents=True, exist_ok=True)
    return draft
