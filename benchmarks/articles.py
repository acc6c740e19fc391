"""Words and time of articles on invented pages of thirteen shapes: ours beside newspaper4k and readability.

``python -m benchmarks.articles [--output FILE]``. The two peers are no part of the project: ``pip install
newspaper4k readability-lxml``; without them their rows are missing. Text F1 is over the multiset of
characters without spaces; a date is right if the day is, and the minute where the page states one ("exact").
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from benchmarks.article_pages import Page, pages
from crawlers.parsing.article import parse_article
from crawlers.saved import SavedPage
from crawlers.zh_time import SHANGHAI, read_time

SERVED = datetime(2026, 11, 25, 6, tzinfo=UTC)
Extracted = tuple[str, str]


def ours(page: Page) -> Extracted:
    saved = SavedPage(url=page.url, body=page.body, fetched_at=SERVED)
    posts = parse_article(saved.text, page.url, {}, SERVED).posts
    if not posts:
        return "", ""
    at = read_time(posts[0].published, SERVED)
    return posts[0].text, f"{at.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if at else ""


def newspaper(page: Page) -> Extracted:
    article = import_module("newspaper").Article(page.url, language="zh")
    article.download(input_html=page.body)
    article.parse()
    return article.text, f"{article.publish_date:%Y-%m-%d %H:%M}" if article.publish_date else ""


def readability(page: Page) -> Extracted:
    from parsel import Selector

    document = import_module("readability").Document(page.body)
    return " ".join(Selector(text=document.summary()).css("*::text").getall()), ""


def f1(found: str, true: str) -> float:
    one, two = (Counter("".join(text.split())) for text in (found, true))
    shared = sum((one & two).values())
    return 2 * shared / max(1, one.total() + two.total())


def row(method: Callable[[Page], Extracted], all_pages: list[Page]) -> dict[str, object]:
    scores: dict[str, list[float]] = {}
    days = minutes = 0
    begun = time.perf_counter()
    for page in all_pages:
        text, published = method(page)
        scores.setdefault(page.shape, []).append(f1(text, page.text))
        days += published[:10] == page.published[:10]
        minutes += published[: len(page.published[:16])] == page.published[:16]
    every = [score for group in scores.values() for score in group]
    return {
        "text F1": round(sum(every) / len(every), 4),
        "worst shape": round(min(sum(group) / len(group) for group in scores.values()), 4),
        "day": round(days / len(all_pages), 4),
        "exact": round(minutes / len(all_pages), 4),
        "ms a page": round((time.perf_counter() - begun) / len(all_pages) * 1000, 1),
        "by shape": {shape: round(sum(group) / len(group), 3) for shape, group in scores.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=None)
    given = parser.parse_args()
    all_pages = pages()
    methods = {"huiying": ours}
    peers = {"newspaper": ("newspaper4k", newspaper), "readability": ("readability-lxml", readability)}
    methods |= {name: method for module, (name, method) in peers.items() if find_spec(module)}
    rows = {name: row(method, all_pages) for name, method in methods.items()}
    for name, figures in rows.items():
        print(name, figures)
    if given.output:
        note = {"pages": len(all_pages), "shapes": len({page.shape for page in all_pages}), "rows": rows}
        given.output.write_text(json.dumps(note, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
