"""Training: a config and data come in, a trained network with its vocabulary goes out.

``python -m models.train --config models/configs/student.toml --work DIR --data DIR [--teacher DIR]…``.
Seeded; a checkpoint is written as it goes, so that a killed training goes on from there when it is started
again; everything is logged to ``DIR/train.log``. The same command uses a GPU where there is one, and several
processes under ``torchrun``.
"""

from __future__ import annotations

import argparse
import logging
import random
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor
from transformers import BertModel

from models.base import Base, load_base, prune, prune_like, save_base
from models.corpus import Corpus, load_corpus
from models.fitting import Fitting, Lessons, freeze
from models.labels import HEADS
from models.left_out import without
from models.network import Student, take_over
from models.pairs import pair_batches, read_pairs
from models.processes import Processes
from models.soft import embeddings_to_imitate, soft_logits
from models.train_config import LONG, TrainConfig
from models.unlabelled import unlabelled

log = logging.getLogger("models.train")

CONFIG_FILE = "config.toml"  # the copy of the settings in a work folder
PAIRS_A_BATCH = 32


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
    parser.add_argument(
        "--teacher", type=Path, action="append", default=[], help="work folder of a teacher; may be repeated"
    )
    parser.add_argument("--leave-out", default="", help="data set to train without, to test on it")
    given = parser.parse_args(arguments)
    run(
        given.config, given.work, given.data, given.start, given.teacher,
        heads_only=given.heads_only, leave_out=given.leave_out,
    )  # fmt: skip


def run(
    config_file: Path,
    work: Path,
    data: Path | None,
    start: Path | None = None,
    teachers: Sequence[Path] = (),
    heads_only: bool = False,
    leave_out: str = "",
) -> None:
    """Train in a work folder, which keeps the settings and the log; see ``train``."""
    work.mkdir(parents=True, exist_ok=True)
    config = replace(TrainConfig.load(config_file), leave_out=leave_out)
    config.save(work / CONFIG_FILE)
    with _logged_to(work / "train.log"):
        train(config, work, data, start, teachers, heads_only=heads_only)


@contextmanager
def _logged_to(path: Path) -> Iterator[None]:
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger("models")
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        handler.close()


def train(
    config: TrainConfig,
    work: Path,
    data: Path | None,
    start: Path | None = None,
    teachers: Sequence[Path] = (),
    heads_only: bool = False,
) -> Student:
    """Train (or go on training) a network in ``work``; return it.

    ``start`` is the work folder of an earlier training whose vocabulary and weights are taken over.

    Raises:
        ValueError: a class of a head that is trained has no example.
    """
    random.seed(config.seed)
    torch.manual_seed(config.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    corpus, processes = load_corpus(data, config.research), Processes()
    with processes.in_turn():
        base = _base(config, corpus, work, start)
        lessons = _lessons(config, corpus, work, data, start, teachers, device)
    if config.pair_every and data is not None:
        pairs = pair_batches(*read_pairs(data, "train"), PAIRS_A_BATCH, config.seed + processes.rank)
        lessons = replace(lessons, pairs=pairs)
    student: Student = Student(base.model)
    if start is not None:
        take_over(student, torch.load(start / "student.pt", map_location="cpu", weights_only=True))
    freeze(student, config.layers if heads_only else config.frozen_layers)
    student.to(device)
    Fitting(config, student, base.tokenizer, lessons, work, processes).fit()
    if processes.first:
        state = _kept(student, start, config.start_share)
        torch.save(state, work / "student.pt")
        student.load_state_dict(state)
        log.info("done")
    return student


def _base(config: TrainConfig, corpus: Corpus, work: Path, start: Path | None) -> Base:
    """Prune the base once; a later run of the same work folder reads it again."""
    folder = work / "base"
    if (folder / "tokenizer.json").exists():
        log.info("the base of an earlier run")
    elif start is not None:
        shutil.copytree(start / "base", folder, dirs_exist_ok=True)
    else:
        full = load_base(config.base)
        if config.vocabulary:
            base = prune_like(full, Tokenizer.from_file(config.vocabulary), config.layers)
        else:
            texts = [example.text for example in corpus.examples]
            base = prune(full, [*texts, *_traditional(texts)], config.layers)
        save_base(base, folder)
    model = BertModel.from_pretrained(folder, add_pooling_layer=False)
    return Base(model, Tokenizer.from_file(str(folder / "tokenizer.json")))


def _traditional(texts: Sequence[str]) -> list[str]:
    from opencc import OpenCC

    convert = OpenCC("s2t")
    return [convert.convert(text) for text in texts[::4]]


def _lessons(
    config: TrainConfig,
    corpus: Corpus,
    work: Path,
    data: Path | None,
    start: Path | None,
    teachers: Sequence[Path],
    device: str,
) -> Lessons:
    rest = without(corpus.examples, config.leave_out)
    wanted = set(config.heads)
    examples = [example for example in rest if example.split == "train" and wanted & set(example.labels)]
    chosen = random.Random(config.seed)
    examples = [e for e in examples if len(e.text) <= LONG or chosen.random() < config.long_share]
    if teachers and data is not None:
        examples += unlabelled(data, config.unlabelled, config.seed)
    texts = [example.text for example in examples]
    imitated = opinions = None
    if config.embedding_weight:
        shown = _imitated(start, teachers)
        imitated = embeddings_to_imitate(config, shown, texts, work / "embeddings.npz", device)
    if teachers:
        opinions = soft_logits(teachers, texts, work / "opinions.npz", device)
    return Lessons(examples=examples, embeddings=imitated, opinions=opinions)


def _kept(student: Student, start: Path | None, start_share: float) -> dict[str, Tensor]:
    """Return the weights to keep: the trained ones, averaged with those that training started from."""
    state = {name: value.cpu() for name, value in student.state_dict().items()}
    if start is None or not start_share:
        return state
    before = torch.load(start / "student.pt", map_location="cpu", weights_only=True)
    return {name: torch.lerp(value, before[name], start_share) for name, value in state.items()}


def _imitated(start: Path | None, teachers: Sequence[Path]) -> Path | None:
    """Return whose embeddings to imitate: a teacher's of all heads, else those training starts from."""
    knowing = [work for work in teachers if set(TrainConfig.load(work / CONFIG_FILE).heads) == set(HEADS)]
    return knowing[0] if knowing else start


if __name__ == "__main__":
    main()
