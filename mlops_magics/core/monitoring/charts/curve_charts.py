"""The charts of ROC, precision and recall, calibration, and residuals, from curves of few points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlops_magics.core.monitoring.charts import palette
from mlops_magics.core.monitoring.charts.vega import Panel, data, mark, on, scale, tooltip

Curves = Sequence[Mapping[str, Any]]
TITLES = {
    "roc": ("ROC", "false positive rate", "true positive rate"),
    "pr": ("Precision and recall", "recall", "precision"),
    "calibration": ("Calibration", "mean predicted probability", "share that came true"),
    "residuals": ("Residuals by tenth of the rows", "mean prediction", "truth less prediction"),
}
DIAGONAL = ("roc", "calibration")
TOGETHER = ("roc", "calibration", "residuals")  # in the overview, the others are drawn on request


def panel(curves: Curves, view: str) -> Panel:
    """Draw one view. The thin line is chance, perfect calibration, or no residual."""
    held = [curve for curve in curves if curve["view"] == view]
    return {
        "title": TITLES[view][0],
        "width": palette.WIDTH if view == "residuals" else palette.SQUARE,
        "height": palette.SQUARE,
        "layer": [_guide(view), _residuals(held) if view == "residuals" else _lines(held, view)],
    }


def together(curves: Curves) -> list[Panel]:
    """Draw the curves of an overview side by side, if there are any."""
    views = [view for view in TOGETHER if any(curve["view"] == view for curve in curves)]
    return [{"hconcat": [panel(curves, view) for view in views]}] if views else []


def _lines(curves: Curves, view: str) -> Panel:
    _, across, up = TITLES[view]
    labels = [curve["label"] for curve in curves]
    several = len(labels) > 1
    rows = [
        {"class": curve["label"], "x": curve["x"], "y": curve["y"], "k": list(range(len(curve["x"])))}
        for curve in curves
    ]
    colour = on("class:N", scale=scale(labels, palette.SEVERAL[: len(labels)]))
    dash = on("class:N", scale=scale(labels, palette.DASHES[: len(labels)]))
    return {
        "data": data(rows),
        "transform": [{"flatten": ["x", "y", "k"]}],
        "mark": mark("line", point=view == "calibration", interpolate="step-before" if view == "pr" else "linear"),
        "encoding": {
            "x": on("x:Q", title=across, scale={"domain": [0, 1]}),
            "y": on("y:Q", title=up, scale={"domain": [0, 1]}),
            "order": on("k:Q"),
            "detail": on("class:N"),
            "color": colour if several else {"value": palette.CURRENT},
            "strokeDash": dash if several else {"value": [1, 0]},
            "tooltip": tooltip("class:N", "x:Q", "y:Q", x=across, y=up),
        },
    }


def _residuals(curves: Curves) -> Panel:
    _, across, up = TITLES["residuals"]
    rows = [
        {"x": x, "y": y, "lower": low, "upper": high, "n": n}
        for curve in curves
        for x, y, low, high, n in zip(curve["x"], curve["y"], curve["lower"], curve["upper"], curve["n"])
    ]
    spread = {
        "mark": mark("rule", color=palette.REFERENCE, strokeWidth=3),
        "encoding": {"y": on("lower:Q", title=up), "y2": {"field": "upper"}},
    }
    middle = {
        "mark": mark("point", filled=True, size=60, color=palette.CURRENT),
        "encoding": {"y": on("y:Q", title=up)},
    }
    return {
        "data": data(rows),
        "encoding": {
            "x": on("x:Q", title=across, scale={"zero": False}),
            "tooltip": tooltip("x:Q", "y:Q", "lower:Q", "upper:Q", "n:Q", x=across, y=up, n="rows"),
        },
        "layer": [spread, middle],
    }


def _guide(view: str) -> Panel:
    if view == "residuals":
        line = mark("rule", strokeDash=[4, 3], color=palette.ALERT)
        return {"data": data([{"zero": 0}]), "mark": line, "encoding": {"y": on("zero:Q")}}
    corners = [{"x": 0, "y": 0}, {"x": 1, "y": 1}] if view in DIAGONAL else []
    line = mark("line", strokeDash=[2, 3], color=palette.REFERENCE)
    return {"data": data(corners), "mark": line, "encoding": {"x": on("x:Q"), "y": on("y:Q")}}
