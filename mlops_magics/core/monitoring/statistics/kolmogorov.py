"""The two-sample Kolmogorov-Smirnov test, exact for small samples."""

from __future__ import annotations

import math
import warnings
from functools import lru_cache

import numpy as np

from mlops_magics.core.monitoring.profiling.samples import NumericSample
from mlops_magics.core.monitoring.reading.column_values import FloatArray, IntArray
from mlops_magics.core.monitoring.statistics.ranks import place

EXACT_UP_TO = 10_000  # rows in the larger sample, beyond which the limiting distribution is used, as scipy does
LIMITING_FROM = 20_000  # effective rows
LIMITING_IN_HASTE = 50
PROFILE_BINS = 1024  # a profile with fewer edges holds every distinct value
NEAR = 1e-6  # distance from a whole number of a count that was divided and multiplied again
STRETCH, FEW_POINTS = 64, 4096
"""Points between two that are looked at first, and points below which all are looked at."""
EXACT_STEPS = 5_000_000  # lattice points in the band |F−G| < D, about 0.2 s
KEPT = 4096
"""Exact p-values that are kept: the features of a period have the same rows, and often the same distance."""


def distance(reference: NumericSample, current: NumericSample) -> float:
    """Return D = max|F−G|, exact for rows, and within one bin (1/1024) for a profile with over 1024 distinct values.

    The maximum of F−G is just before a point of one sample, that of G−F at it, so one sample's points suffice. Both
    functions rise, so between two points neither difference exceeds the higher end of one less the lower end of the
    other: of many points only the stretches are looked at whose limit exceeds the largest difference found before.
    """
    if known_at_edges(reference):
        return _distance_at_edges(reference, current)
    points = current.expanded()
    last = len(points) - 1
    ends = np.append(np.arange(0, last, STRETCH if last > FEW_POINTS else 1), last)
    below, at_most = _shares(reference, points[ends])
    largest = max(_largest(below, at_most, ends, len(points)), 0.0)
    if last > FEW_POINTS:
        # every operation here is monotone, so that the limit holds in floats as well
        limit = np.maximum((ends[1:] + 1) / len(points) - at_most[:-1], below[1:] - ends[:-1] / len(points))
        inside = (ends[:-1][limit > largest, None] + np.arange(1, STRETCH)).ravel()
        inside = inside[inside < last]
        if len(inside):
            largest = max(largest, _largest(*_shares(reference, points[inside]), inside, len(points)))
    return largest


def _shares(reference: NumericSample, points: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the shares of the reference below, and up to, ascending points."""
    below, at_most = place(reference, points)
    share = reference.count(at_most) / reference.n
    return share if below is at_most else reference.count(below) / reference.n, share


def _largest(below: FloatArray, at_most: FloatArray, places: IntArray, n: int) -> float:
    """Return the largest G−F at points, or F−G just before them, which have these places among the ``n`` points."""
    return float(max(((places + 1) / n - at_most).max(), (below - places / n).max()))


def known_at_edges(reference: NumericSample) -> bool:
    """Return whether this is a profile, whose distribution function is known at its edges alone."""
    return reference.cumulative is not None and reference.n > len(reference.values)


def _distance_at_edges(profiled: NumericSample, current: NumericSample) -> float:
    """Compare where a profile knows its distribution function: at its edges, and before them where they are all its
    values."""
    common = np.intersect1d(profiled.values, current.values) if current.cumulative is not None else profiled.values
    if 2 * len(common) >= len(current.values) and len(common) < len(profiled.values):  # counted at some of the edges
        return float(np.abs(profiled.at_most(common) / profiled.n - current.at_most(common) / current.n).max())
    points = profiled.values
    at = np.abs(profiled.at_most(points) / profiled.n - current.at_most(points) / current.n).max()
    if len(points) >= PROFILE_BINS:
        return float(at)
    before = np.abs(profiled.less_than(points) / profiled.n - current.less_than(points) / current.n).max()
    return float(max(at, before))


def p_value(reference: NumericSample, current: NumericSample, statistic: float, exact: bool = True) -> float:
    """Return P(D ≥ d) when both samples come from one continuous distribution, which is conservative with ties.

    Exact (Hodges 1958) up to 10,000 rows, as scipy's default, except where counting the lattice paths would take
    too long. Else by the Kolmogorov distribution with n·m/(n+m) rows, and for more than 20,000 of those by its limit
    with the correction of Vrbik (2018), within 1e-5 of it, because scipy sums as many terms as there are rows. With
    ``exact=False`` (for thousands of tests at once) that limit is used from 50 effective rows on, where it is within a
    few per cent.

    Parameters
    ----------
    reference, current
        Both samples.
    statistic
        Their distance D.
    exact
        Whether the exact distribution may be used.
    """
    n, m = reference.n, current.n
    rows = round(n * m / (n + m))
    if rows > (LIMITING_FROM if exact else LIMITING_IN_HASTE):
        return limiting(statistic, rows)
    if max(n, m) <= EXACT_UP_TO and (n == m or 2 * statistic * n * m <= EXACT_STEPS):
        return _exact(n, m, round(statistic * math.lcm(n, m)))
    from scipy.stats import distributions

    return float(np.clip(distributions.kstwo.sf(statistic, rows), 0, 1))


def p_of_rows(statistic: float, rows: float) -> float:
    """Return P(D ≥ d) for so many effective rows, which need not be whole."""
    whole = max(round(rows), 1)
    if whole > LIMITING_IN_HASTE:
        return limiting(statistic, whole)
    from scipy.stats import distributions

    return float(np.clip(distributions.kstwo.sf(statistic, whole), 0, 1))


def limiting(statistic: float, rows: int) -> float:
    """Return P(D ≥ d) by the limit, for so many effective rows (Vrbik 2018)."""
    from scipy.special import kolmogorov

    root = math.sqrt(rows) * statistic
    return float(kolmogorov(root + 1 / (6 * math.sqrt(rows)) + (root - 1) / (4 * rows)))


def _of_two_values(n: int, m: int, statistic: float) -> tuple[FloatArray, FloatArray]:
    """Return samples of n and m zeros and ones that are this far apart, because the p-value depends on nothing else.

    The bins of a profile are known, and not the values in them, whose distance is another.
    """
    first = np.arange(n + 1)
    second = (first / n - statistic) * m
    fits = (np.abs(second - np.round(second)) < NEAR) & (second > -NEAR)
    zeros = int(first[fits][0])
    return (np.arange(n) >= zeros).astype(float), (np.arange(m) >= round(second[zeros])).astype(float)


@lru_cache(KEPT)
def _exact(n: int, m: int, steps: int) -> float:
    """Return the exact p-value of a distance of so many steps of 1/lcm(n, m)."""
    from scipy.stats import ks_2samp

    reference, current = _of_two_values(n, m, steps / math.lcm(n, m))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # scipy warns when it falls back to the limiting distribution
        return float(ks_2samp(reference, current, method="exact").pvalue)
