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
    features: Sequence[Mapping[str, Any]], periods: Sequence[Mapping[str, Any]], pick: Any, brush: Any
) -> alt.LayerChart | alt.FacetChart:
    """Draw one cell per feature and period.

    Parameters
    ----------
    features
        Entries of `mlops_magics.core.monitoring.wire.of_report`, ranked.
    pick, brush
        The selections of one feature and of a range of periods.
    """
    import altair as alt

    told = json.dumps([_label(period) for period in periods])
    rows = [
        {
            "feature": entry["feature"],
            "statistic": entry["statistic"],
            "threshold": entry["threshold"],
            "ratio": _ratios(entry),
            "alert": [int(drifted) for drifted in entry["drifted_in"]],
        }
        for entry in features
    ]
    base = (
        alt.Chart(alt.InlineData(values=rows))
        .transform_flatten(["ratio", "alert"])
        .transform_window(k="row_number()", groupby=["feature"])
        .transform_calculate(period=f"{told}[datum.k - 1]", score="datum.ratio * datum.threshold")
        .encode(
            x=alt.X(
                "k:O",
                title=None,
                axis=alt.Axis(labelExpr=f"{told}[datum.value - 1]", labelOverlap=True, labelAngle=-40),
            ),
            y=alt.Y(
                "feature:N",
                title=None,
                sort=[entry["feature"] for entry in features],
                axis=alt.Axis(labelOverlap=True, labelLimit=180),
            ),
            tooltip=[
                "feature:N",
                "period:N",
                "statistic:N",
                alt.Tooltip("score:Q", format=".3g"),
                alt.Tooltip("ratio:Q", title="times its threshold"),
                alt.Tooltip("alert:N", title="drifted"),
            ],
        )
    )
    scale = alt.Scale(domain=[0, 1, SATURATED], range=[palette.QUIET, "#b9d6ea", palette.CURRENT], clamp=True)
    cells = base.mark_rect(cursor="pointer").encode(
        color=alt.condition(
            "isValid(datum.ratio)", alt.Color("ratio:Q", title="× threshold", scale=scale), alt.value("transparent")
        ),
        opacity=alt.condition(brush, alt.value(1.0), alt.value(0.35)),
    )
    alerts = base.transform_filter("datum.alert").mark_rect(filled=False, stroke=palette.ALERT, strokeWidth=1.5)
    step = max(4.0, min(18.0, TALLEST / max(len(features), 1)))
    return alt.layer(cells.add_params(pick, brush), alerts).properties(
        width=palette.WIDTH, height=step * len(features), title="Drift by feature and period (framed: drifted)"
    )


def _ratios(entry: Mapping[str, Any]) -> list[float | None]:
    limit = entry["threshold"]
    if not limit or limit < 0:
        return [SATURATED if drifted else None for drifted in entry["drifted_in"]]
    return [None if score is None else round(abs(score) / limit, 2) for score in entry["scores"]]


def _label(period: Mapping[str, Any]) -> str:
    return f"{period['label']}{' (partial)' if period['partial'] else ''}{' (no rows)' if not period['n'] else ''}"
