"""Metrics over time: measured solid, estimated dashed, each with its band, and how many rows stand behind a point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mlops_magics.core.monitoring.charts import palette

if TYPE_CHECKING:
    import altair as alt


def chart(performance: Sequence[Mapping[str, Any]], labels: Sequence[str]) -> alt.VConcatChart:
    """Draw one panel per metric.

    Parameters
    ----------
    performance
        Records ``period, metric, score, n, kind, lower, upper``.
    labels
        The periods in order; those without a score stay visible as gaps.
    """
    import altair as alt

    metrics = list(dict.fromkeys(record["metric"] for record in performance))
    return alt.vconcat(
        *(
            _panel([record for record in performance if record["metric"] == metric], metric, labels)
            for metric in metrics
        )
    )


def _panel(records: Sequence[Mapping[str, Any]], metric: str, labels: Sequence[str]) -> alt.LayerChart | alt.FacetChart:
    import altair as alt

    base = alt.Chart(alt.InlineData(values=[dict(record) for record in records])).encode(
        x=alt.X(
            "period:O",
            title=None,
            scale=alt.Scale(domain=list(labels)),
            axis=alt.Axis(labelOverlap=True, labelAngle=-40),
        ),
        tooltip=[
            "period:O",
            "metric:N",
            "kind:N",
            "score:Q",
            "lower:Q",
            "upper:Q",
            alt.Tooltip("n:Q", title="rows with truth"),
        ],
    )
    kinds = alt.Scale(domain=["measured", "estimated"], range=[palette.CURRENT, palette.ALERT])
    color = alt.Color("kind:N", title=None, scale=kinds)
    score = alt.Y("score:Q", title=metric, scale=alt.Scale(zero=False))
    band = base.mark_area(opacity=0.2) if len(labels) > 1 else base.mark_errorbar(ticks=True)
    line = base.mark_line(point=True).encode(
        y=score,
        color=color,
        strokeDash=alt.StrokeDash("kind:N", title=None, scale=alt.Scale(domain=kinds.domain, range=[[1, 0], [5, 4]])),
    )
    return alt.layer(
        band.encode(y=alt.Y("lower:Q", title=metric, scale=alt.Scale(zero=False)), y2="upper:Q", color=color), line
    ).properties(width=palette.WIDTH, height=110, title=f"{metric} over time" if len(labels) > 1 else metric)
