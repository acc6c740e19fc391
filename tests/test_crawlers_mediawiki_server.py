"""A real MediaWiki from Debian, seeded with invented Chinese pages, is read through its public interface."""

from __future__ import annotations

import json
import urllib.request
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from crawl_site import run_source, source_text
from real_servers import MediaWiki, invented_posts, mediawiki_missing, running_mediawiki

from crawlers.detect import detect
from crawlers.parsing.found import Found
from crawlers.parsing.json_items import ItemRules, PageRule, next_params, parse_items
from crawlers.saved import SavedPage

pytestmark = pytest.mark.skipif(bool(mediawiki_missing()), reason=mediawiki_missing())

POSTS = invented_posts(45, datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3))
CHANGES = ItemRules(
    items="query.pages",
    fields={
        "id": "pageid",
        "title": "title",
        "text": "revisions.0.slots.main.content",
        "published": "revisions.0.timestamp",
        "author": "revisions.0.user",
        "url": "/index.php?curid={pageid}",
    },
    page=PageRule(kind="cursor", path="continue"),
)
QUERY = {
    **{"action": "query", "generator": "recentchanges", "grcnamespace": 0, "grclimit": 20, "grctype": "new"},
    **{"prop": "revisions", "rvprop": "ids|timestamp|user|content", "rvslots": "main"},
    **{"format": "json", "formatversion": 2},
}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with running_mediawiki(tmp_path_factory.mktemp("mediawiki")) as running:
        running.add(POSTS)
        yield running


def fetch(url: str) -> SavedPage:
    with urllib.request.urlopen(url) as answer:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return SavedPage(url=url, body=answer.read(), headers=headers)


def read_all(site: MediaWiki) -> tuple[list[Found], int]:
    found: list[Found] = []
    params: dict[str, object] | None = dict(QUERY)
    requests = 0
    while params is not None:
        page = fetch(f"{site.url}/api.php?{urlencode(params)}")
        requests += 1
        value = json.loads(page.text)
        found += parse_items(value, CHANGES, page.url)
        params = next_params(value, CHANGES, params)
    return found, requests


def test_every_page_is_read_once_word_for_word_and_to_the_second(site: MediaWiki) -> None:
    found, requests = read_all(site)
    seeded = [
        entry for entry in found if entry.title.endswith("）")
    ]  # the installer adds a main page of its own
    read = {(entry.title, entry.text, datetime.fromisoformat(str(entry.published))) for entry in seeded}
    assert read == {(post.title, post.text, post.time) for post in POSTS}
    assert len(seeded) == len(POSTS)
    assert requests == 3


def test_the_site_and_its_feeds_are_recognised(site: MediaWiki) -> None:
    findings = detect(fetch(f"{site.url}/index.php"))
    assert findings[0].kind == "feed"
    assert detect(fetch(findings[0].start[0]))[0].kind == "feed"
    assert detect(fetch(f"{site.url}/api.php?{urlencode(QUERY)}"))[0].kind == "json_api"


def test_a_crawl_of_the_interface_finds_every_page_and_then_only_new_ones(site: MediaWiki, tmp_path) -> None:
    form = ", ".join(f"{name} = {json.dumps(value)}" for name, value in QUERY.items())
    tables = f"""[api]
items = "query.pages"
page = {{ kind = "cursor", path = "continue" }}
form = {{ {form} }}
[api.fields]
""" + "\n".join(f'{name} = "{path}"' for name, path in CHANGES.fields.items())
    text = source_text("json_api", f"{site.url}/api.php", tables=tables)
    first = run_source(tmp_path, text)
    truth = {(post.title, post.text, post.time) for post in POSTS}
    read = {
        (post["title"], post["text"], datetime.fromisoformat(post["published_at"])) for post in first.posts
    }
    assert truth <= read
    assert len(read) - len(truth) <= 1  # the installer adds a main page of its own
    assert run_source(tmp_path, text).posts == []
    site.add(invented_posts(46, datetime.now(UTC).replace(microsecond=0))[-1:])
    assert len(run_source(tmp_path, text).posts) == 1


def test_its_feed_of_new_pages_can_be_crawled(site: MediaWiki, tmp_path) -> None:
    feed = f"{site.url}/index.php?title=Special:NewPages&feed=atom&limit=50"
    run = run_source(tmp_path, source_text("feed", feed))
    assert run.status == "green"
    times = {post["title"]: datetime.fromisoformat(post["published_at"]) for post in run.posts}
    seeded = [post for post in POSTS if post.title in times]
    assert len(seeded) >= 44
    assert all(times[post.title] == post.time for post in seeded)
