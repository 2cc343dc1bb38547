"""Feature by period: how many times its threshold each score is; alerts framed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mlops_magics.core.monitoring.charts import palette

if TYPE_CHECKING:
    import altair as alt

TALLEST = 900  # pixels that all features share
SATURATED = 2.0  # times the threshold at which the colour is full


def chart(
    features: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    pick: Any = None,
    brush: Any = None,
    title: str = "Drift by feature and period (framed: drifted)",
) -> alt.LayerChart | alt.FacetChart:
    """Draw one cell per feature and column.

    Parameters
    ----------
    features
        Entries of `mlops_magics.core.monitoring.wire.of_report`, ranked; ``scores`` and ``drifted_in`` by column.
    columns
        What the columns are called: periods, or segments.
    pick, brush
        The selections of one feature and of a range of columns, where there are any.
    """
    import altair as alt

    base = _base(features, columns)
    cells = base.mark_rect(cursor="pointer" if pick is not None else "default").encode(color=_colour())
    if brush is not None:
        cells = cells.encode(opacity=alt.condition(brush, alt.value(1.0), alt.value(0.35)))
    selections = [each for each in (pick, brush) if each is not None]
    cells = cells.add_params(*selections) if selections else cells
    alerts = base.transform_filter("datum.alert").mark_rect(filled=False, stroke=palette.ALERT, strokeWidth=1.5)
    step = max(4.0, min(18.0, TALLEST / max(len(features), 1)))
    return alt.layer(cells, alerts).properties(width=palette.WIDTH, height=step * len(features), title=title)


def told(period: Mapping[str, Any]) -> str:
    """Return how a period is called in a chart: a partial one and one without rows say so."""
    return f"{period['label']}{' (partial)' if period['partial'] else ''}{' (no rows)' if not period['n'] else ''}"


def _base(features: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> Any:
    import altair as alt

    names = json.dumps(list(columns))
    rows = [_row(entry) for entry in features]
    return (
        alt.Chart(alt.InlineData(values=rows))
        .transform_flatten(["ratio", "alert"])
        .transform_window(k="row_number()", groupby=["feature"])
        .transform_calculate(column=f"{names}[datum.k - 1]", score="datum.ratio * datum.threshold")
        .encode(x=_across(names), y=_down(features), tooltip=_tooltip())
    )


def _row(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "feature": entry["feature"],
        "statistic": entry["statistic"],
        "threshold": entry["threshold"],
        "ratio": _ratios(entry),
        "alert": [int(drifted) for drifted in entry["drifted_in"]],
    }


def _across(names: str) -> Any:
    import altair as alt

    return alt.X(
        "k:O",
        title=None,
        axis=alt.Axis(labelExpr=f"{names}[datum.value - 1]", labelOverlap=True, labelAngle=-40, labelLimit=120),
    )


def _down(features: Sequence[Mapping[str, Any]]) -> Any:
    import altair as alt

    return alt.Y(
        "feature:N",
        title=None,
        sort=[entry["feature"] for entry in features],
        axis=alt.Axis(labelOverlap=True, labelLimit=180),
    )


def _tooltip() -> list[Any]:
    import altair as alt

    return [
        "feature:N",
        alt.Tooltip("column:N", title="where"),
        "statistic:N",
        alt.Tooltip("score:Q", format=".3g"),
        alt.Tooltip("ratio:Q", title="times its threshold"),
        alt.Tooltip("alert:N", title="drifted"),
    ]


def _colour() -> Any:
    import altair as alt

    scale = alt.Scale(domain=[0, 1, SATURATED], range=[palette.QUIET, palette.NEAR, palette.CURRENT], clamp=True)
    ratio = alt.Color("ratio:Q", title="× threshold", scale=scale)
    return alt.condition("isValid(datum.ratio)", ratio, alt.value("transparent"))


def _ratios(entry: Mapping[str, Any]) -> list[float | None]:
    limit = entry["threshold"]
    if not limit or limit < 0:
        return [SATURATED if drifted else None for drifted in entry["drifted_in"]]
    return [None if score is None else round(abs(score) / limit, 2) for score in entry["scores"]]
