"""Forums of software that is not known here: parts are learnt, every post is read once, news is found."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from crawl_site import Answer, CrawlSite, Run, crawl_site, run_source
from forum_skins import SKINS, Forum

TOPICS = 16


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
        page = SKINS[skin](forum, target)
        head = {"Content-Type": "text/html; charset=utf-8"}
        return (404, head, b"<p>not found</p>") if page is None else (200, head, page.encode())

    return crawl_site(respond)


def read(run: Run, numbered: bool = True) -> dict[str, tuple[str, datetime]]:
    """Return text and time by topic and post, as ``Forum.truth`` does; without numbers, by words alone."""
    found = {}
    for post in run.posts:
        topic, _, number = post["id"].removeprefix("t").partition("-")
        key = f"{topic}-{(number or 0) if numbered else post['text']}"
        assert key not in found, "a post came twice"
        found[key] = (post["text"], datetime.fromisoformat(post["published_at"]))
    return found


def by_words(truth: dict[str, tuple[str, datetime]]) -> dict[str, tuple[str, datetime]]:
    return {f"{key.partition('-')[0]}-{text}": (text, at) for key, (text, at) in truth.items()}


@pytest.mark.parametrize("skin", SKINS)
def test_every_post_and_later_reply_of_an_unknown_forum_is_read_once(tmp_path: Path, skin: str) -> None:
    forum = Forum(TOPICS)
    with serve(forum, skin) as site:
        source = learnt(tmp_path, site)
        site.targets()
        first = run_source(tmp_path / "home", source)
        assert by_words(forum.truth()).items() == read(first, numbered=False).items()
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
    assert read(run).keys() == forum.truth().keys()
