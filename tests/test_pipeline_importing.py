import json
import multiprocessing
import os
import signal
from datetime import datetime
from itertools import count
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from pipeline import importing
from pipeline.cli import group
from pipeline.columns import MappingError, find_header, guess_columns
from pipeline.config import Settings, find_home, region_path
from pipeline.importing import import_into_spool, import_into_store, plan_import
from pipeline.ingest import Ingester, ingest_spool
from pipeline.places import Region
from pipeline.processes import announce_serving
from pipeline.readers import ReadError
from pipeline.store import Store

KEY = b"k" * 32
CSV = "正文,发布时间,编号,作者\n都匀停水,2025-01-02 03:04,1,张三\n瓮安停电,2025-01-02 04:04,2,李四\n"


def ignore(rows):
    return None


class Office:
    def __init__(self, root):
        self.home = find_home(root).create()
        self.region = Region.load(region_path("qiannan"))

    def load(self, path, given=None):
        with Store.open(self.home) as store:
            return import_into_store(
                Ingester(store, self.region), plan_import(path, given or {}), KEY, ignore
            )

    def sql(self, query):
        with Store.open(self.home) as store:
            return store.connection.execute(query).fetchall()


@pytest.fixture
def office(tmp_path):
    return Office(tmp_path / "home")


def write(tmp_path, name, text, encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_a_csv_is_read_in_whatever_encoding_it_has(office, tmp_path, encoding):
    report = office.load(write(tmp_path, "x.csv", CSV, encoding))
    assert (report.accepted, report.rejected) == (2, 0)
    assert office.sql("select text, places from posts order by text") == [
        ("瓮安停电", ["瓮安县"]),
        ("都匀停水", ["都匀市"]),
    ]


def test_names_of_authors_are_hashed_and_nowhere_kept(office, tmp_path):
    office.load(write(tmp_path, "x.csv", CSV + "停水,不是时间,3,王五\n"))
    assert office.sql("select count(distinct author_hash) from posts") == [(2,)]
    assert not [row for row in office.sql("from posts") + office.sql("from rejects") if "王五" in str(row)]
    assert "张三" not in str(office.sql("from posts"))


def test_the_same_file_twice_changes_nothing(office, tmp_path):
    path = write(tmp_path, "x.csv", CSV)
    office.load(path)
    before = office.sql("from posts order by post_id")
    assert office.load(path) is None
    report = office.load(write(tmp_path, "y.csv", CSV + "\n"))
    assert (report.accepted, report.duplicates, report.edited) == (0, 2, 0)
    assert office.sql("from posts order by post_id") == before


def test_a_semicolon_or_tab_file_with_quoted_line_breaks_keeps_its_line_numbers(office, tmp_path):
    text = '正文;发布时间\n"都匀\n停水";2025-01-02\n"x";昨天\n'
    report = office.load(write(tmp_path, "x.csv", text))
    assert (report.accepted, report.rejected) == (1, 1)
    assert office.sql("select line, reason from rejects") == [(4, "看不懂的时间:昨天")]
    assert office.load(write(tmp_path, "y.tsv", text.replace(";", "\t"))).duplicates == 1


def test_a_row_with_more_cells_than_the_header_is_refused(office, tmp_path):
    report = office.load(write(tmp_path, "x.csv", CSV + "停水,2025-01-02,3,王五,多,出\n"))
    assert (report.accepted, report.rejected) == (2, 1)


def workbook(path, rows, merged=()):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cells in merged:
        book.active.merge_cells(cells)
    book.save(path)
    return path


def test_a_workbook_with_a_title_and_a_merged_header_is_read(office, tmp_path):
    path = workbook(
        tmp_path / "x.xlsx",
        [
            ["黔南州舆情登记表", None, None, None],
            ["序号", "帖文", None, "发布时间"],
            [None, "标题", "正文", None],
            [1, "求助", "都匀停水", datetime(2025, 1, 2, 3, 4)],  # noqa: DTZ001 - as a spreadsheet has it
            [None, None, None, None],
            [2, "反映", "瓮安停电", "2025年1月2日 4:04"],
        ],
        ["A1:D1", "A2:A3", "B2:C2", "D2:D3"],
    )
    assert office.load(path).accepted == 2
    assert office.sql("select title, text from posts order by published_at") == [
        ("求助", "都匀停水"),
        ("反映", "瓮安停电"),
    ]


def test_a_parquet_file_keeps_its_times(office, tmp_path):
    path = tmp_path / "x.parquet"
    rows = {
        "content": ["都匀停水", None],
        "created_at": [datetime(2025, 1, 2, 3, 4)] * 2,  # noqa: DTZ001 - as a spreadsheet has it
        "likes": [1.0, float("nan")],
    }
    pq.write_table(pa.table(rows), path)
    report = office.load(path)
    assert (report.accepted, report.rejected) == (1, 1)
    assert office.sql("select published_at::varchar, likes from posts")[0][1] == 1


def test_json_lines_keep_a_field_that_only_later_rows_have(office, tmp_path):
    rows = [{"text": f"停水{number}", "published_at": "2025-01-02"} for number in range(150)]
    rows[140]["county"] = "都匀"
    path = write(tmp_path, "x.jsonl", "\n".join(json.dumps(row) for row in rows))
    assert office.load(path).accepted == 150
    assert office.sql("select text from posts where county = '都匀市'") == [("停水140",)]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.csv", b"", "空的"),
        ("x.xlsx", b"PK nonsense", "不是可读的 Excel"),
        ("x.parquet", b"PAR1 nonsense", "不是可读的 Parquet"),
        ("x.doc", b"x", "不认识的文件类型"),
        ("y.csv", "正文,正文\n".encode(), "重名"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_the_reason(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ReadError, match=message) as caught:
        plan_import(tmp_path / name, {})
    assert name in str(caught.value)


def test_an_empty_worksheet_is_said(tmp_path):
    with pytest.raises(ReadError, match="空的"):
        plan_import(workbook(tmp_path / "x.xlsx", []), {})


def test_a_file_without_a_text_column_lists_what_it_has(tmp_path):
    path = write(tmp_path, "x.csv", "甲,乙\n1,2\n")
    with pytest.raises(MappingError, match="甲、乙"):
        plan_import(path, {})
    assert plan_import(path, {"text": "甲", "published_at": "乙"}).mapping == {
        "text": "甲",
        "published_at": "乙",
    }
    with pytest.raises(MappingError, match="没有列 丙"):
        plan_import(path, {"text": "丙"})


def test_column_names_are_guessed_without_case_spaces_and_brackets():
    assert guess_columns(["微博正文", "发布 时间", "Like_Count", "阅读数(次)", "Title"]) == {
        "text": "微博正文",
        "published_at": "发布 时间",
        "likes": "Like_Count",
        "title": "Title",
    }


def test_a_header_that_nobody_knows_is_the_first_row_that_is_not_empty():
    layout = find_header([[None, None], ["甲", "乙"], ["1", "2"]])
    assert (layout.names, layout.header_rows) == (("甲", "乙"), 2)


def test_refused_rows_can_be_exported_put_right_and_imported_again(office, tmp_path):
    office.load(write(tmp_path, "x.csv", CSV + "福泉停气,昨天,3,王五\n"))
    with Store.open(office.home) as store:
        rejects = store.frame("export_rejects", after="", most=1000)
    rejects["raw"] = rejects["raw"].str.replace("昨天", "2025-01-02")
    path = tmp_path / "rejects.csv"
    rejects.to_csv(path, index=False)
    assert office.load(path).accepted == 1
    assert office.sql("select text, external_id from posts where county = '' and text like '福泉%'") == [
        ("福泉停气", "3")
    ]
    assert office.sql("select count(*) from rejects") == [(0,)]


def import_and_die(root, path, batches):
    office = Office(root)
    importing.BATCH_ROWS = 100
    done = count(-1)

    def advance(rows):
        if next(done) == batches:
            os.kill(os.getpid(), signal.SIGKILL)

    with Store.open(office.home) as store:
        import_into_store(Ingester(store, office.region), plan_import(path, {}), KEY, advance)


def test_killed_during_an_import_the_next_one_goes_on_and_the_counts_agree(office, tmp_path):
    rows = [f"都匀第{number}次停水,2025-01-02 03:04,{number},某" for number in range(1000)]
    rows[500] = "坏行,昨天,x,某"
    path = write(tmp_path, "x.csv", "正文,发布时间,编号,作者\n" + "\n".join(rows) + "\n")
    context = multiprocessing.get_context("spawn")
    for batches in (1, 3):
        process = context.Process(target=import_and_die, args=(office.home.root, path, batches))
        process.start()
        process.join(120)
        assert process.exitcode == -signal.SIGKILL
    assert office.sql("select rows_done from batches") == [(600,)]
    report = office.load(path)
    assert report.lines == 400
    assert office.sql("select count(*), count(distinct post_id) from posts") == [(999, 999)]
    assert office.sql("select count(*) from rejects") == [(1,)]


def test_through_the_spool_the_rows_are_the_same(office, tmp_path):
    path = write(tmp_path, "x.csv", CSV + "坏\x00行\ud800,昨天,3,王五\n".encode("utf-8", "replace").decode())
    assert import_into_spool(office.home, plan_import(path, {}), KEY, ignore) == 1
    with Store.open(office.home) as store:
        report = ingest_spool(store, office.home, office.region, Settings())
    assert (report.accepted, report.rejected) == (2, 1)
    assert office.sql("select file, line from rejects") == [("x.csv", 4)]
    assert office.sql("select count(distinct author_hash) from posts") == [(2,)]
    assert office.load(path).duplicates == 2


def test_a_full_disk_leaves_no_half_spool_file(office, tmp_path):
    path = write(tmp_path, "x.csv", "正文,发布时间\n" + "停水,2025-01-02\n" * 100_000)
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, before[1]))
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with pytest.raises(OSError, match="large"):
            import_into_spool(office.home, plan_import(path, {}), KEY, ignore)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, old)
    assert list(office.home.spool.iterdir()) == []


def run(office, *arguments):
    return CliRunner().invoke(group, ["--home", str(office.home.root), "import", *map(str, arguments)])


def test_the_command_shows_its_guess_says_the_way_and_counts(office, tmp_path, monkeypatch):
    monkeypatch.delenv("HUIYING_HOME", raising=False)
    path = write(tmp_path, "x.csv", CSV)
    result = run(office, "--json", path)
    assert result.exit_code == 0
    assert "text=正文(猜测)" in result.stderr
    summary = json.loads(result.stdout)
    assert (summary["way"], summary["accepted"]) == ("store", 2)
    assert "没有变化" in run(office, path).stdout


def test_while_the_system_runs_the_command_goes_through_the_spool(office, tmp_path, monkeypatch):
    monkeypatch.delenv("HUIYING_HOME", raising=False)
    announce_serving(office.home, "quack:localhost:1")
    result = run(office, "--json", write(tmp_path, "x.csv", CSV))
    assert json.loads(result.stdout)["way"] == "spool"
    assert len(list(office.home.spool.glob("*.jsonl"))) == 1


def test_bad_input_ends_with_exit_code_two(office, tmp_path, monkeypatch):
    monkeypatch.delenv("HUIYING_HOME", raising=False)
    assert run(office, tmp_path / "none.csv").exit_code == 2
    assert run(office, write(tmp_path, "x.csv", "")).exit_code == 2
    assert run(office, "--map", "text", write(tmp_path, "y.csv", CSV)).exit_code == 2
    assert Path(tmp_path / "y.csv").exists()
