"""A real WordPress from Debian's package, seeded with invented Chinese posts, is read to the last comment."""

from __future__ import annotations

import json
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from crawl_site import run_source, source_text
from real_servers import SeededPost, WordPress, invented_posts, running_wordpress, wordpress_missing

from crawlers.detect import detect
from crawlers.parsing import wordpress
from crawlers.parsing.found import Found
from crawlers.saved import SavedPage
from crawlers.source_tool import main as tool

pytestmark = pytest.mark.skipif(bool(wordpress_missing()), reason=wordpress_missing())

NEWEST = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)
POSTS = invented_posts(120, NEWEST)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with running_wordpress(tmp_path_factory.mktemp("wordpress")) as running:
        running.add(POSTS)
        yield running


def fetch(url: str) -> SavedPage:
    with urllib.request.urlopen(url) as answer:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return SavedPage(url=url, body=answer.read(), headers=headers)


def read_all(url: str) -> list[Found]:
    found: list[Found] = []
    while url:
        page = fetch(url)
        given = wordpress.parse(json.loads(page.text), url, page.headers)
        found += given.posts
        url = given.next
    return found


def truth_of(site: WordPress) -> tuple[set[str], set[str]]:
    """Return the ids of what the site's own interface lists: articles, comments."""
    posts = {entry.id for entry in read_all(wordpress.posts_url(site.url))}
    return posts, {entry.id for entry in read_all(wordpress.comments_url(site.url))}


def test_the_site_is_recognised(site: WordPress) -> None:
    findings = detect(fetch(f"{site.url}/"))
    assert findings[0].kind == "feed"
    assert ("forum", "wordpress") in [(entry.kind, entry.family) for entry in findings]
    assert detect(fetch(findings[0].start[0]))[0].kind == "feed"
    assert detect(fetch(f"{site.url}/wp-sitemap.xml"))[0].kind == "article"


def test_every_post_is_read_word_for_word_and_to_the_second(site: WordPress) -> None:
    found = read_all(wordpress.posts_url(site.url))
    truth = {(post.title, post.text, post.time) for post in POSTS}
    assert {
        (entry.title, entry.text, datetime.fromisoformat(str(entry.published))) for entry in found
    } == truth
    assert len(found) == len(POSTS)


def test_every_comment_is_read_once_and_belongs_to_its_post(site: WordPress) -> None:
    titles = {entry.id: entry.title for entry in read_all(wordpress.posts_url(site.url))}
    found = read_all(wordpress.comments_url(site.url))
    truth = {(post.title, *comment) for post in POSTS for comment in post.comments}
    read = {
        (titles[entry.parent or ""], entry.author, entry.text, datetime.fromisoformat(str(entry.published)))
        for entry in found
    }
    assert read == truth
    assert len(found) == len(truth) == len({entry.id for entry in found})


def test_an_edit_and_a_new_post_come_first(site: WordPress) -> None:
    late = SeededPost(
        slug="late", title="新帖", text="刚刚发布的一条。", time=NEWEST + timedelta(hours=1), comments=()
    )
    site.add([late])
    site.work(edits=[{"slug": "post-5", "text": "更正：停水改到下午。"}])
    first = read_all(wordpress.posts_url(site.url))[:2]
    assert {entry.text for entry in first} == {"更正：停水改到下午。", "刚刚发布的一条。"}
    assert [entry.edited is not None for entry in sorted(first, key=lambda entry: len(entry.text))] == [
        False,
        True,
    ]


def test_a_crawl_finds_everything_once_and_then_only_what_is_new(site: WordPress, tmp_path) -> None:
    text = source_text("forum", f"{site.url}/", head='family = "wordpress"')
    first = run_source(tmp_path, text)
    posts, comments = truth_of(site)
    assert {post["id"] for post in first.posts} == posts | comments
    assert len(first.posts) == len(posts) + len(comments)
    assert first.status == "green"
    assert run_source(tmp_path, text).posts == []
    site.work(
        comments=[
            {
                "slug": "post-7",
                "author": "路人",
                "text": "我家也停了。",
                "time": f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}",
            }
        ]
    )
    (late,) = run_source(tmp_path, text).posts
    assert late["text"] == "我家也停了。"
    assert late["parent_id"] in posts
    assert late["author_hash"]


def test_its_feed_and_its_sitemap_can_be_crawled_too(site: WordPress, tmp_path) -> None:
    feed = run_source(tmp_path / "feed", source_text("feed", f"{site.url}/feed/"))
    assert len(feed.posts) == 100
    assert all(post["published_at"] and post["title"] for post in feed.posts)
    pages = run_source(tmp_path / "map", source_text("article", f"{site.url}/wp-sitemap.xml", max_pages="40"))
    seeded = {post.title: post for post in POSTS}
    read = [post for post in pages.posts if post["title"].partition(" –")[0] in seeded]
    assert len(read) >= 20
    for post in read:
        truth = seeded[post["title"].partition(" –")[0]]
        assert datetime.fromisoformat(post["published_at"]) == truth.time


def test_the_tool_writes_a_source_that_crawls(site: WordPress, tmp_path) -> None:
    given = ["--home", str(tmp_path), "--contact", "0854-8220000", "--allow-private", "--pause", "0", "--yes"]
    done = CliRunner().invoke(tool, ["new", "xicheng", f"{site.url}/", *given, "--choice", "2"])
    assert done.exit_code == 0, done.output
    assert done.output.count("[") >= 10
    file = tmp_path / "sources" / "xicheng.toml"
    assert 'family = "wordpress"' in file.read_text("utf-8")
    again = CliRunner().invoke(tool, ["check", "xicheng", "--home", str(tmp_path), "--offline"])
    assert "一致" in again.output
    first = run_source(tmp_path, file.read_text("utf-8"))
    assert {post["id"] for post in first.posts} == set.union(*truth_of(site))
