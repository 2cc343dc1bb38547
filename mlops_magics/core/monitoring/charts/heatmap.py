"""The heatmap of features by period: the ratio of each score to its threshold, with alerts framed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from mlops_magics.core.monitoring.charts import palette
from mlops_magics.core.monitoring.charts.vega import Panel, data, mark, on, scale, tooltip

TALLEST = 900  # pixels that all features share
FACTS = ("feature:N", "column:N", "verdict:N", "statistic:N", "score:Q", "threshold:Q", "ratio:Q")
SATURATED = 2.0  # times the threshold at which the colour is full


def panel(
    features: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    params: Sequence[Panel] = (),
    title: str = "Drift by feature and period (framed: drifted)",
    where: str = "period",
) -> Panel:
    """Draw one cell per feature and column.

    Parameters
    ----------
    features
        Entries of `reporting.report_wire.of_report`, ranked, with ``scores`` and ``drifted_in`` by column.
    columns
        The names of the columns: periods, or segments.
    params
        The selections of one feature and of a range of columns, where there are any.
    where
        The kind of a column, in the words under the pointer.
    """
    names = json.dumps(list(columns))
    return {
        "title": title,
        "width": palette.WIDTH,
        "height": step(len(features)) * len(features),
        "data": data([_row(entry) for entry in features]),
        "transform": _cells(names),
        "encoding": {
            "x": on("k:O", title=None, axis=_across(names)),
            "y": down(features),
            "tooltip": tooltip(*FACTS, column=where, ratio="times its threshold"),
        },
        "layer": [_scores(params), _alerts()],
    }


def _cells(names: str) -> list[Panel]:
    """Return the transforms of the rows, one for each feature, into cells."""
    return [
        {"flatten": ["ratio", "alert"]},
        {"window": [{"op": "row_number", "as": "k"}], "groupby": ["feature"]},
        {"calculate": f"{names}[datum.k - 1]", "as": "column"},
        {"calculate": "datum.ratio * datum.threshold", "as": "score"},
        {"calculate": "datum.alert ? 'drifted' : 'quiet'", "as": "verdict"},
    ]


def _scores(params: Sequence[Panel]) -> Panel:
    brushed = any(param["name"] == "brush" for param in params)
    opacity = {"opacity": {"condition": {"param": "brush", "value": 1.0}, "value": 0.35}} if brushed else {}
    shape = mark("rect", cursor="pointer" if params else "default")
    return {"params": list(params), "mark": shape, "encoding": {"color": _colour(), **opacity}}


def _alerts() -> Panel:
    frame = mark("rect", filled=False, stroke=palette.ALERT, strokeWidth=1.5)
    return {"transform": [{"filter": "datum.alert"}], "mark": frame}


def step(features: int) -> float:
    """Return the height of a feature in pixels."""
    return max(4.0, min(18.0, TALLEST / max(features, 1)))


def down(features: Sequence[Mapping[str, Any]]) -> Panel:
    """Return the axis of features, in their order."""
    order = [entry["feature"] for entry in features]
    return on("feature:N", title=None, sort=order, axis={"labelOverlap": True, "labelLimit": 150})


def period_label(period: Mapping[str, Any]) -> str:
    """Return the name of a period in a chart, with a mark for a partial one and one without rows."""
    return f"{period['label']}{' (partial)' if period['partial'] else ''}{' (no rows)' if not period['n'] else ''}"


def _row(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "feature": entry["feature"],
        "statistic": entry["statistic"],
        "threshold": entry["threshold"],
        "ratio": _ratios(entry),
        "alert": [int(drifted) for drifted in entry["drifted_in"]],
    }


def _across(names: str) -> Panel:
    expression = f"{names}[datum.value - 1]"
    return {"labelExpr": expression, "labelOverlap": True, "labelAngle": -40, "labelLimit": 120}


def _colour() -> Panel:
    colours = scale([0, 1, SATURATED], [palette.QUIET, palette.NEAR, palette.CURRENT], clamp=True)
    ratio = on("ratio:Q", title="× threshold", scale=colours)
    return {"condition": {"test": "isValid(datum.ratio)", **ratio}, "value": "transparent"}


def _ratios(entry: Mapping[str, Any]) -> list[float | None]:
    limit = entry["threshold"]
    if not limit or limit < 0:
        return [SATURATED if drifted else None for drifted in entry["drifted_in"]]
    return [None if score is None else round(abs(score) / limit, 2) for score in entry["scores"]]
