"""classify: doubt, several processes, comparison of two versions, the manifest, and cells that would run."""

import csv
import json
import math
import os
import signal
import subprocess
import sys
import time
from functools import partial

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from models.bands import Band, BandError, bands_of, no_bands, said
from pipeline.cells import plain_cell, safe_cell
from pipeline.classify import Asked, classify
from pipeline.classify_changes import ChangesError
from pipeline.classify_rows import Classifier
from pipeline.cli import group
from pipeline.config import region_path
from pipeline.places import Region
from pipeline.proportions import proportion
from pipeline.readers import open_source
from pipeline.tagging import OneTagger, TaggerPool

REGION = Region.load(region_path("qiannan"))


class LengthTagger:
    """A tagger of one rule: the longer a text, the surer it is of a need; ``turn`` is where help begins."""

    def __init__(self, version="length-1", turn=6):
        self.version, self.turn = version, turn

    def tag(self, texts):
        score = pd.Series([min(1.0, len(text) / 10) for text in texts], dtype="Float64")
        frame = pd.DataFrame({f"{head}_score": score for head in ("sentiment", "emotion", "need", "rumor")})
        frame["checkworthy_score"] = score
        frame["sentiment"], frame["emotion"] = "negative", "angry"
        frame["need"] = ["help" if len(text) >= self.turn else "none" for text in texts]
        return frame.assign(model_version=self.version)


def write_csv(path, texts):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [["编号", "正文", "时间"], *([n, t, "2025-01-02"] for n, t in enumerate(texts))]
        )
    return path


def read_csv(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def run(path, output, tagger=None, asked=None, ahead_pool=None, dedupe=True):
    bands = (asked or Asked()).bands or bands_of({})
    starter = ahead_pool or OneTagger(tagger or LengthTagger(), bands)
    classifier = Classifier(tagger=starter, region=REGION, dedupe=dedupe)
    return classify(open_source(path), output, classifier, None, lambda rows: None, asked)


def test_what_leaves_the_model_in_doubt_is_doubtful_and_nothing_else(tmp_path):
    texts = ["水", "一二三四五", "一二三四五六七八九"]  # 0.1, 0.5, 0.9
    report = run(write_csv(tmp_path / "x.csv", texts), tmp_path / "out.csv")
    rows = read_csv(tmp_path / "out.csv")
    assert [row["need"] for row in rows] == ["doubtful", "none", "help"]
    assert [row["rumor"] for row in rows] == ["no", "doubtful", "yes"]
    assert [row["need_score"] for row in rows] == ["0.1", "0.5", "0.9"]
    assert report.doubtful_rows == 2
    assert report.classes["need"]["doubtful"]["rows"] == 1


def test_without_bands_the_likeliest_label_is_said():
    bands = no_bands()
    assert said("need", "help", 0.2, bands["need"]) == "help"
    assert [said("rumor", None, score, bands["rumor"]) for score in (0.49, 0.5, None)] == ["no", "yes", None]


def test_weights_and_offices_set_the_bands():
    bands = bands_of({"need_low": 0.7, "rumor_low": 0.2, "rumor_high": 0.9})
    assert (bands["need"], bands["rumor"]) == (Band(0.7, 1.0), Band(0.2, 0.9))
    with pytest.raises(BandError, match="rumor"):
        bands_of({"rumor_low": 0.9, "rumor_high": 0.2})


def test_several_processes_give_the_same_file_as_one(tmp_path):
    path = write_csv(tmp_path / "x.csv", [f"停水{'了' * (n % 9)}" for n in range(2500)] + ["", "好"])
    run(path, tmp_path / "one.csv")
    with TaggerPool(2, LengthTagger, bands_of({})) as pool:
        report = run(path, tmp_path / "two.csv", asked=Asked(workers=2), ahead_pool=pool)
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    assert report.tagged_texts == 10


def test_without_dedupe_every_row_is_tagged(tmp_path):
    path = write_csv(tmp_path / "x.csv", ["停水"] * 1200)
    report = run(path, tmp_path / "a.csv", dedupe=False)
    assert report.tagged_texts == 1200
    assert run(path, tmp_path / "b.csv").tagged_texts == 1
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_the_manifest_says_what_ran_on_what(tmp_path):
    path = write_csv(tmp_path / "x.csv", ["停水三天了没人管", "好", ""])
    run(path, tmp_path / "out.csv", asked=Asked(quality="fast", bands=bands_of({}), weights={"m.onnx": "ab"}))
    made = json.loads((tmp_path / "out.csv.manifest.json").read_text("utf-8"))
    assert (made["first_row"], made["last_row"], made["rows"], made["unscored"]) == (1, 3, 3, 1)
    assert made["first_time"] == made["last_time"] == "2025-01-01T16:00:00+00:00"
    assert made["thresholds"]["need"] == {"low": 0.5, "high": 1.0}
    assert made["model_files"] == {"m.onnx": "ab"}
    assert made["input_digest"] == open_source(path).digest
    assert made["classes"]["need"]["help"]["share"] == 0.5


def test_changes_between_two_versions_name_rows_and_directions(tmp_path):
    path = write_csv(tmp_path / "x.csv", ["=一二三四五六", "一二三四五六七八", "好"])
    run(path, tmp_path / "old.csv")
    report = run(
        path, tmp_path / "new.parquet", LengthTagger("length-2", turn=8),
        Asked(against=open_source(tmp_path / "old.csv")),
    )  # fmt: skip
    [change] = read_csv(tmp_path / "new.parquet.changes.csv")
    assert (change["row"], change["id"], change["head"]) == ("1", "0", "need")
    assert (change["from"], change["to"]) == ("help", "none")
    assert (change["from_version"], change["to_version"]) == ("length-1", "length-2")
    assert change["text"] == "'=一二三四五六"
    assert report.against == {
        "rows": 3,
        "changed_rows": 1,
        "moves": {head: {"help→none": 1} if head == "need" else {} for head in report.classes},
    }


def test_an_output_of_another_input_is_not_compared(tmp_path):
    run(write_csv(tmp_path / "x.csv", ["停水", "好"]), tmp_path / "old.csv")
    other = write_csv(tmp_path / "y.csv", ["停水", "坏"])
    with pytest.raises(ChangesError, match="第 3 行的正文"):
        run(other, tmp_path / "new.csv", asked=Asked(against=open_source(tmp_path / "old.csv")))
    with pytest.raises(ChangesError, match="没有标注列"):
        run(other, tmp_path / "new.csv", asked=Asked(against=open_source(other)))


@pytest.mark.parametrize("name", ["out.csv", "out.xlsx"])
def test_a_cell_that_a_spreadsheet_would_run_is_text(tmp_path, name):
    evil = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1,1)", "\t=1", "＝1+1", "-3.5", "—好"]
    run(write_csv(tmp_path / "x.csv", evil), tmp_path / name)
    if name == "out.csv":
        cells = [row["正文"] for row in read_csv(tmp_path / name)]
        assert cells == [f"'{text}" for text in evil[:6]] + evil[6:]
        return
    rows = list(openpyxl.load_workbook(tmp_path / name).active.iter_rows(min_row=2, min_col=2, max_col=2))
    assert all(cell.data_type == "s" for (cell,) in rows)
    assert [cell.quotePrefix for (cell,) in rows] == [True] * 6 + [False] * 2


@given(st.text(max_size=20))
def test_a_neutralised_cell_can_be_read_back(text):
    assert plain_cell(safe_cell(text)) == text or text.startswith("'")
    assert not safe_cell(text).startswith(("=", "@")) or len(text) == 1


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_an_interval_holds_its_share(part, more):
    found = proportion(part, part + more)
    if part + more:
        assert 0 <= found.low <= found.share + 1e-12
        assert found.share <= found.high + 1e-12 <= 1 + 1e-9
    else:
        assert math.isnan(found.share)


def test_a_run_that_was_killed_goes_on(tmp_path):
    path = write_csv(tmp_path / "x.csv", [f"第{n}次停水,求助" for n in range(12_000)])
    command = [
        *(
            sys.executable,
            "-c",
            "from pipeline.cli import main; main()",
            "classify",
            str(path),
            "-o",
            str(tmp_path / "out.jsonl"),
        ),
        *("--quality", "fast", "--workers", "2", "--json"),
    ]
    environment = {**os.environ, "HUIYING_HOME": str(tmp_path / "home")}
    tags = tmp_path / "out.jsonl.parts" / "tags.jsonl"
    running = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not (tags.exists() and tags.stat().st_size):
        assert running.poll() is None
        time.sleep(0.02)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert not (tmp_path / "out.jsonl").exists()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    report = json.loads(done.stdout)
    assert report["resumed_rows"] > 0
    assert report["rows"] == 12_000
    assert len((tmp_path / "out.jsonl").read_text("utf-8").splitlines()) == 12_000


def test_the_command_prints_shares_with_intervals_and_refuses_a_wrong_band(tmp_path):
    path = write_csv(tmp_path / "x.csv", ["停水三天了没人管,求助", "请问几点上班?"])
    home = tmp_path / "home"
    call = partial(CliRunner().invoke, group)
    arguments = ["--home", str(home), "classify", str(path), "-o", str(tmp_path / "out.csv")]
    done = call([*arguments, "--quality", "best"])
    assert done.exit_code == 0, done.output
    assert "诉求(need)" in done.stdout
    assert "+best" in done.stdout
    home.mkdir(exist_ok=True)
    (home / "huiying.toml").write_text("[doubt]\nneed_low = 1.5\n", "utf-8")
    refused = call(arguments)
    assert refused.exit_code == 2
    assert "need" in refused.stderr
