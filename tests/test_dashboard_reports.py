import io

import pytest
from docx import Document
from pages_app import page_of, press, words

from dashboard import people, wording_reports
from pipeline.report_records import Report
from pipeline.roles import Role, User

pytestmark = pytest.mark.usefixtures("at_home")
WORDS = wording_reports.REPORTS


def page(**params):
    return page_of("reports", **params)


def made(app) -> Report:
    return app.session_state["report-made"]


def test_a_report_is_made_changed_and_exported_with_the_changes(served):
    app = press(page(), WORDS["make"])
    advice = next(area for area in app.text_area if "研判建议" in area.label)
    advice.set_value("建议今晚发布供水情况。").run()
    app = press(app, WORDS["prepare"].format(kind="docx"))
    [download] = app.get("download_button")
    content = app.session_state["report-file"]
    assert download is not None
    said = "\n".join(line.text for line in Document(io.BytesIO(content)).paragraphs)
    assert "建议今晚发布供水情况。" in said
    assert "以下各节经人工修改:研判建议" in said


def test_made_again_words_follow_the_data_unless_a_person_changed_them(served):
    app = press(page(), WORDS["make"])
    summary, advice = app.text_area[0], next(one for one in app.text_area if "研判建议" in one.label)
    before = summary.value
    advice.set_value("我写的建议").run()
    old = app.session_state["report-made"]
    key = f"report-daily-{old.since:%Y%m%d}-summary"
    # As if the report had been made of other data: the box holds the words of then.
    app.session_state[key] = app.session_state[f"{key}-base"] = "旧的数字"
    app = press(app, WORDS["again"])
    assert app.text_area[0].value.splitlines()[0] == before.splitlines()[0]
    assert next(one for one in app.text_area if "研判建议" in one.label).value == "我写的建议"


def test_the_brief_on_a_claim_opens_from_its_address():
    app = press(page(kind="claim", claim="c-water"), WORDS["make"])
    assert made(app).kind == "claim"
    assert any("二水厂的水被污染了" in area.value for area in app.text_area)


def test_a_claim_that_is_not_there_is_said_and_nothing_is_made():
    app = press(page(kind="claim", claim="nope"), WORDS["make"])
    assert "nope" in words(app)
    assert "report-made" not in app.session_state


def test_a_county_officer_s_report_holds_the_own_county_only(monkeypatch):
    officer = User(name="荔波值班", roles=frozenset({Role.DUTY}), counties=frozenset({"荔波县"}))
    monkeypatch.setattr(people, "current", lambda: officer)
    for kind in ("daily", "weekly"):
        text = "\n".join(str(one) for one in made(press(page(kind=kind), WORDS["make"])).sections)
        assert "停水三天" in text
        assert not any(foreign in text for foreign in ("二水厂", "红绿灯", "体育馆"))
    own = made(press(page(kind="claim", claim="c-help"), WORDS["make"]))
    assert "停水三天" in "\n".join(str(one) for one in own.sections)
    brief = press(page(kind="claim", claim="c-water"), WORDS["make"])
    assert "report-made" not in brief.session_state


def test_a_viewer_makes_no_report(monkeypatch):
    monkeypatch.setattr(people, "current", lambda: User(name="访客", roles=frozenset({Role.VIEWER})))
    app = press(page(), WORDS["make"])
    assert "report-made" not in app.session_state
    assert "没有这项权限" in words(app)
