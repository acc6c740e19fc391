from datetime import UTC, datetime, timedelta, timezone

from pipeline.identity import digest, post_id, text_hash

NOON = datetime(2025, 1, 2, 12, 0, 30, tzinfo=UTC)


def test_a_sources_own_id_decides_whatever_the_text_or_time():
    assert post_id("bbs", "7", "停水", NOON) == post_id("bbs", "7", "来水了", NOON + timedelta(days=1))
    assert post_id("bbs", "7", "停水", NOON) != post_id("wb", "7", "停水", NOON)


def test_without_an_id_the_same_words_in_the_same_minute_are_one_post():
    china = timezone(timedelta(hours=8))
    assert post_id("x", None, "停水", NOON) == post_id("x", "", "停水", NOON.astimezone(china))
    assert post_id("x", None, "停水", NOON) == post_id("x", None, "停水", NOON + timedelta(seconds=20))
    assert post_id("x", None, "停水", NOON) != post_id("x", None, "停水", NOON + timedelta(seconds=40))


def test_parts_do_not_run_together():
    assert digest("ab", "c") != digest("a", "bc")


def test_emoji_alone_are_told_apart_by_themselves():
    assert text_hash("", "😀") != text_hash("", "😡")
    assert text_hash("停水", "停水!") == text_hash("停水", "停水。")
