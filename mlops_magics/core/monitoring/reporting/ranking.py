"""Features ranked by the correlation of their drift with the loss of performance over the periods."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from mlops_magics.core.monitoring.reporting.record import Report

FEWEST_PERIODS = 3
"""Two points are always on a line."""


def rank(report: Report, metric: str | None = None) -> pd.DataFrame:
    """Rank features by how their drift follows the change of performance.

    Pearson's correlation over the periods between a feature's score and the distance of the metric from its first
    period (as NannyML's correlation ranker), then by the number of alerts and the worst score over its threshold.

    Parameters
    ----------
    metric
        By default the report's first, as measured where it was measured, else as estimated.

    Returns
    -------
    pandas.DataFrame
        ``rank, feature, alerts, severity, correlation``. The correlation is NaN below three periods with both numbers.
    """
    import pandas as pd

    change = _change_of_performance(report, metric)
    rows = []
    for feature, found in report.drift.groupby("feature", sort=False):
        # a feature may have several statistics in a period
        by_period = found.groupby("period", sort=False)["score"].max()
        # NaN in place of a division by zero
        ratio = (found["score"].abs() / found["threshold"].where(found["threshold"] > 0)).max()
        rows.append((str(feature), int(found["drifted"].sum()), float(ratio), _correlation(by_period, change)))
    frame = pd.DataFrame(rows, columns=["feature", "alerts", "severity", "correlation"])
    frame = frame.sort_values(
        ["correlation", "alerts", "severity"], ascending=False, na_position="last", kind="stable", ignore_index=True
    )
    frame.insert(0, "rank", range(1, len(frame) + 1))
    return frame


def _change_of_performance(report: Report, metric: str | None) -> pd.Series:
    known = report.performance[report.performance["score"].notna()]
    if metric is not None:
        known = known[known["metric"] == metric]
    elif not known.empty:
        known = known[known["metric"] == known["metric"].iloc[0]]
    best = (
        # backwards in the alphabet, so that measured scores come before estimated ones
        known.sort_values("kind", ascending=False, kind="stable").drop_duplicates("period").set_index("period")["score"]
    )
    order = [period.label for period in report.periods if period.label in best.index]
    ordered = best.reindex(order)
    return (ordered - ordered.iloc[0]).abs() if len(ordered) else ordered


def _correlation(scores: pd.Series, change: pd.Series) -> float:
    both = scores.to_frame("score").join(change.rename("change"), how="inner").dropna()
    # a constant has no correlation, and numpy would warn
    if len(both) < FEWEST_PERIODS or both["score"].nunique() < 2 or both["change"].nunique() < 2:
        return float("nan")
    return float(np.corrcoef(both["score"], both["change"])[0, 1])
