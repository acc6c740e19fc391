"""Other thresholds tried on what was looked at, and saved without harm."""

from __future__ import annotations

from datetime import timedelta

import pytest
from alert_world import NOW, add_claim, event
from click.testing import CliRunner

from pipeline.alert_rules import AlertRules
from pipeline.alerts import AlertStage
from pipeline.cli import group
from pipeline.config import ConfigError, Home, Settings
from pipeline.rules import Rules
from pipeline.settings_write import BEFORE, SettingsChangedError, save_alert_rules, version_of
from pipeline.store import Store
from pipeline.tuning import try_rules, with_values

OTHERS = ("都匀市水库垮了", "福泉市小学爆炸了", "瓮安县银行挤兑取不出钱")


@pytest.fixture
def store(store):
    stage = AlertStage(store, Settings(), Rules.load(Settings()))
    for n, text in enumerate(OTHERS):
        add_claim(
            store,
            f"c{n}",
            text=text,
            posts=3 + 3 * n,
            asking=1,
            rumor=0.6 + 0.1 * n,
            counties=(text[:3],),
        )
    stage.run([], NOW)
    return store


def test_the_same_rules_raise_what_was_raised(store):
    raised = store.rows("alert_list", since=NOW - timedelta(days=1), most=10)
    trial = try_rules(store, AlertRules(), 8, NOW + timedelta(hours=1))
    assert {alert.claim_id for alert in trial.alerts} == {row["claim_id"] for row in raised}
    assert all(alert.was_raised for alert in trial.alerts)
    assert trial.missed == ()


def test_stricter_rules_say_what_they_miss_and_votes_are_counted(store):
    raised = store.rows("alert_list", since=NOW - timedelta(days=1), most=10)
    event(store, raised[0]["alert_id"], "false_alarm", at=NOW + timedelta(minutes=1))
    now = NOW + timedelta(hours=1)
    assert try_rules(store, AlertRules(), 8, now).false_alarms == 1
    none = try_rules(store, AlertRules(content_score=2.0), 8, now)
    assert (len(none.alerts), len(none.missed)) == (0, len(raised))
    assert f"会漏掉当时发出的 {len(raised)} 条" in none.words()
    few = try_rules(store, AlertRules(), 1, now)
    assert (few.paged, few.held) == (1, len(few.alerts) - 1)


def test_a_wrong_value_is_named():
    for values in ({"content_scroe": 0.5}, {"content_score": -1.0}, {"alert_pages_per_day": 0}):
        with pytest.raises(ConfigError, match=next(iter(values))):
            with_values(Settings(), values)


def test_saving_keeps_comments_and_the_file_of_before(tmp_path):
    home = Home(root=tmp_path).create()
    text = '# 值班室\noffice = "测试办"  # 名称\n\n[alerts]\nyellow_voices = 12 # 会上定的\n'
    home.config_file.write_text(text, "utf-8")
    changed = save_alert_rules(
        home, {"content_score": 0.7, "yellow_voices": 12.0, "alert_pages_per_day": 5.0}, version_of(home)
    )
    assert changed == {"content_score": (0.62, 0.7), "alert_pages_per_day": (8, 5)}
    now = home.config_file.read_text("utf-8")
    assert "# 会上定的" in now
    assert "# 值班室" in now
    settings = Settings.load(home)
    assert (settings.alert_pages_per_day, AlertRules.load(settings).content_score) == (5, 0.7)
    assert home.config_file.with_suffix(".toml" + BEFORE).read_text("utf-8") == text


def test_saving_is_refused_when_somebody_saved_meanwhile_or_it_cannot_be_used(tmp_path):
    home = Home(root=tmp_path).create()
    seen = version_of(home)
    assert save_alert_rules(home, {"content_score": 0.7}, seen)
    with pytest.raises(SettingsChangedError):
        save_alert_rules(home, {"content_score": 0.8}, seen)
    before = home.config_file.read_text("utf-8")
    with pytest.raises(ConfigError):
        save_alert_rules(home, {"content_score": -0.5}, version_of(home))
    with pytest.raises(ConfigError):
        save_alert_rules(home, {"no_such": 1.0}, version_of(home))
    assert home.config_file.read_text("utf-8") == before
    assert save_alert_rules(home, {"content_score": 0.7}, version_of(home)) == {}


def invoke(root, *arguments):
    return CliRunner().invoke(group, ["--home", str(root), "alerts", *arguments], catch_exceptions=False)


def test_the_commands_answer_and_refuse_in_words(store, tmp_path):
    alert = store.rows("alert_list", since=NOW - timedelta(days=1), most=1)[0]["alert_id"]
    store.close()
    assert "此前没有可比的记录，本小时" in invoke(tmp_path, "show", alert[:8]).output
    assert "没有配置接收人" in invoke(tmp_path, "route", alert).output
    assert "今天没有发送，因为没有配置接收人" in invoke(tmp_path, "why").output
    assert invoke(tmp_path, "show", "nonsense").exit_code == 2
    assert invoke(tmp_path, "test", "nowhere").exit_code == 2
    assert "已记下" in invoke(tmp_path, "handle", alert, "ack").output
    assert "已先接手" in invoke(tmp_path, "handle", alert, "ack").output
    assert "按此设置" in invoke(tmp_path, "try", "--set", "content_score=0.9").output
    assert invoke(tmp_path, "try", "--set", "content_score=x").exit_code == 2
    with Store.open(tmp_path) as again:
        kinds = [row["kind"] for row in again.rows("alert_history", alert=alert)]
    assert kinds == ["acknowledged", "acknowledged"]
