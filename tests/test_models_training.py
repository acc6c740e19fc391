from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")

from tokenizers import Tokenizer, models, pre_tokenizers, processors  # noqa: E402
from transformers import BertConfig, BertModel  # noqa: E402

from models import fitting  # noqa: E402
from models.base import Base, save_base  # noqa: E402
from models.batches import batches, mask_tokens, pad_batch  # noqa: E402
from models.corpus import Example  # noqa: E402
from models.fitting import Fitting, Lessons  # noqa: E402
from models.graph import to_int8  # noqa: E402
from models.labels import HEADS  # noqa: E402
from models.left_out import without  # noqa: E402
from models.network import Student  # noqa: E402
from models.pairs import pair_batches, pair_loss, read_pairs  # noqa: E402
from models.processes import Processes  # noqa: E402
from models.runtime import head_slices  # noqa: E402
from models.soft import soft_logits  # noqa: E402
from models.train_config import TrainConfig  # noqa: E402

pytestmark = pytest.mark.usefixtures("one_thread")

SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
LETTERS = list("水电路学医停修通好坏谣真假吗天三人")
WIDTH = 384


def small_tokenizer():
    pieces = [(piece, 0.0) for piece in SPECIAL] + [(letter, -1.0) for letter in LETTERS]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return tokenizer


def small_student(dropout=0.1):
    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=len(SPECIAL) + len(LETTERS), hidden_size=WIDTH, num_hidden_layers=1,
        num_attention_heads=12, intermediate_size=32, max_position_embeddings=32, hidden_dropout_prob=dropout,
    )  # fmt: skip
    return Student(BertModel(config, add_pooling_layer=False), dropout)


def small_config(**changed):
    config = TrainConfig(
        base="none", layers=1, seed=5, epochs=2, batch=8, max_tokens=16, learning_rate=1e-3,
        head_learning_rate=1e-3, warmup=0.1, weight_decay=0.01, label_smoothing=0.0, embedding_weight=0.0,
        research=False, heads=("rumor", "stance"), token_drop=0.1,
    )  # fmt: skip
    return replace(config, **changed)


def examples(count=32):
    chosen = np.random.default_rng(1)
    return [
        Example(
            text="".join(chosen.choice(LETTERS, 3 + at % 9)),
            labels={"rumor": at % 2, "stance": at % 4},
            set="made" if at % 3 else "other",
            split="train",
        )
        for at in range(count)
    ]


def lessons():
    pairs = [("停水三天", "三天停水", True), ("好人", "坏人", False), ("修路", "修路通", True)] * 4
    return Lessons(
        examples=examples(),
        opinions=torch.zeros(32, 24).masked_fill(torch.arange(32)[:, None] % 2 == 0, float("nan")),
        pairs=pair_batches(pairs, pairs, 6, seed=5),
    )


def run(work, student, steps=None, monkeypatch=None):
    config = small_config(soft_weight=1.0, pair_every=2)
    made = Fitting(config, student, small_tokenizer(), lessons(), work, Processes())
    if steps is None:
        made.fit()
        return made
    real, done = made._step, []

    def killed(step, rows):
        if len(done) == steps:
            raise KeyboardInterrupt
        done.append(step)
        return real(step, rows)

    made._step = killed
    with pytest.raises(KeyboardInterrupt):
        made.fit()
    return made


def test_a_killed_training_goes_on_to_the_same_weights(tmp_path, monkeypatch):
    monkeypatch.setattr(fitting, "CHECKPOINT_SECONDS", 0.0)  # a checkpoint after every step
    whole, parts = small_student(), small_student()
    for name in ("whole", "parts"):
        (tmp_path / name).mkdir()
    run(tmp_path / "whole", whole)
    run(tmp_path / "parts", parts, steps=3)
    resumed = run(tmp_path / "parts", small_student())
    assert resumed.done == resumed.steps == 8
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.student.state_dict()[name]), name
    assert not torch.equal(whole.state_dict()["heads.rumor.weight"], parts.state_dict()["heads.rumor.weight"])


def test_training_learns_what_it_is_shown(tmp_path):
    student = small_student(dropout=0.0)
    rows = [
        Example(text=text, labels={"rumor": label}, set="made", split="train")
        for text, label in (("谣谣假", 1), ("真好通", 0)) * 24
    ]
    config = small_config(heads=("rumor",), token_drop=0.0, epochs=3)
    Fitting(config, student, small_tokenizer(), Lessons(examples=rows), tmp_path, Processes()).fit()
    student.eval()
    ids, mask = pad_batch([e.ids for e in small_tokenizer().encode_batch(["谣谣假", "真好通"])], 1)
    assert student(ids, mask)[1][:, head_slices()["rumor"]].argmax(1).tolist() == [1, 0]


def test_a_class_without_examples_is_an_error_that_names_it(tmp_path):
    rows = [replace(example, labels={"rumor": 0}) for example in examples(8)]
    config = small_config(heads=("rumor",))
    with pytest.raises(ValueError, match="rumor: no training example of yes"):
        Fitting(config, small_student(), small_tokenizer(), Lessons(examples=rows), tmp_path, Processes())


def test_every_epoch_reads_every_row_once_in_an_order_of_the_seed():
    lengths = list(range(1, 101))
    order = list(batches(lengths, 8, 2, seed=1))
    flat = [row for batch in order for row in batch]
    assert sorted(flat[:100]) == sorted(flat[100:]) == list(range(100))
    assert order == list(batches(lengths, 8, 2, seed=1)) != list(batches(lengths, 8, 2, seed=2))


def test_masking_spares_the_first_token_and_the_padding():
    ids, mask = pad_batch([[0, 7, 7, 7, 2], [0, 7, 2]], 1)
    masked = mask_tokens(ids, mask, 1.0, 4)
    assert masked[:, 0].tolist() == [0, 0]
    assert masked[1].tolist() == [0, 4, 4, 1, 1]


def test_pairs_that_say_the_same_are_pulled_together():
    close = torch.nn.functional.normalize(torch.eye(4)[:, :3] + 0.01, dim=1)
    same = torch.tensor([True, True, True, False])
    good = pair_loss(close, close, same)
    bad = pair_loss(close, close.flip(0), same)
    assert good < bad
    assert torch.isfinite(pair_loss(close, close, torch.zeros(4, dtype=torch.bool)))


def test_pairs_are_read_from_files(tmp_path):
    (tmp_path / "claim_pairs").mkdir()
    row = {"text_a": "停水三天", "text_b": "三天没水", "label": 1}
    import gzip

    with gzip.open(tmp_path / "claim_pairs" / "train.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(json.dumps(row, ensure_ascii=False) + "\n")
    assert read_pairs(tmp_path, "train") == ([("停水三天", "三天没水", True)], [])


def test_teachers_speak_for_their_heads_only_and_are_asked_once(tmp_path):
    student = small_student()
    save_base(Base(student.encoder, small_tokenizer()), tmp_path / "base")
    torch.save(student.state_dict(), tmp_path / "student.pt")
    small_config(heads=("need",)).save(tmp_path / "config.toml")
    texts = ["停水三天", "好人好"]
    found = soft_logits([tmp_path], texts, tmp_path / "cache.npz", "cpu")
    known = ~torch.isnan(found[0])
    assert known.sum() == len(HEADS["need"])
    (tmp_path / "student.pt").unlink()
    again = soft_logits([tmp_path], texts[::-1], tmp_path / "cache.npz", "cpu")
    assert torch.equal(again[0][known], found[1][known])


def test_a_left_out_set_is_gone_and_the_others_are_whole():
    rows = examples(12)
    copied = replace(next(row for row in rows if row.set == "other"), set="made")
    assert without([*rows, copied], "other") == [*(row for row in rows if row.set == "made"), copied]
    with pytest.raises(ValueError, match="no set 'nowhere'"):
        without(rows, "nowhere")


def test_the_int8_graph_says_what_the_network_says_whatever_is_beside_a_text(tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime")
    student = small_student().eval()
    tokens = [encoding.ids for encoding in small_tokenizer().encode_batch([e.text for e in examples(32)])]
    samples = [pad_batch(tokens, 1)]
    to_int8(student, samples, 16, tmp_path / "small.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "small.onnx", providers=["CPUExecutionProvider"])

    def ask(rows):
        ids, mask = pad_batch(rows, 1)
        return session.run(None, {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})

    logits, vectors = ask(tokens)
    with torch.inference_mode():
        _, expected, embedded = student(*samples[0])
    assert np.abs(logits - expected.numpy()).max() < 0.1
    assert (vectors * embedded.numpy()).sum(axis=1).min() > 0.99
    for row in (0, 5, 8):
        alone = ask([tokens[row]])[0]
        assert np.abs(alone - logits[row]).max() < 1e-3
