"""Rows come in; charts as Vega-Lite specifications, and as PNG pictures for files, go out.

vl-convert draws them: the same grammar as the pages' Altair charts, one wheel with its own renderer, no
browser and no network. Text is set in the first Chinese font of ``FONTS`` that the machine has.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pipeline.config import LOCAL_TIME

FONTS = "Noto Sans CJK SC, Source Han Sans SC, WenQuanYi Micro Hei, Microsoft YaHei, SimHei, sans-serif"
# Okabe and Ito, "Color Universal Design" (2008), as the pages draw.
PALETTE = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#999999", "#bbbbbb")
WIDTH, HEIGHT = 560, 200  # points on an A4 page between the margins of GB/T 9704
SCALE = 2.0  # pixels a point: sharp in print


def stacked_hours(
    rows: Sequence[Mapping[str, Any]], column: str, words: Mapping[str, str], marks: Sequence[datetime] = ()
) -> dict[str, Any]:
    """Draw posts by hour, stacked by ``column`` in the order of ``words``; ``marks`` are vertical lines."""
    values = [
        {
            "hour": _local(row["hour"]),
            "word": words.get(row[column], row[column]),
            "posts": int(row["posts"]),
        }
        for row in rows
    ]
    shown = [word for word in words.values() if any(value["word"] == word for value in values)]
    bars = {
        "data": {"values": values},
        "mark": {"type": "bar", "binSpacing": 0},
        "encoding": {
            "x": {
                "field": "hour", "type": "temporal", "timeUnit": "yearmonthdatehours", "title": None,
                "axis": {"format": "%m-%d %H时", "labelOverlap": True, "tickCount": 6},
            },
            "y": {"field": "posts", "type": "quantitative", "aggregate": "sum", "title": "帖文数"},
            "color": {
                "field": "word", "type": "nominal", "title": None,
                "scale": {"domain": shown, "range": list(PALETTE[: len(shown)])},
                "legend": {"orient": "bottom", "columns": 4},
            },
        },
    }  # fmt: skip
    lines = {
        "data": {"values": [{"at": _local(mark)} for mark in marks]},
        "mark": {"type": "rule", "strokeDash": [4, 3], "strokeWidth": 2, "color": PALETTE[5]},
        "encoding": {"x": {"field": "at", "type": "temporal"}},
    }
    return _framed({"layer": [bars, lines] if marks else [bars]})


def ranked(rows: Sequence[Mapping[str, Any]], label: str, most: int = 12) -> dict[str, Any]:
    """Draw one bar a row with its number, the largest first."""
    values = [{"label": str(row[label]), "posts": int(row["posts"])} for row in rows[:most]]
    shared = {
        "y": {"field": "label", "type": "nominal", "sort": "-x", "title": None, "axis": {"labelLimit": 160}},
        "x": {"field": "posts", "type": "quantitative", "title": None, "axis": None},
    }
    number = {
        "mark": {"type": "text", "align": "left", "dx": 4},
        "encoding": {**shared, "text": {"field": "posts"}},
    }
    bar = {"mark": {"type": "bar", "color": PALETTE[0]}, "encoding": shared}
    spec = _framed({"data": {"values": values}, "layer": [bar, number]})
    return {**spec, "height": {"step": 22}}


def picture(spec: Mapping[str, Any]) -> bytes:
    """Draw a specification as PNG."""
    import vl_convert  # here: it brings a renderer of 30 MB, which only files need

    found: bytes = vl_convert.vegalite_to_png(json.dumps(spec, ensure_ascii=False), scale=SCALE)
    return found


def _framed(spec: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": WIDTH,
        "height": HEIGHT,
        "background": "white",
        "config": {
            "font": FONTS,
            "axis": {"labelFontSize": 11, "titleFontSize": 11, "grid": True, "gridColor": "#e5e7eb"},
            "legend": {"labelFontSize": 11},
            "text": {"fontSize": 11},
            "view": {"stroke": None},
        },
        **spec,
    }


def _local(moment: datetime) -> str:
    # Vega reads times without a zone as the machine's own; ours are Asia/Shanghai wherever it stands.
    return moment.astimezone(LOCAL_TIME).strftime("%Y-%m-%dT%H:%M:%S")
