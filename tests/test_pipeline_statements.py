"""Statements that people enter: checked, written once, ended by the newest event; files with bad rows."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from openpyxl import Workbook

from pipeline.readers import ReadError
from pipeline.statement_files import read_statements
from pipeline.statements import StatementError, StatementStage, new_statement

NOW = datetime(2026, 5, 2, 4, tzinfo=UTC)
GIVEN = {
    "text": "经检测,二水厂出厂水合格。咨询电话 13800138000。",
    "title": "关于水质的说明",
    "issuer": "州水务局",
    "url": "https://gov.example/1",
    "published_at": "2026-05-01 09:30",
    "valid_until": "",
}


def test_a_statement_is_checked_masked_and_has_an_id_of_its_content():
    made = new_statement(GIVEN, NOW)
    assert made.published_at == datetime(2026, 5, 1, 1, 30, tzinfo=UTC)
    assert "13800138000" not in made.text
    assert made.statement_id == new_statement(GIVEN, NOW + timedelta(days=1)).statement_id


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"text": " "}, "缺少正文"),
        ({"text": "字" * 20_001}, "超过 20000 字"),
        ({"issuer": ""}, "缺少发布单位"),
        ({"url": "javascript:alert(1)"}, "http"),
        ({"url": ""}, "缺少原文链接"),
        ({"published_at": "昨天"}, "看不懂的时间"),
        ({"published_at": ""}, "缺少发布时间"),
        ({"published_at": "2027-01-01"}, "未来"),
        ({"valid_until": "2026-04-01"}, "不晚于发布时间"),
    ],
)
def test_what_cannot_be_a_statement_is_named(changed, named):
    with pytest.raises(StatementError, match=named):
        new_statement({**GIVEN, **changed}, NOW)


def record(store, kind, statement, minute, body):
    store.append(
        "statement_events",
        {
            "event_id": f"{kind}-{minute}", "statement_id": statement, "kind": kind, "actor": "李明",
            "body": json.dumps(body), "recorded_at": NOW + timedelta(minutes=minute),
        },
    )  # fmt: skip


def valid_until(store, statement):
    return store.connection.execute(
        "select valid_until from statements where statement_id = ?", [statement]
    ).fetchone()[0]


def test_added_withdrawn_and_restored_the_newest_event_counts(store):
    stage, made = StatementStage(store), new_statement(GIVEN, NOW)
    known = made.statement_id
    assert stage.run() == 0
    record(store, "added", known, 0, made.body())
    assert stage.run() == 1
    assert valid_until(store, known) is None
    record(store, "withdrawn", known, 5, {"reason": "数据有误"})
    stage.run()
    assert valid_until(store, known) == NOW + timedelta(minutes=5)
    assert StatementStage(store).run() == 0
    record(store, "added", known, 9, made.body())
    stage.run()
    assert valid_until(store, known) is None


def test_a_crawled_statement_that_people_ended_stays_ended_when_it_is_written_again(store):
    row = {
        "statement_id": "s", "text": "t", "issuer": "州政府", "url": "https://gov.example",
        "published_at": NOW,
        "added_by": "采集", "added_at": NOW,
    }  # fmt: skip
    store.insert("statements", [row])
    record(store, "superseded", "s", 1, {"by": "x"})
    stage = StatementStage(store)
    stage.run()
    store.insert("statements", [row], on_conflict="replace")
    stage.run()
    assert valid_until(store, "s") == NOW + timedelta(minutes=1)


HEADER = "标题,正文,发布单位,原文链接,发布时间\n"
GOOD = "停课说明,各学校正常上课。,独山县教育局,https://gov.example/2,2026年5月1日 8时\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_in_any_usual_encoding_is_read_and_bad_rows_are_kept_aside(tmp_path, encoding):
    path = tmp_path / "公告.csv"
    rows = "停电,,供电局,https://gov.example/3,2026-05-01\n=cmd|' /C calc'!A0,内容内容,供电局,ftp://x,2026-05-01\n"
    path.write_bytes((HEADER + GOOD + GOOD + rows).encode(encoding))
    found = read_statements(path, NOW)
    assert [one.issuer for one in found.good] == ["独山县教育局"]
    assert [(row.line, row.reason) for row in found.bad] == [
        (4, "缺少正文"),
        (5, "原文链接要以 http:// 或 https:// 开头:ftp://x"),
    ]


def test_a_workbook_is_read_too(tmp_path):
    book = Workbook()
    for row in (HEADER.strip().split(","), GOOD.strip().split(",")):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    assert len(read_statements(tmp_path / "a.xlsx", NOW).good) == 1


def test_a_file_without_the_columns_names_them(tmp_path):
    (tmp_path / "a.csv").write_text("标题,时间\nx,2026-05-01\n", "utf-8")
    with pytest.raises(ReadError, match="缺少列 正文、发布单位、链接"):
        read_statements(tmp_path / "a.csv", NOW)
