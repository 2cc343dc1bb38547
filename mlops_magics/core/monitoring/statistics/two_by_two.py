"""Two-by-two tables, which compare a share of the current rows with that of the reference."""

from __future__ import annotations

import numpy as np

from mlops_magics.core.monitoring.reading.column_values import FloatArray, IntArray

EXACT_UP_TO = 10_000
"""Rows of a share on both sides up to which its chances are summed. Beyond it, the signed root is as good."""
LEAST = 1e-300
"""Chances are at least this, so that their logarithms are finite."""


def signed_roots(current: IntArray, both: IntArray, sizes: tuple[int, int]) -> FloatArray:
    """Return the signed roots of the likelihood ratio G, about standard normal, positive where there are more.

    Parameters
    ----------
    current, both
        Rows of each share in the current data, and on both sides, ``(n_shares,)``.
    sizes
        All rows of the reference, and of the current data.
    """
    from scipy.special import xlogy

    n, m = sizes
    cells = (current, both - current, m - current, n - (both - current))
    share = m / (n + m)
    expected = (both * share, both * (1 - share), (n + m - both) * share, (n + m - both) * (1 - share))
    ratio = sum(xlogy(seen, seen / np.maximum(wanted, LEAST)) for seen, wanted in zip(cells, expected))
    return np.asarray(np.sign(current - expected[0]) * np.sqrt(np.maximum(2 * ratio, 0.0)), dtype=np.float64)


def chances(current: int, both: int, sizes: tuple[int, int]) -> tuple[float, float, float]:
    """Return the chances of fewer current rows than these, of as many, and of more, given the rows on both sides
    (Fisher 1935)."""
    from scipy.special import gammaln, ndtr

    n, m = sizes
    if both > EXACT_UP_TO:
        root = float(signed_roots(np.array([current]), np.array([both]), sizes)[0])
        return float(ndtr(root)), 0.0, float(ndtr(-root))
    counts = np.arange(max(0, both - n), min(both, m) + 1)
    logs = -(
        gammaln(counts + 1) + gammaln(m - counts + 1) + gammaln(both - counts + 1) + gammaln(n - both + counts + 1)
    )
    parts = np.exp(logs - logs.max())
    parts /= parts.sum()
    place = current - int(counts[0])
    return float(parts[:place].sum()), float(parts[place]), float(parts[place + 1 :].sum())
