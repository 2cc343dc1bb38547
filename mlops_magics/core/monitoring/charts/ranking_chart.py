"""The ranking of all features of one period, with score over threshold as a bar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlops_magics.core.monitoring.charts import heatmap, palette
from mlops_magics.core.monitoring.charts.vega import Panel, data, mark, on, scale, tooltip

WIDEST = 10.0  # times the threshold at which bars stop growing: one missing column must not flatten the others
FACTS = ("feature", "statistic", "score", "threshold", "p_value")


def panel(features: Sequence[Mapping[str, Any]], pick: Panel) -> Panel:
    """Draw one bar per feature. The line at 1 is the threshold, and drifted features are dark and marked."""
    rows = [
        {key: entry[key] for key in FACTS}
        | {"ratio": min(entry["severity"], WIDEST), "verdict": "drifted" if entry["drifted"] else "quiet"}
        for entry in features
    ]
    verdicts = scale(["drifted", "quiet"], [palette.ALERT, palette.REFERENCE])
    bars = {
        "data": data(rows),
        "params": [pick],
        "mark": mark("bar", cursor="pointer"),
        "encoding": {
            "x": on("ratio:Q", title="score / threshold"),
            "y": heatmap.down(features),
            "color": on("verdict:N", title=None, scale=verdicts),
            "opacity": {"condition": {"param": "pick", "empty": False, "value": 1.0}, "value": 0.7},
            "tooltip": tooltip("feature:N", "verdict:N", "statistic:N", "score:Q", "threshold:Q", "p_value:Q"),
        },
    }
    limit = {
        "data": data([{"limit": 1}]),
        "mark": mark("rule", strokeDash=[4, 3]),
        "encoding": {"x": on("limit:Q")},
    }
    return {
        "title": "Drift by feature (line: threshold; grey beyond it: too few rows)",
        "width": palette.WIDTH,
        "height": heatmap.step(len(features)) * len(features),
        "layer": [bars, limit],
    }
