"""Bins that depend on the reference alone, and the shares of both samples in them."""

from __future__ import annotations

import math

import numpy as np

from mlops_magics.core.monitoring.profiling.samples import NumericSample
from mlops_magics.core.monitoring.reading.column_values import FloatArray, IntArray

EMPTY_SHARE = 1e-4
"""The share that replaces an empty bin in PSI and KL, as in Evidently."""
DECILES = np.linspace(0.1, 0.9, 9)
BARS = 20
"""Bars of a displayed histogram."""
TAIL = 0.005
"""Share of the reference on either side that goes into the outermost bars: one outlier must not flatten the others."""
CROWDED = 0.1
"""Distance of the median from the lower end, in shares of the width of all bars, below which most equal bars would be
empty."""
MANIFOLD = 50.0
"""Upper end over lower end from which bars may grow by a factor: below it equal bars show a skewed feature as well."""


def decile_edges(reference: NumericSample) -> FloatArray:
    """Return the inner edges of 10 reference-quantile bins, repeated ones once, ``(≤ 10,)``.

    If a tenth of the reference is at its maximum, the values below it have bins of their own: else all of a flag
    that is mostly 1, and a constant before and after it changes, would be in one bin.
    """
    edges = np.unique(quantiles(reference, DECILES))
    top = reference.moments.maximum
    return np.union1d(edges, np.nextafter(top, -np.inf)) if edges[-1] == top else edges


def quantiles(sample: NumericSample, shares: FloatArray) -> FloatArray:
    """Return linearly interpolated quantiles (Hyndman and Fan 1996, definition 7; numpy's default, to the last
    digit)."""
    rank = shares * (sample.n - 1)
    below = np.floor(rank).astype(np.int64)
    low, high, part = (
        sample.order_statistic(below),
        sample.order_statistic(np.minimum(below + 1, sample.n - 1)),
        rank - below,
    )
    with np.errstate(over="ignore", invalid="ignore"):
        between = np.where(part >= 0.5, high - (high - low) * (1 - part), low + (high - low) * part)
    return np.where(np.isfinite(between), between, low * (1 - part) + high * part)  # further apart than floats reach


def counts_up_to(sample: NumericSample, inner_edges: FloatArray) -> IntArray:
    """Count observations in right-closed bins that reach to infinity on both sides, ``(n_edges + 1,)``."""
    return np.diff(sample.at_most(inner_edges), prepend=0, append=sample.n)


def doane_edges(reference: NumericSample) -> FloatArray:
    """Return equal-width edges over the reference's range by Doane's rule (Doane 1976), as numpy's ``"doane"``."""
    low, high, n = reference.moments.minimum, reference.moments.maximum, reference.n
    if not high > low:
        return np.array([low - 0.5, low + 0.5])
    bins = 1
    if n > 2:
        error = math.sqrt(6.0 * (n - 2) / ((n + 1.0) * (n + 3.0)))
        bins = math.ceil(1.0 + math.log2(n) + math.log2(1.0 + abs(reference.skewness) / error))
    return evenly(low, high, bins + 1)


def evenly(low: float, high: float, edges: int) -> FloatArray:
    """Return edges at equal distances, also where their width is more than a float holds."""
    if math.isfinite(high - low):
        return np.linspace(low, high, edges)
    return np.linspace(low / 2, high / 2, edges) * 2


def display_edges(reference: NumericSample, moments: bool = False) -> tuple[FloatArray, str]:
    """Return the inner edges of bars between the reference's outer quantiles, and how they grow.

    ``linear``: all are equally wide. ``log``: each is wider than the one before by the same factor, where equal ones
    would show a positive, skewed feature in one or two bars.
    """
    low, middle, high = quantiles(reference, np.array([TAIL, 0.5, 1 - TAIL]))
    if not high > low:
        return np.array([low - 0.5, low + 0.5]), "linear"
    crowded = middle - low < CROWDED * (high - low)
    if not moments and reference.moments.minimum > 0 and high > MANIFOLD * low and crowded:
        return np.geomspace(low, high, BARS - 1), "log"
    return evenly(float(low), float(high), BARS - 1), "linear"


def counts_between(sample: NumericSample, edges: FloatArray) -> IntArray:
    """Count observations in half-open bins, the last one closed, and those outside in one more, ``(n_edges,)``."""
    below = sample.less_than(edges[:-1])
    inside = np.diff(np.concatenate((below, sample.at_most(edges[-1:]))))
    return np.append(inside, sample.n - inside.sum())


def shares(counts: IntArray) -> FloatArray:
    """Return counts over their sum."""
    return np.asarray(counts / counts.sum(), dtype=np.float64)


def filled(share: FloatArray) -> FloatArray:
    """Return shares with the stand-in for empty bins."""
    return np.where(share == 0, EMPTY_SHARE, share)
