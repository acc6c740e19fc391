"""The invented prefecture: its files come in; what its web site shows at a moment is compared with them."""

import json
import re
import signal
import subprocess
import sys
import threading
import tomllib
from collections import Counter
from datetime import UTC, datetime, timedelta
from difflib import SequenceMatcher
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPResponse
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parsel import Selector

from pipeline.config import LOCAL_TIME
from pipeline.demo.clock import relative_time
from pipeline.demo.forum import BOARDS
from pipeline.demo.site import FORBIDDEN, Site, SiteServer
from pipeline.demo.world import World, WorldError, read_world
from pipeline.places import Region
from pipeline.privacy import mask

DEMO = files("pipeline.demo")
START = datetime(2026, 11, 20, 14, 30, tzinfo=LOCAL_TIME)
ORDER = "&filter=author&orderby=dateline"
LINES = read_world()
PLANTED = json.loads((DEMO / "planted.json").read_text(encoding="utf-8"))


class Visitor:
    """A loopback server over the real world, whose clock the test sets."""

    def __init__(self, speed=1.0):
        self.now = START.astimezone(UTC)
        self.server = SiteServer(Site(World.publish(LINES, START, speed), lambda: self.now))
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def after(self, seconds):
        self.now = START.astimezone(UTC) + timedelta(seconds=seconds)
        return self

    def get(self, path, **headers) -> tuple[HTTPResponse, bytes]:
        connection = HTTPConnection("127.0.0.1", self.server.server_port, timeout=10)
        connection.request(
            "GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )
        response = connection.getresponse()
        body = response.read()
        connection.close()
        return response, body

    def select(self, path) -> Selector:
        response, body = self.get(path)
        charset = response.headers.get_content_charset()
        return Selector(body.decode(charset))


@pytest.fixture
def visitor():
    visitor = Visitor()
    yield visitor
    visitor.close()


def read_part(name):
    return [json.loads(line) for line in (DEMO / "world" / name).read_text(encoding="utf-8").splitlines()]


def crawl_forum(visitor):
    """Follow the forum as a spider does: boards, list pages by a.nxt, thread pages by a.nxt."""
    posts = {}
    for board in visitor.select("/forum.php").css("h2 a::attr(href)").getall():
        path = "/" + board + ORDER
        while path:
            page = visitor.select(path)
            for link in page.css("tbody[id^=normalthread_] a.xst::attr(href)").getall():
                posts.update(crawl_thread(visitor, "/" + link))
            following = page.css("a.nxt::attr(href)").get()
            path = following and "/" + following
    return posts


def crawl_thread(visitor, path):
    posts = {}
    while path:
        page = visitor.select(path)
        for post in page.css("div[id^=post_]"):
            pid = post.attrib["id"].removeprefix("post_")
            stamp = post.css(f"#authorposton{pid} span::attr(title)").get()
            stamp = stamp or post.css(f"#authorposton{pid}::text").get().removeprefix("发表于 ")
            text = "".join(post.css(f"#postmessage_{pid}::text").getall())
            author = post.css(".authi a.xw1::text").get()
            posts[pid] = (
                author,
                text,
                datetime.strptime(stamp, "%Y-%m-%d %H:%M:%S").replace(tzinfo=LOCAL_TIME),
            )
        following = page.css("a.nxt::attr(href)").get()
        path = following and "/" + following
    return posts


def expected_posts(world, now):
    shown = {}
    for thread in world.threads("forum", now):
        for message in (thread.opener, *thread.replies):
            moment = message.published.astimezone(LOCAL_TIME).replace(microsecond=0)
            shown[str(message.number)] = (message.line.author, message.line.text, moment)
    return shown


def test_every_part_has_the_messages_it_is_planted_with():
    parts = [*PLANTED["rumors"], *PLANTED["not_rumors"]]
    counts = {part["file"]: len(read_part(part["file"])) for part in parts}
    assert counts == {part["file"]: part["messages"] for part in parts}
    assert len(LINES) >= 450
    assert len(read_part("10_history.jsonl")) >= 250
    assert counts["30_rumor_water.jsonl"] >= 45
    assert counts["40_rumor_school.jsonl"] >= 35


def test_planted_keywords_and_statements_are_found_in_their_parts():
    statements = {line.thread for line in LINES if line.official}
    for part in (*PLANTED["rumors"], *PLANTED["not_rumors"]):
        rows = read_part(part["file"])
        hits = sum(
            any(word in row.get("title", "") + row["text"] for word in part["keywords"]) for row in rows
        )
        assert hits >= len(rows) / 3, part["name"]
        assert set(part.get("statements", [])) <= statements
        assert set(part["threads"]) == {row["thread"] for row in rows if row["where"] == "forum"}


def test_history_speaks_of_neither_planted_rumor():
    texts = [line.title + line.text for line in LINES if line.at_s < 0]
    assert not [text for text in texts if "投毒" in text or "食物中毒" in text]


def test_history_lies_within_fourteen_days_and_is_busier_by_day():
    hours = Counter(int(line.at_s // 3600 + 12) % 24 for line in LINES if line.at_s < 0)
    assert min(line.at_s for line in LINES) >= -14 * 86400
    assert sum(hours[hour] for hour in range(1, 6)) < sum(hours[hour] for hour in range(18, 23)) / 3


def test_no_two_messages_are_alike_except_adverts():
    adverts = {row["text"] for row in read_part("70_adverts.jsonl")}
    texts = [line.text for line in LINES if line.text not in adverts]
    assert len(set(texts)) == len(texts)
    alike = [
        (one, other)
        for index, one in enumerate(texts)
        for other in texts[index + 1 :]
        if _alike(one, other) > 0.85
    ]
    assert not alike


def _alike(one, other):
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    quick = min(matcher.real_quick_ratio(), matcher.quick_ratio())
    return matcher.ratio() if quick > 0.85 else quick


def test_only_the_six_fake_phones_occur_and_all_are_masked():
    phones = {phone for line in LINES for phone in re.findall(r"1\d{10}", line.text)}
    assert len(phones) == 6
    assert not [line for line in LINES if any(phone in mask(line.text) for phone in phones)]


def test_region_is_valid_and_has_the_county_of_every_message():
    region = Region.load(DEMO / "region.toml")
    assert len(region.counties) == 10
    assert {line.county for line in LINES} - {""} <= {county.name for county in region.counties}
    assert region.places_of("听说青溪水厂被投毒") == ("青溪市",)
    assert region.places_of("鹭鸶滩来了一群白鹭成群飞") == ("白鹭县",)


def test_source_files_name_every_board_and_the_base():
    sources = {file.name: file.read_text(encoding="utf-8") for file in (DEMO / "sources").iterdir()}
    assert len(sources) == 3
    for name, text in sources.items():
        source = tomllib.loads(text)
        assert source["id"] == name.removesuffix(".toml")
        assert source["start"][0].startswith("{base}/")
    boards = {(board["id"], board["name"]) for board in tomllib.loads(sources["demo-forum.toml"])["boards"]}
    assert boards == {(board.fid, board.name) for board in BOARDS}


@pytest.mark.parametrize("hour", [0, 3, 9, 12, 18, 23])
def test_history_keeps_its_hour_and_lies_in_the_two_weeks_before_any_start(hour):
    start = START.replace(hour=hour, minute=17)
    for thread in World.publish(LINES, start).all_threads:
        for message in (thread.opener, *thread.replies):
            if message.line.at_s < 0:
                assert message.published < start
                written = (int(message.line.at_s // 60) + 12 * 60) % 1440
                local = message.published.astimezone(LOCAL_TIME)
                assert local.hour * 60 + local.minute == written
        assert thread.last.published >= start - timedelta(days=14)


def test_identity_does_not_depend_on_start_or_speed():
    one = World.publish(LINES, START)
    other = World.publish(LINES, START + timedelta(hours=9), speed=5)
    numbers = [{t.number: t.opener.line.text for t in world.all_threads} for world in (one, other)]
    assert numbers[0] == numbers[1]


def test_speed_shortens_what_comes_after_the_start():
    fast = World.publish(LINES, START, speed=10)
    statement = next(t for t in fast.all_threads if t.opener.line.thread == "official-water")
    assert statement.opener.published == START + timedelta(seconds=20)


def test_forum_shows_exactly_what_has_been_posted_and_no_more(visitor):
    world = visitor.server.site.world
    for seconds in (0, 100, 400):
        visitor.after(seconds)
        assert crawl_forum(visitor) == expected_posts(world, visitor.now)
    assert len(crawl_forum(visitor)) == sum(line.where == "forum" for line in LINES)


def test_a_thread_is_missing_until_its_time(visitor):
    world = visitor.server.site.world
    tea = next(t for t in world.all_threads if t.opener.line.thread == "water-tea")
    path = f"/forum.php?mod=viewthread&tid={tea.number}"
    response, body = visitor.after(tea.opener.line.at_s - 1).get(path)
    assert (response.status, "不存在或已被删除" in body.decode()) == (404, True)
    response, body = visitor.after(tea.opener.line.at_s).get(path)
    assert (response.status, tea.opener.line.title in body.decode()) == (200, True)


def test_long_thread_has_pages_of_ten_and_a_page_past_the_end_is_the_last(visitor):
    visitor.after(400)
    thread = max(
        visitor.server.site.world.threads("forum", visitor.now), key=lambda found: len(found.replies)
    )
    assert 20 <= len(thread.replies) < 30
    first = visitor.select(f"/thread-{thread.number}-1-1.html")
    assert len(first.css("div[id^=post_]")) == 10
    assert first.css("a.nxt::attr(href)").get() == f"thread-{thread.number}-2-1.html"
    last = visitor.select(f"/thread-{thread.number}-3-1.html")
    past = visitor.select(f"/thread-{thread.number}-99-1.html")
    assert not last.css("a.nxt")
    assert past.css("div[id^=post_]").getall() == last.css("div[id^=post_]").getall()


def test_list_counts_replies_and_views(visitor):
    visitor.after(400)
    world = visitor.server.site.world
    for row in visitor.select(f"/forum.php?mod=forumdisplay&fid=3{ORDER}").css("tbody[id^=normalthread_]"):
        thread = world.thread("forum", int(row.attrib["id"].removeprefix("normalthread_")), visitor.now)
        assert int(row.css("td.num a::text").get()) == len(thread.replies)
        assert int(row.css("td.num em::text").get()) > 0


def test_old_board_is_served_in_gbk_and_keeps_its_emoji(visitor):
    response, body = visitor.get(f"/forum.php?mod=forumdisplay&fid=8{ORDER}")
    assert response.headers.get_content_charset() == "gbk"
    assert "各县老友记" in body.decode("gbk")
    world = visitor.server.site.world
    happy = next(t for t in world.threads("forum", visitor.now, "8") if "😄" in t.opener.line.text)
    page = visitor.select(f"/thread-{happy.number}-1-1.html")
    assert "😄" in page.css(f"#postmessage_{happy.number}::text").get()


def test_news_is_paged_and_articles_carry_the_meta_tags(visitor):
    visitor.after(400)
    titles, path = [], "/news/"
    while path:
        page = visitor.select(path)
        titles += page.css("ul.list a::text").getall()
        path = page.css("a.next::attr(href)").get()
    assert sorted(titles) == sorted(line.title for line in LINES if line.where == "news")
    statement = next(
        t for t in visitor.server.site.world.all_threads if t.opener.line.thread == "official-water"
    )
    article = visitor.select(f"/news/{statement.number}.html")
    meta = {tag.attrib["name"]: tag.attrib["content"] for tag in article.css("meta[name]")}
    assert meta["PubDate"] == "2026-11-20 14:33"
    assert meta["ContentSource"] == "青溪市人民政府新闻办公室"
    assert article.css(".trs_editor_view p::text").getall() == statement.opener.line.text.split("\n")
    assert len(article.css(".related a")) == 4


def test_debunk_is_not_on_the_news_site_before_its_time(visitor):
    title = PLANTED["statements"][0]["title"]
    assert title not in visitor.after(199).select("/news/").css("ul.list a::text").getall()
    assert visitor.after(200).select("/news/").css("ul.list a::text").get() == title


def test_feed_answers_304_until_something_new_is_in_it(visitor):
    response, body = visitor.after(2).get("/feed.xml")
    tag, changed = response.headers["ETag"], response.headers["Last-Modified"]
    assert parsedate_to_datetime(changed) <= visitor.now
    assert body.count(b"<item>") == 60
    unchanged, empty = visitor.get("/feed.xml", If_None_Match=tag)
    assert (unchanged.status, empty, unchanged.headers["ETag"]) == (304, b"", tag)
    assert visitor.get("/feed.xml", If_Modified_Since=changed)[0].status == 304
    assert visitor.get("/feed.xml", If_Modified_Since="yesterday")[0].status == 200
    fresh, body = visitor.after(30).get("/feed.xml", If_None_Match=tag, If_Modified_Since=changed)
    assert (fresh.status, "被投毒，马上要停水三天" in body.decode()) == (200, True)


def test_feed_items_link_to_their_pages(visitor):
    feed = Selector(visitor.get("/feed.xml")[1].decode(), type="xml")
    link, text = feed.css("item link::text").get(), feed.css("item description::text").get()
    assert text in visitor.select(link.removeprefix(visitor.server.base)).css(".content p::text").getall()


def test_robots_forbids_what_the_site_refuses(visitor):
    robots = visitor.get("/robots.txt")[1].decode()
    for path in FORBIDDEN:
        assert f"Disallow: {path}\n" in robots
        assert visitor.get(path)[0].status == 403


@pytest.mark.parametrize(
    "path",
    ["/thread-0-1-1.html", "/news/7.htm", "/news/index_99.html", "/forum.php?mod=forumdisplay&fid=99",
     "/forum.php?mod=viewthread&tid=%E4%B8%80", "/forum.php?mod=viewthread", "/nothing", "/feed/999999.html"],
)  # fmt: skip
def test_what_is_not_there_is_404(visitor, path):
    response, body = visitor.get(path)
    assert (response.status, "抱歉" in body.decode()) == (404, True)


@pytest.mark.parametrize(
    ("back", "words"),
    [
        (timedelta(), "刚刚"),
        (timedelta(seconds=42), "42 秒前"),
        (timedelta(minutes=5, seconds=59), "5 分钟前"),
        (timedelta(minutes=31), "半小时前"),
        (timedelta(hours=3, minutes=59), "3 小时前"),
        (timedelta(hours=14, minutes=31), "昨天 23:59"),
        (timedelta(hours=38), "昨天 00:30"),
        (timedelta(days=2), "前天 14:30"),
        (timedelta(days=3), "3 天前"),
        (timedelta(days=7), "7 天前"),
        (timedelta(days=8), None),
    ],
)
def test_relative_times_read_as_in_beijing_whatever_the_zone_of_the_moment(back, words):
    for zone in (UTC, LOCAL_TIME):
        assert relative_time((START - back).astimezone(zone), START.astimezone(zone)) == words


@given(st.text(max_size=60))
def test_any_path_gives_a_page(path):
    site = Site(World.publish(LINES[:0], START), lambda: START)
    assert site.page("/" + path.lstrip("/"), "http://x").status in (200, 403, 404)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("{", "1.jsonl:1: not JSON"),
        ("[]", "must be an object"),
        ('{"at_s": 1}', "missing keys"),
        (
            '{"at_s":"1","where":"feed","board":"b","thread":"t","text":"x","author":"a"}',
            "at_s has the wrong type",
        ),
        ('{"at_s":1,"where":"sky","board":"b","thread":"t","text":"x","author":"a"}', "where='sky'"),
        (
            '{"at_s":1,"where":"feed","board":"b","thread":"t","text":"x","author":"a","parent":"t"}',
            "a reply answers",
        ),
    ],
)
def test_a_bad_line_is_refused_with_its_place(tmp_path, raw, message):
    (tmp_path / "1.jsonl").write_text(raw, encoding="utf-8")
    with pytest.raises(WorldError, match=re.escape(message)):
        read_world(tmp_path)


def test_a_start_without_a_zone_or_a_speed_of_zero_is_refused():
    with pytest.raises(WorldError, match="time zone"):
        World.publish(LINES, START.replace(tzinfo=None))
    with pytest.raises(WorldError, match="speed must be above 0"):
        World.publish(LINES, START, speed=0)


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_the_program_prints_its_port_serves_and_stops_cleanly(stop):
    command = [sys.executable, "-m", "pipeline.demo.site", "--port", "0", "--speed", "4"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={"TZ": "UTC"}
    ) as process:
        port = json.loads(process.stdout.readline())["port"]
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/forum.php?mod=forumdisplay&fid=2")
        assert connection.getresponse().status == 200
        connection.close()
        process.send_signal(stop)
        assert process.wait(timeout=20) == 0
        assert process.stderr.read() == b""


def test_a_port_in_use_is_said_on_standard_error(visitor):
    command = [sys.executable, "-m", "pipeline.demo.site", "--port", str(visitor.server.server_port)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, "Address already in use" in done.stderr) == (2, True)
