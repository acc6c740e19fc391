"""The training loop: a network, examples and teachers' opinions come in; a trained network goes out."""

from __future__ import annotations

import itertools
import logging
import math
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn.functional import kl_div, log_softmax

from models.batches import batches, encode, mask_tokens, pad_batch
from models.corpus import Example
from models.labels import HEADS
from models.network import Student
from models.pairs import Pair, pair_loss
from models.processes import Processes
from models.runtime import head_slices
from models.train_config import TrainConfig

log = logging.getLogger("models.fitting")

CHECKPOINT_SECONDS = 300.0
STEPS_A_LINE = 20  # of the log
TEMPERATURE = 2.0  # softens a teacher's opinion (Hinton et al. 2015, arXiv:1503.02531)
CHECKPOINT_FILE = "checkpoint.pt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """What to learn from: rows side by side.

    ``embeddings`` (n, 384) are to be imitated; ``opinions`` (n, 24) are teachers' logits, NaN where no
    teacher knows the head; ``pairs`` come in batches without end.
    """

    examples: Sequence[Example]
    embeddings: Tensor | None = None
    opinions: Tensor | None = None
    pairs: Iterator[list[Pair]] | None = None


class Fitting:
    """One training: the order of batches, the losses, the checkpoints."""

    def __init__(
        self,
        config: TrainConfig,
        student: Student,
        tokenizer: Tokenizer,
        lessons: Lessons,
        work: Path,
        processes: Processes,
    ) -> None:
        self.config = config
        self.student = student
        self.tokenizer = tokenizer
        self.lessons = lessons
        self.work = work
        self.processes = processes
        self.device = next(student.parameters()).device
        self.token_ids = encode(tokenizer, [e.text for e in lessons.examples], config.max_tokens)
        pieces = tokenizer.get_vocab()
        self.pad, self.masked = pieces["<pad>"], pieces["<mask>"]
        self.losses = {
            head: head_loss(head, lessons.examples, config.label_smoothing).to(self.device)
            for head in config.heads
        }
        self.steps = math.ceil(len(lessons.examples) / config.batch) * config.epochs
        self.optimiser, self.schedule = optimiser(student, config, self.steps)
        self.done = 0

    def fit(self) -> None:
        """Go through all batches, from the last checkpoint on.

        A killed training goes on as if it had not been: batches come in the order of the seed, and chance
        (dropout, masking) is seeded anew every step.
        """
        self._resume()
        self.student.train()
        saved = time.monotonic()
        lengths = [len(ids) for ids in self.token_ids]
        order = batches(lengths, self.config.batch, self.config.epochs, self.config.seed)
        for step, rows in enumerate(itertools.islice(order, self.done, None), self.done):
            loss = self._step(step, self.processes.share(rows))
            self.done = step + 1
            if self.processes.first and step % STEPS_A_LINE == 0:
                log.info("step %d of %d, loss %.3f", step, self.steps, loss)
            if time.monotonic() - saved > CHECKPOINT_SECONDS:
                self._save()
                saved = time.monotonic()
        self._save()

    def _step(self, step: int, rows: Sequence[int]) -> float:
        torch.manual_seed(self.config.seed * 1_000_003 + step * self.processes.count + self.processes.rank)
        loss = self._text_loss(rows)
        if self.lessons.pairs is not None and step % self.config.pair_every == 0:
            loss = loss + self._pair_loss(next(self.lessons.pairs))
        self.optimiser.zero_grad()
        loss.backward()
        self.processes.average_gradients(self.student)
        nn.utils.clip_grad_norm_(self.student.parameters(), 1.0)
        self.optimiser.step()
        self.schedule.step()
        return float(loss.detach())

    def _text_loss(self, rows: Sequence[int]) -> Tensor:
        logits, embedded = self._forward([self.token_ids[row] for row in rows], self.config.token_drop)
        loss = logits.new_zeros(())
        if self.lessons.embeddings is not None:
            target = self.lessons.embeddings[list(rows)].to(self.device)
            loss = self.config.embedding_weight * (1 - (embedded * target).sum(1)).mean()
        for head in self.config.heads:
            part = logits[:, head_slices()[head]]
            weight = self.config.head_weights.get(head, 1.0)
            loss = loss + weight * (self._label_loss(head, rows, part) + self._opinion_loss(head, rows, part))
        return loss

    def _forward(self, token_ids: Sequence[Sequence[int]], drop: float = 0.0) -> tuple[Tensor, Tensor]:
        ids, mask = (part.to(self.device) for part in pad_batch(token_ids, self.pad))
        if drop:
            ids = mask_tokens(ids, mask, drop, self.masked)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.config.bf16):
            _, logits, embedded = self.student(ids, mask)
        return logits.float(), nn.functional.normalize(embedded.float(), dim=1)

    def _label_loss(self, head: str, rows: Sequence[int], logits: Tensor) -> Tensor:
        examples = self.lessons.examples
        known = [at for at, row in enumerate(rows) if head in examples[row].labels]
        if not known:
            return logits.new_zeros(())
        labels = torch.tensor([examples[rows[at]].labels[head] for at in known], device=self.device)
        loss: Tensor = self.losses[head](logits[known], labels)
        return loss * (len(known) / len(rows)) ** 0.5  # a rare head is heard above its share

    def _opinion_loss(self, head: str, rows: Sequence[int], logits: Tensor) -> Tensor:
        if self.lessons.opinions is None:
            return logits.new_zeros(())
        opinions = self.lessons.opinions[list(rows)][:, head_slices()[head]].to(self.device)
        known = ~torch.isnan(opinions[:, 0])
        if not known.any():
            return logits.new_zeros(())
        ours = log_softmax(logits[known] / TEMPERATURE, 1)
        theirs = log_softmax(opinions[known] / TEMPERATURE, 1)
        gap = kl_div(ours, theirs, reduction="batchmean", log_target=True) * TEMPERATURE**2
        return self.config.soft_weight * gap

    def _pair_loss(self, pairs: Sequence[Pair]) -> Tensor:
        texts = [text for left, right, _ in pairs for text in (left, right)]
        _, embedded = self._forward(encode(self.tokenizer, texts, self.config.max_tokens))
        same = torch.tensor([same for *_, same in pairs], device=self.device)
        return pair_loss(embedded[0::2], embedded[1::2], same)

    def _save(self) -> None:
        if not self.processes.first:
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
        draft.replace(self.work / CHECKPOINT_FILE)

    def _resume(self) -> None:
        path = self.work / CHECKPOINT_FILE
        if not path.exists():
            return
        kept = torch.load(path, map_location=self.device, weights_only=True)
        self.student.load_state_dict(kept["student"])
        self.optimiser.load_state_dict(kept["optimiser"])
        self.schedule.load_state_dict(kept["schedule"])
        self.done = kept["done"]
        self._skip_pairs()
        log.info("going on from step %d", self.done)

    def _skip_pairs(self) -> None:
        if self.lessons.pairs is not None:
            for _ in range(math.ceil(self.done / self.config.pair_every)):
                next(self.lessons.pairs)


def head_loss(head: str, examples: Sequence[Example], smoothing: float) -> nn.CrossEntropyLoss:
    """Weigh classes by 1/sqrt(count).

    Raises:
        ValueError: a class has no example, though the head has some.
    """
    counts = Counter(example.labels[head] for example in examples if head in example.labels)
    missing = [label for number, label in enumerate(HEADS[head]) if counts and not counts[number]]
    if missing:
        raise ValueError(f"{head}: no training example of {', '.join(missing)}")
    weights = torch.tensor([counts[number] ** -0.5 if counts else 1.0 for number in range(len(HEADS[head]))])
    return nn.CrossEntropyLoss(weight=weights / weights.mean(), label_smoothing=smoothing)


def freeze(student: Student, layers: int) -> None:
    """Keep the word embeddings and the lowest ``layers`` layers as they are; 0 keeps nothing."""
    if layers:
        for module in (student.encoder.embeddings, *student.encoder.encoder.layer[:layers]):
            for parameter in module.parameters():
                parameter.requires_grad_(False)


def optimiser(student: Student, config: TrainConfig, steps: int) -> tuple[Any, Any]:
    """Return AdamW with one rate for the encoder and one for the heads, and its warm-up and linear decay."""
    encoder = [parameter for parameter in student.encoder.parameters() if parameter.requires_grad]
    heads = [*student.heads.parameters(), *student.project.parameters()]
    adam = torch.optim.AdamW(
        [
            {"params": encoder, "lr": config.learning_rate},
            {"params": heads, "lr": config.head_learning_rate},
        ],
        weight_decay=config.weight_decay,
        fused=True,  # one pass over the weights: half a step's time went into AdamW without it
    )
    warm = max(1, int(steps * config.warmup))

    def factor(step: int) -> float:
        if step < warm:
            return (step + 1) / warm
        return max(0.0, (steps - step) / max(1, steps - warm))

    return adam, torch.optim.lr_scheduler.LambdaLR(adam, factor)
