"""The week of a rota as a chart: who may be rung when; a table comes in, an Altair chart goes out."""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboard import wording_alerts

RINGS, QUIET = "#cfe3f3", "#1b3a57"


def quiet_hours(table: pd.DataFrame) -> alt.Chart:
    """Draw 7 days x 24 hours for each recipient; ``table`` as of ``alert_data.quiet_grid``."""
    colour = alt.condition("datum.quiet", alt.value(QUIET), alt.value(RINGS))
    chart: alt.Chart = (
        alt.Chart(table)
        .mark_rect(stroke="white", strokeWidth=1)
        .encode(
            x=alt.X("hour:O", title=None, axis=alt.Axis(labelAngle=0, values=list(range(0, 24, 3)))),
            y=alt.Y("day:O", title=None, sort=list(wording_alerts.DAYS)),
            color=colour,
            tooltip=["recipient:N", "day:O", "hour:O"],
            row=alt.Row("recipient:N", title=None, header=alt.Header(labelAngle=0, labelAlign="left")),
        )
        .properties(height=110)
    )
    return chart
