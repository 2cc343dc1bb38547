"""False discovery control over all tests of a report."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

FALSE_DISCOVERY_RATE = 0.05
"""The share of false alarms among all alarms of a report."""
FloatArray = npt.NDArray[np.float64]


def q_values(p_values: Sequence[float] | FloatArray, weights: Sequence[float] | FloatArray | None = None) -> FloatArray:
    """Return Benjamini-Hochberg adjusted p-values (Benjamini and Hochberg 1995), ``(n_tests,)``. NaN is not a test.

    Parameters
    ----------
    weights
        The share of the false alarms that each test may make, with a mean of 1 over the tests (Genovese et al. 2006).
    """
    p = np.asarray(p_values, dtype=np.float64)
    q = np.full(len(p), np.nan)
    tested = np.flatnonzero(~np.isnan(p))
    if len(tested):
        weighted = p if weights is None else p / np.asarray(weights, dtype=np.float64)
        order = tested[np.argsort(weighted[tested], kind="stable")]
        scaled = weighted[order] * len(order) / np.arange(1, len(order) + 1)
        q[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return q


def of_smallest(p_value: float, tests: int) -> float:
    """Return the p-value of the smallest of several (Šidák 1967)."""
    return float(-np.expm1(tests * np.log1p(-np.clip(p_value, 1e-300, 1 - 1e-16))))
