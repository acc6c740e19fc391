"""From the outbox to the phone: routes, quiet hours, budget, escalation, merging, fall-backs, kill -9."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from datetime import datetime, timedelta

import pytest
from alert_world import NOW, add_claim, event
from channel_server import channel_server
from hypothesis import given
from hypothesis import strategies as st

from pipeline.alert_links import LinkError, link_for, read_token
from pipeline.alerts import AlertStage
from pipeline.channels import load_channels, web
from pipeline.config import LOCAL_TIME, ConfigError, Home, Secrets, Settings
from pipeline.processes import announce_serving, free_port
from pipeline.records import Burst
from pipeline.routing import Matter, Routing
from pipeline.rules import Rules
from pipeline.sender import FIRST_PAUSE, TRIES, Sender
from pipeline.store import Store

MINUTE = timedelta(minutes=1)
NIGHT = NOW.replace(hour=17)  # 01:00 on Saturday in Asia/Shanghai
OFFICE = """
[channels.qun]
kind = "wecom"
base_url = "{url}/good"
[channels.ding]
kind = "dingtalk"
base_url = "{url}/good"
[recipients."值班群"]
channels = ["qun", "ding"]
[recipients."李明"]
channels = ["ding"]
[recipients."王芳"]
channels = ["ding"]
"""
ROTA = """
[rota]
escalate = {{ red = [10, 20], orange = [30] }}
[[rota.shifts]]
days = "每天"
from = "08:00"
to = "08:00"
people = ["李明", "王芳"]
"""


@pytest.fixture(scope="module")
def server():
    with channel_server() as running:
        yield running


@pytest.fixture(autouse=True)
def impatient(monkeypatch, server):
    monkeypatch.setattr(web, "READ_SECONDS", 1.0)
    server.seen.clear()
    server.broken = 0


def office(tmp_path, server, more="", text=OFFICE):
    home = Home(root=tmp_path).create()
    home.config_file.write_text((text + more).format(url=server.url), "utf-8")
    Secrets.load(home)
    with home.secrets_file.open("a", encoding="utf-8") as file:
        file.write('\n[channels.qun]\ntoken = "k1"\n[channels.ding]\ntoken = "k2"\nsecret = "s"\n')
    return home


@pytest.fixture
def opened(tmp_path, server):
    def open_(more="", text=OFFICE):
        home = office(tmp_path, server, more, text)
        store = Store.open(home)
        stores.append(store)
        return home, store, AlertStage(store, Settings.load(home), Rules.load(Settings()))

    stores = []
    yield open_
    for store in stores:
        store.close()


def burst(claim_id="c1", at=NOW, observed=14):
    return Burst(
        series=f"claim:{claim_id}",
        at=at,
        window_minutes=60,
        observed=observed,
        expected=0.6,
        upper=3.0,
        score=1.4,
        baseline_days=40.0,
    )


def raise_alert(store, stage, claim_id="c1", at=NOW, **more):
    add_claim(store, claim_id, now=at, **more)
    assert stage.run([burst(claim_id, at)], at) == 1
    return store.rows("alert_list", since=at, most=1)[0]["alert_id"]


def outbox(store, kind="alert"):
    names = "notification_id, recipient, mode, why, level, due_at, title, body"
    found = store.connection.execute(
        f"select {names} from notifications where kind = ? order by decided_at, recipient", [kind]
    )
    return [dict(zip(names.split(", "), row, strict=True)) for row in found.fetchall()]


def sent(store):
    return store.connection.execute(
        "select notification_id, kind, channel, body from notification_events order by recorded_at, event_id"
    ).fetchall()


def deliver(home, store, now=NOW, rounds=12, link=lambda row: ""):
    """Run the sender until nothing is on its way and nothing more is started."""
    sender = Sender(store, load_channels(home, Settings.load(home)), link)
    for number in range(rounds):
        flying = sender.round(now + timedelta(milliseconds=number))
        if not flying and number:
            break
        sender.wait(10)
    sender.close()


def texts(server):
    return [
        json.loads(body)["markdown"].get("content") or json.loads(body)["markdown"]["text"]
        for _, _, body in server.seen
    ]


# routing


def test_without_routes_everybody_gets_everything_once_for_each_level(opened):
    _, store, stage = opened()
    raise_alert(store, stage, posts=6)
    assert [row["recipient"] for row in outbox(store)] == ["值班群", "李明", "王芳"]
    stage.run([burst()], NOW + MINUTE)
    assert len(outbox(store)) == 3
    add_claim(store, posts=40, now=NOW + 10 * MINUTE)
    stage.run([burst(at=NOW + 10 * MINUTE)], NOW + 10 * MINUTE)
    assert len(outbox(store)) == 6
    assert len({row["notification_id"] for row in outbox(store)}) == 6
    assert outbox(store)[3]["title"].startswith("【升级】")


ROUTES = """
[keyword_groups]
"卫健" = ["疫苗", "医院"]
[[routes]]
name = "独山"
counties = ["独山县"]
to = ["李明"]
[[routes]]
name = "卫健"
keywords = ["@卫健"]
levels = ["orange", "red"]
to = ["值班群"]
[[routes]]
name = "求助汇总"
needs = ["help"]
to = ["王芳"]
mode = "daily"
[[routes]]
name = "值班"
to = ["@值班"]
hours = "08:00-20:00"
"""


def route_of(tmp_path, server, **matter):
    routing = Routing.load(Settings.load(office(tmp_path, server, ROUTES + ROTA)))
    given = {"text": "", "need": "question", "level": "orange", **matter}
    return {(one.recipient.name, one.mode) for one in routing.deliveries(Matter(**given), NOW, {})}


@pytest.mark.parametrize(
    ("matter", "wanted"),
    [
        ({}, {("李明", "now")}),
        ({"counties": ("独山县", "都匀市")}, {("李明", "now")}),
        ({"text": "打疫苗死了人"}, {("值班群", "now"), ("李明", "now")}),
        ({"text": "打疫苗死了人", "level": "blue"}, {("李明", "now")}),
        ({"need": "help"}, {("王芳", "daily"), ("李明", "now")}),
    ],
)
def test_who_gets_what_is_data(tmp_path, server, matter, wanted):
    assert route_of(tmp_path, server, **matter) == wanted


def test_every_route_says_why_or_why_not(tmp_path, server):
    routing = Routing.load(Settings.load(office(tmp_path, server, ROUTES + ROTA)))
    said = {
        one.route: one.why for one in routing.decisions(Matter(text="x", need="help", level="red"), NIGHT)
    }
    assert said == {
        "独山": "地域不符",
        "卫健": "关键词不符",
        "求助汇总": "符合规则",
        "值班": "不在该规则的时段",
    }


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ('[recipients.a]\nchannels = ["fax"]\n', "fax"),
        ('[recipients.a]\nchannels = ["ding"]\nquiet = "25:00-07:00"\n', "25:00"),
        ('[recipients.a]\nchannels = ["ding"]\npages_per_day = 0\n', "pages_per_day"),
        ('[[routes]]\nname = "x"\nto = ["赵"]\n', "赵"),
        ('[[routes]]\nname = "x"\nto = ["李明"]\nlevels = ["purple"]\n', "purple"),
        ('[[routes]]\nname = "x"\nto = ["李明"]\nmode = "sometimes"\n', "sometimes"),
        ('[[routes]]\nname = "x"\nto = ["李明"]\nkeywords = ["@无"]\n', "@无"),
        ("[rota]\nescalate = {{ red = [20, 10] }}\n", "rising"),
        ('[[rota.shifts]]\ndays = "八"\nfrom = "08:00"\nto = "20:00"\npeople = ["李明"]\n', "八"),
        ('[[rota.shifts]]\nfrom = "08:00"\nto = "20:00"\npeople = ["无"]\n', "无"),
    ],
)
def test_a_wrong_rule_is_named(tmp_path, server, config, says):
    with pytest.raises(ConfigError, match=says):
        Routing.load(Settings.load(office(tmp_path, server, config)))


def test_nobody_to_tell_is_recorded_with_its_reason(opened, tmp_path, server):
    _, store, stage = opened('[[routes]]\nname = "独山"\ncounties = ["独山县"]\nto = ["李明"]\n')
    raise_alert(store, stage)
    assert [(row["mode"], row["why"]) for row in outbox(store, "none")] == [
        ("none", "没有符合的规则，没有发送")
    ]


# quiet hours, budget, digests


@pytest.mark.parametrize(("posts", "mode"), [(12, "digest"), (60, "now")])
def test_at_night_only_red_rings(opened, posts, mode):
    _, store, stage = opened()
    raise_alert(store, stage, at=NIGHT, posts=posts)
    rows = outbox(store)
    assert {row["mode"] for row in rows} == {mode}
    if mode == "digest":
        due = rows[0]["due_at"].astimezone(LOCAL_TIME)
        assert (due.hour, due.minute) == (7, 0)
        assert due > NIGHT


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(  # noqa: DTZ001 - local, below
        lambda at: at.replace(tzinfo=LOCAL_TIME)
    )
)
def test_quiet_hours_cross_midnight_in_local_time(moment):
    from pipeline.rota import read_spans

    quiet = read_spans("t", "23:00-07:00")
    assert quiet.covers(moment) == (moment.hour >= 23 or moment.hour < 7)
    end = quiet.ends(moment)
    assert not quiet.covers(end)
    if quiet.covers(moment):
        assert timedelta(0) < end - moment <= timedelta(hours=8)
        assert (end.astimezone(LOCAL_TIME).hour, end.minute) == (7, 0)
    else:
        assert end == moment


def test_days_differ_and_the_week_is_a_grid():
    from pipeline.rota import read_spans

    quiet = read_spans("t", {"工作日": "22:00-06:00", "周末": ["00:00-09:00", "23:30-24:00"]})
    grid = quiet.grid()
    assert grid[4][22]
    assert not grid[4][12]
    assert grid[5][8]  # Saturday
    assert not grid[5][9]
    assert grid[6][23]


def test_pages_beyond_the_budget_wait_and_are_counted_in_the_digest(opened, server):
    home, store, stage = opened(
        text=OFFICE.replace('channels = ["qun", "ding"]', 'channels = ["qun", "ding"]\npages_per_day = 4')
    )
    counties = ("都匀市", "福泉市", "荔波县", "独山县", "平塘县", "罗甸县")
    for n, county in enumerate(counties):
        at = NOW + n * MINUTE
        raise_alert(
            store,
            stage,
            f"c{n}",
            at=at,
            posts=12,
            text=f"{county}{'甲乙丙丁戊己'[n] * 6}出事了",
            counties=(county,),
        )
    rows = [row for row in outbox(store) if row["recipient"] == "值班群"]
    assert [row["mode"] for row in rows] == ["now"] * 3 + ["digest"] * 3  # one of four is kept for red
    raise_alert(
        store, stage, "c9", at=NOW + 9 * MINUTE, posts=60, text="龙里水库决堤淹死人", counties=("龙里县",)
    )
    assert [row["mode"] for row in outbox(store) if row["recipient"] == "值班群"][-1] == "now"
    assert "达到每日上限" in rows[-1]["why"]
    server.seen.clear()
    morning = rows[-1]["due_at"]
    deliver(home, store, morning)
    digests = [text for text in texts(server) if "预警汇总" in text and "达到每日上限" in text]
    assert "其中 3 条未单独发送" in digests[0]


def test_a_muted_claim_tells_nobody_and_says_so(opened):
    _, store, stage = opened()
    alert = raise_alert(store, stage, posts=6)
    event(store, alert, "muted", body=json.dumps({"until": (NOW + timedelta(hours=5)).isoformat()}))
    add_claim(store, posts=60, now=NOW + MINUTE)
    stage.run([burst(at=NOW + MINUTE)], NOW + MINUTE)
    assert any("静默" in row["why"] for row in outbox(store, "none"))


# escalation and heartbeat


def test_an_unanswered_alert_goes_along_the_rota(opened):
    _, store, stage = opened(ROTA)
    alert = raise_alert(store, stage, posts=60)  # red
    for minutes, wanted in ((9, 0), (10, 1), (11, 1), (20, 2), (90, 2)):
        stage.run([], NOW + minutes * MINUTE)
        asked = outbox(store, "escalation")
        assert len(asked) == wanted, minutes
    assert {row["recipient"] for row in asked} == {"王芳"}
    assert asked[0]["title"].startswith("【请接手】")
    kinds = [row["kind"] for row in store.rows("alert_history", alert=alert)]
    assert kinds == ["escalated", "escalated"]


def test_who_acknowledges_stops_the_escalation(opened):
    _, store, stage = opened(ROTA)
    alert = raise_alert(store, stage, posts=60)
    event(store, alert, "acknowledged", at=NOW + 5 * MINUTE)
    stage.run([], NOW + 30 * MINUTE)
    assert outbox(store, "escalation") == []


def test_what_a_person_passes_on_is_told_once_to_the_last_of_the_rota(opened):
    _, store, stage = opened(ROTA)
    alert = raise_alert(store, stage, posts=6)
    event(store, alert, "escalated", "李明", NOW + MINUTE)
    for minutes in (2, 3):
        stage.run([], NOW + minutes * MINUTE)
    asked = outbox(store, "escalation")
    assert [(row["recipient"], row["why"]) for row in asked] == [("王芳", "李明 上报")]


def test_every_morning_says_that_the_system_lives(opened, server):
    _home, store, stage = opened()
    seven = NOW.astimezone(LOCAL_TIME).replace(hour=7, minute=0)
    stage.run([], seven - MINUTE)
    assert outbox(store, "heartbeat") == []
    stage.run([], seven + MINUTE)
    stage.run([], seven + 2 * MINUTE)
    beats = outbox(store, "heartbeat")
    assert len(beats) == 3
    assert "0 告警" in beats[0]["title"]
    assert "没有新帖文" in beats[0]["body"]
    add_claim(store, now=seven + timedelta(hours=24), need="none", rumor=0.01, stake=0.0, text="今天天气好")
    store.connection.execute("update posts set ingested_at = ?", [seven + timedelta(hours=23)])
    stage.run([], seven + timedelta(hours=24))
    assert outbox(store, "heartbeat")[-1]["title"].startswith("系统正常，0 告警")


def notice(store, at, kind="breakage", number=1):
    row = {
        "notice_id": f"n{number}",
        "kind": kind,
        "source": "bbs",
        "since": at,
        "raised_at": at,
        "ended_at": None,
    }
    store.insert("notices", [{**row, "words": "匀城论坛连续 3 次采集不正常:列表页里没有找到文章链接"}])


def test_a_broken_source_is_told_once_to_those_who_asked_for_it_and_at_night_in_the_digest(opened, server):
    text = OFFICE.replace('[recipients."李明"]\n', '[recipients."李明"]\nnotices = true\n')
    _home, store, stage = opened(text=text)
    noon = NOW.astimezone(LOCAL_TIME).replace(hour=12)
    notice(store, noon)
    stage.run([], noon + MINUTE)
    stage.run([], noon + 2 * MINUTE)
    night = noon.replace(hour=2) + timedelta(days=1)
    notice(store, night, number=2)
    stage.run([], night + MINUTE)
    rows = outbox(store, "notice")
    assert [(row["recipient"], row["mode"]) for row in rows] == [("李明", "now"), ("李明", "digest")]
    assert "匀城论坛" in rows[0]["title"]
    assert rows[1]["due_at"].astimezone(LOCAL_TIME).hour == 7


# sending


def test_what_is_sent_has_its_id_and_a_receipt(opened, server):
    home, store, stage = opened()
    raise_alert(store, stage)
    deliver(home, store)
    events = sent(store)
    assert [kind for _, kind, _, _ in events] == ["sent"] * 3
    assert {channel for _, _, channel, _ in events} == {"qun", "ding"}
    assert json.loads(events[0][3])["code"] == "0"
    for row in outbox(store):
        assert any(row["notification_id"][:12] in text for text in texts(server))
    assert "过去28天同一时段 0–3 条，本小时 14 条" in texts(server)[0]
    assert len(server.seen) == 2  # 李明 and 王芳 share a channel: one message for both
    count = len(server.seen)
    deliver(home, store, NOW + MINUTE)
    assert len(server.seen) == count


def test_many_at_once_are_merged_into_one_with_their_count(opened, server):
    home, store, stage = opened('[[routes]]\nname = "全"\nto = ["值班群"]\n')
    for n in range(6):
        raise_alert(store, stage, f"c{n}", text=f"{'甲乙丙丁戊己'[n] * 6}出事了", counties=(f"县{n}",))
    deliver(home, store)
    assert len(server.seen) == 1
    assert "6 条" in texts(server)[0]
    assert json.loads(sent(store)[0][3])["merged"] == 6


def test_a_failure_is_tried_again_then_goes_to_the_next_channel(opened, server):
    home, store, stage = opened(
        '[[routes]]\nname = "全"\nto = ["值班群"]\n', OFFICE.replace("{url}/good", "{url}/500", 1)
    )
    raise_alert(store, stage)
    moment = NOW
    for _ in range(TRIES):
        deliver(home, store, moment)
        deliver(home, store, moment + timedelta(seconds=1))
        moment += timedelta(seconds=FIRST_PAUSE * 8)
    deliver(home, store, moment)
    kinds = [(kind, channel) for _, kind, channel, _ in sent(store)]
    assert kinds == [("failed", "qun")] * TRIES + [("sent", "ding")]


def test_a_refusal_goes_to_the_next_channel_at_once_and_the_end_is_said(opened, server):
    text = OFFICE.replace("{url}/good", "{url}/refused")
    home, store, stage = opened('[[routes]]\nname = "全"\nto = ["值班群"]\n', text)
    raise_alert(store, stage)
    deliver(home, store)
    kinds = [(kind, channel) for _, kind, channel, _ in sent(store)]
    assert sorted(kinds) == [("failed", "ding"), ("failed", "qun"), ("gave_up", "")]
    assert store.rows("deliveries_since", since=NOW)[0]["status"] == "gave_up"


def test_a_channel_that_hangs_holds_up_no_other(opened, server):
    home, store, stage = opened(text=OFFICE.replace("{url}/good", "{url}/hang", 1))
    raise_alert(store, stage)
    sender = Sender(store, load_channels(home, Settings.load(home)), lambda row: "")
    for number in range(6):
        sender.round(NOW + timedelta(milliseconds=number))
        sender.wait(0.2)
    sender.round(NOW + MINUTE)
    done = {channel for _, kind, channel, _ in sent(store) if kind == "sent"}
    assert done == {"ding"}
    assert stage.run([], NOW + MINUTE) == 0
    sender.close()


SENDER = """
import sys
from pipeline.notify import main
main(["--home", sys.argv[1]])
"""


def test_killed_between_sending_and_noting_it_is_sent_again_with_the_same_id(opened, server, tmp_path):
    """The server answers only after the sender was killed: the message was sent, and nobody knows."""
    home, store, stage = opened(
        '[[routes]]\nname = "全"\nto = ["李明"]\n', OFFICE.replace("{url}/good", "{url}/hang", 2)
    )
    raise_alert(store, stage)
    secrets = Secrets.load(home)
    announce_serving(home, store.serve(free_port(), secrets.reader_token, secrets.writer_token))
    log = (tmp_path / "notify.log").open("ab")
    first = subprocess.Popen([sys.executable, "-c", SENDER, str(home.root)], stdout=log, stderr=log)
    wait_for(lambda: server.seen)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert sent(store) == []
    home.config_file.write_text(home.config_file.read_text("utf-8").replace("/hang", "/good"), "utf-8")
    second = subprocess.Popen([sys.executable, "-c", SENDER, str(home.root)], stdout=log, stderr=log)
    try:
        wait_for(lambda: sent(store))
    finally:
        second.terminate()
        second.wait(30)
    number = outbox(store)[0]["notification_id"]
    assert [(row[0], row[1]) for row in sent(store)] == [(number, "sent")]
    assert len(server.seen) == 2
    assert all(number[:12] in text for text in texts(server))


def wait_for(condition, seconds=130.0):
    pause = threading.Event()
    for _ in range(int(seconds / 0.1)):
        if condition():
            return
        pause.wait(0.1)
    raise AssertionError("it did not happen")


# links


def test_a_link_says_whose_it_is_expires_and_cannot_be_changed():
    link = link_for("https://office.example/", "key", "a1", "李明", NOW)
    assert link.startswith("https://office.example/alerts?ack=")
    token = link.split("ack=")[1]
    read = read_token("key", token, NOW + timedelta(hours=1))
    assert (read.alert_id, read.recipient) == ("a1", "李明")
    assert read.event_id("acknowledged") == read_token("key", token, NOW).event_id("acknowledged")
    for wrong in (token[:-1], "x" + token, token.replace(".", ""), "", "中文", token + "x" * 5000):
        with pytest.raises(LinkError):
            read_token("key", wrong, NOW)
    with pytest.raises(LinkError):
        read_token("other", token, NOW)
    with pytest.raises(LinkError, match="过期"):
        read_token("key", token, NOW + timedelta(hours=73))
