"""Spiders for interfaces, mailboxes, files and Weibo: loopback sites and folders come in, posts go out."""

from __future__ import annotations

import json
import os
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import openpyxl
import pytest
from crawl_site import Answer, crawl_site, run_source, source_text

JSON = {"Content-Type": "application/json"}
HTML = {"Content-Type": "text/html; charset=utf-8"}
API = """[api]
items = "data.list"
ok = { path = "code", value = 0 }
page = { kind = "number", param = "page" }
[api.fields]
id = "id"
title = "title"
text = "content"
published = "time"
url = "/show?id={id}"
"""


class Board:
    """Messages served newest first, ten a page."""

    def __init__(self, count: int) -> None:
        self.messages = [self.message(number) for number in range(count)]
        self.code = 0

    @staticmethod
    def message(number: int) -> dict[str, object]:
        moment = 1795400000 + 60 * number
        return {
            "id": number,
            "title": f"第{number}件事",
            "content": f"这是第{number}条诉求。",
            "time": moment,
        }

    def respond(self, method: str, target: str, body: bytes) -> Answer:
        query = dict(parse_qsl(body.decode() if method == "POST" else urlsplit(target).query))
        page = int(query.get("page", "1"))
        rows = self.messages[::-1][10 * (page - 1) : 10 * page]
        return 200, JSON, json.dumps({"code": self.code, "data": {"list": rows}}).encode()


def test_every_message_is_read_and_a_second_run_asks_for_one_page(tmp_path: Path) -> None:
    board = Board(45)
    with crawl_site(board.respond) as site:
        text = source_text("json_api", f"{site.url}/list", tables=API)
        first = run_source(tmp_path, text)
        assert sorted(int(post["id"]) for post in first.posts) == list(range(45))
        assert first.posts[0]["url"].startswith(f"{site.url}/show?id=")
        site.targets()
        assert run_source(tmp_path, text).posts == []
        assert len(site.targets()) == 1
        board.messages += [Board.message(45), Board.message(46)]
        board.messages[44]["content"] = "改过的话。"
        third = run_source(tmp_path, text)
        assert {post["id"]: post["text"] for post in third.posts} == {
            "45": "这是第45条诉求。",
            "46": "这是第46条诉求。",
            "44": "改过的话。",
        }


def test_what_a_broken_walk_missed_is_found_by_the_next_run(tmp_path: Path) -> None:
    board = Board(45)
    broken = True

    def respond(method: str, target: str, body: bytes) -> Answer:
        return (404, JSON, b"{}") if broken and "page=3" in target else board.respond(method, target, body)

    with crawl_site(respond) as site:
        text = source_text("json_api", f"{site.url}/list", tables=API)
        assert len(run_source(tmp_path, text).posts) == 20
        broken = False
        assert len(run_source(tmp_path, text).posts) == 25


def test_an_interface_that_answers_otherwise_is_red_and_not_silent(tmp_path: Path) -> None:
    board = Board(5)
    board.code = 500
    with crawl_site(board.respond) as site:
        run = run_source(tmp_path, source_text("json_api", f"{site.url}/list", tables=API))
    assert run.status == "red"
    assert any("接口的回答" in reason for reason in run.reasons)


def test_wrong_field_paths_are_said_before_anything_is_asked(tmp_path: Path) -> None:
    with crawl_site(Board(5).respond) as site:
        tables = '[api]\nitems = "data.list"\n[api.fields]\nid = "id"\n'
        run = run_source(tmp_path, source_text("json_api", f"{site.url}/list", tables=tables))
        assert (run.status, site.targets()) == ("red", [])


def test_a_form_is_posted_with_the_headers_that_the_source_declares(tmp_path: Path) -> None:
    tables = API.replace(
        "[api]", '[api]\nmethod = "POST"\nform = { fid = "7", page = 1 }\nheaders = { Referer = "x" }'
    )
    with crawl_site(Board(12).respond) as site:
        run = run_source(tmp_path, source_text("json_api", f"{site.url}/list", tables=tables))
        assert len(run.posts) == 12
        sent = [(method, headers["referer"], body) for method, _, headers, body in site.seen]
    assert sent[:2] == [("POST", "x", "fid=7&page=1"), ("POST", "x", "fid=7&page=2")]


class Mailbox:
    """A list of letters and their pages."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {"1": "已抢修完毕。", "2": "暂无回复"}

    def respond(self, method: str, target: str, body: bytes) -> Answer:
        if target == "/box/":
            rows = "".join(
                f'<li><a class="t" href="/box/{number}.html">来信{number}</a></li>' for number in self.answers
            )
            return 200, HTML, f"<html><ul>{rows}</ul></html>".encode()
        number = target.removeprefix("/box/").removesuffix(".html")
        page = (
            f"<html><body><table><tr><td>来信标题</td><td>停水{number}</td></tr>"
            "<tr><td>来信时间</td><td>2026-11-20 08:12</td></tr>"
            f"<tr><td>来信内容</td><td>第{number}封：家里停水三天。</td></tr><tr><td>回复单位</td><td>住建局</td></tr>"
            f"<tr><td>回复内容</td><td>{self.answers[number]}</td></tr></table></body></html>"
        )
        return 200, HTML, page.encode()


def test_letters_are_read_with_their_answers_and_a_late_answer_is_found(tmp_path: Path) -> None:
    box = Mailbox()
    with crawl_site(box.respond) as site:
        text = source_text("gov_mailbox", f"{site.url}/box/", tables='[select]\nlinks = "a.t"\n')
        posts = {post["id"]: post for post in run_source(tmp_path, text).posts}
        answers = [post for post in posts.values() if post["official"]]
        assert len(posts) == 3
        assert answers[0]["text"] == "已抢修完毕。"
        assert posts[answers[0]["parent_id"]]["title"] == "停水1"
        site.targets()
        assert run_source(tmp_path, text).posts == []
        assert site.targets() == ["/box/"]
        _let_time_pass(tmp_path)
        box.answers["2"] = "已安排送水车。"
        late = run_source(tmp_path, text).posts
        assert [(post["text"], post["official"]) for post in late] == [("已安排送水车。", True)]
        assert site.targets() == ["/box/", "/box/2.html"]


def _let_time_pass(home: Path) -> None:
    """Set back what the crawl remembers by a day."""
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    connection = sqlite3.connect(home / "crawl" / "state.sqlite")
    connection.execute("update threads set visited_at = ?, changed_at = ?", (yesterday, yesterday))
    connection.commit()
    connection.close()


def settled(file: Path) -> Path:
    os.utime(file, (file.stat().st_atime - 60, file.stat().st_mtime - 60))
    return file


def test_a_watched_folder_is_read_once_whatever_the_form(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    csv = (
        "平台,标题,正文,发布时间,作者,点赞数\n"
        "微博,停水,滨江路停水,2026-11-20 08:12,张三,1.2万\n抖音,,没有时间的话,,李四,3\n,,,,,\n"
    )
    (inbox / "vendor.csv").write_bytes(csv.encode("gb18030"))
    settled(inbox / "vendor.csv")
    book = openpyxl.Workbook()
    book.active.append(["工单编号", "诉求内容", "创建时间", "区县"])
    book.active.append(["G1", "路灯不亮", "2026-11-21 09:00:00", "都匀市"])
    book.save(inbox / "hotline.xlsx")
    settled(inbox / "hotline.xlsx")
    text = source_text("files", "inbox")
    run = run_source(tmp_path, text)
    by_text = {post["text"]: post for post in run.posts}
    assert by_text["滨江路停水"]["channel"] == "微博"
    assert by_text["滨江路停水"]["likes"] == 12000
    assert by_text["滨江路停水"]["published_at"] == "2026-11-20T00:12:00+00:00"
    assert "张三" not in json.dumps(run.posts, ensure_ascii=False)
    assert by_text["没有时间的话"]["published_at"] is None
    assert (by_text["路灯不亮"]["channel"], by_text["路灯不亮"]["county"]) == ("测试", "都匀市")
    assert run_source(tmp_path, text).posts == []


def test_a_file_that_is_still_written_is_left_for_the_next_run(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    file = tmp_path / "inbox" / "a.csv"
    file.write_text("正文,发布时间\n停电了,2026-11-20 08:12\n", "utf-8")
    text = source_text("files", "inbox")
    assert run_source(tmp_path, text).posts == []
    settled(file)
    assert len(run_source(tmp_path, text).posts) == 1


def test_a_missing_folder_and_an_unknown_column_are_said(tmp_path: Path) -> None:
    assert run_source(tmp_path, source_text("files", "inbox")).status == "red"
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "a.csv").write_text("甲,乙\n1,2\n", "utf-8")
    settled(tmp_path / "inbox" / "a.csv")
    run = run_source(tmp_path, source_text("files", "inbox"))
    assert run.status == "red"
    assert any("找不到正文列" in reason for reason in run.reasons)


@pytest.mark.parametrize("token", ["", "a-token"])
def test_weibo_is_asked_only_with_the_offices_own_token(tmp_path: Path, token: str) -> None:
    status = {"idstr": "5100000000000002", "created_at": "Fri Nov 20 09:08:07 +0800 2026", "text": "都匀停水"}

    def respond(method: str, target: str, body: bytes) -> Answer:
        return 200, JSON, json.dumps({"statuses": [status]}).encode()

    with crawl_site(respond) as site:
        text = source_text("weibo_open", f"{site.url}/search", tables='[api]\ntopics = ["都匀"]\n')
        run = run_source(tmp_path, text, HUIYING_WEIBO_TOKEN=token)
        asked = list(site.seen)
    if not token:
        assert (run.status, asked) == ("red", [])
        assert "secrets.toml" in run.reasons[0]
        return
    assert [post["text"] for post in run.posts] == ["都匀停水"]
    assert asked[0][2]["authorization"] == "OAuth2 a-token"
    assert "a-token" not in run.log


def test_an_expired_weibo_token_stops_the_source_and_says_so(tmp_path: Path) -> None:
    def respond(method: str, target: str, body: bytes) -> Answer:
        return 400, JSON, json.dumps({"error": "expired_token", "error_code": 21327}).encode()

    with crawl_site(respond) as site:
        text = source_text("weibo_open", f"{site.url}/search", tables='[api]\ntopics = ["都匀", "黔南"]\n')
        run = run_source(tmp_path, text, HUIYING_WEIBO_TOKEN="t")
    assert run.status == "red"
    assert any("21327" in reason for reason in run.reasons)
