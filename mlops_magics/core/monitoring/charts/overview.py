"""The report as one linked chart: where it drifted, how the picked feature looks, how the model performed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlops_magics.core.monitoring import wire
from mlops_magics.core.monitoring.charts import distribution, heatmap, light, performance, ranking

if TYPE_CHECKING:
    from mlops_magics.core.monitoring.report import MonitorReport


def chart(report: MonitorReport) -> Any:
    """Draw a report; its verdict is the title and, for screen readers, the description."""
    alt = light.altair()
    told = wire.of_report(report)
    features, periods = told["features"], told["periods"]
    panels: list[Any] = []
    if features and periods:
        panels += _drift_panels(report, features, periods)
    if any(record["score"] is not None for record in told["performance"]):
        panels.append(performance.chart(told["performance"], [period["label"] for period in periods]))
    if not panels:
        panels.append(
            alt.Chart(alt.InlineData(values=[{"text": "nothing to draw yet"}])).mark_text().encode(text="text:N")
        )
    whole = alt.vconcat(*panels).properties(
        title=alt.TitleParams(report.verdict, anchor="start", fontSize=13), description=report.verdict
    )
    return whole.resolve_scale(color="independent", strokeDash="independent").configure_view(stroke=None)


def _drift_panels(report: MonitorReport, features: list[dict[str, Any]], periods: list[dict[str, Any]]) -> list[Any]:
    import altair as alt

    shown = wire.shown(report, [entry["feature"] for entry in features])
    first = shown[0].feature if shown else features[0]["feature"]
    pick = alt.selection_point(name="pick", fields=["feature"], value=[{"feature": first}], toggle=False, empty=False)
    if len(periods) == 1:
        panels: list[Any] = [ranking.chart(features, pick)]
        brush = None
    else:
        brush = alt.selection_interval(name="brush", encodings=["x"])
        panels = [heatmap.chart(features, periods, pick, brush)]
    return [*panels, distribution.chart(shown, pick, brush)] if shown else panels
