"""Training: a config and data come in, a checkpoint of the student and its dev predictions go out.

``python -m models.train --config models/configs/student.toml --work DIR --data DIR``. Seeded; a checkpoint is
written as it goes, so that a killed training goes on from there; everything is logged to
``DIR/train.log``. The same command uses a GPU where there is one.
"""

from __future__ import annotations

import argparse
import logging
import math
import os
import random
import shutil
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertModel

from models.base import Base, load_base, prune, prune_like, save_base
from models.corpus import Corpus, Example, load_corpus
from models.labels import HEADS
from models.network import Student, mean_pool
from models.runtime import head_slices

log = logging.getLogger("models.train")

TEACHER_PREFIX = "query: "  # multilingual-e5 was trained with it
CHECKPOINT_SECONDS = 300.0
START_FILE = "start.pt"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """What a config file may set; unknown keys are errors."""

    base: str
    layers: int
    seed: int
    epochs: int
    batch: int
    max_tokens: int
    learning_rate: float
    head_learning_rate: float
    warmup: float
    weight_decay: float
    label_smoothing: float
    embedding_weight: float
    research: bool
    head_weights: dict[str, float] = field(default_factory=dict)
    leave_out: str = ""
    heads: tuple[str, ...] = tuple(HEADS)
    vocabulary: str = ""
    frozen_layers: int = 0
    bf16: bool = False

    @classmethod
    def load(cls, path: Path) -> TrainConfig:
        """Read a config file.

        Raises:
            TypeError: a key is missing or unknown.
        """
        return cls(**tomllib.loads(path.read_text("utf-8")))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a training from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, default=Path("models/configs/student.toml"))
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument(
        "--heads-only", action="store_true", help="keep the encoder as it is; minutes, not hours"
    )
    parser.add_argument("--start", type=Path, help="work folder of an earlier training to start from")
    given = parser.parse_args(arguments)
    given.work.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(
        filename=given.work / "train.log", level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s"
    )
    if given.start:
        start_from(given.start, given.work)
    train(TrainConfig.load(given.config), given.work, given.data, heads_only=given.heads_only)


def start_from(earlier: Path, work: Path) -> None:
    """Take over an earlier training's vocabulary, weights and teacher embeddings, once."""
    if (work / START_FILE).exists():
        return
    shutil.copytree(earlier / "base", work / "base", dirs_exist_ok=True)
    shutil.copy(earlier / "teacher.npz", work / "teacher.npz")
    shutil.copy(earlier / "student.pt", work / START_FILE)


def train(config: TrainConfig, work: Path, data: Path | None, heads_only: bool = False) -> Student:
    """Train (or go on training) a student in ``work``; return it."""
    random.seed(config.seed)
    torch.manual_seed(config.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    corpus = load_corpus(data, config.research)
    base = _base(config, corpus, work)
    student: Student = Student(base.model)
    if (work / START_FILE).exists():
        student.load_state_dict(torch.load(work / START_FILE, map_location="cpu", weights_only=True))
    student.to(device)
    examples = [example for example in corpus.split("train") if example.set != config.leave_out and set(example.labels) & set(config.heads)]
    targets = _teacher_embeddings(config, examples, work) if config.embedding_weight else None
    run = _Run(config, student, base.tokenizer, examples, targets, work, device, heads_only)
    run.fit()
    torch.save(student.state_dict(), work / "student.pt")
    log.info("done")
    return student


class _Run:
    """One training: the order of batches, the losses, the checkpoints."""

    def __init__(
        self,
        config: TrainConfig,
        student: Student,
        tokenizer: Tokenizer,
        examples: list[Example],
        targets: Tensor | None,
        work: Path,
        device: str,
        heads_only: bool,
    ) -> None:
        self.config = config
        self.student = student
        self.examples = examples
        self.targets = targets
        self.work = work
        self.device = device
        self.token_ids = encode(tokenizer, [example.text for example in examples], config.max_tokens)
        self.pad = tokenizer.get_vocab()["<pad>"]
        self.losses = {head: _head_loss(head, examples, config, device) for head in config.heads}
        freeze(student, config.frozen_layers)
        if heads_only:
            for parameter in student.encoder.parameters():
                parameter.requires_grad_(False)
        self.trained = [parameter for parameter in student.parameters() if parameter.requires_grad]
        self.world, self.rank = int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("RANK", "0"))
        if self.world > 1:
            torch.distributed.init_process_group("nccl" if device == "cuda" else "gloo")
            torch.manual_seed(config.seed + self.rank)
        self.steps = math.ceil(len(examples) / config.batch) * config.epochs
        self.optimiser, self.schedule = _optimiser(student, config, self.steps)
        self.done = 0
        self.slices = head_slices()

    def fit(self) -> None:
        """Go through all batches, from the last checkpoint on."""
        self._resume()
        self.student.train()
        started = saved = time.monotonic()
        for step, rows in enumerate(self._batches()):
            if step < self.done:
                continue
            loss = self._step(rows)
            self.done = step + 1
            if step % 50 == 0 and self.rank == 0:
                rate = (time.monotonic() - started) / max(1, step + 1)
                log.info("step %d of %d, loss %.3f, %.2f s a step", step, self.steps, loss, rate)
            if time.monotonic() - saved > CHECKPOINT_SECONDS:
                self._save()
                saved = time.monotonic()
        self._save()

    def _batches(self) -> Iterator[list[int]]:
        """Yield rows of similar length, in an order fixed by the seed."""
        order = random.Random(self.config.seed)
        for _ in range(self.config.epochs):
            rows = list(range(len(self.examples)))
            order.shuffle(rows)
            chunk = self.config.batch * 24
            batches = []
            for start in range(0, len(rows), chunk):
                part = sorted(rows[start : start + chunk], key=lambda row: len(self.token_ids[row]))
                batches += [
                    part[at : at + self.config.batch] for at in range(0, len(part), self.config.batch)
                ]
            order.shuffle(batches)
            yield from batches

    def _step(self, rows: list[int]) -> float:
        rows = rows[self.rank :: self.world] or rows
        ids, mask = pad_batch([self.token_ids[row] for row in rows], self.pad)
        with torch.autocast(self.device, torch.bfloat16, enabled=self.config.bf16):
            _, logits, embeddings = self.student(ids.to(self.device), mask.to(self.device))
        loss = self._loss(rows, logits.float(), embeddings.float())
        self.optimiser.zero_grad()
        loss.backward()
        if self.world > 1:
            self._average_gradients()
        nn.utils.clip_grad_norm_(self.student.parameters(), 1.0)
        self.optimiser.step()
        self.schedule.step()
        return float(loss.detach())

    def _average_gradients(self) -> None:
        """Share the gradients between the processes of ``torchrun``; a head that none saw has none."""
        for parameter in self.trained:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        flat = nn.utils.parameters_to_vector([p.grad for p in self.trained if p.grad is not None])
        torch.distributed.all_reduce(flat)
        flat /= self.world
        start = 0
        for parameter in self.trained:
            assert parameter.grad is not None
            parameter.grad.copy_(flat[start : start + parameter.numel()].view_as(parameter))
            start += parameter.numel()

    def _loss(self, rows: list[int], logits: Tensor, embeddings: Tensor) -> Tensor:
        loss = logits.new_zeros(())
        if self.targets is not None:
            target = self.targets[rows].to(self.device)
            loss = self.config.embedding_weight * (1 - (embeddings * target).sum(1)).mean()
        for head in self.config.heads:
            part = self.slices[head]
            known = [at for at, row in enumerate(rows) if head in self.examples[row].labels]
            if known:
                labels = torch.tensor(
                    [self.examples[rows[at]].labels[head] for at in known], device=self.device
                )
                share = len(known) / len(rows)
                weight = self.config.head_weights.get(head, 1.0)
                loss = loss + weight * share**0.5 * self.losses[head](logits[known][:, part], labels)
        return loss

    def _save(self) -> None:
        if self.rank:
            return
        draft = self.work / "checkpoint.part"
        torch.save(
            {
                "done": self.done,
                "student": self.student.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "schedule": self.schedule.state_dict(),
            },
            draft,
        )
        draft.replace(self.work / "checkpoint.pt")

    def _resume(self) -> None:
        path = self.work / "checkpoint.pt"
        if not path.exists():
            return
        kept = torch.load(path, map_location=self.device, weights_only=True)
        self.student.load_state_dict(kept["student"])
        self.optimiser.load_state_dict(kept["optimiser"])
        self.schedule.load_state_dict(kept["schedule"])
        self.done = kept["done"]
        log.info("going on from step %d", self.done)


def freeze(student: Student, layers: int) -> None:
    """Keep the word embeddings and the lowest ``layers`` layers as they are; 0 keeps nothing."""
    if layers:
        for module in (student.encoder.embeddings, *student.encoder.encoder.layer[:layers]):
            for parameter in module.parameters():
                parameter.requires_grad_(False)


def encode(tokenizer: Tokenizer, texts: Sequence[str], max_tokens: int) -> list[list[int]]:
    """Return token ids, cut to ``max_tokens`` with the end token kept."""
    ids = [encoding.ids for encoding in tokenizer.encode_batch(list(texts))]
    return [row if len(row) <= max_tokens else [*row[: max_tokens - 1], row[-1]] for row in ids]


def pad_batch(rows: Sequence[Sequence[int]], pad: int) -> tuple[Tensor, Tensor]:
    """Return (ids, mask), both (n, longest) of int64."""
    longest = max(len(row) for row in rows)
    ids = torch.full((len(rows), longest), pad, dtype=torch.long)
    mask = torch.zeros((len(rows), longest), dtype=torch.long)
    for at, row in enumerate(rows):
        ids[at, : len(row)] = torch.tensor(row)
        mask[at, : len(row)] = 1
    return ids, mask


def _base(config: TrainConfig, corpus: Corpus, work: Path) -> Base:
    """Prune the base once; a later run of the same work folder reads it again."""
    folder = work / "base"
    if not (folder / "tokenizer.json").exists():
        base = load_base(config.base)
        if config.vocabulary:
            save_base(prune_like(base, Tokenizer.from_file(config.vocabulary), config.layers), folder)
        else:
            texts = [example.text for example in corpus.examples]
            save_base(prune(base, [*texts, *_traditional(texts)], config.layers), folder)
    model = BertModel.from_pretrained(folder, add_pooling_layer=False)
    return Base(model, Tokenizer.from_file(str(folder / "tokenizer.json")))


def _traditional(texts: Sequence[str]) -> list[str]:
    from opencc import OpenCC

    convert = OpenCC("s2t")
    return [convert.convert(text) for text in texts[::4]]


def _teacher_embeddings(config: TrainConfig, examples: Sequence[Example], work: Path) -> Tensor:
    """Return the full encoder's unit embeddings (n, 384) of all examples, cached by text."""
    path = work / "teacher.npz"
    texts = [example.text for example in examples]
    known: dict[str, np.ndarray[Any, Any]] = {}
    if path.exists():
        kept = np.load(path, allow_pickle=False)
        known = dict(zip(kept["texts"].tolist(), kept["vectors"], strict=True))
    missing = sorted({text for text in texts if text not in known}, key=len)
    if missing:
        known.update(zip(missing, _embed_with_teacher(config, missing), strict=True))
        np.savez(path, texts=np.array(list(known)), vectors=np.stack(list(known.values())).astype(np.float16))
    return torch.from_numpy(np.stack([known[text] for text in texts]).astype(np.float32))


def _embed_with_teacher(config: TrainConfig, texts: Sequence[str]) -> np.ndarray[Any, Any]:
    base = load_base(config.base)
    base.model.eval()
    ids = encode(base.tokenizer, [TEACHER_PREFIX + text for text in texts], config.max_tokens)
    found = []
    with torch.inference_mode():
        for start in range(0, len(ids), 64):
            rows, mask = pad_batch(ids[start : start + 64], base.tokenizer.get_vocab()["<pad>"])
            pooled = mean_pool(base.model(input_ids=rows, attention_mask=mask).last_hidden_state, mask)
            found.append(nn.functional.normalize(pooled, dim=1).numpy())
            if start % 1280 == 0:
                log.info("teacher: %d of %d", start, len(ids))
    return np.concatenate(found)


def _head_loss(
    head: str, examples: Sequence[Example], config: TrainConfig, device: str
) -> nn.CrossEntropyLoss:
    """Weigh classes by 1/sqrt(count).

    Raises:
        ValueError: a class has no example, though the head has some.
    """
    counts = Counter(example.labels[head] for example in examples if head in example.labels)
    missing = [label for number, label in enumerate(HEADS[head]) if counts and not counts[number]]
    if missing:
        raise ValueError(f"{head}: no training example of {', '.join(missing)}")
    weights = torch.tensor([counts[number] ** -0.5 if counts else 1.0 for number in range(len(HEADS[head]))])
    return nn.CrossEntropyLoss(
        weight=(weights / weights.mean()).to(device), label_smoothing=config.label_smoothing
    )


def _optimiser(student: Student, config: TrainConfig, steps: int) -> tuple[Any, Any]:
    encoder = [p for p in student.encoder.parameters() if p.requires_grad]
    heads = [*student.heads.parameters(), *student.project.parameters()]
    optimiser = torch.optim.AdamW(
        [
            {"params": encoder, "lr": config.learning_rate},
            {"params": heads, "lr": config.head_learning_rate},
        ],
        weight_decay=config.weight_decay,
    )
    warm = max(1, int(steps * config.warmup))

    def factor(step: int) -> float:
        return (
            min(1.0, (step + 1) / warm) * max(0.0, (steps - step) / max(1, steps - warm))
            if step >= warm
            else (step + 1) / warm
        )

    return optimiser, torch.optim.lr_scheduler.LambdaLR(optimiser, factor)


if __name__ == "__main__":
    main()
