"""The power of a comparison: the number of rows that finds a shift."""

from __future__ import annotations

import math

from mlops_magics.core.monitoring.statistics.false_discovery import FALSE_DISCOVERY_RATE

SHIFT = 0.383
"""Kolmogorov-Smirnov D of two normals one standard deviation apart: Φ(½) − Φ(−½)."""
MISSED = 0.842
"""Quantile of the normal distribution at 80 %: the shift is found in four of five cases."""
SPREAD = 0.5
"""Standard deviation of the difference of two distribution functions at their middle, times the root of the rows."""


def effective_rows_needed(tests: int) -> float:
    """Return n·m/(n+m) from which a shift of one σ in one feature is found in four of five cases.

    The critical distance at the level of the smallest of so many p-values is √(−ln(α/2)/2f) (Massey 1951). The
    observed one is about normal around the real one.
    """
    level = FALSE_DISCOVERY_RATE / max(tests, 1)
    return ((math.sqrt(-math.log(level / 2) / 2) + MISSED * SPREAD) / SHIFT) ** 2


def rows_needed(reference_rows: int, tests: int) -> int:
    """Return the number of current rows that are needed for a reference of so many.

    A reference of fewer than twice the effective rows would need more current rows than it has itself, and one of
    fewer than the effective rows is never enough. The number is then that of two sides of equal size, and at least the
    reference's.
    """
    needed = effective_rows_needed(tests)
    if reference_rows <= 2 * needed:
        return max(reference_rows, math.ceil(2 * needed))
    return math.ceil(needed * reference_rows / (reference_rows - needed))
