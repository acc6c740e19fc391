import csv
import json
from datetime import datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

import models
from models.bands import bands_of
from pipeline.classify import ClassifyError, classify
from pipeline.classify_rows import ADDED_COLUMNS, Classifier
from pipeline.cli import group
from pipeline.config import region_path
from pipeline.places import Region
from pipeline.readers import ReadError, open_source
from pipeline.tagging import OneTagger

QUIET = "说不清"


class WordTagger:
    """A tagger of one rule: 好 is positive, 说不清 cannot be scored, everything else is negative."""

    version = "words-1"

    def __init__(self):
        self.seen = []

    def tag(self, texts):
        self.seen += texts
        return pd.DataFrame([self._row(text) for text in texts])

    def _row(self, text):
        sentiment = None if text == QUIET else "positive" if "好" in text else "negative"
        labels = {"sentiment": sentiment, "emotion": sentiment and "joy", "need": sentiment and "none"}
        score = float("nan") if text == QUIET else 0.9
        names = ("sentiment_score", "emotion_score", "need_score", "rumor_score", "checkworthy_score")
        return {**labels, **dict.fromkeys(names, score), "model_version": self.version}


@pytest.fixture(scope="module")
def region():
    return Region.load(region_path("qiannan"))


def ignore(rows):
    return None


def classifier_of(tagger, region, **more):
    return Classifier(tagger=OneTagger(tagger, bands_of({})), region=region, **more)


def run(path, output, region, tagger=None, column=None, advance=ignore):
    classifier = classifier_of(tagger or WordTagger(), region)
    return classify(open_source(path), output, classifier, column, advance)


def csv_file(path, texts, encoding="utf-8"):
    rows = [f"{number},{text}" for number, text in enumerate(texts)]
    path.write_bytes(("编号,正文\n" + "\n".join(rows) + "\n").encode(encoding))
    return path


TEXTS = ["都匀真好", "瓮安停水", QUIET, "", "都匀真好"]


def test_json_lines_keep_their_keys_and_gain_the_tags(tmp_path, region):
    path = tmp_path / "x.jsonl"
    path.write_text(
        "".join(json.dumps({"id": n, "text": text, "x": [1]}) + "\n" for n, text in enumerate(TEXTS))
    )
    report = run(path, tmp_path / "out.jsonl", region)
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert list(rows[0]) == ["id", "text", "x", *ADDED_COLUMNS]
    assert rows[0]["x"] == [1]
    assert [row["places"] for row in rows] == [["都匀市"], ["瓮安县"], [], [], ["都匀市"]]
    assert [row["sentiment"] for row in rows] == ["positive", "negative", None, None, "positive"]
    assert rows[2]["rumor_score"] is None
    assert (report.rows, report.unscored, report.tagged_texts) == (5, 2, 3)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_csv_has_places_as_json_text_and_empty_cells_where_nothing_was_scored(tmp_path, region, encoding):
    run(csv_file(tmp_path / "x.csv", TEXTS, encoding), tmp_path / "out.csv", region)
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["编号", "正文", *ADDED_COLUMNS]
    assert json.loads(rows[0]["places"]) == ["都匀市"]
    assert rows[2]["sentiment"] == rows[2]["rumor_score"] == ""


def test_a_workbook_keeps_its_dates_and_a_text_that_looks_like_a_formula(tmp_path, region):
    book = openpyxl.Workbook()
    book.active.append(["正文", "时间"])
    book.active.append(["瓮安停水", datetime(2025, 1, 2)])  # noqa: DTZ001 - as a spreadsheet has it
    book.save(tmp_path / "x.xlsx")
    source = csv_file(tmp_path / "y.csv", ["=1+1", "好"])
    run(tmp_path / "x.xlsx", tmp_path / "out.xlsx", region)
    run(source, tmp_path / "out2.xlsx", region)
    first = list(openpyxl.load_workbook(tmp_path / "out.xlsx").active.iter_rows(values_only=True))
    assert first[0] == ("正文", "时间", *ADDED_COLUMNS)
    assert first[1][:2] == ("瓮安停水", datetime(2025, 1, 2))  # noqa: DTZ001
    cell = openpyxl.load_workbook(tmp_path / "out2.xlsx").active["B2"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == ("=1+1", "s", True)


def test_parquet_keeps_the_types_of_its_columns(tmp_path, region):
    columns = {
        "text": pa.array(TEXTS),
        "at": pa.array([datetime(2025, 1, 2)] * 5, pa.timestamp("ns", tz="Asia/Shanghai")),  # noqa: DTZ001
        "small": pa.array(range(5), pa.int8()),
        "nested": pa.array([{"a": [1]}] * 5),
    }
    table = pa.table(columns)
    pq.write_table(table, tmp_path / "x.parquet")
    run(tmp_path / "x.parquet", tmp_path / "out.parquet", region)
    out = pq.read_table(tmp_path / "out.parquet")
    assert out.select(table.column_names).equals(table)
    assert out.column_names == [*table.column_names, *ADDED_COLUMNS]
    assert out["places"].to_pylist()[0] == ["都匀市"]


def test_an_empty_parquet_has_the_columns_all_the_same(tmp_path, region):
    pq.write_table(pa.table({"text": pa.array([], pa.string())}), tmp_path / "x.parquet")
    run(tmp_path / "x.parquet", tmp_path / "out.parquet", region)
    assert pq.read_table(tmp_path / "out.parquet").column_names == ["text", *ADDED_COLUMNS]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_json_lines_of_different_keys_become_one_table(tmp_path, region, kind):
    rows = [{"text": "好", "n": 1}, {"text": "坏", "m": {"a": 1}}, {"text": "坏", "n": 2.5, "late": "x"}]
    (tmp_path / "x.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    output = tmp_path / f"out.{kind}"
    run(tmp_path / "x.jsonl", output, region)
    read = {"csv": pd.read_csv, "xlsx": pd.read_excel, "parquet": pd.read_parquet}[kind]
    frame = read(output)
    assert list(frame.columns) == ["text", "n", "m", "late", *ADDED_COLUMNS]
    assert frame["n"].dropna().tolist() == [1.0, 2.5]
    assert json.loads(frame["m"][1]) == {"a": 1}


def test_equal_texts_are_tagged_once_and_personal_numbers_never_reach_the_model(tmp_path, region):
    tagger = WordTagger()
    texts = ["电话13800138000", "电话13900139000", *["停水"] * 3000]
    report = run(csv_file(tmp_path / "x.csv", texts), tmp_path / "out.csv", region, tagger)
    assert tagger.seen == ["电话<电话>", "停水"]
    assert (report.rows, report.tagged_texts) == (3002, 2)


def test_a_small_memory_forgets_but_gives_the_same_tags(tmp_path, region):
    source = open_source(csv_file(tmp_path / "x.csv", [f"停水{n % 50}" for n in range(5000)]))
    classifier = classifier_of(WordTagger(), region, remembered=10)
    report = classify(source, tmp_path / "out.csv", classifier, None, ignore)
    assert report.rows == 5000
    assert len(classifier._known) == 10


class StopError(Exception):
    pass


def test_an_interrupted_run_goes_on_where_it_stopped_and_ends_the_same(tmp_path, region):
    path = csv_file(tmp_path / "x.csv", [f"第{n}次停水" for n in range(3500)])
    run(path, tmp_path / "whole.csv", region)
    output = tmp_path / "out.csv"
    done = 0

    def stop_at_two_thousand(rows):
        nonlocal done
        done += rows
        if done >= 2000:
            raise StopError

    with pytest.raises(StopError):
        run(path, output, region, advance=stop_at_two_thousand)
    assert not output.exists()
    with (tmp_path / "out.csv.parts" / "tags.jsonl").open("a") as file:
        file.write('{"half a ro')  # killed while writing
    tagger = WordTagger()
    report = run(path, output, region, tagger)
    assert (report.resumed_rows, len(tagger.seen)) == (2000, 1500)
    assert output.read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert not (tmp_path / "out.csv.parts").exists()
    assert json.loads((tmp_path / "out.csv.manifest.json").read_text("utf-8"))["rows"] == 3500


def test_another_model_does_not_go_on_with_the_first_ones_tags(tmp_path, region):
    path = csv_file(tmp_path / "x.csv", [f"第{n}次停水" for n in range(1500)])

    def stop(rows):
        if rows:
            raise StopError

    with pytest.raises(StopError):
        run(path, tmp_path / "out.csv", region, advance=stop)
    tagger = WordTagger()
    tagger.version = "words-2"
    assert run(path, tmp_path / "out.csv", region, tagger).resumed_rows == 0


def test_an_unreadable_line_is_named_beside_the_output(tmp_path, region):
    (tmp_path / "x.jsonl").write_text('{"text": "好"}\nbroken\n{"text": "坏"}\n', "utf-8")
    report = run(tmp_path / "x.jsonl", tmp_path / "out.jsonl", region)
    assert (report.rows, report.unreadable) == (2, 1)
    [reject] = (tmp_path / "out.jsonl.rejects.jsonl").read_text("utf-8").splitlines()
    assert json.loads(reject)["line"] == 2


def test_a_lone_surrogate_and_a_nul_byte_come_out_as_they_went_in(tmp_path, region):
    (tmp_path / "x.jsonl").write_text('{"text": "坏\\ud800\\u0000了"}\n', "utf-8")
    for name in ("out.jsonl", "out.csv", "out.xlsx", "out.parquet"):
        assert run(tmp_path / "x.jsonl", tmp_path / name, region).rows == 1
    assert json.loads((tmp_path / "out.jsonl").read_text("utf-8"))["text"] == "坏\ud800\x00了"


def test_a_missing_column_an_unknown_kind_and_the_same_file_are_refused(tmp_path, region):
    path = csv_file(tmp_path / "x.csv", ["停水"])
    with pytest.raises(ClassifyError, match="没有列 甲;有 编号、正文"):
        run(path, tmp_path / "out.csv", region, column="甲")
    with pytest.raises(ReadError, match="不认识"):
        run(path, tmp_path / "out.doc", region)
    with pytest.raises(ClassifyError, match="同一个文件"):
        run(path, path, region)


def test_tagging_again_replaces_the_old_tags(tmp_path, region):
    run(csv_file(tmp_path / "x.csv", TEXTS), tmp_path / "out.csv", region)
    run(tmp_path / "out.csv", tmp_path / "out2.csv", region)
    assert (tmp_path / "out2.csv").read_bytes() == (tmp_path / "out.csv").read_bytes()


def test_the_command_names_the_columns_that_there_are(tmp_path):
    path = csv_file(tmp_path / "x.csv", ["停水"])
    arguments = ["classify", str(path), "--output", str(tmp_path / "out.csv"), "--text-column", "甲"]
    result = CliRunner().invoke(group, arguments)
    assert result.exit_code == 2
    assert "有 编号、正文" in result.stderr


def test_the_command_tags_a_file_with_the_shipped_model(tmp_path, monkeypatch):
    if not (Path(models.__file__).parent / "weights").is_dir():
        pytest.skip("the shipped model's weights are not in this checkout")
    monkeypatch.setenv("HUIYING_HOME", str(tmp_path / "home"))
    path = csv_file(tmp_path / "x.csv", ["都匀停水三天了，太气人了", "请问什么时候来水？"])
    arguments = ["classify", str(path), "--output", str(tmp_path / "out.jsonl"), "--json"]
    result = CliRunner().invoke(group, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["rows"] == 2
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert rows[0]["places"] == ["都匀市"]
    assert 0 <= rows[0]["need_score"] <= 1
