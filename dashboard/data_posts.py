"""Posts as the pages list and count them: filters come in, tables of named queries go out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from dashboard import data
from dashboard.connection import ask

ROWS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PostFilter:
    """Which posts, in what order; empty means all. With ``hour`` only the posts of that hour."""

    hours: int = 24
    hour: datetime | None = None
    sentiment: str = ""
    need: str = ""
    channel: str = ""
    county: str = ""
    words: str = ""
    merged: bool = False
    sort: str = "newest"  # newest | oldest | loud | alike
    page: int = 1

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The stretch of time, from whole hour to whole hour."""
        if self.hour is not None:
            return self.hour, self.hour + timedelta(hours=1)
        this_hour = data.now().replace(minute=0, second=0, microsecond=0)
        return data.ago(self.hours).replace(minute=0), this_hour + timedelta(hours=1)


def posts(chosen: PostFilter) -> pd.DataFrame:
    """Return one page of posts; ``total`` counts all pages, ``alike`` what a merged row stands for."""
    since, until = chosen.span
    skip = (chosen.page - 1) * ROWS
    if chosen.merged or chosen.words.strip() or chosen.sort not in {"newest", "oldest"}:
        return _posts(chosen, since, until, skip)
    counted = posts_by_hour(chosen)
    total = int(counted["posts"].sum())
    narrowed = _hours_of_page(counted, skip, newest_first=chosen.sort == "newest")
    if narrowed is None:
        return _posts(chosen, since, since, 0)
    first, last, skipped = narrowed
    return _posts(chosen, first, last, skip - skipped).assign(total=total)


def posts_by_hour(chosen: PostFilter) -> pd.DataFrame:
    """Return how many posts of each hour the filters let through: columns hour, posts."""
    since, until = chosen.span
    return ask(
        "page_posts_hours",
        since=since,
        until=until,
        county=chosen.county,
        channel=chosen.channel,
        need=chosen.need,
        sentiment=chosen.sentiment,
    )


def moods(hours: int, county: str = "", channel: str = "") -> pd.DataFrame:
    """Return how many posts there are by need and sentiment: columns need, sentiment, posts."""
    return ask("page_moods", since=data.ago(hours).replace(minute=0), county=county, channel=channel)


def channels(hours: int) -> list[str]:
    """Return the channels that brought posts."""
    return [str(name) for name in ask("page_channels", since=data.ago(hours).replace(minute=0))["channel"]]


def _posts(chosen: PostFilter, since: datetime, until: datetime, skip: int) -> pd.DataFrame:
    return ask(
        "page_posts_merged" if chosen.merged else "page_posts",
        since=since,
        until=until,
        county=chosen.county,
        channel=chosen.channel,
        need=chosen.need,
        sentiment=chosen.sentiment,
        words=chosen.words.strip(),
        sort=chosen.sort,
        most=ROWS,
        skip=skip,
    )


def _hours_of_page(
    counted: pd.DataFrame, skip: int, *, newest_first: bool
) -> tuple[datetime, datetime, int] | None:
    """Return the hours in which a page's rows lie and how many rows are before them; None past the end."""
    ordered = counted.sort_values("hour", ascending=not newest_first).reset_index(drop=True)
    ends = ordered["posts"].cumsum()
    inside = ordered[(ends > skip) & (ends - ordered["posts"] < skip + ROWS)]
    if inside.empty:
        return None
    before = int(ends[inside.index[0]] - inside["posts"].iloc[0])
    hour = timedelta(hours=1)
    return inside["hour"].min().to_pydatetime(), inside["hour"].max().to_pydatetime() + hour, before
