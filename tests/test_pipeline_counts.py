"""Hourly counts: a post is counted when it comes and again when it is placed; a restart adds nothing."""

from datetime import UTC, datetime, timedelta

from pipeline.counts import CountStage

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def add(store, names, hour=0, ingested=0):
    moment = NOON + timedelta(hours=hour)
    store.insert(
        "posts",
        [
            {
                "post_id": name, "source": "s", "channel": "论坛", "text": "t", "first_text": "t",
                "match_text": "t", "text_hash": name, "published_at": moment, "collected_at": moment,
                "county": "都匀市", "places": [], "batch": "b",
                "ingested_at": NOON + timedelta(minutes=ingested),
            }
            for name in names
        ],
    )  # fmt: skip


def place(store, names, claim="c"):
    store.insert(
        "tags",
        [
            {
                "post_id": name,
                "need": "help",
                "sentiment": "negative",
                "model_version": "t",
                "tagged_at": NOON,
            }
            for name in names
        ],
    )
    store.insert("claim_pending", [{"post_id": name} for name in names])
    store.insert(
        "claim_members",
        [
            {"post_id": name, "claim_id": claim, "similarity": 1.0, "relation": "support", "reason": "",
             "joined_at": NOON}
            for name in names
        ],
    )  # fmt: skip


def counted(store, table="hour_counts"):
    found = store.connection.execute(
        f"select hour, need, sum(posts)::int from {table} group by all"
    ).fetchall()
    return {((hour - NOON) // timedelta(hours=1), need): posts for hour, need, posts in found}


def test_posts_are_counted_when_they_come_and_again_when_they_are_placed(store):
    stage = CountStage(store)
    add(store, ["a", "b"], hour=0, ingested=0)
    add(store, ["c"], hour=1, ingested=1)
    stage.run()
    assert counted(store) == {(0, ""): 2, (1, ""): 1}
    place(store, ["a"])
    stage.run()
    assert counted(store) == {(0, ""): 1, (0, "help"): 1, (1, ""): 1}
    place(store, ["b", "c"])
    stage.run()
    assert counted(store) == {(0, "help"): 2, (1, "help"): 1}
    assert counted(store, "counts") == counted(store)


def test_a_restart_goes_on_where_it_was_and_counts_nothing_twice(store):
    add(store, ["a", "b"])
    CountStage(store).run()
    place(store, ["a", "b"])
    again = CountStage(store)
    again.run()
    again.run()
    assert counted(store) == {(0, "help"): 2}


def test_an_empty_store_has_nothing_to_count(store):
    assert CountStage(store).run() == 0
    assert counted(store) == {}


def test_a_deleted_post_no_longer_counts_and_holds_nothing_up(store):
    stage = CountStage(store)
    add(store, ["a", "gone"])
    store.connection.execute("update posts set deleted_at = now() where post_id = 'gone'")
    place(store, ["a"])
    stage.run()
    assert counted(store) == {(0, "help"): 1}
