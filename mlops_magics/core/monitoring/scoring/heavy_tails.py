"""Means of values of which a few are most of the sum, such as the squared errors of amounts of money."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
ROWS = np.log([5, 10, 20, 50, 100, 300, 1_000, 5_000, 20_000])
"""Logarithms of the numbers of rows of the table."""
SPREADS = np.array([0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5, 3.0, 3.5, 4.0])
"""Standard deviations of the logarithm of the values of the table."""
REACHES = np.array(
    [
        [4.56, 3.37, 2.80, 2.41, 2.29, 2.13, 2.02, 1.96, 1.96],
        [6.10, 4.33, 3.39, 2.77, 2.55, 2.26, 2.12, 1.99, 1.97],
        [8.46, 5.69, 4.25, 3.25, 2.91, 2.48, 2.26, 2.04, 1.99],
        [12.1, 7.69, 5.44, 3.94, 3.42, 2.81, 2.46, 2.14, 2.06],
        [18.0, 10.7, 7.16, 4.93, 4.14, 3.29, 2.78, 2.31, 2.18],
        [27.8, 15.3, 9.73, 6.35, 5.19, 3.93, 3.22, 2.63, 2.40],
        [45.3, 22.7, 13.7, 8.39, 6.63, 4.81, 3.87, 3.10, 2.75],
        [77.7, 35.4, 19.9, 11.5, 8.68, 6.08, 4.71, 3.66, 3.12],
        [141, 57.9, 30.2, 16.2, 11.7, 7.85, 5.76, 4.43, 3.71],
        [563, 183, 79.6, 35.6, 23.6, 14.1, 9.36, 6.66, 5.16],
        [2890, 729, 260, 94.7, 55.9, 28.8, 17.2, 11.2, 8.13],
        [18900, 3710, 1070, 309, 159, 69.1, 36.0, 20.3, 13.6],
    ]
)
"""Standard errors by which the mean of log-normal values is below the true mean in one of forty cases, by spread and
rows: ``bench/performance_coverage.py --table`` computes them."""
HALL = 1.0
"""Spread up to which Hall's interval holds."""
TABLE = 1.5
"""Spread from which the table counts alone."""
MARGIN = 1.15, 1.0
"""The estimated spread is multiplied by 1.15, and by 1 more over the root of the values that it comes from."""
BENT = 1.2
"""The factor instead of 1.15 where many rows show how the tail continues: 1.2 times its bend, which is 1 of log-normal
values, and 1.2 of squares of Student's t with three degrees. Both hold the mean of amounts in 95 to 97 %."""
BEND_ROWS = np.log([1_000, 2_000])
"""Logarithms of the rows from which the bend counts: of none, and alone. Of fewer it is of the middle of the values."""
BEND_VALUES = 6
"""The largest values and five times as many below them, whose slopes are compared."""
NORMAL = 1.96
"""Standard errors by which the mean of many normal values is below the true one in one of forty cases."""
FEWEST = 3
"""Positive values from which a spread can be estimated."""


def upper(values: FloatArray, hall: float) -> float:
    """Return the upper end of the 95 % interval of a mean of non-negative values, NaN where too few are positive.

    It is Hall's where the largest values are near each other. Else it is the end of log-normal values whose logarithm
    spreads as that of the largest ones: their mean is mostly below the true one, because the rows that are most of the
    sum did not come yet.

    Parameters
    ----------
    values
        ``(n_samples,)``, two or more.
    hall
        The upper end of Hall's interval.
    """
    largest = _largest(values)
    if len(largest) < FEWEST:
        return math.nan
    spread = _spread(largest, len(values))
    if spread <= HALL:
        return hall
    reach = _reach(spread * _margin(values, largest), len(values))
    end = float(values.mean() + reach * values.std(ddof=1) / math.sqrt(len(values)))
    if not math.isfinite(hall):
        return end
    share = min((spread - HALL) / (TABLE - HALL), 1.0)
    return max(hall, share * end + (1 - share) * hall)


def widening(values: FloatArray) -> float:
    """Return the factor by which the error of such a mean exceeds that of normal values, NaN where it is not known."""
    largest = _largest(values)
    if len(largest) < FEWEST:
        return math.nan
    spread = _spread(largest, len(values))
    if spread <= HALL:
        return 1.0
    reach = _reach(spread * _margin(values, largest), len(values)) / NORMAL
    return max(1.0, 1 + min((spread - HALL) / (TABLE - HALL), 1.0) * (reach - 1))


def _largest(values: FloatArray) -> FloatArray:
    """Return the largest positive values, ascending: half of few rows, three roots of many."""
    n = len(values)
    wanted = max(FEWEST, min(n // 2, max(10, round(3 * math.sqrt(n)))))
    largest = np.sort(np.partition(values, n - wanted)[n - wanted :] if n > wanted else values)
    return np.asarray(largest[largest > 0])


def _spread(largest: FloatArray, n: int) -> float:
    """Return the slope of the logarithms of the largest values over their normal scores (a Q-Q plot's)."""
    return _slope(largest, n - len(largest), n)


def _slope(ordered: FloatArray, first: int, n: int) -> float:
    """Return the slope of ascending values of which the first has so many of the ``n`` values below it."""
    from scipy.special import ndtri

    scores = ndtri((np.arange(first, first + len(ordered)) + 0.5) / n)
    scores -= scores.mean()
    return float(np.log(ordered) @ scores / (scores @ scores))


def _margin(values: FloatArray, largest: FloatArray) -> float:
    """Return the factor of the spread: its doubt, and of many rows the bend of the tail."""
    n, (many, few) = len(values), MARGIN
    share = float(np.interp(math.log(n), BEND_ROWS, (0.0, 1.0)))
    if share > 0:
        wide = np.partition(values, n - BEND_VALUES * len(largest))[n - BEND_VALUES * len(largest) :]
        below = np.sort(wide)[: -len(largest)]
        if below[0] > 0 and (slope := _slope(below, n - len(wide), n)) > 0:
            many = (1 - share) * many + share * BENT * _spread(largest, n) / slope
    return many + few / math.sqrt(len(largest))


def _reach(spread: float, n: int) -> float:
    """Return the standard errors of the table, on logarithmic scales."""
    logs = [float(np.interp(math.log(n), ROWS, row)) for row in np.log(REACHES)]
    return math.exp(float(np.interp(spread, SPREADS, logs)))
