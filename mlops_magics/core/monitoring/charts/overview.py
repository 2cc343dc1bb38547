"""The report as one linked chart: drift, the distribution of the picked feature, and performance."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from mlops_magics.core.monitoring.charts import (
    curve_charts,
    distribution_chart,
    heatmap,
    palette,
    performance_chart,
    ranking_chart,
)
from mlops_magics.core.monitoring.charts.chart import Chart
from mlops_magics.core.monitoring.charts.safe_text import drawable
from mlops_magics.core.monitoring.charts.vega import Panel, data, mark, on
from mlops_magics.core.monitoring.reporting import report_wire
from mlops_magics.core.monitoring.scoring import curves as curve_data
from mlops_magics.core.wire.encoding import to_json
from mlops_magics.errors import NotFound

if TYPE_CHECKING:
    from mlops_magics.core.monitoring.reporting.record import Report

Told = Mapping[str, Any]
LINE = 95  # letters of the title in one line
VIEWS = ("drift", "performance", *curve_data.VIEWS)
INDEPENDENT = {"scale": dict.fromkeys(("color", "strokeDash", "shape"), "independent")}


def chart(report: Report, view: str | None = None) -> Chart:
    """Draw a report, or one view of it. Its verdict is the title and, for screen readers, the description.

    Raises
    ------
    NotFound
        The view is unknown.
    """
    if view is not None and view not in VIEWS:
        raise NotFound("view", view, VIEWS)
    told = drawable(to_json(report_wire.of_report(report)))
    verdict = textwrap.wrap(told["verdict"], LINE)
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",  # an identifier that is never fetched
        "title": {"text": verdict, "fontSize": 13, "offset": 12, "frame": "bounds"},
        "description": told["verdict"],
        "vconcat": _panels(told, view) or [_nothing()],
        "resolve": INDEPENDENT,
        "config": palette.ON_ANY_GROUND,
    }
    lists = {"Alerts": [alert.message for alert in report.alerts], "Notes": list(report.notes)}
    return Chart(spec, report.verdict, lists)


def _panels(told: Told, view: str | None) -> list[Panel]:
    if view in curve_data.VIEWS:
        return (
            [curve_charts.panel(told["curves"], view)] if any(each["view"] == view for each in told["curves"]) else []
        )
    drawn: dict[str, Callable[[Told], list[Panel]]] = {"drift": _of_drift, "performance": _of_performance}
    return [panel for name, draw in drawn.items() if view in (None, name) for panel in draw(told)]


def _of_performance(told: Told) -> list[Panel]:
    scored = any(record["score"] is not None for record in told["performance"])
    return [*(performance_chart.panels(told) if scored else ()), *curve_charts.together(told["curves"])]


def _of_drift(told: Told) -> list[Panel]:
    features, periods, shown = told["features"], told["periods"], told["distributions"]
    if not features or not periods:
        return []
    first = (shown or features)[0]["feature"]
    select = {"type": "point", "fields": ["feature"], "toggle": False}
    pick = {"name": "pick", "select": select, "value": [{"feature": first}]}
    brushed = len(periods) > 1
    brush = {"name": "brush", "select": {"type": "interval", "encodings": ["x"]}}
    panels = (
        [heatmap.panel(features, [heatmap.period_label(period) for period in periods], [pick, brush])]
        if brushed
        else [ranking_chart.panel(features, pick)]
    )
    panels += [distribution_chart.panel(shown, brushed)] if shown else []
    return [*panels, *_of_segments(told)]


def _of_segments(told: Told) -> list[Panel]:
    found = told["segment_drift"]
    title = f"Drift by feature and {told['segmented_by'] or 'segment'}, in its worst period (framed: drifted)"
    return [heatmap.panel(found["features"], found["segments"], (), title, "segment")] if found["features"] else []


def _nothing() -> Panel:
    return {"data": data([{"text": "nothing to draw yet"}]), "mark": mark("text"), "encoding": {"text": on("text:N")}}
