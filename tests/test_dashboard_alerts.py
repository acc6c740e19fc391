"""The pages of alerts as their users meet them: take up, mute, call false, a link on the phone, try and
save.
"""

import json
from datetime import UTC, datetime, timedelta

import pytest
from pages_app import APP, press, reader, words
from streamlit.testing.v1 import AppTest

from dashboard import wording_alerts
from pipeline.alert_links import token_of
from pipeline.config import Home, Secrets, Settings

pytestmark = pytest.mark.usefixtures("at_home")
WATER = "al-c-water"


def events(root, alert):
    with reader(root) as client:
        return client.rows("alert_history", alert=alert)


def page(name="alerts", **params) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=120)
    for key, value in params.items():
        app.query_params[key] = value
    app.run()
    if name != "ack":
        app.switch_page(f"views/{name}.py").run()
    assert not app.exception
    return app


def test_open_alerts_come_first_and_the_second_to_take_one_up_is_told(served, monkeypatch):
    app = page()
    shown = [button.key for button in app.button if button.key.startswith("acknowledged-")]
    assert shown[0] == f"acknowledged-{WATER}"
    press(app, f"acknowledged-{WATER}")
    app = page(alert=WATER)
    assert "接手：李明" in words(app)
    assert not [button for button in app.button if button.key == f"acknowledged-{WATER}"]
    kinds = [(row["kind"], row["actor"]) for row in events(served, WATER)]
    assert kinds == [("acknowledged", "李明")]


def test_a_mute_says_when_it_ends_and_can_be_lifted(served):
    app = page(alert="al-c-help")
    press(app, "muted-al-c-help")
    row = events(served, "al-c-help")[-1]
    until = datetime.fromisoformat(json.loads(row["body"])["until"])
    assert timedelta(hours=23) < until - datetime.now(UTC) < timedelta(hours=25)
    app = page(alert="al-c-help")
    assert "静默至" in words(app)
    press(app, "unmuted-al-c-help")
    assert "静默至" not in words(page(alert="al-c-help"))


def test_a_false_alarm_is_closed_and_can_be_undone(served):
    press(page(alert="al-c-dirty"), "false_alarm-al-c-dirty")
    app = page(alert="al-c-dirty")
    assert "判为误报：李明" in words(app)
    press(app, "reopened-al-c-dirty")
    assert "判为误报：李明" not in words(page(alert="al-c-dirty"))


def test_what_was_not_sent_today_is_words(served):
    assert "没有配置接收人" in words(page())


ROTA = """
[channels.qun]
kind = "wecom"
[recipients."值班群"]
channels = ["qun"]
[recipients."李明"]
channels = ["qun"]
quiet = { "工作日" = "22:00-06:30", "周末" = ["00:00-09:00"] }
[[routes]]
name = "都匀"
counties = ["都匀市"]
to = ["值班群", "@值班"]
[rota]
[[rota.shifts]]
from = "00:00"
to = "24:00"
people = ["李明"]
"""


def test_the_rota_the_quiet_week_and_the_routes_are_shown(served):
    file = Home(root=served).config_file
    before = file.read_text("utf-8")
    file.write_text(before + ROTA, "utf-8")
    try:
        app = page()
    finally:
        file.write_text(before, "utf-8")
    assert "现在值班：李明" in words(app).replace("\\", "")
    assert "都匀：都匀市 → 值班群、@值班（当前）" in words(app).replace("\\", "")
    assert "值班群：下次汇总" in words(app).replace("\\", "")


def link(served, alert="al-c-school", hours=1, who="王芳"):
    key = Secrets.load(Home(root=served)).link_key
    return token_of(key, alert, who, datetime.now(UTC) + timedelta(hours=hours))


def test_a_link_takes_up_one_alert_once_however_often_it_is_pressed(served):
    token = link(served)
    app = page("ack", ack=token)
    assert "听说明天全县停课" in words(app)
    assert events(served, "al-c-school") == []  # opening it records nothing
    press(app, "link-acknowledged")
    press(page("ack", ack=token), "link-acknowledged")
    rows = events(served, "al-c-school")
    assert [(row["kind"], row["actor"]) for row in rows] == [("acknowledged", "王芳（消息链接）")]
    assert "王芳" in words(page("ack", ack=link(served, who="李明")))


@pytest.mark.parametrize("how", ["old", "changed", "garbage"])
def test_a_link_that_does_not_hold_shows_nothing_of_the_alert(served, how):
    token = {"old": link(served, hours=-1), "changed": "x" + link(served), "garbage": "<b>"}[how]
    app = page("ack", ack=token)
    assert wording_alerts.LINK["bad"] in words(app)
    assert "停课" not in words(app)
    assert not app.button


def test_thresholds_are_tried_before_they_are_saved(served):
    app = page("alert_tuning")
    field = next(one for one in app.number_input if one.key == "tune-content_score")
    field.set_value(0.8)
    press(app, wording_alerts.TUNING["try"])
    assert "按此设置，过去" in words(app)
    assert "content_score" not in Home(root=served).config_file.read_text("utf-8")
    press(app, "save-tuning")
    assert Settings.load(Home(root=served)).tables["alerts"]["content_score"] == 0.8
