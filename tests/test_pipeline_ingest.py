import json
import multiprocessing
import os
import signal
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.config import Settings, find_home, region_path
from pipeline.ingest import ingest_spool
from pipeline.places import Region
from pipeline.retention import purge
from pipeline.store import Store

NOW = datetime.now(UTC).replace(microsecond=0)
HOUR_AGO = NOW - timedelta(hours=1)


def post(number, **changes):
    return {
        "kind": "post",
        "source": "bbs",
        "channel": "论坛",
        "id": str(number),
        "text": f"都匀第{number}次停水,电话13800138000",
        "published_at": HOUR_AGO.isoformat(),
        "collected_at": (NOW - timedelta(minutes=30)).isoformat(),
        "likes": 1,
        **changes,
    }


class Office:
    """A home with a store, and a spool to put files into."""

    def __init__(self, root):
        self.home = find_home(root).create()
        self.region = Region.load(region_path("qiannan"))
        self.files = 0

    def spool(self, *lines):
        self.files += 1
        text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
        path = self.home.spool / f"20250101T0000{self.files:02d}-bbs-1.jsonl"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        return path

    def ingest(self, **settings):
        limit = settings.pop("limit", None)
        with Store.open(self.home) as store:
            return ingest_spool(store, self.home, self.region, Settings(**settings), limit)

    def sql(self, query):
        with Store.open(self.home) as store:
            return store.connection.execute(query).fetchall()


@pytest.fixture
def office(tmp_path):
    return Office(tmp_path)


def test_a_post_is_stored_masked_placed_and_its_file_is_gone(office):
    path = office.spool(post(1))
    report = office.ingest()
    assert (report.files, report.lines, report.accepted, report.rejected) == (1, 1, 1, 0)
    assert not path.exists()
    assert office.sql("select text, places, county, likes, published_at from posts") == [
        ("都匀第1次停水,电话<电话>", ["都匀市"], "", 1, HOUR_AGO)
    ]


def test_the_same_posts_in_another_file_change_nothing(office):
    office.spool(post(1), post(2))
    office.ingest()
    before = office.sql("from posts order by post_id")
    office.spool(post(1), post(2))
    report = office.ingest()
    assert (report.accepted, report.duplicates, report.edited) == (0, 2, 0)
    assert office.sql("from posts order by post_id") == before


def test_an_edit_keeps_the_first_text_and_shows_the_newest_and_is_tagged_again(office):
    office.spool(post(1))
    office.ingest()
    with Store.open(office.home) as store:
        store.connection.execute(
            "insert into tags (post_id, model_version, tagged_at) select post_id, 'm', now() from posts"
        )
    later = NOW.isoformat()
    office.spool(post(1, text="瓮安恢复供水", collected_at=later, likes=9))
    assert office.ingest().edited == 1
    assert office.sql("select text, first_text, places, likes, edited_at from posts") == [
        ("瓮安恢复供水", "都匀第1次停水,电话<电话>", ["瓮安县"], 9, NOW)
    ]
    assert office.sql("select count(*) from tags") == [(0,)]


def test_every_wording_of_an_edited_post_is_kept_with_its_time_until_the_post_expires(office):
    office.spool(post(1, text="停水"))
    office.ingest()
    for minutes, text in ((1, "停水三天"), (2, "停水五天")):
        office.spool(post(1, text=text, collected_at=(NOW + timedelta(minutes=minutes)).isoformat()))
        office.ingest()
    kept = "select text, replaced_at from post_versions order by replaced_at"
    moments = [NOW + timedelta(minutes=minutes) for minutes in (1, 2)]
    assert office.sql(kept) == list(zip(["停水", "停水三天"], moments, strict=True))
    office.spool(post(1, text="停水五天", collected_at=(NOW + timedelta(minutes=3)).isoformat()))
    office.ingest()
    assert len(office.sql(kept)) == 2
    with Store.open(office.home) as store:
        purge(store, NOW + timedelta(days=400))
    assert office.sql("select count(*) from post_versions") == [(0,)]


def test_an_older_snapshot_does_not_undo_a_newer_one(office):
    office.spool(post(1, text="新的"))
    office.ingest()
    office.spool(post(1, text="旧的", likes=0, collected_at=(HOUR_AGO).isoformat()))
    assert office.ingest().edited == 0
    assert office.sql("select text, likes from posts") == [("新的", 1)]


def test_two_snapshots_in_one_batch_are_one_post(office):
    office.spool(post(1), post(1, text="改过了", likes=5, collected_at=NOW.isoformat()))
    report = office.ingest()
    assert (report.accepted, report.duplicates) == (1, 1)
    assert office.sql("select text, first_text, likes from posts") == [
        ("改过了", "都匀第1次停水,电话<电话>", 5)
    ]


def test_counts_follow_the_newest_snapshot_and_a_missing_one_changes_nothing(office):
    office.spool(post(1))
    office.ingest()
    office.spool(post(1, likes=None, views=1000, collected_at=NOW.isoformat()))
    office.ingest()
    assert office.sql("select likes, views, edited_at from posts") == [(1, 1000, None)]


def test_a_deleted_post_is_marked_and_kept(office):
    office.spool(post(1), post(2))
    office.ingest()
    office.spool(
        {"kind": "post", "source": "bbs", "id": "1", "deleted": True, "collected_at": NOW.isoformat()}
    )
    assert office.ingest().deleted == 1
    assert office.sql("select external_id, deleted_at from posts order by external_id") == [
        ("1", NOW),
        ("2", None),
    ]


def test_an_official_post_is_also_a_statement_of_its_source(office):
    source = {
        "kind": "source", "source": "gov", "name": "州水务局", "kind_of_source": "article", "url": "http://x",
        "channel": "网站", "county": "都匀", "official": True, "every_minutes": 10,
    }  # fmt: skip
    office.spool(source, post(1, source="gov", official=True, text="今晚恢复供水", title="通告"))
    office.ingest()
    assert office.sql("select issuer, title, text from statements") == [("州水务局", "通告", "今晚恢复供水")]
    assert office.sql("select name, kind, county from sources") == [("州水务局", "article", "都匀市")]


def test_a_run_is_kept_for_the_page_of_sources(office):
    run = {
        "kind": "run", "run_id": "r", "source": "bbs", "started_at": HOUR_AGO.isoformat(),
        "finished_at": NOW.isoformat(), "items": 3, "new_items": 2, "requests": 4, "errors": 1,
        "status": "amber", "reasons": ["少于最低条数"], "stats": {"http_404": 1},
    }  # fmt: skip
    office.spool(run, {**run, "status": "purple"})
    assert office.ingest().rejected == 1
    assert office.sql("select status, reasons, items from runs") == [("amber", ["少于最低条数"], 3)]


def test_a_reply_points_to_the_post_it_answers(office):
    office.spool(post(1, parent_id="1"), post(2, parent_id="1"))
    office.ingest()
    assert office.sql(
        "select c.external_id, p.external_id from posts c join posts p on p.post_id = c.parent_id"
    ) == [("2", "1")]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{not json", "不是 JSON"),
        ("[1]", "不是一个对象"),
        ("[" * 100_000, "不是 JSON"),
        (post(1, text=None), "没有正文"),
        (post(1, text=""), "没有正文"),
        (post(1, text="<p>\u200b</p>"), "是空的"),
        (post(1, text=["停水"]), "不是文字"),
        (post(1, published_at="1970-01-01T00:00:00Z"), "1970-01-01 08:00 早于"),
        (post(1, published_at=(NOW + timedelta(days=365)).isoformat()), "在未来"),
        (post(1, published_at="前天"), "看不懂的时间:前天"),
        (post(1, published_at=None, collected_at=None), "没有发布时间"),
        (post(1, source=""), "没有来源"),
        (post(1, likes="许多"), "likes 不是数字:许多"),
        (post(1, official="也许"), "official 应为是或否"),
        ({"kind": "weather"}, "不认识的行类型"),
    ],
)
def test_a_bad_line_is_kept_with_its_file_line_and_reason(office, line, reason):
    path = office.spool(post(7), line, post(8))
    report = office.ingest()
    assert (report.accepted, report.rejected) == (2, 1)
    [(file, number, found, raw)] = office.sql("select file, line, reason, raw from rejects")
    assert (file, number) == (path.name, 2)
    assert reason in found
    assert "13800138000" not in raw


def test_a_line_that_is_not_utf8_is_refused_and_its_neighbours_are_not(office):
    path = office.spool(post(1), post(2))
    path.write_bytes(path.read_bytes() + '{"text": "都匀"}\n'.encode("gb18030"))
    report = office.ingest()
    assert (report.accepted, report.rejected) == (2, 1)
    assert "编码" in office.sql("select reason from rejects")[0][0]


@pytest.mark.parametrize(
    ("text", "kept"),
    [("停\x00水", "停水"), ("停\ud800水", "停\ufffd水"), ("停\u202e水\u200b", "停水")],
)
def test_characters_that_no_database_should_hold_are_taken_out(office, text, kept):
    office.spool(post(1, text=text))
    office.ingest()
    assert office.sql("select text from posts") == [(kept,)]


def test_a_text_of_two_megabytes_is_cut_and_says_so(office):
    office.spool(post(1, text="停水" * 1_000_000))
    assert office.ingest().accepted == 1
    [(length, end)] = office.sql("select length(text), text[-20:] from posts")
    assert length < 200_040
    assert "已截断" in end


def test_an_author_in_a_broken_line_is_not_kept(office):
    office.spool('{"author": "张三丰", "text": "停水"')
    office.ingest()
    [(raw,)] = office.sql("select raw from rejects")
    assert "张三丰" not in raw


def test_an_empty_file_is_read_and_gone(office):
    path = office.spool()
    assert office.ingest().files == 1
    assert not path.exists()


def test_a_file_that_is_still_being_written_is_left_alone(office):
    path = office.spool(post(1)).rename(office.home.spool / "x.part")
    assert office.ingest().lines == 0
    assert path.exists()


def test_with_a_limit_the_next_call_goes_on_where_this_one_stopped(office):
    office.spool(*(post(number) for number in range(25)))
    assert office.ingest(limit=10, batch_size=5).lines == 10
    assert office.ingest(limit=10, batch_size=5).lines == 10
    assert office.ingest(limit=10, batch_size=5).lines == 5
    assert office.sql("select count(*), count(distinct post_id) from posts") == [(25, 25)]


def test_a_name_that_comes_back_with_other_lines_is_another_file(office):
    path = office.spool(post(1))
    office.ingest()
    path.write_text(json.dumps(post(2)) + "\n", "utf-8")
    office.ingest()
    assert office.sql("select count(*) from posts") == [(2,)]


def test_the_mark_of_a_finished_file_that_could_not_be_deleted_is_enough(office):
    path = office.spool(post(1))
    text, about = path.read_bytes(), path.stat()
    office.ingest()
    path.write_bytes(text)
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))
    report = office.ingest()
    assert (report.files, report.lines) == (1, 0)
    assert not path.exists()


def ingest_and_die(root, batches):
    """Ingest in batches of 100 and be killed after some of them, in the middle of the next."""
    office = Office(root)
    with Store.open(office.home) as store:
        commits = 0
        insert = store.insert

        def counting(table, rows, on_conflict="ignore"):
            nonlocal commits
            if table == "batches":
                commits += 1
                if commits > batches:
                    os.kill(os.getpid(), signal.SIGKILL)
            return insert(table, rows, on_conflict)

        store.insert = counting
        ingest_spool(store, office.home, office.region, Settings(batch_size=100))


def test_killed_at_any_batch_nothing_is_lost_and_nothing_doubled(office):
    lines = [post(number) if number % 10 else "broken" for number in range(1000)]
    path = office.spool(*lines)
    context = multiprocessing.get_context("spawn")
    for batches in (0, 1, 4):
        process = context.Process(target=ingest_and_die, args=(office.home.root, batches))
        process.start()
        process.join(120)
        assert process.exitcode == -signal.SIGKILL
        assert path.exists()
    office.ingest(batch_size=100)
    assert office.sql("select count(*), count(distinct post_id) from posts") == [(900, 900)]
    assert office.sql("select count(*) from rejects") == [(100,)]
    assert office.sql("select rows_done, accepted, rejected, finished from batches") == [
        (1000, 900, 100, True)
    ]
