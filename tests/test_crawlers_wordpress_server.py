"""A real WordPress from Debian's package, seeded with invented Chinese posts, is read to the last comment."""

from __future__ import annotations

import json
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest
from real_servers import SeededPost, WordPress, invented_posts, running_wordpress, wordpress_missing

from crawlers.detect import detect
from crawlers.parsing import wordpress
from crawlers.parsing.found import Found
from crawlers.saved import SavedPage

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
