import io
import shutil
import zipfile
from datetime import UTC, date, datetime, timedelta

import pytest
from click.testing import CliRunner
from dashboard_home import fill
from docx import Document

from pipeline import report
from pipeline.cli import group
from pipeline.config import LOCAL_TIME, ConfigError, Home, Settings
from pipeline.labels import label_event, said_of
from pipeline.ledger import Ledger, LedgerRefusedError, LedgerStage
from pipeline.ledger_events import Assigned, Cited, Declined
from pipeline.ledger_records import ReviewRules
from pipeline.report_charts import picture, ranked
from pipeline.report_html import NoPdfToolError, pdf_tool
from pipeline.report_schedule import Schedule, make_due
from pipeline.roles import Role, User
from pipeline.rules import Rules
from pipeline.store import Store

NOW = datetime(2026, 11, 25, 13, 0, tzinfo=UTC)  # a Wednesday, 21:00 in Shanghai
DAY = date(2026, 11, 25)
HOUR = timedelta(hours=1)
DUTY = User(name="值班甲", roles=frozenset({Role.DUTY}))
SETTINGS = Settings(office="测试州网信办")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("home")
    with Store.open(folder) as store:
        fill(store, NOW)
        ledger = Ledger.open(store, SETTINGS)
        ledger.record(DUTY, "c-road", Assigned(county="都匀市", department="交通运输局"), NOW - 5 * HOUR)
        cited = Cited(url="https://gov.example/1", issuer="独山县教育局", published_at=NOW - 15 * HOUR)
        ledger.record(DUTY, "c-school", cited, NOW - 4 * HOUR)
        ledger.record(DUTY, "c-idea", Declined(reason="small", note="仅两人"), NOW - 3 * HOUR)
        LedgerStage(store, Rules.load(SETTINGS), ReviewRules()).run(NOW)
    return folder


@pytest.fixture
def store(home):
    with Store.open(home) as opened:
        yield opened


def text_of(path):
    paper = Document(path)
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(line.text for line in paper.paragraphs), *cells])


def test_a_daily_report_says_what_was_recorded_and_where_each_number_comes_from(store):
    made = report.daily(store, SETTINGS, DAY, NOW)
    summary = made.sections[0].text
    posts = store.connection.execute(
        "select count(*) from posts where published_at >= '2026-11-24 16:00:00+00'"
        " and published_at < '2026-11-25 16:00:00+00'"
    ).fetchone()[0]
    assert f"2026年11月25日收集公开帖文 {posts} 条" in summary
    assert "引用权威信息 1 个" in summary
    assert "不需回应 1 个" in summary
    assert "本期尚未结束" in summary
    numbers = {one.number for one in made.sources}
    parts = [part for one in made.sections for part in (*one.paragraphs, *one.tables, *one.charts)]
    assert {number for part in parts for number in part.sources} <= numbers
    said = [
        one for section in made.sections[:-1] for one in section.paragraphs if any(map(str.isdigit, one.text))
    ]
    assert all(one.sources for one in said if "本期尚未结束" not in one.text)


def test_the_same_question_is_asked_once(store):
    made = report.daily(store, SETTINGS, DAY, NOW)
    asked = [(one.query, repr(sorted(one.params.items()))) for one in made.sources]
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize("kind", ["docx", "html"])
def test_a_file_has_the_sections_tables_charts_and_sources(store, tmp_path, kind):
    made = report.weekly(store, SETTINGS, DAY, NOW)
    path = tmp_path / f"weekly.{kind}"
    report.write(made, path)
    said = text_of(path) if kind == "docx" else path.read_text("utf-8")
    for words in (
        "舆情回应周报",
        "测试州网信办",
        "一、摘要",
        "回应成效",
        "独山县教育局",
        "report_hours",
        "尚未在本地人工标注上测过误差",
    ):
        assert words in said
    pictures = (
        [name for name in zipfile.ZipFile(path).namelist() if name.startswith("word/media/")]
        if kind == "docx" else said.split("data:image/png")[1:]
    )  # fmt: skip
    assert len(pictures) == 2
    assert list(tmp_path.iterdir()) == [path]


def test_words_of_the_public_stay_words(store, tmp_path):
    made = report.daily(store, SETTINGS, DAY, NOW)
    path = tmp_path / "daily.html"
    report.write(made, path)
    said = path.read_text("utf-8")
    assert "<script" not in said
    assert "&lt;script&gt;alert(1)" in said
    assert "\u202e" not in said
    report.write(made, tmp_path / "daily.docx")
    assert "\u202e" not in text_of(tmp_path / "daily.docx")


@pytest.mark.skipif(pdf_tool() is None, reason="neither LibreOffice nor Chromium is installed")
def test_a_pdf_is_made_where_a_program_is_present(store, tmp_path):
    report.write(report.claim(store, SETTINGS, "c-school", NOW), tmp_path / "claim.pdf")
    assert (tmp_path / "claim.pdf").read_bytes().startswith(b"%PDF")


def test_without_a_program_a_pdf_is_refused_with_the_reason(store, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(NoPdfToolError, match="LibreOffice"):
        report.write(report.daily(store, SETTINGS, DAY, NOW), tmp_path / "daily.pdf")
    assert list(tmp_path.iterdir()) == []


def test_the_brief_on_one_claim_has_its_deadline_answer_and_effect(store, tmp_path):
    made = report.claim(store, SETTINGS, "c-school", NOW)
    said = "\n".join(one.text for one in made.sections)
    for words in (
        "听说明天全县停课",
        "独山县教育局",
        "国办发〔2016〕61号",
        "前后对比不等于因果",
        "尚无具名人员登记",
    ):
        assert words in said
    with pytest.raises(LedgerRefusedError, match="没有这个说法:nope"):
        report.claim(store, SETTINGS, "nope", NOW)


def test_a_person_s_words_replace_a_section_and_the_file_says_so(store, tmp_path):
    made = report.daily(store, SETTINGS, DAY, NOW)
    changed = made.edited(
        {"advice": "建议今晚发布供水情况。\n\n请水务局值守。", "summary": made.sections[0].text}
    )
    assert [one.title for one in changed.sections if one.edited] == ["研判建议"]
    report.write(changed, tmp_path / "daily.docx")
    said = text_of(tmp_path / "daily.docx")
    assert "建议今晚发布供水情况。" in said
    assert "以下各节经人工修改:研判建议" in said
    with pytest.raises(ValueError, match="没有这一节:x"):
        made.edited({"x": ""})
    with pytest.raises(ValueError, match="最多"):
        made.edited({"advice": "字" * 30_000})


def test_the_models_error_on_local_text_is_said_where_people_judged_it(tmp_path):
    with Store.open(tmp_path / "home") as store:
        fill(store, NOW)
        judged = [f"c-road-{number}" for number in range(9)] + [f"c-help-{number}" for number in range(11)]
        for number, (_, said) in enumerate(sorted(said_of(store, judged).items())):
            label = "help" if number % 5 == 0 else said.labels["need"]
            event = label_event(said, "need", label, "李明", sample="random", known=None, now=NOW)
            store.append("label_events", event)
        made = report.daily(store, SETTINGS, DAY, NOW)
    [words] = made.errors
    assert words.startswith("诉求错误率")
    assert words.endswith("n=20)")


def test_an_empty_day_says_that_it_is_empty_and_to_look_at_collection(tmp_path):
    with Store.open(tmp_path / "home") as empty:
        made = report.daily(empty, SETTINGS, date(2026, 1, 2), NOW)
        report.write(made, tmp_path / "daily.docx")
    assert "没有收集到帖文" in made.sections[0].text
    assert "请先核对采集是否正常" in text_of(tmp_path / "daily.docx")


def test_a_county_s_report_holds_that_county_s_claims_only(store):
    made = report.daily(store, SETTINGS, DAY, NOW, ["独山县"])
    claims = next(one for one in made.sections if one.key == "claims")
    assert [row[1] for row in claims.tables[0].rows] == ["听说明天全县停课,是不是真的?"]


def test_hours_without_collection_are_named_as_gaps(store):
    volume = next(one for one in report.daily(store, SETTINGS, DAY, NOW).sections if one.key == "volume")
    assert "没有采集到任何数据" in volume.text
    assert "不代表没有帖文" in volume.text


def test_a_chart_is_drawn_with_chinese_words():
    drawn = picture(ranked([{"county": "都匀市", "posts": 3}, {"county": "独山县", "posts": 1}], "county"))
    assert drawn.startswith(b"\x89PNG")


def run(home, *arguments):
    return CliRunner().invoke(group, ["--home", str(home), "report", *arguments])


def test_the_command_line_makes_the_file_and_keeps_one_that_is_there(home, tmp_path):
    path = tmp_path / "日报.docx"
    found = run(home, "daily", "--date", "2026-11-20", "--output", str(path))
    assert found.exit_code == 0, found.output
    assert "舆情回应日报" in text_of(io.BytesIO(path.read_bytes()))
    again = run(home, "daily", "--date", "2026-11-20", "--output", str(path))
    assert (again.exit_code, "已存在" in again.output) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["daily", "--date", "昨天"], "2026-11-25 这样的日期"),
        (["daily", "--date", "2999-01-01"], "还没有到"),
        (["claim"], "要给出说法编号"),
        (["claim", "nope"], "没有这个说法"),
        (["daily", "c-road"], "日报、周报不要"),
        (["daily", "--output", "a.txt"], "docx、html、pdf"),
    ],
)
def test_what_cannot_be_is_refused_in_words(home, tmp_path, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    found = run(home, *arguments)
    assert found.exit_code == 2
    assert said in found.output
    assert list(tmp_path.iterdir()) == []


def test_due_reports_are_made_once_and_late_ones_at_the_next_look(store, tmp_path):
    settings = Settings(tables={"reports": {"daily": "08:00", "weekly": "monday 08:30", "formats": ["html"]}})
    planned = Schedule.load(settings, Home(root=tmp_path))
    made = make_due(store, settings, planned, NOW)
    assert [path.name for path in made] == ["daily-2026-11-24.html", "weekly-2026-11-16.html"]
    assert make_due(store, settings, planned, NOW + HOUR) == []
    morning = datetime(2026, 11, 26, 7, 59, tzinfo=LOCAL_TIME)
    assert make_due(store, settings, planned, morning) == []
    assert [path.name for path in make_due(store, settings, planned, morning + HOUR)] == [
        "daily-2026-11-25.html"
    ]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"daily": "8"}, "daily = '8'"), ({"weekly": "08:00"}, "a day and a time"),
        ({"yearly": "x"}, "yearly"),
        ({"daily": "08:00", "formats": ["odt"]}, "odt"), ({"daily": 8}, "daily = 8"),
    ],
)  # fmt: skip
def test_times_that_cannot_be_are_named(tmp_path, table, said):
    with pytest.raises(ConfigError, match=said):
        Schedule.load(Settings(tables={"reports": table}), Home(root=tmp_path))


def test_without_the_table_nothing_is_scheduled(tmp_path):
    assert Schedule.load(Settings(), Home(root=tmp_path)) is None
