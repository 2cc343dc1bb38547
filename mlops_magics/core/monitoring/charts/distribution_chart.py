"""The distributions of the picked feature in reference and current data, in the same bars, summed over the selected
periods in the browser."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from mlops_magics.core.monitoring.charts import palette
from mlops_magics.core.monitoring.charts.vega import Panel, data, mark, on, scale, tooltip

MISSING = "(missing)"
SIDES = ("reference", "current")
STRIPES = 9  # of a hatched bar


def panel(distributions: Sequence[Mapping[str, Any]], brushed: bool) -> Panel:
    """Draw the share of rows per bar, and hatch and mark "(new)" the categories that the reference never saw."""
    rows = [row for entry in distributions for row in _rows(entry)]
    bars = [{"feature": entry["feature"], "bars": _bar_labels(entry)} for entry in distributions]
    within = [{"filter": {"or": ["datum.k == 0", {"param": "brush"}]}}] if brushed else []
    return {
        "title": _title(distributions),
        "width": palette.WIDTH,
        "height": 160,
        "data": data(rows),
        "transform": [
            {"filter": {"param": "pick", "empty": False}},
            *within,
            {"flatten": ["count"]},
            {"window": [{"op": "row_number", "as": "bar"}], "groupby": ["feature", "k"]},
            {
                "aggregate": [{"op": "sum", "field": "count", "as": "rows"}],
                "groupby": ["feature", "side", "bar"],
            },
            {"joinaggregate": [{"op": "sum", "field": "rows", "as": "total"}], "groupby": ["feature", "side"]},
            {"calculate": "datum.rows / max(datum.total, 1)", "as": "share"},
            {"lookup": "feature", "from": {"data": data(bars), "key": "feature", "fields": ["bars"]}},
            {"calculate": "datum.bars[datum.bar - 1]", "as": "value"},
        ],
        "mark": mark("bar", opacity=0.75),
        "encoding": _encoding(),
    }


def _encoding() -> Panel:
    told = tooltip("feature:N", "side:N", "value:N", "share:Q", "rows:Q", share="share of rows")
    told[3]["format"] = ".2%"
    hatched = {"test": "datum.side == 'current' && test(/ \\(new\\)$/, datum.value)", "value": _hatched()}
    colours = scale(SIDES, [palette.REFERENCE, palette.CURRENT])
    return {
        "x": on("value:N", title=None, sort={"field": "bar"}, axis={"labelAngle": -40, "labelLimit": 120}),
        "xOffset": on("side:N", sort=list(SIDES)),
        "y": on("share:Q", title="share of rows", axis={"format": "%"}),
        "color": {"condition": hatched, **on("side:N", title=None, scale=colours)},
        "tooltip": told,
    }


def _title(distributions: Sequence[Mapping[str, Any]]) -> Panel:
    """Return a title with the name of the picked feature, and with a remark where the bars grow by a factor."""
    logarithmic = json.dumps([entry["feature"] for entry in distributions if entry["scale"] == "log"])
    hint = "(click another above)" if len(distributions) > 1 else ""
    words = (
        "'Distribution of ' + (isArray(pick.feature) ? pick.feature[0] : 'the picked feature')"
        f" + (isArray(pick.feature) && indexof({logarithmic}, pick.feature[0]) >= 0 ? ', logarithmic bars' : '')"
        f" + ' {hint}'"
    )
    return {"text": {"expr": words}, "limit": palette.WIDTH}


def _hatched() -> Panel:
    """Return stripes from corner to corner: Vega has no patterns, but a gradient may have hard stops."""
    stops = []
    for stripe in range(STRIPES):
        colour = "#ffffff" if stripe % 2 else palette.CURRENT
        stops += [{"offset": edge / STRIPES, "color": colour} for edge in (stripe, stripe + 1)]
    return {"gradient": "linear", "x1": 0, "y1": 0, "x2": 1, "y2": 1, "stops": stops}


def _rows(entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    counted = [entry["reference"], *entry["current"]]
    return [
        {
            "feature": entry["feature"],
            "k": k,
            "side": SIDES[bool(k)],
            "count": [*counts, entry["missing"][k]],
        }
        for k, counts in enumerate(counted)
    ]


def _bar_labels(entry: Mapping[str, Any]) -> list[str]:
    return [*(f"{bar} (new)" if bar in entry["new"] else bar for bar in entry["bars"]), MISSING]
