"""What stands beside a claim's posts on its timeline: a claim comes in; marks and gaps go out."""

from __future__ import annotations

from typing import Any

import pandas as pd

from dashboard import data
from dashboard.connection import ask
from pipeline.config import LOCAL_TIME

NO_FILTER = dict.fromkeys(("county", "channel", "need", "sentiment"), "")


def marks(claim_id: str) -> pd.DataFrame:
    """Return what is marked on a claim's time axis: at, kind (alert, statement or answer), words, minutes.

    ``minutes`` is how long a burst had lasted that raised an alert; 0 for everything else.
    """
    known = data.response(claim_id)
    answers = known.answers if known is not None else ()
    alerts_raised = data.claim_table("alerts", claim_id)
    published = data.claim_table("statements", claim_id)
    own = {pd.Timestamp(one.published_at): one.url for one in answers if one.version is not None}
    answered = pd.to_datetime(pd.Series(list(own)), utc=True).dt.tz_convert(LOCAL_TIME)
    return pd.concat(
        [
            _marked(alerts_raised["raised_at"], "alert", alerts_raised["level"]).assign(
                minutes=alerts_raised["window_minutes"].where(alerts_raised["trigger"] == "burst", 0)
            ),
            _marked(published["published_at"], "statement", published["issuer"]),
            _marked(answered, "answer", pd.Series(list(own.values()), dtype=str)),
        ]
    )


def gaps(series: pd.DataFrame) -> pd.DataFrame:
    """Return the hours of a claim's timeline in which nothing was collected: hour.

    ``series`` is that of ``data.claim_series``. An hour without a run of a source is no gap if it has a post.
    """
    first, last = series["bucket"].min().floor("h"), series["bucket"].max().floor("h")
    span = {"since": first.to_pydatetime(), "until": (last + pd.Timedelta(hours=1)).to_pydatetime()}
    read = set(ask("page_collected_hours", since=span["since"])["hour"]) | set(series["bucket"].dt.floor("h"))
    posts = ask("page_posts_hours", **span, **NO_FILTER)
    known = read | set(posts.loc[posts["posts"] > 0, "hour"])
    return pd.DataFrame({"hour": [one for one in pd.date_range(first, last, freq="h") if one not in known]})


def _marked(at: pd.Series[Any], kind: str, words: pd.Series[Any]) -> pd.DataFrame:
    return pd.DataFrame({"at": at, "kind": kind, "words": words})
