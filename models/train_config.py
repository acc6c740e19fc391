"""The settings of a training: a TOML file comes in, a checked record goes out."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, field
from pathlib import Path

import tomli_w

from models.labels import HEADS

LONG = 90  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """What a config file may set; unknown keys are errors.

    ``heads`` are trained, on the examples that have a label of one of them; ``leave_out`` names a data set
    not to train on; ``vocabulary`` is the tokenizer file whose pieces to keep, so that a teacher and its
    student read alike; ``token_drop`` is the share of tokens masked in training; ``soft_weight`` is the
    weight of the teachers' opinions beside the labels'; ``unlabelled`` is the number of texts without labels
    on which only teachers have an opinion; ``pair_every`` is the number of steps from one batch of sentence
    pairs to the next (0: none); ``long_share`` is the share used of examples longer than ``LONG`` characters,
    most of them rumors that an earlier training has read; ``read_tokens`` is how many the exported network
    reads at a time (0: ``max_tokens``); ``start_share`` is the share that the weights which training started
    from have in those kept: a late lesson is learnt without forgetting (Wortsman et al. 2022,
    arXiv:2109.01903); ``bf16`` computes in bfloat16 with weights kept in
    float32.
    """

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
    token_drop: float = 0.0
    soft_weight: float = 0.0
    unlabelled: int = 0
    pair_every: int = 0
    long_share: float = 1.0
    read_tokens: int = 0
    start_share: float = 0.0

    @classmethod
    def load(cls, path: Path) -> TrainConfig:
        """Read a config file.

        Raises:
            TypeError: a key is missing or unknown.
            ValueError: a head that does not exist.
        """
        config = cls(**tomllib.loads(path.read_text("utf-8")))
        unknown = sorted({*config.heads, *config.head_weights} - set(HEADS))
        if unknown:
            raise ValueError(f"{path}: no head {unknown[0]!r}; known are {', '.join(HEADS)}")
        return config

    def save(self, path: Path) -> None:
        """Write the settings as a config file."""
        path.write_text(tomli_w.dumps(asdict(self)), "utf-8")
