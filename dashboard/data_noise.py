"""Clusters of adverts and set phrases: filters come in; the clusters, their reasons and posts go out."""

from __future__ import annotations

import pandas as pd

from dashboard import data
from dashboard.connection import ask

MEMBERS = 10


def clusters(kind: str, words: str, sort: str, hours: int, page: int) -> pd.DataFrame:
    """Return one page of the clusters that are no claims; ``total`` counts all pages."""
    return ask(
        "page_noise",
        kind=kind,
        words=words.strip(),
        sort=sort,
        since=data.ago(hours),
        most=data.PAGE_ROWS,
        skip=(page - 1) * data.PAGE_ROWS,
    )


def kinds(hours: int) -> pd.DataFrame:
    """Return how many clusters and posts there are of each kind: columns kind, clusters, posts."""
    return ask("page_noise_kinds", since=data.ago(hours))


def members(claim_id: str) -> pd.DataFrame:
    """Return the newest posts of a cluster, each with the reason that put it there."""
    return ask("page_noise_members", claim=claim_id, most=MEMBERS)


def counties_of(claim_id: str) -> list[str]:
    """Return the counties that a cluster touches; none where there is no such cluster."""
    found = ask("page_noise_counties", claim=claim_id)
    return [] if found.empty else [str(name) for name in found["counties"].iloc[0]]
