"""A store comes in; how often the models are wrong on local text, as people judged it, goes out in words."""

from __future__ import annotations

from datetime import datetime, timedelta

from pipeline.label_words import FIELD_WORDS
from pipeline.labels import error_rates, judged, votes
from pipeline.store import Reader

FIELDS = ("need", "rumor", "stance", "sentiment")  # what the reports' figures rest on
SHARES_OVER = timedelta(days=90)  # the window of ``huiying label export``
SAID = "{field}错误率 {share:.0%}(95% 区间 {low:.0%} 至 {high:.0%},n={posts})"


def measured_errors(store: Reader, now: datetime) -> tuple[str, ...]:
    """Return one sentence for each field whose error over all labels was measured; none if none was."""
    said = []
    for field in FIELDS:
        shares = {
            row["label"]: float(row["posts"])
            for row in store.rows("label_shares", field=field, since=now - SHARES_OVER)
        }
        for rate in error_rates(judged(votes(store, field)), shares):
            if not rate.label and not rate.source:
                error = rate.error
                said.append(
                    SAID.format(
                        field=FIELD_WORDS[field],
                        share=error.share,
                        low=error.low,
                        high=error.high,
                        posts=rate.posts,
                    )
                )
    return tuple(said)
