"""ROC, precision and recall, calibration, and residuals: one square each, from curves of few points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mlops_magics.core.monitoring.charts import palette

if TYPE_CHECKING:
    from mlops_magics.core.monitoring.curves import Curve

TITLES = {
    "roc": ("ROC", "false positive rate", "true positive rate"),
    "pr": ("Precision and recall", "recall", "precision"),
    "calibration": ("Calibration", "mean probability", "share that came true"),
    "residuals": ("Residuals by tenth of the rows", "mean prediction", "truth less prediction"),
}
DIAGONAL = ("roc", "calibration")
TOGETHER = ("roc", "calibration", "residuals")  # in the overview; the others are drawn when asked for


def chart(curves: Sequence[Curve], view: str) -> Any:
    """Draw one view; the thin line is chance, perfect calibration, or no residual."""
    import altair as alt

    held = [curve for curve in curves if curve.view == view]
    line = _residuals(held) if view == "residuals" else _lines(held, view)
    return alt.layer(_guide(view), line).properties(
        width=palette.WIDTH if view == "residuals" else palette.SQUARE, height=palette.SQUARE, title=TITLES[view][0]
    )


def together(curves: Sequence[Curve]) -> Any | None:
    """Draw what belongs into an overview side by side; ``None`` without curves."""
    import altair as alt

    views = [view for view in TOGETHER if any(curve.view == view for curve in curves)]
    return alt.hconcat(*(chart(curves, view) for view in views)) if views else None


def _lines(curves: Sequence[Curve], view: str) -> Any:
    import altair as alt

    _, across, up = TITLES[view]
    labels = [curve.label for curve in curves]
    unit = alt.Scale(domain=[0, 1])
    several = len(labels) > 1
    rows = [
        {"class": curve.label, "x": list(curve.x), "y": list(curve.y), "k": list(range(len(curve.x)))}
        for curve in curves
    ]
    base = alt.Chart(alt.InlineData(values=rows)).transform_flatten(["x", "y", "k"])
    colour = alt.Color("class:N", scale=alt.Scale(domain=labels, range=list(palette.SEVERAL[: len(labels)])))
    dash = alt.StrokeDash("class:N", scale=alt.Scale(domain=labels, range=list(palette.DASHES[: len(labels)])))
    return base.mark_line(point=view == "calibration", interpolate="step-before" if view == "pr" else "linear").encode(
        x=alt.X("x:Q", title=across, scale=unit),
        y=alt.Y("y:Q", title=up, scale=unit),
        order="k:Q",
        detail="class:N",
        color=colour if several else alt.value(palette.CURRENT),
        strokeDash=dash if several else alt.value([1, 0]),
        tooltip=["class:N", alt.Tooltip("x:Q", title=across), alt.Tooltip("y:Q", title=up)],
    )


def _residuals(curves: Sequence[Curve]) -> Any:
    import altair as alt

    _, across, up = TITLES["residuals"]
    rows = [
        {"x": x, "y": y, "lower": low, "upper": high, "n": n}
        for curve in curves
        for x, y, low, high, n in zip(curve.x, curve.y, curve.lower, curve.upper, curve.n)
    ]
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X("x:Q", title=across, scale=alt.Scale(zero=False)),
        tooltip=[alt.Tooltip(name, format=".4g") for name in ("x:Q", "y:Q", "lower:Q", "upper:Q")] + ["n:Q"],
    )
    spread = base.mark_rule(color=palette.REFERENCE, strokeWidth=3).encode(y=alt.Y("lower:Q", title=up), y2="upper:Q")
    middle = base.mark_point(filled=True, size=60, color=palette.CURRENT).encode(y=alt.Y("y:Q", title=up))
    return alt.layer(spread, middle)


def _guide(view: str) -> Any:
    import altair as alt

    if view == "residuals":
        zero = alt.Chart(alt.InlineData(values=[{"zero": 0}])).mark_rule(strokeDash=[4, 3], color=palette.ALERT)
        return zero.encode(y="zero:Q")
    corners = [{"x": 0, "y": 0}, {"x": 1, "y": 1}] if view in DIAGONAL else []
    line = alt.Chart(alt.InlineData(values=corners)).mark_line(strokeDash=[2, 3], color=palette.REFERENCE)
    return line.encode(x="x:Q", y="y:Q")
