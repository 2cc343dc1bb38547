"""The chart of metrics over time: measured solid, estimated dashed, each with its band, above the counts of rows and
of truths."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from mlops_magics.core.monitoring.charts import heatmap, palette
from mlops_magics.core.monitoring.charts.vega import Panel, data, mark, on, scale, tooltip

Rows = Sequence[Mapping[str, Any]]
KINDS = ["measured", "estimated", "not valid estimate"]
CHANNELS: dict[str, list[Any]] = {  # the look of each kind, distinct without colour too
    "color": [palette.CURRENT, palette.ALERT, palette.REFERENCE],
    "strokeDash": [[1, 0], [5, 4], [1, 3]],
    "shape": ["circle", "square", "cross"],
}
FARTHEST = 4.0
"""The end of a band over the highest score, beyond which it is cut off. Scores up to 1 are drawn whole."""
FACTS = ("period:O", "metric:N", "kind:N", "score:Q", "lower:Q", "upper:Q", "n:Q")
MOST_SEGMENTS = 8
TALL = 110  # pixels of a metric
LOW = 22  # pixels of a kind where there is one period


def panels(told: Mapping[str, Any]) -> list[Panel]:
    """Draw one panel per metric, and the rows behind them.

    Parameters
    ----------
    told
        The result of `reporting.report_wire.of_report`: ``performance``, ``periods``, ``limits``,
        ``changes``, ``segments``, ``versions``.
    """
    across = _across(told["periods"])
    doubted = {period["label"] for period in told["periods"] if not period.get("estimate_valid", True)}
    rows = [_marked(record, doubted) for record in told["performance"]]
    metrics = list(dict.fromkeys(record["metric"] for record in rows if record["score"] is not None))
    several = len(told["periods"]) > 1
    draw = _over_time if several else _at_once
    drawn = [draw([row for row in rows if row["metric"] == metric], metric, across, told) for metric in metrics]
    if several:
        drawn += [*_segments(told["segments"], metrics, across), _coverage(told["periods"], across)]
    resolved = dict.fromkeys(CHANNELS, "independent")
    return [{"vconcat": drawn, "spacing": 12, "resolve": {"scale": resolved}}]


def _marked(record: Mapping[str, Any], doubted: set[str]) -> dict[str, Any]:
    invalid = record["kind"] == "estimated" and record["period"] in doubted
    return {**record, "kind": KINDS[2] if invalid else record["kind"]}


def _over_time(records: Rows, metric: str, across: Panel, told: Mapping[str, Any]) -> Panel:
    held = [kind for kind in KINDS if any(record["kind"] == kind for record in records)]
    colour, dash, shape = (_by_kind(channel, held) for channel in CHANNELS)
    low, high = (on(f"{edge}:Q", title=metric, scale=_axis(records)) for edge in ("lower", "score"))
    band = {"y": low, "y2": {"field": "upper"}, "color": colour}
    scores = {
        "data": data(records),
        "encoding": {"x": _bare(across), "tooltip": tooltip(*FACTS, n="rows")},
        "layer": [
            {"mark": mark("area", opacity=0.3), "encoding": band},
            {"mark": mark("line"), "encoding": {"y": high, "color": colour, "strokeDash": dash}},
            {"mark": mark("point", filled=True, size=45), "encoding": {"y": high, "color": colour, "shape": shape}},
        ],
    }
    return {
        "title": f"{metric} over time",
        "width": palette.WIDTH,
        "height": TALL,
        "layer": [
            scores,
            *_limits(told["limits"].get(metric, (None, None)), "y"),
            *_changes(told["changes"], across),
            *_versions(told["versions"], across),
        ],
    }


def _at_once(records: Rows, metric: str, across: Panel, told: Mapping[str, Any]) -> Panel:
    """Draw the scores of the only period as points on one axis, each with its band."""
    held = [kind for kind in KINDS if any(record["kind"] == kind for record in records)]
    low, middle = (on(f"{edge}:Q", title=None, scale=_axis(records)) for edge in ("lower", "score"))
    colour, shape = ({**_by_kind(channel, held), "legend": None} for channel in ("color", "shape"))
    scores = {
        "data": data(records),
        "encoding": {
            "y": on("kind:N", title=None, scale={"domain": held}),
            "color": colour,
            "tooltip": tooltip(*FACTS, n="rows"),
        },
        "layer": [
            {"mark": mark("rule", strokeWidth=2), "encoding": {"x": low, "x2": {"field": "upper"}}},
            {"mark": mark("point", filled=True, size=60), "encoding": {"x": middle, "shape": shape}},
        ],
    }
    limits = _limits(told["limits"].get(metric, (None, None)), "x")
    return {"title": metric, "width": palette.WIDTH, "height": LOW * len(held), "layer": [scores, *limits]}


def _axis(records: Rows) -> Panel:
    """Return the scale of scores, which ends above the highest one where a band goes so far that they could not be
    read."""
    highest = max((record["score"] for record in records if record["score"] is not None), default=0.0)
    top = max((record["upper"] for record in records if record["upper"] is not None), default=0.0)
    scale = {"zero": False}
    return (
        {**scale, "domainMax": FARTHEST * highest, "clamp": True} if top > FARTHEST * highest > 0 and top > 1 else scale
    )


def _across(periods: Rows) -> Panel:
    """Return the axis of periods, with gaps for those without a score, and with a mark for a partial one."""
    labels, names = [period["label"] for period in periods], [heatmap.period_label(period) for period in periods]
    named = f"{json.dumps(names)}[indexof({json.dumps(labels)}, datum.value)]"
    axis = {"labelExpr": named, "labelOverlap": True, "labelAngle": -40, "labelLimit": 150}
    return on("period:O", title=None, scale={"domain": labels}, axis=axis)


def _bare(across: Panel) -> Panel:
    """Return the same axis without its words, which are below the last panel."""
    return {**across, "axis": {"labels": False}}


def _by_kind(channel: str, held: Sequence[str]) -> Panel:
    """Return an encoding of measured and estimated that needs no colour to be read."""
    looks = scale(held, [CHANNELS[channel][KINDS.index(kind)] for kind in held])
    legend = {"symbolOpacity": 1}  # not that of the band, which is invisible on a dark ground
    return on("kind:N", title=None, scale=looks, legend=legend)


def _limits(band: Sequence[float | None], axis: str) -> list[Panel]:
    """Draw the lowest and the highest acceptable value as dashed lines across an axis."""
    rows = [{"limit": limit} for limit in band if limit is not None]
    line = mark("rule", strokeDash=[4, 3], color=palette.ALERT)
    encoding = {axis: on("limit:Q"), "tooltip": tooltip("limit:Q")}
    return [{"data": data(rows), "mark": line, "encoding": encoding}] if rows else []


def _changes(changes: Rows, across: Panel) -> list[Panel]:
    """Draw a line through each period in which a detector raised an alarm."""
    rows = _within(changes, across)
    line = mark("rule", strokeWidth=1.5, color=palette.ALERT)
    encoding = {"x": _bare(across), "tooltip": tooltip("detector:N", "row:Q", "before:Q", "since:Q")}
    return [{"data": data(rows), "mark": line, "encoding": encoding}] if rows else []


def _versions(versions: Rows, across: Panel) -> list[Panel]:
    """Draw a line where another version began to answer, with its name."""
    rows = [{**row, "short": f"→ {row['version'].rpartition('-')[2]}"} for row in _within(versions, across)]
    where = {"x": _bare(across), "tooltip": tooltip("version:N", "since:N", "period:O", since="answers since")}
    words = mark("text", align="left", baseline="top", dx=4, fontSize=10)
    top = {"y": {"value": 2}, "text": on("short:N")}
    line = {"mark": mark("rule", strokeWidth=1.5, strokeDash=[2, 2]), "encoding": {}}
    return [{"data": data(rows), "encoding": where, "layer": [line, {"mark": words, "encoding": top}]}] if rows else []


def _within(rows: Rows, across: Panel) -> Rows:
    return [row for row in rows if row["period"] in across["scale"]["domain"]]


def _coverage(periods: Rows, across: Panel) -> Panel:
    rows = [
        {"period": period["label"], "truth": truth, "rows": rows}
        for period in periods
        for truth, rows in (("known", period["labelled"]), ("not yet", period["n"] - period["labelled"]))
    ]
    return {
        "title": "Rows, and for how many the truth is known",
        "width": palette.WIDTH,
        "height": 50,
        "data": data(rows),
        "mark": mark("bar"),
        "encoding": {
            "x": across,
            "y": on("rows:Q", title="rows"),
            "color": on("truth:N", scale=scale(["known", "not yet"], [palette.CURRENT, "#c9ccd1"])),
            "tooltip": tooltip("period:O", "truth:N", "rows:Q"),
        },
    }


def _segments(segments: Rows, metrics: Sequence[str], across: Panel) -> list[Panel]:
    """Draw the first metric of each segment."""
    rows = [row for row in segments if row["metric"] == metrics[0]]
    names = list(dict.fromkeys(row["segment"] for row in rows))[:MOST_SEGMENTS]
    if not names:
        return []
    encoding = {
        "x": _bare(across),
        "y": on("score:Q", title=metrics[0], scale={"zero": False}),
        "color": on("segment:N", scale=scale(names, palette.SEVERAL[: len(names)])),
        "strokeDash": on("segment:N", scale=scale(names, palette.DASHES[: len(names)])),
        "tooltip": tooltip("segment:N", *FACTS, n="rows"),
    }
    return [
        {
            "title": f"{metrics[0]} by segment",
            "width": palette.WIDTH,
            "height": TALL,
            "data": data([row for row in rows if row["segment"] in names]),
            "mark": mark("line", point=True),
            "encoding": encoding,
        }
    ]
