"""A home for the pages' tests: invented posts, claims, queue, alerts and sources, served by a child."""

import json
import multiprocessing
import os
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.config import Home, Secrets, Settings
from pipeline.counts import count_hours
from pipeline.ledger import LedgerStage
from pipeline.ledger_records import ReviewRules
from pipeline.processes import ChildStatus, announce_serving, free_port, write_children, write_json
from pipeline.rules import Rules
from pipeline.statements import StatementStage
from pipeline.store import Store

DIRTY = (
    "<script>alert(1)</script> **加粗** :red[红] $x$ \u202e反向 [链接](javascript:alert(1)) 二水厂的水有毒"
)
LONG = "很长的帖文" * 20_000
REGION_TOML = 'office = "测试办"\nregion = "qiannan"\n'

CLAIMS = [
    # claim_id, text, need, rumor, hours ago, posts, counties, level, answered, hours late (or left, negative)
    (
        "c-water",
        "二水厂的水被污染了,喝了会中毒,医院已经住满人",
        "unverified_claim",
        0.92,
        7,
        46,
        ["都匀市", "福泉市"],
        "red",
        False,
        -3,
    ),
    ("c-school", "听说明天全县停课,是不是真的?", "question", 0.35, 20, 28, ["独山县"], "orange", True, -28),
    (
        "c-help",
        "我们小区停水三天了,家里有老人和婴儿,谁来管管",
        "help",
        0.05,
        50,
        19,
        ["荔波县"],
        "yellow",
        False,
        2,
    ),
    ("c-road", "匀城路口红绿灯坏了半个月,没人修", "problem", 0.02, 60, 9, ["都匀市"], None, False, 12),
    ("c-dirty", DIRTY, "unverified_claim", 0.66, 5, 6, ["瓮安县"], "blue", False, -43),
    ("c-idea", "建议在体育馆旁边加一个公交站", "suggestion", 0.01, 30, 4, ["龙里县"], None, False, -18),
]

REASONS = [
    {"word": "疑似不实", "share": 0.92, "weight": 0.2, "seen": "92%"},
    {"word": "诉求类别", "share": 0.9, "weight": 0.2, "seen": "unverified_claim"},
    {"word": "利害", "share": 0.8, "weight": 0.15, "seen": "饮水、健康"},
    {"word": "增长", "share": 0.6, "weight": 0.15, "seen": "近一小时 14 条"},
    {"word": "参与人数", "share": 0.5, "weight": 0.15, "seen": "31 人"},
    {"word": "求证", "share": 0.4, "weight": 0.05, "seen": "7 条求证"},
    {"word": "波及范围", "share": 0.2, "weight": 0.05, "seen": "2 县市 3 渠道"},
    {"word": "等待时间", "share": 0.1, "weight": 0.05, "seen": "7 小时"},
]
RELATIONS = ("support", "support", "query", "comment", "deny")
CHANNELS = ("论坛", "贴吧", "新闻评论")


def fill(store: Store, now: datetime) -> None:
    """Put a small invented prefecture into a store."""
    for claim in CLAIMS:
        _claim(store, now, *claim)
    _noise(store, now)
    _statements(store, now)
    _sources(store, now)
    _known(store, now)
    store.insert(
        "rejects",
        [
            {
                "reject_id": f"r{n}",
                "file": "投诉.csv",
                "line": n + 2,
                "reason": "没有正文",
                "raw": "{}",
                "rejected_at": now,
            }
            for n in range(3)
        ],
    )
    store.append(
        "audit_events",
        {"event_id": "a1", "actor": "李明", "action": "登录", "body": "{}", "recorded_at": now},
    )
    _count(store)


def _known(store: Store, now: datetime) -> None:
    """Give the claim on water an early score that moved, and a known rumor that it varies."""
    score = {
        "claim_id": "c-water", "score": 0.92, "text_score": 0.62, "replies": 30, "asking": 12,
        "denying": 5, "answers": 0, "known": "", "scored_at": now,
        "evidence": ["30 条回复中 12 条在求证、5 条说不实，首条质疑在发出后 8 分钟"],
    }  # fmt: skip
    store.insert("claim_scores", [score])
    steps = [(now - timedelta(hours=1), 0.62, 0), (now, 0.92, 30)]
    store.insert(
        "claim_score_history",
        [
            {"claim_id": "c-water", "scored_at": at, "score": value, "replies": replies}
            for at, value, replies in steps
        ],
    )
    body = {
        "text": "福泉自来水被污染喝了中毒", "verdict": "false", "issuer": "福泉市水务局",
        "url": "https://example.gov.cn/3", "decided_at": "2026-03-02T00:00:00+00:00",
    }  # fmt: skip
    store.append(
        "library_events",
        {
            "event_id": "k1", "rumor_id": "k1", "kind": "imported", "actor": "李明",
            "body": json.dumps(body, ensure_ascii=False), "recorded_at": now,
        },
    )  # fmt: skip
    match = {
        "claim_id": "c-water", "rumor_id": "k1", "relation": "variant", "score": 0.4,
        "difference": "地点不同：福泉市与都匀市", "matched_at": now,
    }  # fmt: skip
    store.insert("known_rumor_matches", [match])


def fill_more_claims(store: Store, now: datetime, claims: int) -> None:
    """Put further short claims into the queue, so that it has several pages."""
    for number in range(claims):
        _claim(
            store,
            now,
            f"c-more-{number}",
            f"第 {number} 号路口的路灯不亮",
            "problem",
            0.05,
            10,
            2,
            ["惠水县"],
            None,
            False,
            -30,
        )
    _count(store)


def _claim(store, now, claim_id, text, need, rumor, hours, size, counties, level, answered, late):
    first = now - timedelta(hours=hours)
    posts = [_post(now, claim_id, text, n, size, first, counties) for n in range(size)]
    store.insert("posts", posts)
    store.insert("tags", [_tags(post, need, rumor, now) for post in posts])
    store.insert(
        "claim_members",
        [
            {
                "post_id": post["post_id"],
                "claim_id": claim_id,
                "similarity": 1.0 - n / (3 * size),
                "relation": RELATIONS[n % 5],
                "reason": "同一地点、同一事件",
                "joined_at": now,
            }
            for n, post in enumerate(posts)
        ],
    )
    store.insert("claim_pending", [{"post_id": post["post_id"]} for post in posts])
    store.insert(
        "claims",
        [
            {
                "claim_id": claim_id,
                "text": text,
                "first_seen": first,
                "last_seen": posts[-1]["published_at"],
                "size": size,
                "spreading": size - size // 5,
                "authors": max(size // 2, 1),
                "counties": counties,
                "channels": list(CHANNELS),
                "need": need,
                "rumor_score": rumor,
                "updated_at": now,
            }
        ],
    )
    store.insert(
        "queue",
        [
            {
                "claim_id": claim_id,
                "entered_at": first,
                "priority": rumor / 2 + 0.2,
                "deadline": now - timedelta(hours=late),
                "deadline_rule": "48 小时内回应(国办发〔2016〕61号)",
                "start_basis": "first_seen",
                "reasons": json.dumps(REASONS, ensure_ascii=False),
                "updated_at": now,
            }
        ],
    )
    if level:
        _alert(store, now, claim_id, level, size, posts)


def _noise(store, now):
    """A cluster of adverts, two posts."""
    text = "高价回收旧手机,加微信,全场八折"
    posts = [_post(now, "c-advert", text, n, 2, now - timedelta(hours=3), ["都匀市"]) for n in range(2)]
    ahead = {"collected_at": now + timedelta(minutes=6)}  # by the clock of the machine that fetched them
    store.insert("posts", [{**post, **ahead} for post in posts])
    store.insert("claim_pending", [{"post_id": post["post_id"]} for post in posts])
    member = {"claim_id": "c-advert", "similarity": 1.0, "relation": "support", "joined_at": now}
    store.insert(
        "claim_members",
        [{**member, "post_id": post["post_id"], "reason": "广告用语:加微信、高价回收"} for post in posts],
    )
    claim = {"claim_id": "c-advert", "text": text, "kind": "advert", "need": "none", "rumor_score": 0.0}
    seen = {"first_seen": now - timedelta(hours=3), "last_seen": now, "updated_at": now}
    sizes = {"size": 2, "spreading": 2, "authors": 1, "counties": ["都匀市"], "channels": ["论坛"]}
    store.insert("claims", [{**claim, **seen, **sizes}])


def _post(now, claim_id, text, number, size, first, counties):
    body = text if number % 3 else f"{text}。有人知道情况吗?我在{counties[0]},{number} 号楼"
    moment = first + (now - first) * ((number + 1) / (size + 1)) ** 0.5
    return {
        "post_id": f"{claim_id}-{number}",
        "source": "forum-demo",
        "channel": CHANNELS[number % 3],
        "url": f"https://bbs.example/{claim_id}/{number}",
        "text": LONG if claim_id == "c-dirty" and number == 1 else body,
        "first_text": body,
        "match_text": body,
        "text_hash": f"{claim_id}-{number % 4}",
        "published_at": moment,
        "collected_at": moment,
        "county": counties[0],
        "places": counties[: 1 + number % len(counties)],
        "author_hash": f"h{number // 2}",
        "replies": number,
        "likes": number * 3,
        "batch": "b",
        "ingested_at": now,
    }


def _tags(post, need, rumor, now):
    return {
        "post_id": post["post_id"],
        "sentiment": "negative",
        "sentiment_score": 0.8,
        "need": need,
        "need_score": 0.9,
        "rumor_score": rumor,
        "checkworthy_score": 0.7,
        "model_version": "test-1",
        "tagged_at": now,
    }


def _alert(store, now, claim_id, level, size, posts):
    store.insert(
        "alerts",
        [
            {
                "alert_id": f"al-{claim_id}",
                "claim_id": claim_id,
                "raised_at": now - timedelta(minutes=40),
                "level": level,
                "observed": size,
                "expected": 2.5,
                "upper": 7.0,
                "window_minutes": 60,
                "score": 8.4,
                "trigger": "burst",
                "reasons": ["一小时内 14 条,平时不到 3 条", "涉及饮水安全"],
                "post_ids": [post["post_id"] for post in posts[:3]],
            }
        ],
    )


def _statements(store, now):
    store.insert(
        "statements",
        [
            {
                "statement_id": "s-school",
                "title": "关于网传停课消息的说明",
                "text": "近日网传全县停课,经核实,各学校正常上课。",
                "issuer": "独山县教育局",
                "url": "https://gov.example/1",
                "published_at": now - timedelta(hours=15),
                "valid_until": now + timedelta(days=7),
                "added_by": "采集",
                "added_at": now,
            },
            {
                "statement_id": "s-old",
                "title": "供水检修通告",
                "text": "因管网检修,部分小区停水。",
                "issuer": "州水务局",
                "url": "https://gov.example/2",
                "published_at": now - timedelta(days=9),
                "valid_until": now - timedelta(days=2),
                "added_by": "李明",
                "added_at": now,
            },
        ],
    )
    store.insert(
        "statement_matches",
        [
            {
                "statement_id": "s-school",
                "claim_id": "c-school",
                "relation": "answers",
                "score": 0.91,
                "sentence": "各学校正常上课",
                "matched_at": now,
            },
            {
                "statement_id": "s-old",
                "claim_id": "c-help",
                "relation": "related",
                "score": 0.62,
                "sentence": "部分小区停水",
                "matched_at": now,
            },
        ],
    )


def _sources(store, now):
    kinds = [
        ("forum-demo", "匀城论坛", "forum", "green"),
        ("news-demo", "黔南新闻网", "article", "amber"),
        ("gov-demo", "州政府网站", "feed", "red"),
    ]
    for number, (source, name, kind, status) in enumerate(kinds):
        store.insert(
            "sources",
            [
                {
                    "source": source,
                    "name": name,
                    "kind": kind,
                    "url": f"https://{source}.example/",
                    "channel": CHANNELS[number],
                    "county": "都匀市",
                    "official": number == 2,
                    "every_minutes": 10.0,
                    "updated_at": now,
                }
            ],
        )
        store.insert(
            "runs",
            [
                {
                    "run_id": f"{source}-{n}",
                    "source": source,
                    "started_at": now - timedelta(hours=n, minutes=2),
                    "finished_at": now - timedelta(hours=n),
                    "items": 20 - n,
                    "new_items": 5,
                    "requests": 8,
                    "errors": number,
                    "status": status,
                    "reasons": [] if status == "green" else ["少于平时的一半"],
                }
                for n in range(6)
                if n != 3
            ],
        )


def _count(store: Store) -> None:
    hours = [
        row[0]
        for row in store.connection.execute(
            "select distinct date_trunc('hour', published_at) from posts"
        ).fetchall()
    ]
    count_hours(store, hours)


def write_run_files(home: Home) -> None:
    """Write what the supervisor and the pipeline of a running system write."""
    children = {
        "pipeline": ChildStatus(
            name="pipeline",
            pid=os.getpid(),
            state="running",
            restarts=0,
            since=datetime.now(UTC).isoformat(),
            last_exit=None,
        ),
        "crawl": ChildStatus(
            name="crawl",
            pid=None,
            state="waiting",
            restarts=3,
            since=datetime.now(UTC).isoformat(),
            last_exit=1,
        ),
    }
    write_children(home, children)
    write_json(
        home.run / "pipeline.json",
        {
            "at": datetime.now(UTC).isoformat(),
            "spool_files": 0,
            "ingested": 4,
            "rejected": 0,
            "seconds": {"tag": 0.4, "claims": 0.2},
            "rows": {"tag": 40, "claims": 38},
            "model_version": "test-1",
        },
    )


def _serve(root: str, ready, stop, more_claims: int, with_rows: bool) -> None:
    home = Home(root=Path(root)).create()
    home.config_file.write_text(REGION_TOML, "utf-8")
    now = datetime.now(UTC)
    known = Secrets.load(home)
    with Store.open(home) as store:
        if with_rows:
            fill(store, now)
            fill_more_claims(store, now, more_claims) if more_claims else None
        address = store.serve(free_port(), known.reader_token, known.writer_token)
        write_run_files(home)
        announce_serving(home, address)
        ready.set()
        settings = Settings.load(home)
        stage = LedgerStage(store, Rules.load(settings), ReviewRules.load(settings))
        statements = StatementStage(store)
        while not stop.wait(0.2):
            stage.run(datetime.now(UTC))
            statements.run()


@contextmanager
def served_home(root: Path, more_claims: int = 0, with_rows: bool = True):
    """Serve a filled home from a child process for as long as the block runs."""
    context = multiprocessing.get_context("spawn")
    ready, stop = context.Event(), context.Event()
    process = context.Process(target=_serve, args=(str(root), ready, stop, more_claims, with_rows))
    process.start()
    try:
        assert ready.wait(120), "the store did not start"
        yield root
    finally:
        stop.set()
        process.join(30)
