"""What the pages show of the models: fields and labels come in; error rates on local text, agreement, drift
and versions go out.
"""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from dashboard import data
from dashboard.connection import Served, ask, home
from models.weights import read_manifest
from pipeline.labels import (
    Agreement,
    ErrorRate,
    Freshness,
    Judged,
    Vote,
    agreement,
    error_rates,
    freshness,
    judged,
    votes,
)
from pipeline.model_versions import active_folder

SHARE_DAYS = 90  # over which label shares are counted: the window of ``huiying label export``
DRIFT_WEEKS = 12


def local_error(field: str, label: str = "", source: str = "") -> ErrorRate | None:
    """Return how often a label is wrong on local text, as people judged a random sample; None: not measured.

    ``field`` is need, sentiment, emotion, rumor, checkworthy or stance; without a label, over all labels.
    """
    found = [rate for rate in local_errors(field) if (rate.label, rate.source) == (label, source)]
    return found[0] if found else None


def local_errors(field: str) -> list[ErrorRate]:
    """Return the error rates of a field: by label, by label and source, and over all labels."""
    counted = ask("label_shares", field=field, since=data.ago(24 * SHARE_DAYS))
    shares = dict(zip(counted["label"], counted["posts"].astype(float), strict=True))
    return error_rates(_judged(field), shares)


def local_agreement(field: str) -> list[Agreement]:
    """Return how far every two people agree on a field."""
    return agreement(_votes(field))


def local_freshness(field: str) -> Freshness:
    """Say whether a field's error rates still tell about the model in use."""
    return freshness(_judged(field), field, active_version(), data.now())


def drift(field: str) -> pd.DataFrame:
    """Return posts by week and label of the last weeks: columns week, label, posts."""
    since = data.now() - timedelta(weeks=DRIFT_WEEKS)
    return ask("label_drift", field=field, since=since.replace(minute=0, second=0, microsecond=0))


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
