"""A metric: a named function of rows, with its direction and its interval."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mlops_magics.core.metric_directions import direction
from mlops_magics.core.monitoring.scoring import intervals
from mlops_magics.core.monitoring.scoring.class_metrics import Bounds, Measure
from mlops_magics.core.monitoring.scoring.intervals import UNKNOWN, Interval, Scale
from mlops_magics.core.monitoring.scoring.metric_rows import MetricRows
from mlops_magics.core.monitoring.scoring.model_task import Kind

ALIASES: Mapping[str, str] = {
    "acc": "accuracy",
    "auc": "roc_auc",
    "auroc": "roc_auc",
    "kappa": "cohen_kappa_score",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "mcc": "matthews_corrcoef",
    "medae": "median_absolute_error",
    "mse": "mean_squared_error",
    "msle": "mean_squared_log_error",
    "rmse": "root_mean_squared_error",
    "rmsle": "root_mean_squared_log_error",
    "brier": "brier_score_loss",
    "brier_score": "brier_score_loss",
    "max_error": "max_error",
    "sensitivity": "recall",
}
"""Short names of functions."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A named function of rows.

    Attributes
    ----------
    kind
        The kind of task that it is defined for, or ``None`` for any.
    needs_scores
        Whether it reads probabilities.
    needs_positive
        Whether it is about the positive class.
    smaller_is_better
        Whether smaller values are better.
    bounds
        Its interval, or ``None`` for the jackknife.
    scale
        The values that it can have, for the jackknife.
    """

    name: str
    measure: Measure
    kind: Kind | None = None
    needs_scores: bool = False
    needs_positive: bool = False
    smaller_is_better: bool = False
    bounds: Bounds | None = None
    scale: Scale = "share"

    def __call__(self, rows: MetricRows) -> tuple[float, str]:
        """Return the metric, or NaN and the reason where it is not defined."""
        if not len(rows):
            return math.nan, ""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                score = float(self.measure(rows))
            except (ValueError, TypeError, ZeroDivisionError, FloatingPointError, IndexError) as fault:
                return math.nan, " ".join(str(fault).split()) or type(fault).__name__
        return score, "" if math.isfinite(score) else _reason(self, rows)

    def interval(self, rows: MetricRows, score: float) -> Interval:
        """Return the 95 % interval: that of a share is known from the first row on."""
        if not math.isfinite(score) or not len(rows):
            return UNKNOWN
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if self.bounds is not None:
                return self.bounds(rows, score)
            scale = self.scale_of(not len(rows.values))
            return intervals.jackknife(lambda part: self(rows.take(part))[0], len(rows), score, scale)

    def scale_of(self, numbers: bool) -> Scale:
        """Return the values that it can have: a function of the user for numbers can have any."""
        return "free" if numbers and self.kind is None else self.scale


def _reason(metric: Metric, rows: MetricRows) -> str:
    happened = np.unique(rows.truth)
    if len(rows.values) and len(happened) < 2:
        return f"only one class occurred ({rows.values[happened[0]]})"
    if metric.needs_scores and rows.scores is not None:
        if not len(rows.scored):
            return "no row has all probabilities"
        if not rows.binary and not np.allclose(rows.scores.sum(axis=1), 1):
            return "the probabilities of a row do not sum to 1"
        if not rows.binary and len(happened) < rows.classes:
            absent = next(code for code in range(rows.classes) if code not in happened)
            return f"a class did not occur ({rows.values[absent]})"
    if len(rows) < 2:
        return "one row is not enough"
    return "it is not defined for these rows"


def is_smaller_better(name: str) -> bool:
    """Return whether a metric of this name is better when it is smaller: an error, a loss, a deviance."""
    bare = name.partition("[")[0]
    if bare.startswith(("neg_", "d2_")):
        return False
    function = ALIASES.get(bare, bare)
    if function in ("negative_likelihood_ratio", "brier_score_loss", "max_error", "coverage_error"):
        return True
    return direction(function) < 0
