"""Reference against current for the picked feature, in the same bars, summed over the brushed periods in the
browser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mlops_magics.core.monitoring.charts import palette

if TYPE_CHECKING:
    from mlops_magics.core.monitoring.distributions import Distribution

OVERFLOW = "missing"


def chart(distributions: Sequence[Distribution], pick: Any, brush: Any | None) -> Any:
    """Draw the share of rows per bar; categories that the reference never saw are marked "(new)"."""
    import altair as alt

    rows = [row for entry in distributions for row in _rows(entry)]
    bars = [{"feature": entry.feature, "bars": _told(entry)} for entry in distributions]
    chosen: Any = alt.Chart(alt.InlineData(values=rows)).transform_filter(pick)
    if brush is not None:
        chosen = chosen.transform_filter({"or": ["datum.k == 0", {"param": brush.name}]})
    return (
        chosen.transform_flatten(["count"])
        .transform_window(bar="row_number()", groupby=["feature", "k"])
        .transform_aggregate(rows="sum(count)", groupby=["feature", "side", "bar"])
        .transform_joinaggregate(total="sum(rows)", groupby=["feature", "side"])
        .transform_calculate(share="datum.rows / max(datum.total, 1)")
        .transform_lookup(lookup="feature", from_=alt.LookupData(alt.InlineData(values=bars), "feature", ["bars"]))
        .transform_calculate(value="datum.bars[datum.bar - 1]")
        .mark_bar(opacity=0.75)
        .encode(
            x=alt.X(
                "value:N", title=None, sort=alt.EncodingSortField("bar"), axis=alt.Axis(labelAngle=-40, labelLimit=120)
            ),
            xOffset=alt.XOffset("side:N", sort=["reference", "current"]),
            y=alt.Y("share:Q", title="share of rows", axis=alt.Axis(format="%")),
            color=alt.Color(
                "side:N",
                title=None,
                scale=alt.Scale(domain=["reference", "current"], range=[palette.REFERENCE, palette.CURRENT]),
            ),
            tooltip=["feature:N", "side:N", "value:N", alt.Tooltip("share:Q", format=".2%"), "rows:Q"],
        )
        .properties(width=palette.WIDTH, height=160, title="Distribution of the picked feature (click another above)")
    )


def _rows(entry: Distribution) -> list[dict[str, Any]]:
    counted = [entry.reference, *entry.current]
    return [
        {
            "feature": entry.feature,
            "k": k,
            "side": "current" if k else "reference",
            "count": [*counts, entry.missing[k]],
        }
        for k, counts in enumerate(counted)
    ]


def _told(entry: Distribution) -> list[str]:
    return [*(f"{bar} (new)" if bar in entry.new else bar for bar in entry.bars), OVERFLOW]
