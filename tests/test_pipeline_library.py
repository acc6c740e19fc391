from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from pipeline.cli.library import command
from pipeline.client import StoreClient
from pipeline.config import Home, Secrets, region_path
from pipeline.library import KnownRumor, Library
from pipeline.library_import import plan_library, read_verdict
from pipeline.library_stage import LibraryStage
from pipeline.places import Region
from pipeline.processes import free_port
from pipeline.records import VerdictValue
from pipeline.store import Store

REGION = Region.load(region_path("qiannan"))
NOW = datetime(2026, 11, 1, tzinfo=UTC)
SALT = "都匀的盐要断货了,超市都被抢空,赶紧去囤盐"


def library(*texts):
    held = Library(REGION)
    held.update(KnownRumor(rumor_id=f"r{at}", text=text) for at, text in enumerate(texts))
    return held


def test_the_old_rumor_is_found_in_other_words():
    found = library(SALT, "罗甸停水三天").match("c1", "听说都匀食盐又要断货,大家都在囤盐抢盐")
    assert [(match.rumor_id, match.relation) for match in found] == [("r0", "recurrence")]


def test_another_place_or_number_is_a_variant_and_says_what_differs():
    held = library("惠水县城明天开始停水三天,家里赶紧接水")
    other_place = held.match("c1", "罗甸县城明天开始停水三天,家里赶紧接水")[0]
    other_number = held.match("c2", "惠水县城明天开始停水七天,家里赶紧接水")[0]
    assert (other_place.relation, other_number.relation) == ("variant", "variant")
    assert "地点" in other_place.difference
    assert "数字" in other_number.difference


@pytest.mark.parametrize("text", ["", "。", "👍👍👍", "今天太阳好大,适合晒被子"])
def test_what_is_like_nothing_known_matches_nothing(text):
    assert library(SALT).match("c1", text) == []


def test_a_claim_is_not_the_recurrence_of_itself():
    held = Library(REGION)
    held.update([KnownRumor(rumor_id="v", text=SALT, claim_id="c1")])
    assert held.match("c1", SALT) == []
    assert held.match("c2", SALT)[0].rumor_id == "v"


def test_what_leaves_the_library_is_forgotten_and_a_changed_text_is_read_again():
    held = library(SALT)
    held.update([KnownRumor(rumor_id="r0", text="平塘天眼有辐射")])
    assert held.match("c1", SALT) == []
    assert held.match("c1", "平塘天眼的辐射会致癌")
    held.update([])
    assert len(held) == 0
    assert held.match("c1", "平塘天眼的辐射会致癌") == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("谣言", VerdictValue.FALSE), ("【不实】", VerdictValue.FALSE), ("False", VerdictValue.FALSE),
        ("属实", VerdictValue.TRUE), ("部分属实", VerdictValue.PARTLY),
        ("尚无定论。", VerdictValue.UNVERIFIABLE),
        ("大概吧", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_verdicts_are_read_as_lists_write_them(written, meant):
    assert read_verdict(written) is meant


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HUIYING_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def run(*arguments):
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


LIST = """谣言,结论,辟谣机构,链接,日期
都匀的盐要断货了，超市都被抢空，赶紧去囤盐,谣言,黔南州市场监管局,https://example.gov.cn/1,2026-03-12
罗甸停水三天,不实,罗甸县水务局,https://example.gov.cn/2,2026年5月1日
平塘天眼辐射致癌,大概吧,平塘县委宣传部,,2026-05-02
,谣言,谁,,
独山麻万有非洲猪瘟,谣言,独山县农业农村局,不是网址,
长顺有人抢小孩,谣言,长顺县公安局,,不是日期
"""


def test_a_list_is_imported_once_and_its_bad_rows_are_put_aside(home, tmp_path):
    file = tmp_path / "piyao.csv"
    file.write_text(LIST, "utf-8")
    first = run("import", file, "--json")
    assert first.exit_code == 0, first.output
    told = json.loads(first.output)
    assert (told["added"], told["known"], told["rejected"]) == (2, 0, 4)
    aside = [json.loads(line) for line in Path(told["rejects"]).read_text("utf-8").splitlines()]
    assert [row["line"] for row in aside] == [4, 5, 6, 7]
    assert "大概吧" in aside[0]["reason"]
    assert json.loads(run("import", file, "--json").output)["known"] == 2
    listed = [json.loads(line) for line in run("list", "--json").output.splitlines()]
    assert [row["verdict"] for row in listed] == ["false", "false"]
    assert "罗甸停水三天" in run("list", "停水").output
    assert "没有符合" in run("list", "外星人").output


def test_a_workbook_without_verdicts_needs_one_said(home, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["标题", "发布单位", "链接"])
    book.active.append(["微波炉加热的菜会致癌", "中国互联网联合辟谣平台", "https://example.gov.cn/3"])
    file = tmp_path / "list.xlsx"
    book.save(file)
    refused = run("import", file)
    assert refused.exit_code == 2
    assert "--verdict" in refused.output
    assert run("import", file, "--verdict", "false").exit_code == 0
    assert "微波炉" in run("list").output


@pytest.mark.parametrize(("text", "said"), [("a,b\n1,2\n", "没有说法列"), ("", "空的")])
def test_a_file_without_claims_is_refused_by_name(home, tmp_path, text, said):
    file = tmp_path / "odd.csv"
    file.write_text(text, "utf-8")
    result = run("import", file)
    assert result.exit_code == 2
    assert said in result.output
    assert "odd.csv" in result.output


def test_an_entry_is_withdrawn_with_a_reason_and_leaves_the_list(home, tmp_path):
    file = tmp_path / "one.jsonl"
    file.write_text(
        json.dumps({"claim": SALT, "verdict": "false", "issuer": "某局"}, ensure_ascii=False), "utf-8"
    )
    run("import", file)
    listed = json.loads(run("list", "--json").output)
    assert run("withdraw", listed["rumor_id"], "--reason", " ").exit_code == 2
    assert run("withdraw", "nobody", "--reason", "误录").exit_code == 2
    assert run("withdraw", listed["rumor_id"], "--reason", "误录").exit_code == 0
    assert "库还是空的" in run("list").output


def claim(claim_id, text, at=NOW):
    return {
        "claim_id": claim_id, "text": text, "first_seen": at, "last_seen": at, "size": 1, "spreading": 1,
        "authors": 1, "counties": [], "channels": ["forum"], "need": "unverified_claim", "rumor_score": 0.5,
        "kind": "claim", "recurs": None, "updated_at": at,
    }  # fmt: skip


def verdict(claim_id, value="false"):
    return {
        "event_id": f"e-{claim_id}", "claim_id": claim_id, "kind": "verdict", "actor": "值班员甲",
        "body": json.dumps({"value": value, "source": "市场监管局通告", "source_url": "https://example.gov.cn/9"}),
        "recorded_at": NOW - timedelta(days=200),
    }  # fmt: skip


def test_a_verdict_of_the_office_is_known_to_later_claims_and_looking_twice_changes_nothing(tmp_path):
    with Store.open(tmp_path) as store:
        store.insert(
            "claims",
            [
                claim("old", SALT, NOW - timedelta(days=200)),
                claim("new", "听说都匀食盐又要断货,都在抢盐囤盐"),
            ],
        )
        stage = LibraryStage(store, REGION)
        assert stage.run(NOW) == 0
        store.append("ledger_events", verdict("old"))
        assert stage.run(NOW) == 1
        rows = store.rows("known_rumor_of", claim="new")
        assert [(row["verdict"], row["issuer"], row["novelty"], row["earlier_claim"]) for row in rows] == [
            ("false", "市场监管局通告", "recurrence", "old")
        ]
        assert rows[0]["url"] == "https://example.gov.cn/9"
        assert store.rows("known_rumor_of", claim="old") == []
        assert stage.run(NOW) == 0
        assert LibraryStage(store, REGION).run(NOW) == 0
        store.insert("claims", [claim("new", "今天太阳好大")], on_conflict="replace")
        assert stage.run(NOW) == 1
        assert store.rows("known_rumor_of", claim="new") == []


def test_a_client_of_the_running_owner_imports_and_lists(home, tmp_path):
    with Store.open(Home(root=home)) as store:
        secrets = Secrets.load(store.home)
        address = store.serve(free_port(), secrets.reader_token, secrets.writer_token)
        file = tmp_path / "piyao.csv"
        file.write_text(LIST, "utf-8")
        plan = plan_library(file, None, "")
        with StoreClient.connect(address, secrets.writer_token, store.home.extensions) as client:
            for row in plan.rows("测试"):
                if isinstance(row, dict):
                    client.append("library_events", row)
            assert len(client.rows("library_list", words="", most=10)) == 2
