"""The metrics of numbers, each with its interval."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from mlops_magics.core.monitoring.scoring import heavy_tails, intervals
from mlops_magics.core.monitoring.scoring.class_metrics import Bounds
from mlops_magics.core.monitoring.scoring.intervals import UNKNOWN, Interval
from mlops_magics.core.monitoring.scoring.metric_rows import MetricRows

FloatArray = npt.NDArray[np.float64]
TOGETHER, ALONE = 0.2, 0.4
"""Powers of the widening of a ratio of two means of few rows, where their largest rows are the same, and what is added
where they are not."""
ALWAYS = 0.15
"""The same of many rows towards a lower R², where they move it in both directions alike. Towards a higher one the
jackknife's error is large enough."""
SIDES_FROM = 100.0
"""Rows at which both rules count half: of fewer the asymmetry is chance. All are found by
``bench/performance_coverage.py``."""


def _errors(rows: MetricRows) -> FloatArray:
    return np.asarray(rows.truth - rows.estimate, dtype=np.float64)


def mse(rows: MetricRows) -> float:
    """Return the mean squared error."""
    return float(np.mean(_errors(rows) ** 2))


def mse_interval(rows: MetricRows, score: float) -> Interval:
    """Return the interval of a mean."""
    return intervals.mean_error(_errors(rows) ** 2)


def rmse(rows: MetricRows) -> float:
    """Return the root of the mean squared error."""
    return math.sqrt(mse(rows))


def rmse_interval(rows: MetricRows, score: float) -> Interval:
    """Return the roots of the interval of the mean squared error."""
    low, high = mse_interval(rows, score)
    return math.sqrt(low) if math.isfinite(low) else low, math.sqrt(high) if math.isfinite(high) else high


def mae(rows: MetricRows) -> float:
    """Return the mean absolute error."""
    return float(np.mean(np.abs(_errors(rows))))


def mae_interval(rows: MetricRows, score: float) -> Interval:
    """Return the interval of a mean."""
    return intervals.mean_error(np.abs(_errors(rows)))


def r2(rows: MetricRows) -> float:
    """Return R²: 1 or 0 where the truth is constant, as scikit-learn has it, and not defined for one row."""
    if len(rows) < 2:
        return math.nan
    truth = np.asarray(rows.truth, dtype=np.float64)
    left, whole = float(np.sum(_errors(rows) ** 2)), float(np.sum((truth - truth.mean()) ** 2))
    if whole == 0:
        return 1.0 if left == 0 else 0.0
    return 1 - left / whole


def r2_interval(rows: MetricRows, score: float) -> Interval:
    """Return the interval of R² by the jackknife of log(1 − R²), the difference of two logarithms of means.

    Where a few rows are most of the squared errors, or of the variance of the truth, it is wider on that side.
    """
    truth, squares = np.asarray(rows.truth, dtype=np.float64), _errors(rows) ** 2
    n, around = len(truth), (truth - truth.mean()) ** 2
    if n < 3:
        return UNKNOWN
    spread = (np.sum(around) - around) / (n - 1) - around / (n - 1) ** 2  # without each row
    left = (squares.sum() - squares) / (n - 1)
    if not (left > 0).all() or not (spread > 0).all():
        return UNKNOWN
    return intervals.transformed(
        score,
        1 - left / spread,
        lambda values: np.log1p(-values),
        lambda value: -math.expm1(min(value, intervals.LARGEST_POWER)),
        _wider(around, squares),
    )


def _wider(around: FloatArray, squares: FloatArray) -> tuple[float, float]:
    """Return the factors of both sides.

    A row moves the ratio by its share of one sum less its share of the other. Where the large moves are of both
    directions they make up for each other, and the jackknife's error is large enough (Efron 1969). Where they are of
    one, the mean is mostly on the other side, as that of the squares themselves. Few rows do not show which it is. For
    them rows that are most of both sums move the ratio less.
    """
    moves = squares / squares.sum() - around / around.sum()
    up, down = np.maximum(moves, 0.0), np.maximum(-moves, 0.0)
    more, less = float(up @ up), float(down @ down)
    one_sided = (more - less) / (more + less) if more + less > 0 else 0.0
    together = float(np.corrcoef(around, squares)[0, 1]) if np.ptp(squares) > 0 and np.ptp(around) > 0 else 0.0
    known = len(moves) / (len(moves) + SIDES_FROM)
    few = (1 - known) * (TOGETHER + ALONE * (1 - max(together, 0.0)))
    lower = _power(around, few) * _power(down, known * max(-one_sided, 0.0))
    return lower, _power(squares, few) * _power(up, known * (ALWAYS + max(one_sided, 0.0)))


def _power(moves: FloatArray, power: float) -> float:
    return heavy_tails.widening(moves) ** power if moves.any() else 1.0


def median_interval(rows: MetricRows, score: float) -> Interval:
    """Return the interval of a median of absolute errors between two of them (Hollander and Wolfe 1999, section 3.6).

    It holds for every distribution, and is not known of fewer than six rows.
    """
    from scipy.stats import binom

    ordered, n = np.sort(np.abs(_errors(rows))), len(rows)
    place = int(binom.ppf(intervals.TAIL, n, 0.5))
    if not place or ordered[place - 1] == ordered[n - place]:
        return UNKNOWN
    return float(ordered[place - 1]), float(ordered[n - place])


def maximum_interval(rows: MetricRows, score: float) -> Interval:
    """Return no interval: rows do not show how much larger than their largest error another one can be."""
    return UNKNOWN


BOUNDS: Mapping[str, Bounds] = {"median_absolute_error": median_interval, "max_error": maximum_interval}
"""Intervals of scikit-learn's functions for which the jackknife does not hold (Efron 1979)."""
