"""A run that is killed at any request loses nothing and doubles nothing once another run has gone through."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

from crawl_site import Answer, crawl_site, source_text

from pipeline.config import Home, Settings, region_path
from pipeline.ingest import ingest_spool
from pipeline.places import Region
from pipeline.store import Store

HTML = {"Content-Type": "text/html; charset=utf-8"}
ARTICLES = 60
KILLS = 4


def answer(target: str) -> Answer:
    if target == "/":
        links = "".join(
            f'<a class="row" href="/a/{number}.html">第{number}号通知</a>' for number in range(ARTICLES)
        )
        return 200, HTML, links.encode()
    number = target.rpartition("/")[2].removesuffix(".html")
    html = (
        f'<html><head><meta name="PubDate" content="2026-11-20 08:00"></head><body><h1>第{number}号通知</h1>'
        f'<div id="zoom"><p>第{number}号:因管网检修,本周五上午八点到下午六点停水,'
        "请沿线居民提前储水备用,给您带来不便敬请谅解。</p></div></body></html>"
    )
    return 200, HTML, html.encode()


def crawl(home: Path, file: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "crawlers.run", "--home", str(home), str(file)]
    environment = {**os.environ, "HUIYING_AUTHOR_KEY": "k" * 32}
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def test_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    moments = random.Random(7).choices(range(1, ARTICLES), k=KILLS)
    left = {"requests": 0}
    running: list[subprocess.Popen[bytes]] = []

    def respond(method: str, target: str, body: bytes) -> Answer:
        left["requests"] -= 1
        if left["requests"] == 0:
            running[-1].send_signal(signal.SIGKILL)
        return answer(target)

    with crawl_site(respond) as site:
        file = tmp_path / "source.toml"
        file.write_text(source_text("article", f"{site.url}/", tables='[select]\nlinks = "a.row"\n'), "utf-8")
        for moment in moments:
            left["requests"] = moment
            running.append(crawl(tmp_path, file))
            running[-1].wait(120)
        left["requests"] = -1
        running.append(crawl(tmp_path, file))
        assert running[-1].wait(120) == 0

    with Store.open(tmp_path) as store:
        settings = Settings()
        ingest_spool(store, Home(root=tmp_path), Region.load(region_path(settings.region)), settings)
        kept = [row[0] for row in store.connection.execute("select external_id from posts").fetchall()]
    assert len(kept) == len(set(kept)) == ARTICLES
    lines = [json.loads(line) for path in (tmp_path / "spool").rglob("*.jsonl*") for line in path.open()]
    assert all(line["kind"] in {"source", "post", "run"} for line in lines)
