"""Server time of every dashboard page over a store of N posts, warm, as a ratio to a bare page of the
same run.

    python benchmarks/pages.py --posts 10000 1000000

Posts, tags, claims, counts and the queue are made by SQL; pages run by Streamlit's AppTest against a
served store.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from pathlib import Path

from streamlit import config
from streamlit.testing.v1 import AppTest

from pipeline.config import Home, Secrets
from pipeline.processes import announce_serving, free_port
from pipeline.store import Store

CLAIMS = 2000
ROUNDS = 7
FILL = """
insert into posts by name select
    'p' || i as post_id, 's' || (i % 20) as source, 'forum' as channel,
    'x' || i as external_id,
    '第' || i || '条：听说水厂停水' as text, text as first_text, text as match_text,
    'h' || (i % 100000) as text_hash,
    now() - to_seconds(i * 14 * 86400.0 / {n}) as published_at, 'second' as precision, now() as collected_at,
    '都匀市' as county, ['都匀市'] as places, 'a' || (i % 5000) as author_hash, false as official,
    'b' as batch, now() as ingested_at
from range({n}) t(i);
insert into tags by name select
    post_id, 'negative' as sentiment, 0.8 as sentiment_score, 'angry' as emotion, 0.7 as emotion_score,
    'problem' as need, 0.9 as need_score, 0.3 as rumor_score, 0.6 as checkworthy_score, 'comment' as stance,
    0.5 as stance_score, 'bench' as model_version, now() as tagged_at from posts;
insert into claim_members by name select
    post_id, 'c' || (substr(post_id, 2)::bigint % {c}) as claim_id, 0.9 as similarity, 'support' as relation,
    '意思相近' as reason, now() as joined_at from posts;
insert into claims by name select
    claim_id, any_value(text) as text, min(published_at) as first_seen, max(published_at) as last_seen,
    count(*)::integer as size, count(*)::integer as spreading, count(*)::integer as authors,
    ['都匀市'] as counties, ['forum'] as channels, 'problem' as need, 0.3 as rumor_score, now() as updated_at
from claim_members join posts using (post_id) group by claim_id;
insert into queue by name select
    claim_id, first_seen as entered_at, 0.5 as priority, first_seen + interval 48 hour as deadline,
    '48 小时' as deadline_rule, 'first_seen' as start_basis,
    '[{{"word":"诉求类别","share":0.6,"weight":0.2,"seen":"problem"}}]' as reasons, now() as updated_at
from claims limit 300;
insert into counts by name select
    date_trunc('hour', published_at) as hour, claim_id, '都匀市' as county, 'forum' as channel,
    'problem' as need,
    count(*)::integer as posts, count(*)::integer as authors
from posts join claim_members using (post_id) group by all;
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / "pages.json")
    given = parser.parse_args()
    config.set_option("server.address", "127.0.0.1")
    app = Path(__file__).parent.parent / "dashboard" / "app.py"
    results = {"cores": os.cpu_count(), "rounds": ROUNDS, "posts": {}}
    for posts in given.posts:
        results["posts"][str(posts)] = measure(app, posts)
        print(posts, json.dumps(results["posts"][str(posts)], ensure_ascii=False))
    given.output.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", "utf-8")


def measure(app: Path, posts: int) -> dict[str, dict[str, float]]:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HUIYING_HOME"] = folder
        home = Home(root=Path(folder)).create()
        with Store.open(home) as store:
            for statement in FILL.format(n=posts, c=CLAIMS).split(";"):
                if statement.strip():
                    store.connection.execute(statement)
            secrets = Secrets.load(home)
            announce_serving(home, store.serve(free_port(), secrets.reader_token, secrets.writer_token))
            bare = timed(AppTest.from_string("import streamlit as st\nst.title('x')"))
            found = {}
            for page in pages():
                test = AppTest.from_file(str(app), default_timeout=120)
                test.run()
                if page != "today":
                    test.switch_page(f"views/{page}.py")
                seconds = timed(test, page)
                found[page] = {
                    "median_s": round(statistics.median(seconds), 3),
                    "worst_s": round(max(seconds), 3),
                    "to_bare": round(statistics.median(seconds) / statistics.median(bare), 1),
                }
            return found


def pages() -> list[str]:
    views = Path(__file__).parent.parent / "dashboard" / "views"
    return sorted(path.stem for path in views.glob("[a-z]*.py"))


def timed(test: AppTest, page: str = "") -> list[float]:
    seconds = []
    for _ in range(ROUNDS + 1):
        started = time.perf_counter()
        test.run()
        seconds.append(time.perf_counter() - started)
        assert not test.exception, (page, test.exception[0].message if test.exception else "")
    return seconds[1:]


if __name__ == "__main__":
    main()
