from datetime import UTC, datetime, timedelta

from pipeline.effect import CONFOUNDED, TOO_EARLY, effect_of

ANSWERED = datetime(2026, 3, 5, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def add(store, hours_of, relation="support", official=False, text="二水厂停水"):
    """Add one post for each hour (before: negative) after the answer."""
    start = store.connection.execute("select count(*) from posts").fetchone()[0]
    posts, members = [], []
    for number, hour in enumerate(hours_of, start):
        moment = ANSWERED + hour * HOUR + timedelta(minutes=5)
        posts.append({
            "post_id": f"p{number}", "source": "s", "channel": "论坛", "text": text, "first_text": text,
            "match_text": text, "text_hash": text, "published_at": moment, "collected_at": moment,
            "places": [], "official": official, "batch": "b", "ingested_at": moment,
        })  # fmt: skip
        members.append({
            "post_id": f"p{number}", "claim_id": "c", "similarity": 1.0, "relation": relation, "reason": "同",
            "joined_at": moment,
        })  # fmt: skip
    store.insert("posts", posts)
    store.insert("claim_members", members)


def effect(store, hours=24, first=-12):
    return effect_of(store, "c", ANSWERED + first * HOUR, ANSWERED, ANSWERED + hours * HOUR)


def test_rates_and_shares_before_and_after_an_answer(store):
    add(store, [hour for hour in range(-12, 0) for _ in range(4)])
    add(store, [hour for hour in range(-12, 0)], "query")
    add(store, range(0, 24, 2))
    add(store, [0, 1, 2, 3], "deny")
    add(store, [1, 2], official=True)
    found = effect(store)
    assert (found.before.hours, found.before.posts, found.before.rate) == (12, 60, 5.0)
    assert (found.after.hours, found.after.posts) == (24, 16)
    assert (found.before.share("query"), found.after.share("deny")) == (0.2, 0.25)
    assert found.half_after == 3
    assert found.enough
    assert found.caveat == CONFOUNDED


def test_a_claim_that_goes_on_has_no_time_to_half(store):
    add(store, [hour for hour in range(-12, 24) for _ in range(3)])
    assert effect(store).half_after is None


def test_few_posts_are_said_to_be_too_few(store):
    add(store, [-2, -1, 3])
    found = effect(store)
    assert "发布前 2 条、发布后 1 条" in found.caveat
    assert not found.enough


def test_an_answer_of_this_minute_is_not_judged(store):
    add(store, range(-12, 0))
    assert effect(store, hours=0.5).caveat == TOO_EARLY


def test_what_comes_back_after_a_quiet_day_is_counted(store):
    add(store, [*range(-12, 3), 40, 41, 42])
    assert effect(store, hours=48).returned == 3
    assert effect(store, hours=30).returned == 0


def test_what_people_still_ask_is_listed_and_earlier_questions_are_not(store):
    add(store, [-3, -2], "query", text="真的吗")
    add(store, [2, 3], "query", text="几点来水")
    assert [(row["text"], row["posts"]) for row in effect(store).asking] == [("几点来水", 2)]


def test_a_claim_without_any_post_has_an_effect_of_nothing(store):
    found = effect(store)
    assert (found.before.posts, found.after.posts, found.before.share("deny")) == (0, 0, None)
