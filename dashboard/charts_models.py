"""Charts of labels: tables come in, Altair charts go out; see ``charts`` for the library and the colours."""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboard import wording_batch
from dashboard.charts import PALETTE

WORDS = wording_batch.BATCH


def share_bars(table: pd.DataFrame) -> alt.LayerChart:
    """Draw one bar a label with its 95 % interval; ``doubtful`` in grey.

    ``table`` has the columns word, share, low, high, rows, doubtful.
    """
    base = alt.Chart(table).encode(
        y=alt.Y("word:N", title=None, sort="-x", axis=alt.Axis(labelLimit=160)),
        tooltip=[
            alt.Tooltip("word:N", title=WORDS["label"]),
            alt.Tooltip("share:Q", title=WORDS["share_axis"], format=".1%"),
            alt.Tooltip("low:Q", title=WORDS["interval"], format=".1%"),
            alt.Tooltip("high:Q", title=" ", format=".1%"),
            alt.Tooltip("rows:Q", title=WORDS["count"], format=","),
        ],
    )
    axis = alt.Axis(format=".0%", tickCount=5)
    colour = alt.condition("datum.doubtful", alt.value(PALETTE[6]), alt.value(PALETTE[0]))
    bars = base.mark_bar(cornerRadiusEnd=2).encode(x=alt.X("share:Q", title=None, axis=axis), color=colour)
    reach = base.mark_rule(strokeWidth=2, color=PALETTE[5]).encode(x="low:Q", x2="high:Q")
    drawn: alt.LayerChart = (bars + reach).properties(height=max(30 * len(table), 60))
    return drawn


def drift_lines(table: pd.DataFrame) -> alt.Chart:
    """Draw the share of each label by week; the running week is a hollow point.

    ``table`` has the columns week, word, share, posts, partial.
    """
    words = list(dict.fromkeys(table["word"]))
    chart: alt.Chart = (
        alt.Chart(table)
        .mark_line(point=True, strokeWidth=2)
        .encode(
            x=alt.X("week:T", title=None, axis=alt.Axis(format="%m-%d", tickCount=8)),
            y=alt.Y("share:Q", title=None, axis=alt.Axis(format=".0%")),
            color=alt.Color(
                "word:N", title=None, scale=alt.Scale(domain=words, range=list(PALETTE[: len(words)])),
                legend=alt.Legend(orient="bottom", columns=3),
            ),
            tooltip=[
                alt.Tooltip("week:T", title=" ", format="%Y-%m-%d"),
                alt.Tooltip("word:N", title=WORDS["label"]),
                alt.Tooltip("share:Q", title=WORDS["share_axis"], format=".1%"),
                alt.Tooltip("posts:Q", title=WORDS["count"], format=","),
            ],
        )
        .properties(height=260)
    )  # fmt: skip
    return chart
