"""What people do and see on 态势, 帖文, 权威信息, 广告与套话 and the wall."""

import json
import re
import threading
import time

import pandas as pd
import pytest
from dashboard_home import LONG
from pages_app import button, field, press, rows_of, rows_when, toasts, words
from pages_app import page_of as page

from dashboard import (
    audit_words,
    data,
    data_claims,
    people,
    wording_ledger,
    wording_noise,
    wording_posts,
    wording_situation,
    wording_statements,
    wording_today,
)
from pipeline.config import ConfigError
from pipeline.ledger_events import KINDS
from pipeline.roles import Role, User

pytestmark = pytest.mark.usefixtures("at_home")
WORDS = wording_statements.STATEMENTS


def press_when_shown(label, name, /, **params):
    """Visit a page again until it offers a button: what it shows may be two seconds old."""
    deadline, pause = time.monotonic() + 60, threading.Event()
    while time.monotonic() < deadline:
        app = page(name, **params)
        if any(one.label == label for one in app.button):
            press(app, label)
            return
        pause.wait(0.5)
    raise AssertionError(f"{name} never offered {label}")


def fill_in(app, **values):
    for name, value in values.items():
        kind = "text_area" if name == "text" else "text_input"
        field(app, kind, WORDS[f"field_{name}"]).set_value(value)
    button(app, WORDS["save"]).click().run()
    assert not app.exception
    return app


def test_every_key_figure_of_the_situation_opens_its_rows():
    app = page("situation")
    targets = [link.proto.query_string for link in app.get("page_link")]
    assert any("span=24" in target for target in targets)
    assert any("need=" in target for target in targets)
    assert any("question=overdue" in target for target in targets)


@pytest.mark.parametrize(("figure", "question"), wording_today.FIGURES.items())
def test_every_key_figure_of_the_queue_lists_just_what_it_counts(figure, question):
    app = page("today")
    count = next(one.value for one in app.metric if one.label == wording_today.TODAY[figure])
    press(app, f"pick-question-{question}")
    assert app.session_state["filter-question"] == question
    assert len([one for one in app.markdown if re.match(r"\*\*\d+\\?\.", one.value)]) == int(count)


def test_the_ledger_lists_the_state_whose_figure_was_pressed():
    app = press(page("ledger"), "pick-state-declined")
    assert app.query_params["state"] == "declined"
    assert wording_ledger.LEDGER["empty_title"] in words(app)


def test_a_claim_s_timeline_knows_hours_without_collection_and_what_is_not_over():
    known = data.claim("c-road")
    series, minutes = data.claim_series("c-road", known["first_seen"], known["last_seen"])
    assert minutes == 60
    gaps = set(data_claims.gaps(series)["hour"])
    assert gaps
    assert not gaps & set(series["bucket"])
    assert not gaps & set(data.ask("page_collected_hours", since=known["first_seen"])["hour"])
    running = series["bucket"].max() + pd.Timedelta(minutes=minutes) > pd.Timestamp.now("UTC")
    assert series["partial"].any() == running


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("sign_in.refused", "登录被拒"),
        ("ledger.cited", "台账 · 已有权威信息"),
        ("alert.acknowledged.link", "预警 · 接手(消息链接)"),
        ("source.urgent", "数据源 · 加密采集"),
        ("something.new", "something.new"),
    ],
)
def test_the_audit_log_says_in_words_what_was_done(action, said):
    assert audit_words.of(action) == said


def test_every_kind_of_event_has_a_word_in_the_audit_log():
    assert {kind for kind in KINDS if audit_words.of(f"ledger.{kind}") == f"ledger.{kind}"} == set()


def test_shares_stand_with_n_and_the_measured_error_or_that_there_is_none():
    shown = words(page("situation"))
    assert "n=" in shown
    assert "误差" in shown


def test_the_posts_of_one_hour_and_need_are_listed_and_pages_go_on():
    app = page("posts", need="question", span="168")
    assert "停课" in words(app)
    assert "红绿灯" not in words(app)
    everything = page("posts", span="336", page="2")
    assert button(everything, "上一页").disabled is False


def test_merging_puts_alike_posts_into_one_row():
    apart = words(page("posts", span="168", need="question"))
    merged = words(page("posts", span="168", need="question", similar="1"))
    assert apart.count("停课") > merged.count("停课") > 0
    assert "相似 28 条" in merged


def test_a_giant_post_is_cut_and_opens_and_markup_stays_text():
    app = page("posts", span="168", words="很长的帖文")
    longest = max((str(element.value) for element in app.text), key=len)
    assert len(longest) < len(LONG)
    assert any("看全文" in one.label for one in app.expander)
    dirty = page("posts", span="168", words="script")
    shown = [element.value for element in dirty.text if "script" in element.value]
    assert shown
    assert "\u202e" not in "".join(shown)
    assert not [element for element in dirty.markdown if "<script>" in element.value]


@pytest.mark.parametrize("given", ["昨天", "2026-13-45T00:00", "'; drop table posts; --", "9" * 300])
def test_a_hand_made_address_is_ignored(given):
    page("posts", hour=given, page=given, span=given, county=given)


def test_a_statement_is_added_by_hand_and_withdrawn_and_restored(served):
    fill_in(page("statements"), text="匀城路口红绿灯已修复。", issuer="交警支队", url="https://gov.example/9")
    added = rows_when(served, "select * from statements where issuer = '交警支队'")
    assert added[0]["added_by"] == "李明"
    app = page("statements", words="红绿灯")
    button(app, WORDS["withdraw_title"]).click().run()
    assert WORDS["need_reason"] in toasts(app)
    field(app, "text_input", WORDS["withdraw_why"]).set_value("数据有误").run()
    button(app, WORDS["withdraw_title"]).click().run()
    rows_when(served, "select 1 from statements where issuer = '交警支队' and valid_until <= now()")
    press_when_shown(WORDS["restore"], "statements", words="红绿灯")
    rows_when(served, "select 1 from statements where issuer = '交警支队' and valid_until is null")
    audit = rows_of(served, "select body from audit_events where action = 'statement.added'")
    assert json.loads(audit[0]["body"])["statement_id"] == added[0]["statement_id"]


def test_a_wrong_statement_is_refused_in_words_and_what_was_typed_stays():
    app = fill_in(page("statements"), text="某某某某", issuer="州政府", url="不是网址")
    assert "http" in toasts(app)
    assert field(app, "text_area", WORDS["field_text"]).value == "某某某某"


def test_a_viewer_is_not_offered_to_add_and_could_not():
    viewer = User(name="访客", roles=frozenset({Role.VIEWER}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(people, "current", lambda: viewer)
        app = page("statements")
        assert not [one for one in app.button if one.label == WORDS["save"]]


def test_an_advert_shows_its_reason_and_is_let_out_by_a_person(served):
    app = page("noise")
    assert "加微信" in words(app)
    assert "广告用语" in words(app).replace("\\", "")
    button(app, wording_noise.NOISE["release"]).click().run()
    found = rows_of(served, "select claim_id, actor from claim_events where kind = 'released'")
    assert found == [{"claim_id": "c-advert", "actor": "李明"}]
    assert wording_noise.NOISE["is_released"] in words(page("noise"))


def test_the_wall_turns_from_screen_to_screen():
    titles = [page("wall", screen=str(screen)).header[0].value for screen in range(1, 6)]
    assert len(set(titles)) == 4
    assert titles[0] == titles[4] == wording_situation.WALL["numbers"]


def test_a_map_that_cannot_be_used_is_named(served, tmp_path):
    from dashboard.picture import office_map

    (tmp_path / "map.json").write_text('{"features": [{"properties": {"name": "都匀市"}}]}', "utf-8")
    with pytest.raises(ConfigError, match="荔波县"):
        office_map(str(tmp_path / "map.json"))
    (tmp_path / "bad.json").write_text("[]", "utf-8")
    with pytest.raises(ConfigError, match="not a GeoJSON"):
        office_map(str(tmp_path / "bad.json"))


def test_nothing_found_says_so():
    assert wording_posts.POSTS["nothing_title"] in words(page("posts", words="绝不会有的字"))


def test_a_collector_s_clock_that_runs_ahead_is_said():
    assert "「匀城论坛」的采集机时钟比本机快 6 分钟" in words(page("sources")).replace("\\", "")
