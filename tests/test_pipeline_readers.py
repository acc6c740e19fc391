import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.readers import LONGEST_LINE, ReadError, detect_encoding, open_source

wild = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def lines_of(path):
    return list(open_source(path).lines())


@wild
@given(
    content=st.binary(min_size=1, max_size=400),
    suffix=st.sampled_from([".jsonl", ".csv", ".xlsx", ".parquet"]),
)
def test_any_bytes_are_rows_or_reasons_or_a_file_that_is_refused(tmp_path, content, suffix):
    path = tmp_path / f"x{suffix}"
    path.write_bytes(content)
    try:
        lines = lines_of(path)
    except ReadError:
        return
    assert all(line.row is not None or line.reason for line in lines)
    assert [line.number for line in lines] == sorted({line.number for line in lines})


@wild
@given(
    rows=st.lists(
        st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=3), min_size=1, max_size=20
    )
)
def test_json_lines_come_back_as_they_were_written(tmp_path, rows):
    path = tmp_path / "x.jsonl"
    path.write_text("\n\n".join(json.dumps(row) for row in rows), "utf-8")
    lines = lines_of(path)
    assert [line.row for line in lines] == rows
    assert [line.number for line in lines] == [1 + 2 * index for index in range(len(rows))]


@wild
@given(skip=st.integers(0, 12))
def test_skipping_leaves_out_exactly_the_first_rows(tmp_path, skip):
    (tmp_path / "x.csv").write_text("text,n\n" + "".join(f"停水{n},{n}\n\n" for n in range(10)), "utf-8")
    (tmp_path / "x.jsonl").write_text("".join('{"n": 1}\nbad\n' for _ in range(5)), "utf-8")
    for name in ("x.csv", "x.jsonl"):
        source = open_source(tmp_path / name)
        assert list(source.lines(skip)) == list(source.lines())[skip:]


@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [
        ("都匀停水", "utf-8", "utf-8"),
        ("都匀停水", "utf-8-sig", "utf-8-sig"),
        ("都匀停水", "gbk", "gb18030"),
        ("都匀停水", "utf-16", "utf-16"),
        ("water", "ascii", "utf-8"),
        ("都" * 700_000, "utf-8", "utf-8"),
        ("匀" * 700_000, "gb18030", "gb18030"),
    ],
)
def test_the_encoding_is_found_from_the_bytes(tmp_path, text, encoding, found):
    path = tmp_path / "x.csv"
    path.write_bytes(text.encode(encoding))
    assert detect_encoding(path) == found


def test_in_a_file_that_is_neither_the_broken_lines_are_named(tmp_path):
    path = tmp_path / "x.jsonl"
    good = json.dumps({"text": "都匀停水,福泉停电"}, ensure_ascii=False).encode()
    path.write_bytes(b"\n".join([good, good, b'{"text": "\xff\xfe"}', good]))
    assert [(line.number, line.reason) for line in lines_of(path) if line.row is None] == [
        (3, "不是 utf-8 编码")
    ]


def test_a_quotation_mark_that_is_never_closed_is_not_one_huge_post(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text('text,n\n好,1\n"坏,2\n' + "下一行,3\n" * 5000, "utf-8")
    lines = lines_of(path)
    assert [line.row for line in lines] == [{"text": "好", "n": "1"}, None]
    assert "引号没有闭合" in lines[1].reason
    assert lines[1].number == 3


def test_a_line_without_end_is_refused_and_the_next_is_read(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"text": "' + b"x" * (LONGEST_LINE + 10) + b'"}\n{"text": "y"}\n')
    first, second = lines_of(path)
    assert "超过" in first.reason
    assert len(first.raw) <= 4000
    assert second.row == {"text": "y"}
