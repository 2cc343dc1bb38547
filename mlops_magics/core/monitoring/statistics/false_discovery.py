"""False discovery control over all tests of a report."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

FALSE_DISCOVERY_RATE = 0.05
"""The share of false alarms among all alarms of a report."""


def q_values(p_values: Sequence[float] | npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return Benjamini-Hochberg adjusted p-values (Benjamini and Hochberg 1995), ``(n_tests,)``; NaN is no test."""
    p = np.asarray(p_values, dtype=np.float64)
    q = np.full(len(p), np.nan)
    tested = np.flatnonzero(~np.isnan(p))
    if len(tested):
        order = tested[np.argsort(p[tested], kind="stable")]
        scaled = p[order] * len(order) / np.arange(1, len(order) + 1)
        q[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return q
