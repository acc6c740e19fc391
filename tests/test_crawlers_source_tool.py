"""``huiying source new|add|check``: addresses of a loopback site come in, source files or refusals go out."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from crawl_site import Answer, crawl_site, run_source

from crawlers.source import load_source
from crawlers.source_tool import KNOWN, main, mark_verified

HTML = {"Content-Type": "text/html; charset=utf-8"}
TITLES = [f"关于第{number}次停水检修的情况通报" for number in range(1, 13)]


def respond(method: str, target: str, body: bytes) -> Answer:
    if target == "/list/":
        rows = "".join(
            f'<li><a href="/a/{n}.html">{t}</a><span>2026-11-{n:02d}</span></li>'
            for n, t in enumerate(TITLES, 1)
        )
        return 200, HTML, f'<html><title>通报</title><div class="news"><ul>{rows}</ul></div></html>'.encode()
    if target.startswith("/a/"):
        number = int(target[3:].split(".")[0])
        page = (
            f'<html><head><meta name="PubDate" content="2026-11-{number:02d} 10:00"></head>'
            f"<body><h1>{TITLES[number - 1]}</h1>"
            f'<div class="TRS_Editor"><p>第{number}次检修已经完成，供水恢复正常。</p></div></body></html>'
        )
        return 200, HTML, page.encode()
    if target == "/login":
        return 200, HTML, "<p>您需要登录后才可以继续本操作</p>".encode()
    if target == "/data":
        rows = [
            {"id": n, "title": t, "content": f"{t}。", "time": f"2026-11-{n:02d}"}
            for n, t in enumerate(TITLES, 1)
        ]
        return 200, {"Content-Type": "application/json"}, json.dumps({"data": {"rows": rows}}).encode()
    return 200, HTML, b"<html><body><p>x</p></body></html>"


@pytest.fixture(scope="module")
def site():
    with crawl_site(respond) as running:
        yield running


def tool(home: Path, *arguments: str, contact: str = "0854-8220000") -> Result:
    given = ["--home", str(home), "--contact", contact, "--allow-private", "--pause", "0"]
    return CliRunner().invoke(main, [*arguments, *given])


def test_a_list_becomes_a_source_that_crawls(site, tmp_path: Path) -> None:
    done = tool(tmp_path, "new", "tongbao", f"{site.url}/list/", "--yes", "--county", "都匀市")
    assert done.exit_code == 0, done.output
    assert done.output.count("[2026-11-") == 10
    file = tmp_path / "sources" / "tongbao.toml"
    source = load_source(file)
    assert (source.kind, source.name, source.county) == ("article", "通报", "都匀市")
    assert source.legal.robots_checked is not None
    assert "一致" in tool(tmp_path, "check", "tongbao", "--offline").output
    assert "一致" in tool(tmp_path, "check").output
    assert "网站上现在取到 10 条" in tool(tmp_path, "check", "tongbao").output
    assert len(run_source(tmp_path, file.read_text("utf-8")).posts) == 12


def test_an_interfaces_fields_are_guessed_for_approval(site, tmp_path: Path) -> None:
    done = tool(tmp_path, "new", "jiekou", f"{site.url}/data", "--yes")
    assert done.exit_code == 0, done.output
    source = load_source(tmp_path / "sources" / "jiekou.toml")
    assert source.api["items"] == "data.rows"
    assert source.api["fields"]["text"] == "content"


def test_nothing_is_saved_without_a_yes(site, tmp_path: Path) -> None:
    given = ["--home", str(tmp_path), "--contact", "x", "--allow-private", "--pause", "0"]
    done = CliRunner().invoke(main, ["new", "tongbao", f"{site.url}/list/", *given], input="n\n")
    assert "没有保存" in done.output
    assert not (tmp_path / "sources").exists()


@pytest.mark.parametrize("path", ["/login", "/admin/x", "/nothing"])
def test_walls_forbidden_and_empty_pages_are_refused(site, tmp_path: Path, path: str) -> None:
    done = tool(tmp_path, "new", "qita", site.url + path, "--yes")
    assert isinstance(done.exception, KNOWN)
    assert not (tmp_path / "sources").exists()


def test_a_source_needs_a_contact_and_a_plain_name(site, tmp_path: Path) -> None:
    assert "联系方式" in str(
        tool(tmp_path, "new", "qita", f"{site.url}/list/", "--yes", contact="").exception
    )
    assert "小写字母" in str(tool(tmp_path, "new", "通报", f"{site.url}/list/", "--yes").exception)


def test_an_existing_source_is_never_overwritten(site, tmp_path: Path) -> None:
    tool(tmp_path, "new", "tongbao", f"{site.url}/list/", "--yes")
    again = tool(tmp_path, "new", "tongbao", f"{site.url}/list/", "--yes")
    assert again.exit_code == 2
    assert "已存在" in again.output


def test_shipped_sources_are_listed_and_copied_with_the_offices_contact(tmp_path: Path) -> None:
    assert "duyun-gov" in tool(tmp_path, "add").output
    assert tool(tmp_path, "add", "duyun-gov", "piyao").exit_code == 0
    assert load_source(tmp_path / "sources" / "duyun-gov.toml").legal.contact == "0854-8220000"
    assert isinstance(tool(tmp_path, "add", "no-such-place").exception, KNOWN)


def test_a_changed_rule_is_caught_by_the_saved_pages(site, tmp_path: Path) -> None:
    tool(tmp_path, "new", "tongbao", f"{site.url}/list/", "--yes")
    file = tmp_path / "sources" / "tongbao.toml"
    file.write_text(file.read_text("utf-8") + 'title = "h9"\n', "utf-8")
    done = tool(tmp_path, "check", "tongbao", "--offline")
    assert "title" in str(done.exception)


def test_a_saved_page_and_an_address_can_be_looked_at(site, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_bytes(respond("GET", "/list/", b"")[2])
    assert "12 条标题" in tool(tmp_path, "check", str(tmp_path / "page.html")).output
    assert "12 条标题" in tool(tmp_path, "check", f"{site.url}/list/").output
    assert isinstance(tool(tmp_path, "check", "no-such-source").exception, KNOWN)


def test_a_shipped_source_runs_only_after_a_person_approved_what_it_gives(site, tmp_path: Path) -> None:
    tool(tmp_path, "add", "duyun-gov")
    file = tmp_path / "sources" / "duyun-gov.toml"
    text = file.read_text("utf-8").replace("https://www.duyun.gov.cn/xwzx/dyyw/", f"{site.url}/list/")
    file.write_text(text.replace("a[href*='/t20']", "a[href^='/a/']"), "utf-8")
    given = ["--home", str(tmp_path), "--allow-private", "--pause", "0", "--approve"]
    refused = CliRunner().invoke(main, ["check", "duyun-gov", *given], input="n\n")
    assert "没有改动" in refused.output
    assert not load_source(file).verified
    done = CliRunner().invoke(main, ["check", "duyun-gov", *given], input="y\n")
    assert done.exit_code == 0, done.output
    assert load_source(file).verified
    assert load_source(file).legal.robots_checked is not None
    assert "# why" in file.read_text("utf-8")
    assert "一致" in tool(tmp_path, "check", "duyun-gov", "--offline").output


def test_the_day_of_approval_goes_where_it_belongs() -> None:
    day = date(2026, 11, 24)
    assert (
        mark_verified("[legal]\nbasis = 'x'\n", day) == "[legal]\nrobots_checked = 2026-11-24\nbasis = 'x'\n"
    )
    old = "verified = false  # no\n[legal]\n# robots_checked = 2020-01-01\n"
    assert mark_verified(old, day) == "verified = true\n[legal]\nrobots_checked = 2026-11-24\n"


def test_a_contact_with_quotation_marks_stays_valid_toml(tmp_path: Path) -> None:
    assert tool(tmp_path, "add", "piyao", contact='办"公"室\\').exit_code == 0
    assert load_source(tmp_path / "sources" / "piyao.toml").legal.contact == '办"公"室\\'
