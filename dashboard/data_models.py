"""What the pages show of the models: fields and labels come in; error rates on local text, agreement, drift
and versions go out.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboard import data, people, wording_batch
from dashboard.connection import Served, ask, home, settings
from models.gate import read_pins
from models.weights import read_manifest
from pipeline.labels import (
    RANDOM,
    Agreement,
    ErrorRate,
    Freshness,
    Judged,
    Vote,
    agreement,
    error_rates,
    freshness,
    judged,
    stale_after,
    votes,
)
from pipeline.model_versions import Change, Version, active_folder, before, history, versions

SHARE_DAYS = 90  # over which label shares are counted: the window of ``huiying label export``
DRIFT_WEEKS = 12
SECOND_READING = 5
SLOW_SECONDS = (
    300.0  # months of posts do not change within minutes, and reading them takes seconds at 10 million
)


def local_error(field: str, label: str = "", source: str = "") -> ErrorRate | None:
    """Return how often a label is wrong on local text, as people judged a random sample; None: not measured.

    ``field`` is need, sentiment, emotion, rumor, checkworthy or stance; without a label, over all labels.
    """
    found = [rate for rate in local_errors(field) if (rate.label, rate.source) == (label, source)]
    return found[0] if found else None


def local_errors(field: str) -> list[ErrorRate]:
    """Return the error rates of a field: by label, by label and source, and over all labels."""
    counted = _slow("label_shares", field, SHARE_DAYS, str(home().root))
    shares = dict(zip(counted["label"], counted["posts"].astype(float), strict=True))
    return error_rates(_judged(field), shares)


def rate_text(rate: ErrorRate) -> str:
    """Say an error rate with its base and interval: 12%(n=200,95% 区间 8%–17%)."""
    return wording_batch.BATCH["local_value"].format(
        share=f"{rate.error.share:.0%}",
        n=rate.posts,
        low=f"{rate.error.low:.0%}",
        high=f"{rate.error.high:.0%}",
    )


def candidates(field: str, sample: str, most: int) -> list[dict[str, Any]]:
    """Return posts for a person to judge, times in Asia/Shanghai; see ``pipeline.label_files.candidates``.

    Of the random sample one in five is a post that another person has judged: two people's words on the same
    posts tell how far they agree.
    """
    second = _candidates(field, sample, most // SECOND_READING, True) if sample == RANDOM else []
    first = _candidates(field, sample, most - len(second), False)
    for place, row in enumerate(second, start=1):
        first.insert(place * SECOND_READING - 1, row)
    return first


def _candidates(field: str, sample: str, most: int, again: bool) -> list[dict[str, Any]]:
    found = ask(
        "label_candidates",
        field=field,
        sample=sample,
        most=most,
        since=data.ago(24 * SHARE_DAYS),
        seed="1",
        again=again,
        actor=people.current().name,
        counties=data.scope(),
    )
    return data.records(found)


def model_versions() -> list[Version]:
    """Return the versions of the models, the shipped one first."""
    return versions(home())


def model_history() -> list[Change]:
    """Return the changes of the version in use, the newest first."""
    return history(home())[::-1]


def version_before() -> str:
    """Return the name of the version that a roll back would put in use; empty where there is none."""
    return before(home())


def floors() -> pd.DataFrame:
    """Return what the quality gate asks of every version: columns field, set, rows, macro_f1, ece."""
    rows = [
        {"field": key.split("/")[0], "set": key.split("/")[1], **floor}
        for key, floor in read_pins()["floors"].items()
    ]
    return pd.DataFrame(rows, columns=["field", "set", "rows", "macro_f1", "ece"])


def local_agreement(field: str) -> list[Agreement]:
    """Return how far every two people agree on a field."""
    return agreement(_votes(field))


def local_freshness(field: str) -> Freshness:
    """Say whether a field's error rates still tell about the model in use."""
    after = stale_after(settings())
    return freshness(_judged(field), field, active_version(), data.now(), after)


def drift(field: str) -> pd.DataFrame:
    """Return posts by week and label of the last weeks: columns week, label, posts."""
    return _slow("label_drift", field, 7 * DRIFT_WEEKS, str(home().root))


@st.cache_data(ttl=SLOW_SECONDS, show_spinner=False, max_entries=50)
def _slow(name: str, field: str, days: int, root: str) -> pd.DataFrame:
    """Return the answer to a query over all posts of months; ``root`` keeps homes apart."""
    return ask(name, field=field, since=data.ago(24 * days))


def active_version() -> str:
    """Return the version of the weights in use.

    Raises:
        WeightsError: they have no manifest, or a file differs from its hash.
    """
    return read_manifest(active_folder(home())).version


def _judged(field: str) -> list[Judged]:
    return judged(_votes(field))


def _votes(field: str) -> list[Vote]:
    return votes(Served(), field)
