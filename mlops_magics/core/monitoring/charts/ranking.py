"""All features of one period, ranked: score over threshold as a bar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mlops_magics.core.monitoring.charts import palette

if TYPE_CHECKING:
    import altair as alt

WIDEST = 10.0  # times the threshold at which bars stop growing: one missing column must not flatten the others


def chart(features: Sequence[Mapping[str, Any]], pick: Any) -> alt.LayerChart | alt.FacetChart:
    """Draw one bar per feature; the rule at 1 is the threshold, drifted features are dark and say so."""
    import altair as alt

    rows = [
        {key: entry[key] for key in ("feature", "statistic", "score", "threshold", "p_value")}
        | {"ratio": min(entry["severity"], WIDEST), "verdict": "drifted" if entry["drifted"] else "quiet"}
        for entry in features
    ]
    step = max(5.0, min(18.0, 900 / max(len(features), 1)))
    bars = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar(cursor="pointer")
        .encode(
            x=alt.X("ratio:Q", title="score / threshold"),
            y=alt.Y(
                "feature:N",
                title=None,
                sort=[entry["feature"] for entry in features],
                axis=alt.Axis(labelOverlap=True, labelLimit=180),
            ),
            color=alt.Color(
                "verdict:N",
                title=None,
                scale=alt.Scale(domain=["drifted", "quiet"], range=[palette.ALERT, palette.REFERENCE]),
            ),
            opacity=alt.condition(pick, alt.value(1.0), alt.value(0.7)),
            tooltip=["feature:N", "verdict:N", "statistic:N", "score:Q", "threshold:Q", "p_value:Q"],
        )
        .add_params(pick)
    )
    limit = alt.Chart(alt.InlineData(values=[{"limit": 1}])).mark_rule(strokeDash=[4, 3]).encode(x="limit:Q")
    return alt.layer(bars, limit).properties(
        width=palette.WIDTH, height=step * len(features), title="Drift by feature (line: threshold)"
    )
