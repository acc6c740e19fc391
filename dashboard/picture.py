"""The county picture and the words beside a share: a span of time or a label comes in; a chart or words go
out.

The picture is a grid of tiles whose places are in the region file, so that no licence of a map is needed; an
office that has an approved map sets ``map_file`` to its GeoJSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import altair as alt
import pandas as pd
import streamlit as st

from dashboard import charts, data, data_models, formats, wording, wording_situation
from dashboard.connection import Served, home, region, settings
from pipeline.config import ConfigError
from pipeline.labels import votes

WORDS = wording_situation.SITUATION
ERRORS_SECONDS = 600  # what people judged changes slowly, and its base is counted over three months of posts
SHORT_NAME = 4  # characters: 都匀市 becomes 都匀, 三都水族自治县 becomes 三都


def counties(hours: int, tile: int = charts.TILE) -> tuple[alt.LayerChart | alt.Chart, str]:
    """Return the picture of the counties, darker where more waits, and its caption.

    Raises:
        ConfigError: the office's map cannot be used.
    """
    table = data.counties(hours)
    shown = table.assign(
        short=[name[:-1] if len(name) <= SHORT_NAME else name[:2] for name in table["county"]],
        words=[WORDS["tile_waiting"].format(n=count) for count in table["waiting"]],
        more=[WORDS["tile_posts"].format(n=formats.number(count)) for count in table["posts"]],
        rows=[f".?{urlencode({'county': name})}" for name in table["county"]],
    )
    map_file = settings().map_file
    if not map_file:
        return charts.tiles(shown, tile), WORDS["tiles_caption"]
    return charts.county_map(_joined(office_map(map_file), shown)), WORDS["map_caption"]


@st.cache_resource(show_spinner=False)
def office_map(path: str) -> list[dict[str, Any]]:
    """Return the features of the office's map, one a county.

    Raises:
        ConfigError: it cannot be read, is no GeoJSON of the region's counties, or lacks one of them.
    """
    try:
        found = json.loads(Path(path).read_text("utf-8"))
        features = {str(one["properties"]["name"]): one for one in found["features"]}
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise ConfigError(f"map_file {path}: not a GeoJSON with features and their names: {error}") from error
    missing = [county.name for county in region().counties if county.name not in features]
    if missing:
        raise ConfigError(f"map_file {path}: no feature named {', '.join(missing)}")
    return [features[county.name] for county in region().counties]


def error_words(field: str, label: str) -> str:
    """Say how often a label is wrong on local text, as people found, or that nobody has looked yet."""
    found = _errors(str(home().root), field).get(label)
    if found is None:
        return wording.NOT_MEASURED
    share, posts = found
    return wording.MEASURED.format(rate=f"{share:.0%}", n=formats.number(posts))


@st.cache_data(ttl=ERRORS_SECONDS, show_spinner=False)
def _errors(root: str, field: str) -> dict[str, tuple[float, int]]:
    """Return each label's error on local text and how many posts people judged."""
    if not votes(Served(), field):
        return {}  # before the query over all posts, which nothing needs yet
    return {
        rate.label: (rate.error.share, rate.posts)
        for rate in data_models.local_errors(field)
        if not rate.source and rate.error.whole
    }


def _joined(features: list[dict[str, Any]], table: pd.DataFrame) -> list[dict[str, Any]]:
    rows: Mapping[str, dict[str, Any]] = {row["county"]: row for row in data.records(table)}
    return [
        {**feature, "properties": {**rows[feature["properties"]["name"]]}}
        for feature in features
        if feature["properties"]["name"] in rows
    ]
