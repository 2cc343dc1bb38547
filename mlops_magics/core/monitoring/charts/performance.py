"""Metrics over time: measured solid, estimated dashed, each with its band; below, the rows and how many have a
truth."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from mlops_magics.core.monitoring.charts import heatmap, palette

Rows = Sequence[Mapping[str, Any]]
KINDS = ["measured", "estimated", "estimated, not valid"]
CHANNELS: dict[str, tuple[str, list[Any]]] = {  # what each kind looks like: told apart without colour too
    "color": ("Color", [palette.CURRENT, palette.ALERT, palette.REFERENCE]),
    "strokeDash": ("StrokeDash", [[1, 0], [5, 4], [1, 3]]),
    "shape": ("Shape", ["circle", "square", "cross"]),
}
MOST_SEGMENTS = 8


def chart(told: Mapping[str, Any]) -> Any:
    """Draw one panel per metric, and the rows behind them.

    Parameters
    ----------
    told
        What `mlops_magics.core.monitoring.wire.of_report` gives: ``performance``, ``periods``, ``limits``,
        ``changes``, ``segments``.
    """
    import altair as alt

    across = _across(told["periods"])
    labels = [period["label"] for period in told["periods"]]
    doubted = {period["label"] for period in told["periods"] if not period.get("estimate_valid", True)}
    rows = [_marked(record, doubted) for record in told["performance"]]
    metrics = list(dict.fromkeys(record["metric"] for record in rows))
    panels = [_panel([row for row in rows if row["metric"] == metric], metric, across, told) for metric in metrics]
    if len(labels) > 1:
        panels += [*_segments(told["segments"], metrics, across), _coverage(told["periods"], across)]
    return alt.vconcat(*panels, spacing=12).resolve_scale(
        color="independent", strokeDash="independent", shape="independent"
    )


def _marked(record: Mapping[str, Any], doubted: set[str]) -> dict[str, Any]:
    invalid = record["kind"] == "estimated" and record["period"] in doubted
    return {**record, "kind": KINDS[2] if invalid else record["kind"]}


def _panel(records: Rows, metric: str, across: Any, told: Mapping[str, Any]) -> Any:
    import altair as alt

    labels = [period["label"] for period in told["periods"]]
    base = alt.Chart(alt.InlineData(values=[dict(record) for record in records])).encode(
        x=_bare(across, labels), tooltip=_tooltip()
    )
    held = [kind for kind in KINDS if any(record["kind"] == kind for record in records)]
    colour, dash, shape = (_by_kind(channel, held) for channel in ("color", "strokeDash", "shape"))
    low, high = (alt.Y(f"{edge}:Q", title=metric, scale=alt.Scale(zero=False)) for edge in ("lower", "score"))
    band = base.mark_area(opacity=0.3) if len(labels) > 1 else base.mark_rule(strokeWidth=2)
    layers = [
        band.encode(y=low, y2="upper:Q", color=colour),
        base.mark_line().encode(y=high, color=colour, strokeDash=dash),
        base.mark_point(filled=True, size=45).encode(y=high, color=colour, shape=shape),
        *_limits(told["limits"].get(metric, (None, None))),
        *_changes(told["changes"], across, labels),
    ]
    title = f"{metric} over time" if len(labels) > 1 else metric
    return alt.layer(*layers).properties(width=palette.WIDTH, height=110, title=title)


def _across(periods: Rows) -> Any:
    """Return the axis of periods; those without a score stay visible as gaps, a partial one says so."""
    import altair as alt

    labels, names = [period["label"] for period in periods], [heatmap.told(period) for period in periods]
    named = f"{json.dumps(names)}[indexof({json.dumps(labels)}, datum.value)]"
    axis = alt.Axis(labelExpr=named, labelOverlap=True, labelAngle=-40, labelLimit=150)
    return alt.X("period:O", title=None, scale=alt.Scale(domain=labels), axis=axis)


def _bare(across: Any, labels: Sequence[str]) -> Any:
    """Return the same axis without its words, which stand below the last panel."""
    import altair as alt

    return alt.X("period:O", title=None, scale=across.scale, axis=alt.Axis(labels=False)) if labels[1:] else across


def _tooltip() -> list[Any]:
    import altair as alt

    numbers = [alt.Tooltip(f"{name}:Q", format=".4g") for name in ("score", "lower", "upper")]
    return ["period:O", "metric:N", "kind:N", *numbers, alt.Tooltip("n:Q", title="rows")]


def _by_kind(channel: str, held: Sequence[str]) -> Any:
    """Return an encoding of measured and estimated that needs no colour to be read."""
    import altair as alt

    encoding, values = CHANNELS[channel]
    scale = alt.Scale(domain=list(held), range=[values[KINDS.index(kind)] for kind in held])
    legend = alt.Legend(symbolOpacity=1)  # not that of the band, which nobody sees on a dark ground
    return getattr(alt, encoding)("kind:N", title=None, scale=scale, legend=legend)


def _limits(band: Sequence[float | None]) -> list[Any]:
    """Draw the lowest and the highest acceptable value as dashed lines."""
    import altair as alt

    rows = [{"limit": limit} for limit in band if limit is not None]
    line = alt.Chart(alt.InlineData(values=rows)).mark_rule(strokeDash=[4, 3], color=palette.ALERT)
    return [line.encode(y="limit:Q", tooltip="limit:Q")] if rows else []


def _changes(changes: Rows, across: Any, labels: Sequence[str]) -> list[Any]:
    """Draw a line through each period in which a detector raised an alarm."""
    import altair as alt

    rows = [dict(change) for change in changes if change["period"] in labels] if len(labels) > 1 else []
    line = alt.Chart(alt.InlineData(values=rows)).mark_rule(strokeWidth=1.5, color=palette.ALERT)
    return (
        [line.encode(x=_bare(across, labels), tooltip=["detector:N", "row:Q", "before:Q", "since:Q"])] if rows else []
    )


def _coverage(periods: Rows, across: Any) -> Any:
    import altair as alt

    rows = [
        {"period": period["label"], "truth": truth, "rows": rows}
        for period in periods
        for truth, rows in (("known", period["labelled"]), ("not yet", period["n"] - period["labelled"]))
    ]
    scale = alt.Scale(domain=["known", "not yet"], range=[palette.CURRENT, "#c9ccd1"])
    return (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar()
        .encode(
            x=across,
            y=alt.Y("rows:Q", title="rows"),
            color=alt.Color("truth:N", scale=scale),
            tooltip=["period:O", "truth:N", "rows:Q"],
        )
        .properties(width=palette.WIDTH, height=50, title="Rows, and for how many the truth is known")
    )


def _segments(segments: Rows, metrics: Sequence[str], across: Any) -> list[Any]:
    """Draw the first metric of each segment."""
    import altair as alt

    rows = [dict(row) for row in segments if row["metric"] == metrics[0]]
    names = list(dict.fromkeys(row["segment"] for row in rows))[:MOST_SEGMENTS]
    if not names:
        return []
    colour = alt.Scale(domain=names, range=list(palette.SEVERAL[: len(names)]))
    dash = alt.Scale(domain=names, range=list(palette.DASHES[: len(names)]))
    lines = (
        alt.Chart(alt.InlineData(values=[row for row in rows if row["segment"] in names]))
        .mark_line(point=True)
        .encode(
            x=alt.X("period:O", title=None, scale=across.scale, axis=alt.Axis(labels=False)),
            y=alt.Y("score:Q", title=metrics[0], scale=alt.Scale(zero=False)),
            color=alt.Color("segment:N", scale=colour),
            strokeDash=alt.StrokeDash("segment:N", scale=dash),
            tooltip=["segment:N", *_tooltip()],
        )
    )
    return [lines.properties(width=palette.WIDTH, height=110, title=f"{metrics[0]} by segment")]
