"""Every channel against one table of failures on a real loopback server, and the platforms' own rules."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from channel_server import channel_server
from hypothesis import given
from hypothesis import strategies as st

from pipeline.channels import dingtalk, feishu, load_channels, web
from pipeline.channels.base import MOST_PARTS, Message, masked, parts_of
from pipeline.channels.dingtalk import Dingtalk
from pipeline.channels.feishu import Feishu
from pipeline.channels.others import Others
from pipeline.channels.sms import Sms
from pipeline.channels.wecom import Wecom
from pipeline.config import ConfigError, Home, Settings

TOKEN, SECRET, PHONE = "tok-abc123", "SECd83fa9", "13800001111"
SENT = Message(
    message_id="n1234567890",
    title="橙色预警",
    text="过去28天同一时段 0–3 条，本小时 14 条\n说法一句",
    level="orange",
    link="https://office.example/?ack=abc",
)


@pytest.fixture(scope="module")
def server():
    with channel_server() as running:
        yield running


@pytest.fixture(autouse=True)
def impatient(monkeypatch, server):
    monkeypatch.setattr(web, "CONNECT_SECONDS", 0.5)
    monkeypatch.setattr(web, "READ_SECONDS", 1.0)
    monkeypatch.setattr(web, "WHOLE_SECONDS", 0.6)
    server.seen.clear()
    server.broken = 0


def robot(kind, base, **more):
    make = {"dingtalk": Dingtalk, "feishu": Feishu, "wecom": Wecom}[kind]
    return make(name=kind, token=TOKEN, secret=SECRET, base_url=base, **more)


def make(kind, base):
    if kind == "sms":
        body = '{"to": "{phone}", "content": "{text}", "ref": "{id}"}'
        return Sms(name="sms", url=f"{base}/send?key={SECRET}", phones=(PHONE,), body=body)
    if kind == "apprise":
        return Others(name="mail", url=base.replace("http://", "json://") + f"/hook/{TOKEN}?cto=0.5&rto=0.5")
    return robot(kind, base)


ROBOTS = ("dingtalk", "feishu", "wecom")
CODED = (*ROBOTS, "sms")
# mode of the server -> (code of the receipt, whether trying again is no use)
FAILURES = {
    "400": ("http", True), "401": ("http", True), "403": ("http", True), "404": ("http", True),
    "418": ("http", True), "429": ("http", False), "500": ("http", False), "502": ("http", False),
    "503": ("http", False), "201": ("http", True), "204": ("http", True), "302": ("http", True),
    "hang": ("timeout", False), "reset": ("connection", False), "drip": ("timeout", False),
    "short": ("request", False), "huge": ("too_large", False), "page": ("no_code", True),
    "empty": ("no_code", True), "list": ("no_code", True), "null": ("no_code", True),
    "no_code": ("no_code", True), "bytes": ("no_code", True), "truth": ("false", True),
}  # fmt: skip


@pytest.mark.parametrize("mode", sorted(FAILURES))
@pytest.mark.parametrize("kind", CODED)
def test_a_failure_is_never_a_success_and_says_what_it_was(kind, mode, server):
    receipt = make(kind, f"{server.url}/{mode}").send(SENT)
    code, final = FAILURES[mode]
    assert not receipt.ok
    if mode == "short":  # the library calls a cut answer a broken connection or a broken request
        assert receipt.code in {"request", "connection"}
    else:
        assert (receipt.code, receipt.final) == (code, final)
    for secret in (TOKEN, SECRET, PHONE):
        assert secret not in repr(receipt)


@pytest.mark.parametrize("kind", CODED)
def test_a_refusal_with_status_200_is_a_failure(kind, server):
    receipt = make(kind, f"{server.url}/refused").send(SENT)
    assert (receipt.ok, receipt.status, receipt.final) == (False, 200, True)
    assert receipt.code in {"310000", "19021"}
    assert "refused" in receipt.answer


@pytest.mark.parametrize("kind", ["feishu", "wecom"])
def test_too_many_messages_is_worth_another_try(kind, server):
    assert make(kind, f"{server.url}/busy").send(SENT).final is False


@pytest.mark.parametrize("kind", [*CODED, "apprise"])
def test_success_is_told_with_the_answer(kind, server):
    receipt = make(kind, f"{server.url}/good").send(SENT)
    assert receipt.ok
    assert len(server.seen) == 1


@pytest.mark.parametrize("mode", ["400", "403", "404", "429", "500", "503", "hang", "reset"])
def test_apprise_failures_are_failures_and_masked(mode, server):
    receipt = make("apprise", f"{server.url}/{mode}").send(SENT)
    assert not receipt.ok
    assert TOKEN not in repr(receipt)


@pytest.mark.parametrize("kind", [*CODED, "apprise"])
def test_nobody_listening_is_a_failure_without_secrets(kind, caplog):
    with caplog.at_level(logging.DEBUG, logger="pipeline"):
        receipt = make(kind, "http://127.0.0.1:9").send(SENT)
    assert not receipt.ok
    for secret in (TOKEN, SECRET, PHONE):
        assert secret not in repr(receipt)
        assert secret not in caplog.text


def test_dingtalk_signs_as_published_and_encodes_once(server):
    assert robot("dingtalk", f"{server.url}/good", keyword="舆情").send(SENT).ok
    path, _, body = server.seen[0]
    parts = urlsplit(path)
    assert parts.path == "/good/robot/send"
    values = {name: found[0] for name, found in parse_qs(parts.query).items()}
    assert values["access_token"] == TOKEN
    assert len(values["timestamp"]) == 13
    message = f"{values['timestamp']}\n{SECRET}".encode()
    wanted = base64.b64encode(hmac.new(SECRET.encode(), message, hashlib.sha256).digest()).decode()
    assert values["sign"] == wanted
    raw = next(part for part in parts.query.split("&") if part.startswith("sign="))
    assert "%25" not in raw
    assert unquote(raw[5:]) == wanted
    sent = json.loads(body)
    assert sent["msgtype"] == "markdown"
    assert "【舆情】" in sent["markdown"]["text"]
    assert SENT.link in sent["markdown"]["text"]


def test_the_signatures_of_a_fixed_moment():
    # openssl: printf '%s' "$ts\n$secret" | openssl dgst -sha256 -hmac "$secret" -binary | base64
    assert dingtalk.signature("1700000000000", "SECabc") == "jcUpW0QmtKduN03n4JqQ0PBosVjqnM8gU7fIIvsDmCM="
    # openssl: printf '' | openssl dgst -sha256 -hmac "$ts\n$secret" -binary | base64
    assert feishu.signature("1700000000", "demo") == "8oT2n3SMKFfEnDoiwer8BUM/SjKLwe9SqoEIHlhDTKo="


def test_feishu_sends_a_signed_card(server):
    assert robot("feishu", f"{server.url}/good").send(SENT).ok
    path, _, body = server.seen[0]
    assert path == f"/good/open-apis/bot/v2/hook/{TOKEN}"
    sent = json.loads(body)
    key = f"{sent['timestamp']}\n{SECRET}".encode()
    assert sent["sign"] == base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()
    assert abs(int(sent["timestamp"]) - datetime.now(UTC).timestamp()) < 60
    assert sent["card"]["header"]["template"] == "orange"


@pytest.mark.parametrize(("kind", "limit"), [("wecom", 4096), ("dingtalk", 20_000), ("feishu", 20_000)])
def test_a_long_message_goes_in_parts_within_the_platforms_limit(kind, limit, server):
    lines = "\n".join(f"第{n}行：{'字' * 60}" for n in range(300))
    long = Message(message_id="x", title="题" * 200, text=lines,
                   link="https://office.example/?ack=" + "x" * 300)  # fmt: skip
    assert robot(kind, f"{server.url}/good").send(long).ok
    assert 1 < len(server.seen) <= MOST_PARTS
    for _, _, body in server.seen:
        sent = json.loads(body)
        text = sent["markdown"]["content"] if kind == "wecom" else body.decode()
        assert len(text.encode()) <= limit


def test_a_text_message_is_short_escaped_and_carries_its_id(server):
    said = Message(message_id="abcdef012345", title="红色预警", text='他说"水\\有毒"\n' + "长" * 500)
    assert make("sms", f"{server.url}/good").send(said).ok
    sent = json.loads(server.seen[0][2])
    assert sent["to"] == PHONE
    assert '"水\\有毒"' in sent["content"]
    assert len(sent["content"]) <= 134
    assert sent["content"].endswith("[abcdef01]")


def test_a_form_is_escaped(server):
    channel = Sms(name="s", url=f"{server.url}/good", phones=(PHONE,), body="m={phone}&t={text}",
                  content_type="application/x-www-form-urlencoded")  # fmt: skip
    assert channel.send(Message(message_id="1", title="a&b=c", text="x")).ok
    assert parse_qs(server.seen[0][2].decode())["t"][0].startswith("a&b=c")


@given(st.text(max_size=3000), st.integers(80, 900))
def test_parts_fit_and_lose_nothing_but_what_they_say(text, limit):
    safe = text.encode("utf-8", "replace").decode()
    parts = parts_of(safe, limit)
    assert all(len(part.encode()) <= limit for part in parts)
    assert len(parts) <= MOST_PARTS
    if len(safe.encode()) <= limit:
        assert parts == [safe]


def test_secrets_in_an_error_are_masked():
    said = masked(
        "url /send?access_token=abc123&sign=xx%3D key: 'k1' https://h/open-apis/bot/v2/hook/tok9", ("abc123",)
    )
    for secret in ("abc123", "xx%3D", "k1", "tok9"):
        assert secret not in said


def home_with(tmp_path, config, secrets="", mode=0o600):
    home = Home(root=tmp_path).create()
    home.config_file.write_text(config, "utf-8")
    if secrets:
        home.secrets_file.write_text(secrets, "utf-8")
        home.secrets_file.chmod(mode)
    return home


def test_channels_are_read_from_settings_and_secrets(tmp_path, monkeypatch):
    config = (
        '[channels.qun]\nkind = "dingtalk"\nbase_url = "https://ding.gov.example"\nfallback = "mail"\n'
        '[channels.mail]\nkind = "apprise"\n'
    )
    home = home_with(tmp_path, config, f'[channels.qun]\ntoken = "{TOKEN}"\nsecret = "{SECRET}"\n')
    monkeypatch.setenv("HUIYING_CHANNEL_MAIL_URL", "mailtos://a:b@example.com?to=c@example.com")
    found = load_channels(home, Settings.load(home))
    assert found["qun"].base_url == "https://ding.gov.example"
    assert found["qun"].fallback == "mail"
    assert TOKEN not in repr(found)
    assert SECRET not in repr(found)


@pytest.mark.parametrize(
    ("config", "secrets", "says"),
    [
        ('[channels.a]\nkind = "fax"\n', "", "fax"),
        ('[channels.a]\nkind = "wecom"\n', "", "token"),
        ('[channels.a]\nkind = "wecom"\ntoken = "x"\n', "", "secrets.toml"),
        ('[channels.a]\nkind = "wecom"\nkeywrod = "x"\n', '[channels.a]\ntoken = "x"\n', "keywrod"),
        ('[channels.a]\nkind = "wecom"\nfallback = "b"\n', '[channels.a]\ntoken = "x"\n', "fallback"),
        ('[channels.a]\nkind = "wecom"\nper_minute = 0\n', '[channels.a]\ntoken = "x"\n', "per_minute"),
        ('[channels.a]\nkind = "wecom"\nbase_url = "ftp://x"\n', '[channels.a]\ntoken = "x"\n', "base_url"),
        ('[channels.a]\nkind = "wecom"\n', "[channels.a]\ntoken = 5\n", "token"),
        ('[channels.a]\nkind = "apprise"\n', '[channels.a]\nurl = "dingtalk://x@y"\n', "dingtalk"),
        ('[channels.a]\nkind = "apprise"\n', '[channels.a]\nurl = "nonsense"\n', "Apprise"),
        ('channels = 3\n', "", "channels"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_named(tmp_path, config, secrets, says):
    home = home_with(tmp_path, config, secrets)
    with pytest.raises(ConfigError, match=says):
        load_channels(home, Settings.load(home))


def test_secrets_that_others_may_read_are_refused_by_name(tmp_path):
    home = home_with(tmp_path, '[channels.a]\nkind = "wecom"\n', '[channels.a]\ntoken = "x"\n', 0o644)
    with pytest.raises(ConfigError, match=r"secrets\.toml.*chmod 600"):
        load_channels(home, Settings.load(home))
