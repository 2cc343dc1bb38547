"""The report as one linked chart: where it drifted, how the picked feature looks, how the model performed."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from mlops_magics.core.monitoring import curves as curve_data
from mlops_magics.core.monitoring import wire
from mlops_magics.core.monitoring.charts import curves, distribution, heatmap, light, performance, ranking
from mlops_magics.errors import NotFound

if TYPE_CHECKING:
    from mlops_magics.core.monitoring.report import MonitorReport

Told = Mapping[str, Any]
LINE = 95  # letters of the title beside each other
VIEWS = ("drift", "performance", *curve_data.VIEWS)


def chart(report: MonitorReport, view: str | None = None) -> Any:
    """Draw a report, or one view of it; its verdict is the title and, for screen readers, the description.

    Raises
    ------
    NotFound
        No such view.
    """
    alt = light.altair()
    if view is not None and view not in VIEWS:
        raise NotFound("view", view, VIEWS)
    panels = _panels(report, view) or [_nothing()]
    whole = alt.vconcat(*panels).properties(
        title=alt.TitleParams(textwrap.wrap(report.verdict, LINE), anchor="start", fontSize=13),
        description=report.verdict,
    )
    return whole.resolve_scale(color="independent", strokeDash="independent", shape="independent").configure_view(
        stroke=None
    )


def _panels(report: MonitorReport, view: str | None) -> list[Any]:
    told = wire.of_report(report)
    if view in curve_data.VIEWS:
        return [curves.chart(report.curves, view)] if any(each.view == view for each in report.curves) else []
    drawn: dict[str, Callable[[MonitorReport, Told], list[Any]]] = {
        "drift": _of_drift,
        "performance": _of_performance,
    }
    return [panel for name, draw in drawn.items() if view in (None, name) for panel in draw(report, told)]


def _of_performance(report: MonitorReport, told: Told) -> list[Any]:
    scored = any(record["score"] is not None for record in told["performance"])
    together = curves.together(report.curves)
    return [*([performance.chart(told)] if scored else []), *([together] if together is not None else [])]


def _of_drift(report: MonitorReport, told: Told) -> list[Any]:
    import altair as alt

    features, periods = told["features"], told["periods"]
    if not features or not periods:
        return []
    shown = wire.shown(report, [entry["feature"] for entry in features])
    first = shown[0].feature if shown else features[0]["feature"]
    pick = alt.selection_point(name="pick", fields=["feature"], value=[{"feature": first}], toggle=False, empty=False)
    brush = alt.selection_interval(name="brush", encodings=["x"]) if len(periods) > 1 else None
    panels: list[Any] = (
        [ranking.chart(features, pick)]
        if brush is None
        else [heatmap.chart(features, [heatmap.told(period) for period in periods], pick, brush)]
    )
    panels += [distribution.chart(shown, pick, brush)] if shown else []
    return [*panels, *_of_segments(told["segment_drift"])]


def _of_segments(found: Mapping[str, Any]) -> list[Any]:
    title = "Drift by feature and segment, in its worst period (framed: drifted)"
    return [heatmap.chart(found["features"], found["segments"], title=title)] if found["features"] else []


def _nothing() -> Any:
    import altair as alt

    return alt.Chart(alt.InlineData(values=[{"text": "nothing to draw yet"}])).mark_text().encode(text="text:N")
