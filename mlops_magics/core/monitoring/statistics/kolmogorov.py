"""The two-sample Kolmogorov-Smirnov test, exact for small samples."""

from __future__ import annotations

import warnings

import numpy as np

from mlops_magics.core.monitoring.samples import NumericSample

EXACT_UP_TO = 10_000  # rows in the larger sample; beyond, the limiting distribution is used, as scipy does
EXACT_STEPS = 5_000_000  # lattice points in the band |F−G| < D; about 0.2 s


def distance(reference: NumericSample, current: NumericSample) -> float:
    """Return D = max|F−G|, exact for rows; for a profile with more than 1024 distinct values within one bin (1/1024).

    The maximum of F−G lies just before a point of one sample, that of G−F at it, so one sample's points suffice.
    """
    if reference.cumulative is None and len(reference.values) < len(current.values):
        reference, current = current, reference
    if reference.cumulative is not None and reference.n > len(reference.values):
        points = reference.values
        at = np.abs(reference.at_most(points) / reference.n - current.at_most(points) / current.n).max()
        if not _holds_every_value(reference):
            return float(at)
        before = np.abs(reference.less_than(points) / reference.n - current.less_than(points) / current.n).max()
        return float(max(at, before))
    points = current.values
    above = (current.at_most(points) / current.n - reference.at_most(points) / reference.n).max()
    below = (reference.less_than(points) / reference.n - current.less_than(points) / current.n).max()
    return float(max(above, below, 0.0))


def _holds_every_value(profiled: NumericSample) -> bool:
    from mlops_magics.core.monitoring.reference_profile import BINS

    return len(profiled.values) < BINS


def p_value(reference: NumericSample, current: NumericSample, statistic: float) -> float:
    """Return P(D ≥ d) when both samples come from one continuous distribution; conservative with ties.

    Exact (Hodges 1958) up to 10,000 rows, as scipy's default, except where counting the lattice paths would take longer than
    a blink; else by the Kolmogorov distribution with n·m/(n+m) rows.
    """
    n, m = reference.n, current.n
    if max(n, m) <= EXACT_UP_TO and (n == m or 2 * statistic * n * m <= EXACT_STEPS):
        return _exact(reference, current)
    from scipy.stats import distributions

    return float(np.clip(distributions.kstwo.sf(statistic, np.round(n * m / (n + m))), 0, 1))


def _exact(reference: NumericSample, current: NumericSample) -> float:
    from scipy.stats import ks_2samp

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # scipy says so when it falls back to the limiting distribution
        return float(ks_2samp(reference.expanded(), current.expanded(), method="exact").pvalue)
