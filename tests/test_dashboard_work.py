"""A response's whole way through the pages: see, assign, draft, review, publish, close; what is refused."""

import json

import pytest
from pages_app import APP, field, page_of, press, reader, rows_of, rows_when, toasts, words
from streamlit.testing.v1 import AppTest
from test_pipeline_drafting import answering, chat

from dashboard import people, wording_grouping, wording_ledger
from dashboard.work import changes
from pipeline.roles import Role, User

pytestmark = pytest.mark.usefixtures("at_home")
EVENTS = wording_ledger.EVENTS
FORMS = wording_ledger.FORMS


def wait_for(root, claim: str, state: str) -> None:
    sql = f"select state from responses where claim_id = '{claim}'"
    rows_when(root, sql, lambda rows: rows == [{"state": state}])


def claim_page(claim: str, tab: str = "") -> AppTest:
    return page_of("claim", claim=claim, **({"tab": tab} if tab else {}))


def choose(app: AppTest, kind: str) -> AppTest:
    pills = next(group for group in app.button_group if group.label == wording_ledger.WORK["next"])
    pills.set_value(kind).run()
    assert not app.exception
    return app


def save(app: AppTest) -> AppTest:
    return press(app, FORMS["save"])


def act(app: AppTest, kind: str, **values: str) -> AppTest:
    choose(app, kind)
    for name, value in values.items():
        widget, _, label = name.partition("__")
        field(app, widget, FORMS[label]).set_value(value)
    return save(app)


def events_of(root, claim: str) -> list[tuple[str, str]]:
    with reader(root) as store:
        found = store.select(
            f"select kind, actor from ledger_events where claim_id = '{claim}' order by recorded_at, rowid"
        )
    return list(zip(found["kind"], found["actor"], strict=True))


def test_a_claim_goes_from_assigned_to_closed_with_three_reviewers(served, monkeypatch):
    claim = "c-water"
    app = act(claim_page(claim), "assigned", selectbox__department="水务局")
    app = claim_page(claim)
    choose(app, "drafted")
    draft = field(app, "text_area", FORMS["draft"])
    assert "二水厂的水被污染了" in draft.value
    draft.set_value("经检测,二水厂出厂水各项指标合格。")
    save(app)
    act(claim_page(claim), "submitted")
    for name in ("李明", "王芳", "赵强"):
        monkeypatch.setenv(people.LOCAL_ACTOR, name)
        act(claim_page(claim), "reviewed")
    act(claim_page(claim), "published", text_input__url="https://gov.example/water")
    wait_for(served, claim, "published")
    owed = rows_of(served, f"select deadline is null as met from queue_open where claim_id = '{claim}'")
    assert owed == [{"met": True}]  # answered and not closed yet: nothing is overdue
    assert "时限内事项已办" in words(page_of("today", sort="deadline"))
    act(claim_page(claim), "closed")
    kinds = [kind for kind, _ in events_of(served, claim)]
    assert kinds == ["assigned", "drafted", "submitted", *["reviewed"] * 3, "published", "closed"]
    wait_for(served, claim, "closed")


def test_nobody_passes_two_levels_of_review(served):
    claim = "c-road"
    act(claim_page(claim), "assigned", selectbox__department="交通运输局")
    act(claim_page(claim), "drafted")
    act(claim_page(claim), "submitted")
    act(claim_page(claim), "reviewed")
    app = act(claim_page(claim), "reviewed")
    assert "同一人不能通过两级审核" in toasts(app)
    assert [kind for kind, _ in events_of(served, claim)].count("reviewed") == 1


def test_not_answering_needs_a_reason_and_leaves_the_queue(served):
    app = claim_page("c-idea")
    choose(app, "declined")
    field(app, "radio", FORMS["decline_reason"]).set_value("other")
    save(app)
    assert "要写明理由" in toasts(app)
    field(app, "text_input", FORMS["decline_note"]).set_value("已列入明年计划并公布")
    save(app)
    wait_for(served, "c-idea", "declined")


def test_a_matched_statement_is_cited_as_the_answer(served):
    act(claim_page("c-school"), "cited")
    wait_for(served, "c-school", "published")
    with reader(served) as store:
        body = store.select("select body from ledger_events where kind = 'cited'")["body"][0]
    assert json.loads(body)["issuer"] == "独山县教育局"


def test_a_viewer_sees_and_changes_nothing(served, monkeypatch):
    monkeypatch.setattr(people, "current", lambda: User(name="访客", roles=frozenset({Role.VIEWER})))
    app = act(claim_page("c-help"), "assigned", selectbox__department="民政局")
    assert "没有这项权限" in toasts(app)
    assert events_of(served, "c-help") == []


def test_a_county_officer_sees_only_the_own_county(served, monkeypatch):
    officer = User(name="荔波值班", roles=frozenset({Role.DUTY}), counties=frozenset({"荔波县"}))
    monkeypatch.setattr(people, "current", lambda: officer)
    app = AppTest.from_file(APP, default_timeout=60).run()
    shown = " ".join(element.value for element in app.markdown)
    assert "停水三天" in shown
    assert "红绿灯" not in shown
    assert "停水三天" not in " ".join(element.value for element in claim_page("c-dirty").markdown)


def test_every_action_is_in_the_audit_log(served):
    act(claim_page("c-help"), "noted", text_area__note="已电话了解")
    with reader(served) as store:
        found = store.select("select actor, action, body from audit_events where action = 'ledger.noted'")
    assert found["actor"][0] == "李明"
    assert json.loads(found["body"][0]) == {"claim_id": "c-help"}


def test_differences_of_two_versions_are_shown_by_sentence():
    before = "水质合格。请放心饮用。"
    assert changes(before, "水质合格。请烧开后饮用。") == "-请放心饮用。\n+请烧开后饮用。"


def test_what_is_being_written_comes_back_on_a_new_page_and_is_no_version(served):
    claim = "c-dirty"
    act(claim_page(claim), "assigned", selectbox__department="水务局")
    app = choose(claim_page(claim), "drafted")
    field(app, "text_area", FORMS["draft"]).set_value("正在核实").run()
    again = choose(claim_page(claim), "drafted")
    assert field(again, "text_area", FORMS["draft"]).value == "正在核实"
    assert [kind for kind, _ in events_of(served, claim)] == ["assigned"]
    save(again)
    assert [kind for kind, _ in events_of(served, claim)] == ["assigned", "drafted"]
    last = choose(claim_page(claim), "drafted")
    assert not any("自动保存" in info.value for info in last.info)


def test_two_claims_are_merged_on_the_page_and_parted_again(served):
    words = wording_grouping.GROUPING
    app = claim_page("c-help", words["title"])
    into = next(box for box in app.selectbox if box.label == words["into"])
    into.set_value("c-dirty")
    reason = next(box for box in app.text_input if box.label == words["reason"])
    reason.set_value("同一个小区")
    next(button for button in app.button if button.label == words["merge_button"]).click().run()
    assert words["recorded"] in toasts(app)
    assert ("declined", "李明") in events_of(served, "c-help")
    app = claim_page("c-help", words["title"])
    next(button for button in app.button if button.label == words["undo"]).click().run()
    assert not app.exception
    assert [kind for kind, _ in events_of(served, "c-help")][-2:] == ["declined", "reopened"]


def test_a_wording_of_the_office_s_own_model_is_marked_until_a_person_changed_it(served):
    claim = "c-dirty"
    with answering(body=chat("我们正在核实,36 小时内答复。")) as (service, asked):
        config_file = served / "huiying.toml"
        before = config_file.read_text("utf-8")
        table = f'\n[drafting]\nbase_url = "{service.base_url}"\nmodel = "本地模型"\n'
        config_file.write_text(before + table, "utf-8")
        try:
            app = choose(claim_page(claim), "drafted")
            ask = next(button for button in app.button if "本地模型" in button.label)
            ask.click().run()
            assert not app.exception
        finally:
            config_file.write_text(before, "utf-8")
    assert len(asked) == 1
    app = choose(claim_page(claim), "drafted")
    assert any(wording_ledger.DRAFT["machine"] == warning.value for warning in app.warning)
    save(app)
    assert "一字未改" in toasts(app)


def test_a_county_officer_s_hand_over_sheet_and_export_hold_the_own_county_only(monkeypatch):
    officer = User(name="荔波值班", roles=frozenset({Role.DUTY}), counties=frozenset({"荔波县"}))
    monkeypatch.setattr(people, "current", lambda: officer)
    words = wording_ledger.LEDGER
    app = press(page_of("ledger"), words["make_handover"])
    sheet = next(text.value for text in app.text if "交接班" in text.value)
    for foreign in ("二水厂", "红绿灯", "体育馆"):
        assert foreign not in sheet
    app = press(page_of("ledger"), words["prepare"])
    assert not app.warning
    assert app.get("download_button")
    press(page_of("ledger"), words["verify"])
