"""Charts: tables come in, Altair charts go out.

Altair is the one library for charts: it is declarative, draws in the browser from the rows alone, follows the
page's light or dark look, and is already a dependency of Streamlit. Colours are those of Okabe and Ito
("Color Universal Design", 2008), which people with any kind of colour blindness tell apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlencode

import altair as alt
import pandas as pd

from dashboard import wording

PALETTE = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#999999", "#bbbbbb")
NEED_ORDER = tuple(wording.NEEDS)
RELATION_COLOURS = {"support": "#d55e00", "query": "#e69f00", "deny": "#0072b2", "comment": "#999999"}
MARK_SHAPES = {"alert": "triangle-up", "statement": "square", "answer": "circle"}
MARK_COLOURS = {"alert": "#d55e00", "statement": "#0072b2", "answer": "#009e73"}
RUN_COLOURS = {"green": "#009e73", "amber": "#e69f00", "red": "#d55e00"}
PARTIAL_OPACITY = 0.45
TILE = 92
# The lines of a tile: field, place from its middle and size as shares of its height, size as a share of its
# width at the most (the longest, 待回应 999, is 5 letters wide), and weight of the letters.
TILE_LINES: tuple[tuple[str, float, float, float, Literal[400, 700]], ...] = (
    ("short:N", -0.2, 0.19, 0.3, 700),
    ("words:N", 0.05, 0.15, 0.185, 400),
    ("more:N", 0.27, 0.125, 0.16, 400),
)

# One hue from light to dark: its order is seen in every kind of colour vision and in grey.
SHADES = ["#e8eef4", "#0b4f8a"]


def trend(table: pd.DataFrame, params: Mapping[str, str], height: int = 260) -> alt.Chart:
    """Draw posts by hour, stacked by need; hours without a value stay empty, the running one is pale.

    ``table`` has the columns hour, need, posts, partial of ``data.trend``. A click on a bar opens its posts,
    with ``params`` as the filters in the URL.
    """
    shown = table.dropna(subset=["posts"])
    shown = shown[shown["posts"] > 0].assign(
        word=lambda frame: frame["need"].map(_need_word),
        rows=lambda frame: [
            posts_url({**params, "hour": hour.isoformat(), "need": need})
            for hour, need in zip(frame["hour"], frame["need"], strict=True)
        ],
    )
    chart: alt.Chart = (
        alt.Chart(_naive(shown, "hour"))
        .mark_bar(binSpacing=1)
        .encode(
            x=alt.X("yearmonthdatehours(hour):T", title=None, axis=_time_axis(), scale=_scale(table, "hour")),
            y=alt.Y("sum(posts):Q", title=None, axis=alt.Axis(tickMinStep=1)),
            color=alt.Color(
                "word:N",
                title=None,
                scale=_need_scale(shown),
                legend=alt.Legend(orient="bottom", columns=3),
            ),
            order=alt.Order("word:N"),
            opacity=alt.condition("datum.partial", alt.value(PARTIAL_OPACITY), alt.value(1)),
            href="rows:N",
            tooltip=[
                alt.Tooltip("hour:T", title=wording.CHARTS["time"], format="%m-%d %H:%M"),
                alt.Tooltip("word:N", title=wording.CHARTS["need"]),
                alt.Tooltip("posts:Q", title=wording.CHARTS["posts"]),
            ],
        )
        .properties(height=height)
    )
    return chart


def partial(table: pd.DataFrame) -> alt.Chart:
    """Write over the running hour that it is not complete."""
    hour = table.loc[table["partial"], ["hour"]].drop_duplicates()
    chart: alt.Chart = (
        alt.Chart(_naive(hour, "hour").assign(word=wording.CHARTS["partial"]))
        .mark_text(align="right", baseline="bottom", fontSize=11, color="#888888", y=-2, dx=14)
        .encode(x=alt.X("hour:T", scale=_scale(table, "hour")), text="word:N")
    )
    return chart


def posts_url(params: Mapping[str, str]) -> str:
    """Return the address of the page that lists posts, relative to the page that shows a chart."""
    return f"posts?{urlencode({name: value for name, value in params.items() if value})}"


def gaps(table: pd.DataFrame) -> alt.Chart | None:
    """Draw the hours in which nothing was read as grey bands, or None where there are none."""
    read = set(table.loc[table["posts"].notna(), "hour"])
    empty = pd.DataFrame({"hour": [hour for hour in table["hour"].unique() if hour not in read]})
    return _grey_hours(empty, _scale(table, "hour"))


def _grey_hours(hours: pd.DataFrame, scale: alt.Scale) -> alt.Chart | None:
    """Draw hours (column hour) as grey bands, or None where there are none."""
    if hours.empty:
        return None
    bands = _naive(hours, "hour").assign(end=lambda frame: frame["hour"] + pd.Timedelta(hours=1))
    chart: alt.Chart = (
        alt.Chart(bands)
        .mark_rect(color="#888888", opacity=0.18)
        .encode(
            x=alt.X("hour:T", scale=scale),
            x2="end:T",
            tooltip=[alt.Tooltip("hour:T", title=wording.CHARTS["gap"], format="%m-%d %H:%M")],
        )
    )
    return chart


def layered(*charts: alt.Chart | None) -> alt.LayerChart:
    """Put charts over each other, leaving out those that are None."""
    return alt.LayerChart(layer=[chart for chart in charts if chart is not None])


def tiles(table: pd.DataFrame, tile: int = TILE) -> alt.LayerChart:
    """Draw the counties as tiles: the darker, the more claims wait; words and numbers on each.

    ``table`` has the columns county, column, row, posts, waiting, overdue, short, words, more and ``rows``,
    the address that a click opens. ``tile`` is a tile's height in pixels; the letters grow with it.
    """
    most = max(int(table["waiting"].max()), 1)
    base = alt.Chart(table.assign(dark=table["waiting"] > most / 2)).encode(
        x=alt.X("column:O", axis=None, scale=alt.Scale(paddingInner=0.04)),
        y=alt.Y("row:O", axis=None, scale=alt.Scale(paddingInner=0.06)),
        href="rows:N",
        tooltip=[
            alt.Tooltip("county:N", title=wording.CHARTS["county"]),
            alt.Tooltip("waiting:Q", title=wording.CHARTS["waiting"]),
            alt.Tooltip("overdue:Q", title=wording.CHARTS["overdue"]),
            alt.Tooltip("posts:Q", title=wording.CHARTS["posts"]),
        ],
    )
    colour = alt.Color(
        "waiting:Q",
        legend=None,
        scale=alt.Scale(domain=[0, most], range=SHADES),
    )
    ink = alt.condition("datum.dark", alt.value("#ffffff"), alt.value("#17212b"))
    columns = int(table["column"].max() - table["column"].min() + 1)
    texts = [
        base.mark_text(
            dy=tile * place, fontSize=_fitting(tile * size, columns, fit), fontWeight=weight
        ).encode(text=field, color=ink)
        for field, place, size, fit, weight in TILE_LINES
    ]
    drawn: alt.LayerChart = alt.LayerChart(
        layer=[base.mark_rect(cornerRadius=6).encode(color=colour), *texts]
    ).properties(height=tile * int(table["row"].max() - table["row"].min() + 1))
    return drawn


def _fitting(size: float, columns: int, fit: float) -> alt.ExprRef:
    """Return a size of letters in pixels that a tile's width has room for, whatever the page's width."""
    return alt.ExprRef(f"min({round(size)}, width / {columns} * {fit})")


def county_map(features: list[dict[str, Any]]) -> alt.Chart:
    """Draw the counties of an office's map: the darker, the more claims wait.

    ``features`` are GeoJSON, with county, waiting, overdue, posts and rows among their properties.
    """
    most = max([int(one["properties"]["waiting"]) for one in features] + [1])
    chart: alt.Chart = (
        alt.Chart(alt.Data(values=features))  # type: ignore[no-untyped-call] # Altair's own gap
        .mark_geoshape(stroke="#ffffff", strokeWidth=1.5)
        .encode(
            color=alt.Color(
                "properties.waiting:Q", legend=None, scale=alt.Scale(domain=[0, most], range=SHADES)
            ),
            href="properties.rows:N",
            tooltip=[
                alt.Tooltip("properties.county:N", title=wording.CHARTS["county"]),
                alt.Tooltip("properties.waiting:Q", title=wording.CHARTS["waiting"]),
                alt.Tooltip("properties.overdue:Q", title=wording.CHARTS["overdue"]),
                alt.Tooltip("properties.posts:Q", title=wording.CHARTS["posts"]),
            ],
        )
        .project("mercator")
        .properties(height=420)
    )
    return chart


def claim_timeline(
    series: pd.DataFrame, marks: pd.DataFrame, gaps: pd.DataFrame, minutes: int
) -> alt.LayerChart:
    """Draw one claim's posts by stance, with alerts, statements and answers marked on the same time axis.

    ``series``: bucket, relation, posts, partial. ``marks``: at, kind (of ``MARK_SHAPES``), words, minutes.
    ``gaps``: hour, the hours without collection.
    """
    spans = _naive(series, "bucket").assign(word=series["relation"].map(wording.RELATIONS))
    step = alt.TimeUnitParams(unit="yearmonthdatehoursminutes", step=minutes)
    domain = [wording.RELATIONS[key] for key in RELATION_COLOURS]
    bars = (
        alt.Chart(spans)
        .mark_bar(binSpacing=1)
        .encode(
            x=alt.X("bucket:T", timeUnit=step, title=None, axis=_time_axis()),
            y=alt.Y("posts:Q", title=None, stack=True, axis=alt.Axis(tickMinStep=1)),
            color=alt.Color(
                "word:N",
                title=None,
                scale=alt.Scale(domain=domain, range=list(RELATION_COLOURS.values())),
                legend=alt.Legend(orient="bottom", columns=3),
            ),
            tooltip=[
                alt.Tooltip("bucket:T", title=wording.CHARTS["time"], format="%m-%d %H:%M"),
                alt.Tooltip("word:N", title=wording.CHARTS["relation"]),
                alt.Tooltip("posts:Q", title=wording.CHARTS["posts"]),
            ],
            opacity=alt.condition("datum.partial", alt.value(PARTIAL_OPACITY), alt.value(1)),
        )
    )
    drawn = layered(_grey_hours(gaps, alt.Scale()), _bursts(marks), bars, *_marks(marks))
    shown: alt.LayerChart = drawn.resolve_scale(color="independent").properties(height=260)
    return shown


def _bursts(marks: pd.DataFrame) -> alt.Chart | None:
    """Draw how long each burst had lasted when its alert was raised as a band, or None without any."""
    known = marks[marks["minutes"].fillna(0) > 0] if not marks.empty else marks
    if known.empty:
        return None
    bands = _naive(known, "at").assign(
        start=lambda frame: frame["at"] - pd.to_timedelta(frame["minutes"].astype(int), unit="m")
    )
    chart: alt.Chart = (
        alt.Chart(bands)
        .mark_rect(color=MARK_COLOURS["alert"], opacity=0.15)
        .encode(
            x="start:T",
            x2="at:T",
            tooltip=[alt.Tooltip("start:T", title=wording.CHARTS["burst"], format="%m-%d %H:%M")],
        )
    )
    return chart


def _marks(marks: pd.DataFrame) -> list[alt.Chart]:
    if marks.empty:
        return []
    table = _naive(marks, "at").assign(kind_word=marks["kind"].map(wording.MARKS))
    base = alt.Chart(table).encode(
        x="at:T",
        color=alt.Color(
            "kind_word:N",
            scale=alt.Scale(domain=list(wording.MARKS.values()), range=list(MARK_COLOURS.values())),
            legend=None,
        ),
        tooltip=[
            alt.Tooltip("at:T", title=wording.CHARTS["time"], format="%m-%d %H:%M"),
            alt.Tooltip("kind_word:N", title=wording.CHARTS["kind"]),
            alt.Tooltip("words:N", title=wording.CHARTS["words"]),
        ],
    )
    shape = alt.Shape(
        "kind_word:N",
        scale=alt.Scale(domain=list(wording.MARKS.values()), range=list(MARK_SHAPES.values())),
        legend=None,
    )
    return [
        base.mark_rule(strokeDash=[4, 3], strokeWidth=2),
        base.mark_point(filled=True, size=110, y=-7).encode(shape=shape),
    ]


def runs(table: pd.DataFrame, words: Mapping[str, str]) -> alt.Chart:
    """Draw the items of a source's runs over time, coloured by status; ``words`` has each status in Chinese.

    ``table``: finished_at, items, new_items, status.
    """
    shown = _naive(table, "finished_at").assign(word=table["status"].map(words))
    chart: alt.Chart = (
        alt.Chart(shown)
        .mark_bar(size=8)
        .encode(
            x=alt.X("finished_at:T", title=None, axis=_time_axis()),
            y=alt.Y("items:Q", title=None, axis=alt.Axis(tickMinStep=1)),
            color=alt.Color(
                "word:N",
                title=None,
                scale=alt.Scale(domain=[words[key] for key in RUN_COLOURS], range=list(RUN_COLOURS.values())),
                legend=alt.Legend(orient="bottom"),
            ),
            tooltip=[
                alt.Tooltip("finished_at:T", title=wording.CHARTS["time"], format="%m-%d %H:%M"),
                alt.Tooltip("items:Q", title=wording.CHARTS["posts"]),
                alt.Tooltip("word:N", title=wording.CHARTS["kind"]),
            ],
        )
        .properties(height=200)
    )
    return chart


def ranked_bars(table: pd.DataFrame, label: str, value: str) -> alt.LayerChart:
    """Draw one bar a row, the largest first, with its number beside it."""
    base = alt.Chart(table).encode(
        y=alt.Y(f"{label}:N", title=None, sort="-x", axis=alt.Axis(labelLimit=160)),
        x=alt.X(f"{value}:Q", title=None, axis=None),
        tooltip=[
            alt.Tooltip(f"{label}:N", title=" "),
            alt.Tooltip(f"{value}:Q", title=wording.CHARTS["posts"]),
        ],
    )
    bars = base.mark_bar(color=PALETTE[0], cornerRadiusEnd=2)
    numbers = base.mark_text(align="left", dx=4).encode(text=f"{value}:Q")
    drawn: alt.LayerChart = (bars + numbers).properties(height=max(28 * len(table), 56))
    return drawn


def _need_word(need: Any) -> str:
    return wording.NEEDS.get(str(need), str(need))


def _need_scale(table: pd.DataFrame) -> alt.Scale:
    """Only the needs that are drawn, each always in its own colour."""
    drawn = [place for place, need in enumerate(NEED_ORDER) if (table["need"] == need).any()]
    return alt.Scale(
        domain=[_need_word(NEED_ORDER[place]) for place in drawn], range=[PALETTE[place] for place in drawn]
    )


def _naive(table: pd.DataFrame, column: str) -> pd.DataFrame:
    # Vega draws aware times in the reader's own zone; ours are Asia/Shanghai wherever the reader sits.
    return table.assign(**{column: table[column].dt.tz_localize(None)})


def _scale(table: pd.DataFrame, column: str) -> alt.Scale:
    times = table[column].dt.tz_localize(None)
    return alt.Scale(domain=[_instant(times.min()), _instant(times.max() + pd.Timedelta(hours=1))])


def _instant(moment: datetime) -> alt.DateTime:
    return alt.DateTime(
        year=moment.year, month=moment.month, date=moment.day, hours=moment.hour, minutes=moment.minute
    )


def _time_axis() -> alt.Axis:
    return alt.Axis(format="%m-%d %H:%M", labelAngle=0, labelOverlap=True, tickCount=6)
