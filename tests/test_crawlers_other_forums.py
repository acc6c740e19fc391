"""Forums of software that is not known here: parts are learnt, every post is read once, news is found."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from crawl_site import Answer, CrawlSite, Run, crawl_site, run_source, source_text
from forum_skins import Forum
from forum_skins_known import KNOWN
from forum_skins_odd import ODD

TOPICS = 16
SKINS = {**KNOWN, **ODD}


def learnt(home: Path, site: CrawlSite) -> str:
    """Return the source file that ``huiying source new`` writes for a site."""
    command = [sys.executable, "-m", "crawlers.source_tool", "new", "town", f"{site.url}/", "--yes"]
    more = ["--home", str(home), "--contact", "t@localhost", "--allow-private", "--pause", "0"]
    done = subprocess.run([*command, *more], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return (home / "sources" / "town.toml").read_text("utf-8")


def serve(forum: Forum, skin: str, fails: set[str] | None = None):
    def respond(method: str, target: str, body: bytes) -> Answer:
        if fails and target in fails:
            return 500, {}, b""
        page = SKINS[skin].page(forum, target)
        head = {"Content-Type": "text/html; charset=utf-8"}
        return (404, head, b"<p>not found</p>") if page is None else (200, head, page.encode())

    return crawl_site(respond)


Read = dict[str, tuple[str, datetime | None]]


def read(run: Run, numbered: bool = True) -> Read:
    """Return text and time by topic and post, as ``Forum.truth`` does; without numbers, by words alone."""
    found: Read = {}
    for post in run.posts:
        opens = post["parent_id"] is None
        topic = post["id"] if opens else post["parent_id"]
        number = "0" if opens else post["id"].removeprefix(f"{topic}-")
        key = f"{topic.removeprefix('t')} {number if numbered else post['text']}"
        assert key not in found, "a post came twice"
        at = post["published_at"]
        found[key] = (post["text"], datetime.fromisoformat(at) if at else None)
    return found


def by_words(truth: Read) -> Read:
    return {f"{key.partition(' ')[0]} {text}": (text, at) for key, (text, at) in truth.items()}


@pytest.mark.parametrize("skin", SKINS)
def test_every_post_and_later_reply_of_an_unknown_forum_is_read_once(tmp_path: Path, skin: str) -> None:
    forum = Forum(TOPICS)
    with serve(forum, skin) as site:
        source = learnt(tmp_path, site)
        site.targets()
        first = run_source(tmp_path / "home", source)
        assert by_words(forum.truth(SKINS[skin])).items() == read(first, numbered=False).items()
        whole = len(site.targets())
        unchanged = run_source(tmp_path / "home", source)
        assert (unchanged.posts, unchanged.status) == ([], "green"), unchanged.reasons
        assert len(site.targets()) <= max(2, whole // 5)  # the newest page of each board
        now = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=1)
        for topic in (forum.topics[0], forum.topics[5], forum.topics[7]):
            forum.add(topic, f"刚刚又来一次{topic.number}，还是没有解决。", now)
        news = run_source(tmp_path / "home", source)
    assert {post["text"] for post in news.posts} == {topic.posts[-1].text for topic in forum.topics
                                                    if topic.posts[-1].at == now}  # fmt: skip


@pytest.mark.parametrize("skin", [name for name in SKINS if name != "discourse"])
def test_posts_keep_the_numbers_that_the_forum_gives_them(tmp_path: Path, skin: str) -> None:
    forum = Forum(8)
    with serve(forum, skin) as site:
        run = run_source(tmp_path / "home", learnt(tmp_path, site))
    assert read(run).keys() == forum.truth(SKINS[skin]).keys()


def text_of(site: CrawlSite, boards: str, max_pages: str = "200") -> str:
    """Return a source file as it would be learnt from the MyBB skin."""
    select = (
        'threads = "span.subject_new a"\npost = "div.post"\nbody = "div.post_body"\ndate = "span.post_date"\n'
    )
    head = f'family = "custom"\nboards = [{boards}]'
    return source_text("forum", f"{site.url}/", head=head, max_pages=max_pages, tables=f"[select]\n{select}")


BOTH = '{ id = "/forumdisplay.php?fid=2" }, { id = "/forumdisplay.php?fid=3" }'
NEWS = timedelta(minutes=1)


def now() -> datetime:
    return datetime.now(UTC).replace(second=0, microsecond=0) - NEWS


def test_news_of_a_thread_that_failed_is_read_by_the_next_run(tmp_path: Path) -> None:
    forum, fails = Forum(TOPICS), set[str]()
    with serve(forum, "mybb", fails) as site:
        source = text_of(site, BOTH)
        run_source(tmp_path, source)
        forum.add(forum.topics[4], "老问题又来了，请回复。", now())
        fails.add(f"/showthread.php?tid={forum.topics[4].number}")
        broken = run_source(tmp_path, source)
        assert (broken.posts, broken.status) == ([], "red")
        fails.clear()
        for topic in forum.topics[10:16:2]:  # newer replies push the thread down its board
            forum.add(topic, f"新的情况{topic.number}。", now() + NEWS)
        run = run_source(tmp_path, source)
    assert {post["text"] for post in run.posts} == {
        "老问题又来了，请回复。",
        *(topic.posts[-1].text for topic in forum.topics[10:16:2]),
    }


def test_runs_that_may_ask_for_few_pages_read_a_whole_board_one_after_the_other(tmp_path: Path) -> None:
    forum = Forum(24)
    wanted = {key for key in forum.truth(SKINS["mybb"]) if forum.topic(int(key.partition(" ")[0])).board == 2}
    seen: set[str] = set()
    with serve(forum, "mybb") as site:
        source = text_of(site, '{ id = "/forumdisplay.php?fid=2" }', max_pages="9")
        for _ in range(12):
            seen |= read(run_source(tmp_path, source)).keys()
            if seen == wanted:
                break
        site.targets()
        run_source(tmp_path, source)
        assert len(site.targets()) <= 2
    assert seen == wanted


def test_a_thread_that_lost_its_last_page_is_not_gone_and_one_that_is_gone_is_told_later(
    tmp_path: Path,
) -> None:
    forum = Forum(8)
    longest, other = forum.topics[7], forum.topics[6]
    with serve(forum, "mybb") as site:
        source = text_of(site, BOTH)
        run_source(tmp_path, source)
        del longest.posts[4:]  # its second and third page go
        other.gone = True
        later(tmp_path, hours=2)
        first = run_source(tmp_path, source)
        later(tmp_path, hours=2)
        second = run_source(tmp_path, source)
    assert not [post for post in first.posts if post.get("deleted")]
    assert [post["id"] for post in second.posts if post.get("deleted")] == [f"t{other.number}"]


def later(home: Path, hours: int) -> None:
    """Let time go by for the threads that a source knows."""
    with sqlite3.connect(home / "crawl" / "state.sqlite") as state:
        for name in ("visited_at", "changed_at", "missing_since"):
            moment = f"strftime('%Y-%m-%dT%H:%M:%S+00:00', {name}, '-{hours} hours')"
            state.execute(f"update threads set {name} = {moment} where {name} is not null")
