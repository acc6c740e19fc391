"""批量标注 and 模型: a file uploaded and tagged, labels given by hand, error rates, versions changed."""

import csv
import io
import json

import openpyxl
import pytest
from pages_app import button, page_of, press, toasts, words
from pages_app import reader as store

from dashboard import people, tagging, wording_batch, wording_models
from pipeline.config import Home
from pipeline.label_words import LABEL_WORDS
from pipeline.model_versions import active_name
from pipeline.roles import Role, User

pytestmark = pytest.mark.usefixtures("at_home")
WORDS, CORRECT, MODELS = wording_batch.BATCH, wording_batch.CORRECT, wording_models.MODELS
DIRTY = "<script>alert(1)</script> **加粗** \u202e反向 =cmd|' /C calc'!A0"
TEXTS = ["停水三天了没人管,求助", "请问明天社保大厅上班吗?", "=1+1 这是公式吗", DIRTY, "长" * 100_000, "……"]


def table(texts, encoding="gb18030"):
    out = io.StringIO()
    csv.writer(out).writerows([["编号", "正文"], *([n, text] for n, text in enumerate(texts))])
    return out.getvalue().encode(encoding, "replace")


def page(name="labels", **params):
    return page_of(name, **params)


def upload(name, content):
    app = page()
    app.file_uploader[0].set_value((name, content, "text/csv")).run()
    assert not app.exception, app.exception[0].value
    return app


def test_a_gbk_file_is_tagged_and_its_copies_cannot_harm(served):
    app = upload("舆情.csv", table(TEXTS))
    assert "gb18030" in words(app)
    assert app.selectbox(key="labels-column").value == "正文"
    press(app, WORDS["start"])
    tagged = app.session_state["labels-result"][1]
    assert (tagged.report.rows, tagged.report.unscored, tagged.report.unreadable) == (6, 1, 0)
    rows = list(csv.DictReader(io.StringIO(tagged.csv.decode("utf-8-sig"))))
    assert rows[2]["正文"] == "'=1+1 这是公式吗"
    assert rows[5]["need"] == ""
    sheet = openpyxl.load_workbook(io.BytesIO(tagged.xlsx)).active
    assert (sheet["B4"].value, sheet["B4"].data_type, sheet["B4"].quotePrefix) == (
        "=1+1 这是公式吗",
        "s",
        True,
    )
    assert json.loads(tagged.manifest)["rows"] == 6
    assert "未测" in words(app)
    with store(served) as client:
        [body] = client.select("select body from audit_events where action = 'classify'")["body"]
    assert json.loads(body) == {"kind": "csv", "rows": 6}


def test_without_abstaining_nothing_is_doubtful():
    app = upload("a.csv", table(TEXTS[:3], "utf-8"))
    app.toggle(key="labels-abstain").set_value(False).run()
    press(app, WORDS["start"])
    assert app.session_state["labels-result"][1].report.doubtful_rows == 0


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.xlsx", b"not a workbook", "不是可读的 Excel"),
        ("a.csv", b"", "文件是空的"),
        ("a.parquet", b"PAR1 no", "Parquet"),
        ("a.csv", "正文,正文\n好,坏\n".encode(), "重名"),
    ],
)
def test_a_wrong_file_is_refused_in_words(name, content, reason):
    app = upload(name, content)
    assert reason in app.error[0].value.replace("\\", "")
    assert "/tmp" not in app.error[0].value
    assert WORDS["start"] not in [button.label for button in app.button]


def test_a_large_file_is_sent_to_the_command_line(monkeypatch):
    monkeypatch.setattr(tagging, "MOST_ROWS", 10)
    app = upload("大.csv", table(["停水"] * 11))
    assert "命令行" in app.warning[0].value
    assert 'huiying classify "大.csv"' in app.code[0].value
    assert WORDS["start"] not in [button.label for button in app.button]


def test_a_column_must_be_chosen_where_no_name_tells_it():
    app = upload("a.csv", "甲,乙\n停水,1\n".encode())
    assert app.selectbox(key="labels-column").value is None
    assert button(app, WORDS["start"]).disabled
    app.selectbox(key="labels-column").set_value("甲").run()
    press(app, WORDS["start"])
    assert app.session_state["labels-result"][1].report.rows == 1


def test_labels_are_given_by_hand_and_shown_as_an_error_rate(served):
    app = page(part="correct")
    total = 0
    for _ in range(4):
        assert CORRECT["hidden"] in words(app)
        press(app, LABEL_WORDS["need"]["help"])
        total += 1
    assert f"本次已标 {total} 条" in words(app)
    press(app, CORRECT["previous"])
    assert CORRECT["yours"].format(label="求助") in app.markdown[-1].value or "求助" in words(app)
    press(app, LABEL_WORDS["need"]["problem"])
    with store(served) as client:
        found = client.select("select * from label_events order by recorded_at")
    assert len(found) == 5
    assert set(found["sample"]) == {"random"}
    assert set(found["actor"]) == {"李明"}
    assert set(found["model_version"]) == {"test-1"}
    shown = words(page("models"))
    assert "旧模型" in shown.replace("\\", "")
    assert "只有 4 条" in shown.replace("\\", "")


def test_the_doubtful_show_what_the_model_says():
    app = page(part="correct")
    app.segmented_control(key="labels-sample").set_value("doubtful").run()
    assert "把握" in words(app)


def test_a_viewer_gives_no_labels(served, monkeypatch):
    with store(served) as client:
        before = client.select("select count(*) as n from label_events")["n"][0]
    monkeypatch.setattr(people, "current", lambda: User(name="访客", roles=frozenset({Role.VIEWER})))
    app = press(page(part="correct"), LABEL_WORDS["need"]["help"])
    assert "没有这项权限" in toasts(app)
    with store(served) as client:
        assert client.select("select count(*) as n from label_events")["n"][0] == before


def test_a_county_officer_judges_posts_of_the_own_county_only(monkeypatch):
    officer = User(name="荔波值班", roles=frozenset({Role.DUTY}), counties=frozenset({"荔波县"}))
    monkeypatch.setattr(people, "current", lambda: officer)
    app = page(part="correct")
    assert "停水三天" in words(app)
    rows = app.session_state["labels-batch"]["rows"]
    assert rows
    assert all("停水三天" in row["text"] for row in rows)


def test_the_page_of_models_shows_floors_and_drift():
    app = page("models")
    shown = words(app)
    for word in (MODELS["floors"], MODELS["drift"], MODELS["versions"], MODELS["shipped"]):
        assert word in shown
    assert app.get("vega_lite_chart") or app.get("arrow_vega_lite_chart")


def test_a_version_is_put_in_use_and_rolled_back_by_who_may(served, monkeypatch):
    from test_pipeline_model_versions import add

    home = Home(root=served)
    add(home, "office-9")
    app = page("models")
    app.selectbox(key="models-version").set_value("office-9").run()
    press(app, MODELS["activate"])
    app.text_input(key="models-why").set_value("试用").run()
    press(app, MODELS["yes"])
    assert active_name(home) == "office-9"
    monkeypatch.setattr(people, "current", lambda: User(name="值班", roles=frozenset({Role.DUTY})))
    app = page("models")
    assert button(app, MODELS["roll_back"]).disabled
    monkeypatch.undo()
    monkeypatch.setenv("HUIYING_HOME", str(served))
    app = press(page("models"), MODELS["roll_back"])
    press(app, MODELS["yes"])
    assert active_name(home) == "shipped"
    with store(served) as client:
        actions = list(
            client.select("select action from audit_events where action like 'model.%' order by 1")["action"]
        )
    assert actions == ["model.rollback", "model.use"]
