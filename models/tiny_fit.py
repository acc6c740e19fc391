"""Training of the fast tier's tiny network: a weights folder and a corpus come in; the network goes in beside
the student, with its factors and the doubt at which a text is passed on.

``python -m models.tiny_fit --weights DIR --data DIR [--start WORK]``: a quarter of an hour on two cores. It
learns from the labels, and from what the shipped models say of texts made up of parts of other texts (Hinton
et al. 2015, arXiv:1503.02531): it is labelled posts that it has too few of.
"""

from __future__ import annotations

import argparse
import logging
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn.functional import kl_div, log_softmax

from models.batches import batches, encode, mask_tokens, pad_batch
from models.blend import blended, doubt
from models.corpus import Corpus, Example, load_corpus
from models.fitting import head_loss
from models.labels import HEADS
from models.ngram_fit import fit_blend, versioned
from models.ngrams import NGrams
from models.runtime import QUICK_TOKENS, Floats, Network, head_slices
from models.tiny_network import Packed, Tiny
from models.unlabelled import unlabelled
from models.weights import TINY_FILE, TOKENIZER_FILE, Manifest, read_manifest, write_manifest

log = logging.getLogger("models.tiny_fit")

SEED = 3
EPOCHS, BATCH = 5, 64
RATES = (2e-3, 1.5e-3)  # of the pieces' vectors and of the rest; they fall to nothing
DROPPED = 0.1  # share of pieces masked
LABEL_WEIGHT = 0.7  # beside the models' opinion
SMOOTHING = 0.05
LONGEST = 140  # characters of a made-up text
MADE_UP = {"own_need": 5, "own_stance": 4, "ewect": 4, "ewect_usual": 4}  # of a text of a set; else one
ASKED = 8000  # unlabelled texts beside
PASSED_ON = 0.1  # share of dev's posts that are passed on to the student


def main(arguments: Sequence[str] | None = None) -> None:
    """Train the tiny network of a weights folder from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, default=Path("models/weights"))
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--start", type=Path, help="work folder of a training whose pieces to begin with")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    manifest = add_tiny(given.weights, load_corpus(given.data), given.data, given.start)
    log.info("%s: %s", manifest.version, manifest.quick)


def add_tiny(folder: Path, corpus: Corpus, data: Path | None, start: Path | None = None) -> Manifest:
    """Train the network, write it, and write a manifest that lists it."""
    manifest = read_manifest(folder, ignore=(TINY_FILE,))
    (folder / TINY_FILE).unlink(missing_ok=True)
    network, branch = Network(folder, manifest.max_tokens), NGrams.load(folder)
    train = corpus.split("train")
    asked = [*made_up(train), *(row.text for row in (unlabelled(data, ASKED, SEED) if data else ()))]
    log.info("asking the models of %d texts", len(asked))
    opinions = blended(network.run(asked)[0], branch.scores(asked), manifest.blend)
    rows = [*train, *(Example(text=text, labels={}, set="made up", split="train") for text in asked)]
    values = np.concatenate([np.full((len(train), opinions.shape[1]), np.nan, np.float32), opinions])
    export(fit(rows, values, folder, start), folder / TINY_FILE)
    return _calibrated(folder, manifest, branch, corpus.split("dev"))


def made_up(examples: Sequence[Example]) -> list[str]:
    """Return texts of parts: spans of one text, and spans of two texts of the same set joined."""
    chance = random.Random(SEED)
    by_set: dict[str, list[str]] = {}
    for example in examples:
        by_set.setdefault(example.set, []).append(example.text[: 2 * LONGEST])
    found = []
    for name, texts in sorted(by_set.items()):
        for text in texts:
            for number in range(MADE_UP.get(name, 1)):
                other = chance.choice(texts) if number % 2 else ""
                found.append((_span(text, chance) + ("，" + _span(other, chance) if other else ""))[:LONGEST])
    return list(dict.fromkeys(found))


def _span(text: str, chance: random.Random) -> str:
    length = max(4, int(len(text) * chance.uniform(0.35, 0.8)))
    begin = chance.randint(0, max(0, len(text) - length))
    return text[begin : begin + length]


def fit(examples: Sequence[Example], opinions: Floats, folder: Path, start: Path | None) -> Tiny:
    """Train on labels and ``opinions`` (n, 24 values; NaN where there is none); return the network.

    Raises:
        ValueError: a class of a head has no example.
    """
    torch.manual_seed(SEED)
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
    tiny = Tiny(tokenizer.get_vocab_size())
    if start is not None:
        state = torch.load(start / "student.pt", map_location="cpu", weights_only=True)
        tiny.start_from(state["encoder.embeddings.word_embeddings.weight"].float())
    for step, loss in enumerate(_steps(tiny, tokenizer, examples, torch.from_numpy(opinions))):
        if step % 200 == 0:
            log.info("step %d, loss %.3f", step, loss)
    return tiny


def _steps(
    tiny: Tiny, tokenizer: Tokenizer, examples: Sequence[Example], opinions: Tensor
) -> Iterator[float]:
    """Make one step of training after the other; yield each one's loss."""
    ids = encode(tokenizer, [example.text for example in examples], QUICK_TOKENS)
    vocabulary = tokenizer.get_vocab()
    losses = {head: head_loss(head, examples, SMOOTHING) for head in HEADS}
    vectors = [*tiny.pieces.parameters(), *tiny.weights.parameters()]
    rest = [*tiny.around.parameters(), *tiny.inner.parameters(), *tiny.outer.parameters()]
    adam = torch.optim.AdamW(
        [{"params": part, "lr": rate} for part, rate in zip((vectors, rest), RATES, strict=True)],
        weight_decay=0.01,
        fused=True,
    )
    steps = math.ceil(len(ids) / BATCH) * EPOCHS
    falling = torch.optim.lr_scheduler.LambdaLR(adam, lambda step: 1 - step / steps)
    tiny.train()
    for rows in batches([len(row) for row in ids], BATCH, EPOCHS, SEED):
        tokens, mask = pad_batch([ids[row] for row in rows], vocabulary["<pad>"])
        logits = tiny(mask_tokens(tokens, mask, DROPPED, vocabulary["<mask>"]), mask)
        loss = _loss(logits, [examples[row] for row in rows], opinions[rows], losses)
        adam.zero_grad()
        loss.backward()
        adam.step()
        falling.step()
        yield float(loss.detach())


def _loss(
    logits: Tensor, examples: Sequence[Example], opinions: Tensor, losses: dict[str, nn.CrossEntropyLoss]
) -> Tensor:
    total = logits.new_zeros(())
    asked = ~torch.isnan(opinions[:, 0])
    for head, part in head_slices().items():
        if asked.any():
            ours, theirs = (log_softmax(values[asked][:, part], 1) for values in (logits, opinions))
            gap = kl_div(ours, theirs, reduction="batchmean", log_target=True)
            total = total + gap * asked.float().mean()
        known = [at for at, example in enumerate(examples) if head in example.labels]
        if known:
            labels = torch.tensor([examples[at].labels[head] for at in known])
            share = (len(known) / len(examples)) ** 0.5  # a rare head is heard above its share
            total = total + LABEL_WEIGHT * share * losses[head](logits[known][:, part], labels)
    return total


def export(tiny: Tiny, path: Path) -> None:
    """Write the network as an ONNX graph; see ``Packed``."""
    sample = torch.full((2, 8), 5), torch.ones((2, 8), dtype=torch.long)
    axes = {name: {0: "texts", 1: "tokens"} for name in ("input_ids", "attention_mask")}
    torch.onnx.export(
        Packed(tiny).eval(), sample, path.as_posix(), dynamo=False, opset_version=18,
        input_names=list(axes), output_names=["logits"], dynamic_axes={**axes, "logits": {0: "texts"}},
    )  # fmt: skip


def _calibrated(folder: Path, manifest: Manifest, branch: NGrams, dev: Sequence[Example]) -> Manifest:
    """Fit the factors of tiny network and branch on dev, and the doubt above which a text is passed on."""
    texts = [example.text for example in dev]
    logits, scores = Network(folder, manifest.max_tokens).quick(texts), branch.scores(texts)
    quick = fit_blend(logits, scores, dev)
    limit = float(np.quantile(doubt(blended(logits, scores, quick)), 1 - PASSED_ON))
    thresholds = {**manifest.thresholds, "fast_doubt": round(limit, 4)}
    made = versioned(replace(manifest, quick=quick, thresholds=thresholds), folder, (TINY_FILE,))
    write_manifest(folder, made)
    return made


if __name__ == "__main__":
    main()
