from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")

from test_models_training import LETTERS, WIDTH, small_config, small_student, small_tokenizer  # noqa: E402

from models.base import Base, save_base  # noqa: E402
from models.batches import encode, pad_batch  # noqa: E402
from models.graph import to_int8  # noqa: E402
from models.narrow import narrow  # noqa: E402
from models.runtime import Session  # noqa: E402
from models.soft import load_student  # noqa: E402
from models.train import train  # noqa: E402

pytestmark = pytest.mark.usefixtures("one_thread")


def work_folder(folder, student):
    folder.mkdir()
    save_base(Base(student.encoder, small_tokenizer()), folder / "base")
    torch.save(student.state_dict(), folder / "student.pt")
    small_config().save(folder / "config.toml")
    return folder


def batch():
    chosen = np.random.default_rng(4)
    texts = ["".join(chosen.choice(LETTERS, 3 + at % 9)) for at in range(64)]
    return pad_batch(encode(small_tokenizer(), texts, 16), 1)


def answers(student):
    with torch.inference_mode():
        return student.eval()(*batch())[1]


def test_with_every_head_and_neuron_kept_nothing_changes(tmp_path):
    wide = small_student()
    work = work_folder(tmp_path / "wide", wide)
    narrow(work, None, tmp_path / "same", 12, 32)
    assert torch.allclose(answers(load_student(tmp_path / "same")), answers(wide), atol=1e-4)


def test_what_says_nothing_is_taken_away_first(tmp_path):
    wide = small_student()
    layer = wide.encoder.encoder.layer[0]
    with torch.no_grad():
        layer.attention.self.value.weight[:64] = 0.0  # two heads of width 32 that always say the same
        layer.output.dense.weight[:, 10:20] = 0.0  # ten neurons nobody listens to
    narrow(work_folder(tmp_path / "wide", wide), None, tmp_path / "narrow", 10, 22)
    narrowed = load_student(tmp_path / "narrow")
    assert torch.allclose(answers(narrowed), answers(wide), atol=1e-3)
    kept = narrowed.encoder.encoder.layer[0]
    assert tuple(kept.attention.self.value.weight.shape) == (320, WIDTH)
    assert tuple(kept.output.dense.weight.shape) == (WIDTH, 22)


def test_what_is_left_takes_over_what_a_neuron_said(tmp_path):
    wide = small_student()
    inner, outer = (getattr(wide.encoder.encoder.layer[0], name).dense for name in ("intermediate", "output"))
    with torch.no_grad():  # the last sixteen neurons repeat the first
        inner.weight[16:], inner.bias[16:] = inner.weight[:16], inner.bias[:16]
    assert not torch.allclose(outer.weight[:, :16], outer.weight[:, 16:])
    narrow(work_folder(tmp_path / "wide", wide), None, tmp_path / "half", 12, 16)
    assert torch.allclose(answers(load_student(tmp_path / "half")), answers(wide), atol=1e-3)


def test_a_narrowed_network_answers_alike_in_8_bits(tmp_path):
    narrow(work_folder(tmp_path / "wide", small_student()), None, tmp_path / "narrow", 6, 16)
    narrowed = load_student(tmp_path / "narrow")
    ids, mask = batch()
    to_int8(narrowed, [(ids, mask)], 16, tmp_path / "model.onnx")
    rows = [row[kept.bool()].tolist() for row, kept in zip(ids, mask, strict=True)]
    given = Session(tmp_path / "model.onnx", pad=1, threads=1).run(rows)[0]
    assert np.abs(given - answers(narrowed).numpy()).max() < 0.05


def test_a_narrowed_network_is_trained_on_and_averaged_with_what_it_started_from(tmp_path):
    narrow(work_folder(tmp_path / "wide", small_student()), None, tmp_path / "narrow", 6, 16)
    config = small_config(max_tokens=8, epochs=1, batch=1024, token_drop=0.0)
    kept = {}
    for share in (0.0, 0.5, 1.0):
        work = tmp_path / str(share)
        work.mkdir()
        kept[share] = train(replace(config, start_share=share), work, None, tmp_path / "narrow").state_dict()
    before = load_student(tmp_path / "narrow").state_dict()
    name = "heads.rumor.weight"
    assert torch.equal(kept[1.0][name], before[name])
    assert not torch.allclose(kept[0.0][name], before[name])
    assert torch.allclose(kept[0.5][name], (kept[0.0][name] + before[name]) / 2, atol=1e-6)
    written = torch.load(tmp_path / "0.5" / "student.pt", weights_only=True)
    assert torch.equal(written[name], kept[0.5][name])
