"""95 % confidence intervals of proportions, means, ratios and averages, also valid for few rows and rare classes.

``bench/performance_coverage.py`` measures their coverage of the true value.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import numpy as np
import numpy.typing as npt

from mlops_magics.core.monitoring.scoring import heavy_tails

FloatArray = npt.NDArray[np.float64]
Interval = tuple[float, float]
Scale = Literal["share", "correlation", "error", "gain", "free"]
"""The values that a metric can have: 0 to 1, −1 to 1, 0 or more, at most 1, and any."""
TAIL = 0.025
"""Probability of each tail outside a 95 % interval."""
NORMAL = 1.959963984540054
"""Quantile of the normal distribution at 97.5 %."""
STEPS = 50
"""Halvings of a bisection: the interval is then exact to 1e-15."""
GROUPS = 20
"""Groups of a jackknife."""
LARGE = 500
"""Rows of a group from which the metric of a group alone has no noticeable bias."""
SEED = 20
"""The choice of groups is arbitrary, but the same for the same data."""
FEWEST = 3
"""Groups of a jackknife from which it shows a spread."""
LARGEST_POWER = 700.0
"""A power of e below the largest float."""
UNKNOWN: Interval = (float("nan"), float("nan"))


def proportion(hits: float, rows: float) -> Interval:
    """Return the mid-P interval of a proportion (Lancaster 1961; Berry and Armitage 1995), (0, 1) without rows."""
    lower, upper = proportions(np.array([hits]), np.array([rows]))
    return float(lower[0]), float(upper[0])


def proportions(hits: FloatArray, rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the mid-P intervals of several proportions, ``(n_proportions,)`` each. Counts may be fractions."""
    k, n = np.asarray(hits, dtype=np.float64), np.asarray(rows, dtype=np.float64)
    lower = np.where(k > 0, _bisect(k, n, 1 - TAIL), 0.0)
    upper = np.where(k < n, _bisect(k, n, TAIL), 1.0)
    return np.where(n > 0, lower, 0.0), np.where(n > 0, upper, 1.0)


def _bisect(k: FloatArray, n: FloatArray, level: float) -> FloatArray:
    """Return the proportion at which P(X < k) + ½P(X = k) is a level. The sum falls as the proportion grows."""
    from scipy.special import betaincc

    low, high = np.zeros(len(k)), np.ones(len(k))
    for _ in range(STEPS):
        middle = (low + high) / 2
        # betaincc is not defined at 0, where the other branch of `where` counts
        at_most = np.where(k < n, betaincc(k + 1, np.maximum(n - k, 1e-9), middle), 1.0)
        below = np.where(k > 0, betaincc(np.maximum(k, 1e-9), n - k + 1, middle), 0.0)
        above = (at_most + below) / 2 > level
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return (low + high) / 2


def mean(values: FloatArray) -> Interval:
    """Return the interval of a mean of skewed values: Student's t after Hall's transformation (Hall 1992).

    Parameters
    ----------
    values
        ``(n_samples,)``, such as squared errors.
    """
    from scipy.stats import t

    n = len(values)
    if n < 2:
        return UNKNOWN
    centre, deviation = float(values.mean()), float(values.std(ddof=1))
    if not deviation > 0:
        return centre, centre
    skewness = float(np.mean((values - centre) ** 3)) / float(values.std()) ** 3
    quantile = float(t.ppf(1 - TAIL, n - 1))
    return (
        centre - deviation * _from_normal(quantile, skewness, n),
        centre - deviation * _from_normal(-quantile, skewness, n),
    )


def mean_error(values: FloatArray) -> Interval:
    """Return the interval of a mean of non-negative values, of which a few may be most of the sum.

    Values that are all equal, such as the errors of a perfect first day, have none: nothing shows how large the next
    one can be.
    """
    lower, upper = mean(values)
    if not lower < upper:
        return UNKNOWN
    end = heavy_tails.upper(values, upper)
    return (max(lower, 0.0), end) if np.isfinite(end) else UNKNOWN


def _from_normal(quantile: float, skewness: float, n: int) -> float:
    """Return Hall's inverse transformation: the studentised mean that has this quantile, over √n."""
    scaled = quantile / np.sqrt(n)
    if abs(skewness) < 1e-6:
        return float(scaled)
    # cbrt has a real root of a negative number, where ** (1 / 3) has none
    return float(3 / skewness * (np.cbrt(1 + skewness * (scaled - skewness / (6 * n))) - 1))


def transformed(
    score: float,
    replicates: FloatArray,
    forward: Callable[[FloatArray], FloatArray],
    back: Callable[[float], float],
    wider: tuple[float, float] = (1.0, 1.0),
) -> Interval:
    """Return the jackknife interval on another scale (Efron and Tibshirani 1993, ch. 11).

    Parameters
    ----------
    score
        The metric of all rows.
    replicates
        The metric without each of the groups, ``(n_groups,)``.
    forward, back
        To the scale on which the metric is nearly normal, and from it.
    wider
        Factors of the distances below and above, on that scale.
    """
    from scipy.stats import t

    groups = len(replicates)
    values = forward(replicates)
    if groups < FEWEST or not np.isfinite(values).all():
        return UNKNOWN
    centre = float(forward(np.array([score]))[0])
    error = float(np.sqrt((groups - 1) / groups * np.sum((values - values.mean()) ** 2)))
    reach = float(t.ppf(1 - TAIL, groups - 1)) * error
    ends = sorted((back(centre - reach * wider[0]), back(centre + reach * wider[1])))
    return float(ends[0]), float(ends[1])


def jackknife(
    measure: Callable[[npt.NDArray[np.int64]], float], n: int, score: float, scale: Scale = "share"
) -> Interval:
    """Return the interval of any function of rows, by the delete-a-group jackknife with 20 random groups (Kott 2001).

    For large data it is the spread of the metric over the groups themselves, which costs one more pass instead of
    twenty.

    Parameters
    ----------
    measure
        The metric of some rows, given their indices.
    n
        The number of rows.
    score
        The metric of all rows.
    scale
        The values that the metric can have.
    """
    groups = min(GROUPS, n)
    if groups < FEWEST or not np.isfinite(score):
        return UNKNOWN
    parts = np.array_split(np.random.default_rng(SEED).permutation(n), groups)
    if n >= GROUPS * LARGE:
        alone = np.array([measure(part) for part in parts])
        replicates = score - (alone - alone.mean()) / (groups - 1)
    else:
        rest = [np.concatenate([*parts[:k], *parts[k + 1 :]]) for k in range(groups)]
        replicates = np.array([measure(rows) for rows in rest])
    if scale == "share":
        return of_replicates(replicates, score, n)
    if scale == "correlation":
        lower, upper = of_replicates((replicates + 1) / 2, (score + 1) / 2, n)
        return 2 * lower - 1, 2 * upper - 1
    return _of_numbers(replicates, score, scale)


def _of_numbers(replicates: FloatArray, score: float, scale: Scale) -> Interval:
    """Return the interval of a jackknife of an error, of a gain such as R², or of any number.

    Replicates that are all equal, as those of a perfect day are, have none: nothing shows how large an error can be.
    """
    if np.ptp(replicates) == 0:
        return UNKNOWN
    sign = {"error": 1.0, "gain": -1.0}.get(scale, 0.0)  # a gain is 1 less an error
    start = 0.0 if scale == "error" else 1.0
    if sign and sign * (score - start) > 0 and (sign * (replicates - start) > 0).all():
        return transformed(
            score,
            replicates,
            lambda values: np.log(sign * (values - start)),
            lambda value: start + sign * math.exp(min(value, LARGEST_POWER)),
        )
    lower, upper = transformed(score, replicates, lambda values: values, lambda value: value)
    return (max(lower, 0.0), upper) if scale == "error" else (lower, min(upper, 1.0) if scale == "gain" else upper)


def of_replicates(replicates: FloatArray, score: float, n: int) -> Interval:
    """Return the interval of a jackknife, with proportions on the logit scale.

    A share of 0 or 1 has the interval of a proportion.
    """
    if not 0 <= score <= 1 or ((replicates < 0) | (replicates > 1)).any():
        return transformed(score, replicates, lambda values: values, lambda value: value)
    if np.ptp(replicates) == 0:
        return proportion(score * n, n)
    if 0 < score < 1 and ((replicates > 0) & (replicates < 1)).all():
        from scipy.special import expit, logit

        return transformed(score, replicates, logit, expit)
    lower, upper = transformed(score, replicates, lambda values: values, lambda value: value)
    ends = proportion(score * n, n)
    return max(min(lower, ends[0]), 0.0), min(max(upper, ends[1]), 1.0)


def average(
    scores: FloatArray, lower: FloatArray, upper: FloatArray, correlation: FloatArray, weights: FloatArray | None = None
) -> Interval:
    """Return the interval of an average from those of its parts, by their distances from the scores (MOVER; Zou and
    Donner 2008).

    Parameters
    ----------
    scores, lower, upper
        ``(n_parts,)`` each.
    correlation
        ``(n_parts, n_parts)`` of the parts' estimates.
    """
    share = np.full(len(scores), 1 / len(scores)) if weights is None else weights / weights.sum()
    centre = float(share @ scores)
    below, above = share * np.maximum(scores - lower, 0), share * np.maximum(upper - scores, 0)
    return (
        centre - float(np.sqrt(max(below @ correlation @ below, 0.0))),
        centre + float(np.sqrt(max(above @ correlation @ above, 0.0))),
    )
