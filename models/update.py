"""Learning from an office: corrected labels come in; a weights folder whose linear heads have learned them,
or why not, goes out.

Only the heads of the n-gram branch move: the encoder stays, so this takes minutes on two cores and needs
no torch. Each head is fitted on what it gets wrong, given what the network says (its values are a fixed
offset), on the corrected posts and on our own corpus, so that it forgets nothing; an L2 penalty keeps it
near the weights that it began with (logistic regression with a prior; Chelba and Acero 2006). How strong the
penalty is, and whether the head may change at all, is decided by cross-validation over the corrected posts.
"""

from __future__ import annotations

import logging
import shutil
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from math import comb
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import minimize

from models.blend import blended
from models.clean import for_model
from models.corpus import Example
from models.labels import HEADS
from models.ngrams import NGrams, count, save, weigh
from models.plugged import PLUGIN_FILE
from models.runtime import Floats, Network, head_slices, log_softmax
from models.weights import (
    MODEL_FILE,
    NGRAM_FILE,
    TINY_FILE,
    TOKENIZER_FILE,
    Manifest,
    digest,
    read_manifest,
    write_manifest,
)

log = logging.getLogger(__name__)

Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# Below it one more or less mistake moves a fold's accuracy by more than an update can hope to gain.
LEAST_ROWS = 30
FOLDS = 3
# A post that a person of this office judged tells more about its posts than one of our corpus.
CORRECTION_WEIGHT = 3.0
PENALTIES = (0.5, 2.0)  # on the squared change of the weights
STEPS = 30  # of L-BFGS: the problem is convex and starts near its end
SEED = 7
BY_CHANCE = 0.1  # a head that got better less surely than this stays as it is
MOST_REPLAYED = 1500  # posts of the corpus a head is held by: more cost time and held it no better


class UpdateError(ValueError):
    """Nothing can be learned from these labels; the message is Chinese and says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """A post's text and the classes that people gave it, by head."""

    text: str
    labels: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadUpdate:
    """What was learned for one head.

    ``right_before`` and ``right_after`` are the shares of corrected posts whose label is right, before and
    after, each judged by a fit that had not seen it (3 folds); ``loss_*`` their mean negative log-likelihood.
    ``reason`` says why a head was left as it was.
    """

    head: str
    rows: int
    classes: dict[str, int]
    right_before: float | None = None
    right_after: float | None = None
    loss_before: float | None = None
    loss_after: float | None = None
    penalty: float | None = None
    reason: str = ""

    @property
    def learned(self) -> bool:
        """Whether the head changed."""
        return not self.reason


@dataclass(slots=True)
class _Rows:
    """What a head is fitted on: features, the values it has so far (n, classes), classes, weights, whose."""

    features: sparse.csr_matrix
    offset: Doubles
    classes: Ints
    weights: Doubles
    corrected: Bools
    fold: Ints = field(default_factory=lambda: np.zeros(0, np.int64))

    def part(self, at: Bools) -> _Rows:
        return _Rows(
            self.features[at], self.offset[at], self.classes[at], self.weights[at], self.corrected[at],
            self.fold[at],
        )  # fmt: skip


def update(
    base: Path, corrected: Sequence[Corrected], replay: Sequence[Example], folder: Path
) -> tuple[Manifest, list[HeadUpdate]]:
    """Write a weights folder like ``base`` whose heads have learned the corrected posts.

    ``replay`` are labelled posts that it must not forget. ``folder`` is made, or replaced.

    Raises:
        UpdateError: no head has enough corrected posts, or none got better from them.
        WeightsError: ``base`` cannot be used.
    """
    _enough(corrected)
    manifest = read_manifest(base)
    branch, network = NGrams.load(base), Network(base, manifest.max_tokens)
    examples = [*(_example(row) for row in corrected), *replay]
    texts = [example.text for example in examples]
    features = weigh(count(texts), branch.rarity)
    values = blended(network.run(texts)[0], branch.scores(texts), manifest.blend)
    is_corrected = np.arange(len(examples)) < len(corrected)
    weights, bias = branch.weights.astype(np.float64), branch.bias.astype(np.float64)
    done = []
    for head, part in head_slices().items():
        rows = _rows_of(head, examples, features, values[:, part], is_corrected)
        found = _judge(head, rows, manifest.blend[head][1])
        if found.learned and found.penalty is not None:
            change = _fit(rows, manifest.blend[head][1], found.penalty)
            weights[:, part] += change[:-1]
            bias[part] += change[-1]
        log.info("%s", found)
        done.append(found)
    if not any(found.learned for found in done):
        raise UpdateError("没有可更新的:" + ";".join(f"{found.head} {found.reason}" for found in done))
    return _write(base, folder, manifest, (weights, bias.astype(np.float32), branch.rarity)), done


def _enough(corrected: Sequence[Corrected]) -> None:
    """Refuse what can teach no head, before minutes are spent on it."""
    counted = {head: sum(head in row.labels for row in corrected) for head in HEADS}
    if max(counted.values()) < LEAST_ROWS:
        few = ";".join(_too_few(head, rows) for head, rows in counted.items())
        raise UpdateError(f"没有可更新的:{few}")


def _too_few(head: str, rows: int) -> str:
    return f"{head} 只有 {rows} 条更正,至少要 {LEAST_ROWS} 条"


def _example(row: Corrected) -> Example:
    return Example(text=for_model(row.text), labels=row.labels, set="office", split="train")


def _rows_of(
    head: str, examples: Sequence[Example], features: sparse.csr_matrix, values: Floats,
    is_corrected: Bools,
) -> _Rows:  # fmt: skip
    at = np.array([number for number, example in enumerate(examples) if head in example.labels], np.int64)
    replayed = at[~is_corrected[at]]
    if len(replayed) > MOST_REPLAYED:
        replayed = np.sort(np.random.default_rng(SEED).choice(replayed, MOST_REPLAYED, replace=False))
    at = np.concatenate([at[is_corrected[at]], replayed])
    corrected = is_corrected[at]
    return _Rows(
        features=features[at],
        offset=values[at].astype(np.float64),
        classes=np.array([examples[number].labels[head] for number in at], np.int64),
        weights=np.where(corrected, CORRECTION_WEIGHT, 1.0),
        corrected=corrected,
        # By the text, so that copies of a text are in one fold.
        fold=np.array([zlib.crc32(examples[number].text.encode()) % FOLDS for number in at], np.int64),
    )


def _judge(head: str, rows: _Rows, factor: float) -> HeadUpdate:
    """Choose the penalty by cross-validation, or say why the head stays as it is."""
    counted = Counter(rows.classes[rows.corrected].tolist())
    found = HeadUpdate(
        head=head,
        rows=int(rows.corrected.sum()),
        classes={label: counted[number] for number, label in enumerate(HEADS[head])},
    )
    if found.rows < LEAST_ROWS:
        return replace(found, reason=_too_few(head, found.rows).removeprefix(f"{head} "))
    missing = set(range(len(HEADS[head]))) - set(rows.classes.tolist())
    if missing:
        names = "、".join(HEADS[head][number] for number in sorted(missing))
        return replace(found, reason=f"没有 {names} 类的样本,不能训练")
    loss, right = _measures(rows.offset[rows.corrected], rows.classes[rows.corrected])
    tried = {penalty: _cross_validated(rows, factor, penalty) for penalty in PENALTIES}
    penalty = min(tried, key=lambda one: tried[one][0])
    after_loss, after = tried[penalty]
    found = replace(
        found,
        right_before=round(float(right.mean()), 4),
        right_after=round(float(after.mean()), 4),
        loss_before=loss,
        loss_after=after_loss,
        penalty=penalty,
    )
    by_chance = chance(int((after & ~right).sum()), int((right & ~after).sum()))
    if after_loss >= loss or by_chance > BY_CHANCE:
        return replace(found, reason=f"在没见过的更正上没有明显变好(p={by_chance:.2f})")
    return found


def chance(gained: int, lost: int) -> float:
    """Return how likely at least so many of the changed labels got right by the toss of a coin.

    The one-sided exact form of McNemar's test (McNemar 1947); 1 where nothing changed.
    """
    changed = gained + lost
    return float(sum(comb(changed, number) for number in range(gained, changed + 1)) / 2**changed)


def _cross_validated(rows: _Rows, factor: float, penalty: float) -> tuple[float, Bools]:
    """Return the loss over the corrected posts and which come out right, by a fit without their fold."""
    values = rows.offset.copy()
    for fold in range(FOLDS):
        unseen = rows.corrected & (rows.fold == fold)
        if unseen.any():
            change = _fit(rows.part(~unseen), factor, penalty)
            values[unseen] += factor * (rows.features[unseen] @ change[:-1] + change[-1])
    return _measures(values[rows.corrected], rows.classes[rows.corrected])


def _measures(values: Doubles, classes: Ints) -> tuple[float, Bools]:
    said = log_softmax(values.astype(np.float32))
    loss = float(-said[np.arange(len(classes)), classes].mean())
    return round(loss, 4), said.argmax(axis=1) == classes


def _fit(rows: _Rows, factor: float, penalty: float) -> Doubles:
    """Return the change of a head's weights, and of its bias in the last row: (buckets + 1, classes)."""
    classes = rows.offset.shape[1]
    # What occurs in one corrected post only cannot be told from chance; it would also make this slow.
    used = np.flatnonzero(np.bincount(rows.features[rows.corrected].indices) > 1)
    seen = sparse.hstack([rows.features[:, used], np.ones((rows.features.shape[0], 1))], format="csr")
    wanted = np.eye(classes)[rows.classes]
    total = rows.weights.sum()

    def loss(flat: Doubles) -> tuple[float, Doubles]:
        change = flat.reshape(-1, classes)
        values = rows.offset + factor * (seen @ change)
        shifted = values - values.max(axis=1, keepdims=True)
        said = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        error = (np.exp(said) - wanted) * rows.weights[:, None]
        slope = factor * (seen.T @ error) + penalty * change
        value = -(said * wanted * rows.weights[:, None]).sum() + penalty / 2 * (change**2).sum()
        return value / total, slope.ravel() / total

    found = minimize(
        loss, np.zeros(seen.shape[1] * classes), jac=True, method="L-BFGS-B", options={"maxiter": STEPS}
    )
    change = np.zeros((rows.features.shape[1] + 1, classes))
    change[[*used, -1]] = found.x.reshape(-1, classes)
    return change


def _write(base: Path, folder: Path, manifest: Manifest, parts: tuple[Doubles, Floats, Floats]) -> Manifest:
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    for name in (MODEL_FILE, TINY_FILE, TOKENIZER_FILE, PLUGIN_FILE):
        if (base / name).exists():
            shutil.copy2(base / name, folder / name)
    save(folder, *parts)
    files = {**manifest.files, NGRAM_FILE: digest(folder / NGRAM_FILE)}
    made = replace(
        manifest, version=f"office-{datetime.now(UTC):%Y%m%d}-{files[NGRAM_FILE][:8]}", files=files
    )
    write_manifest(folder, made)
    return made
