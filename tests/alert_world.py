"""Claims with posts in a store, for the tests of alerts: what is said of each, by how many, and when."""

from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)  # Friday noon in Asia/Shanghai
WATER = "二水厂水源被人投毒了，都匀今晚停水"


def add_claim(
    store,
    claim_id="c1",
    *,
    text=WATER,
    posts=12,
    need="unverified_claim",
    rumor=0.9,
    stake=1.0,
    counties=("都匀市",),
    now=NOW,
    hours=1.0,
    authors=None,
    source="bbs",
    asking=0,
    **more,
):
    """Write one claim whose posts came in the last ``hours``."""
    first = now - timedelta(hours=hours)
    rows = []
    for n in range(posts):
        at = first + (now - first) * ((n + 1) / (posts + 1)) ** 0.5
        rows.append(
            {
                "post_id": f"{claim_id}-{n}-{now:%d%H%M}",
                "source": source,
                "channel": ("论坛", "微博")[n % 2],
                "text": f"{text}（{n}）",
                "first_text": text,
                "match_text": text,
                "text_hash": f"{claim_id}{n}",
                "published_at": at,
                "collected_at": at,
                "county": counties[0] if counties else "",
                "places": [counties[n % len(counties)]] if counties else [],
                "author_hash": f"{claim_id}-a{n % (authors or posts)}",
                "batch": "b",
                "ingested_at": at,
            }
        )
    store.insert("posts", rows)
    store.insert(
        "tags",
        [
            {
                "post_id": row["post_id"],
                "need": need,
                "rumor_score": rumor,
                "model_version": "t",
                "tagged_at": now,
            }
            for row in rows
        ],
    )
    store.insert(
        "claim_members",
        [
            {
                "post_id": row["post_id"],
                "claim_id": claim_id,
                "similarity": 0.9,
                "joined_at": now,
                "reason": "",
                "relation": "query" if n < asking else "support",
            }
            for n, row in enumerate(rows)
        ],
    )
    store.insert(
        "claims",
        [
            {
                "claim_id": claim_id,
                "text": text,
                "first_seen": more.pop("first_seen", first),
                "last_seen": now,
                "size": posts,
                "spreading": posts,
                "authors": authors or posts,
                "counties": list(counties),
                "channels": ["论坛", "微博"],
                "need": need,
                "rumor_score": rumor,
                "stake": stake,
                "updated_at": now,
                **more,
            }
        ],
        on_conflict="replace",
    )
    return [row["post_id"] for row in rows]


def event(store, alert_id, kind, actor="李明", at=NOW, body="{}"):
    """Append one event about an alert."""
    store.append(
        "alert_events",
        {
            "event_id": f"{alert_id}{kind}{actor}{at.isoformat()}",
            "alert_id": alert_id,
            "kind": kind,
            "actor": actor,
            "body": body,
            "recorded_at": at,
        },
    )
