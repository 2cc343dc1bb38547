"""The distance of Kolmogorov and Smirnov, against its definition."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from mlops_magics.core.monitoring.profiling.samples import NumericSample, sort_numbers
from mlops_magics.core.monitoring.statistics import kolmogorov

DRAWS: dict[str, Callable[[np.random.Generator, int], np.ndarray]] = {
    "normal": lambda random, n: random.normal(size=n),
    "few values": lambda random, n: random.integers(0, 20, n).astype(float),
    "mostly zero": lambda random, n: np.where(random.random(n) < 0.7, 0.0, random.normal(size=n)),
    "long tail": lambda random, n: random.zipf(1.5, n).astype(float),
    "constant": lambda random, n: np.full(n, 3.0),
    "rounded": lambda random, n: np.round(random.exponential(size=n), 2),
}


def by_definition(reference: NumericSample, current: NumericSample) -> float:
    """Return max|F−G| over every current point, and just before it."""
    level = np.arange(current.n + 1) / current.n
    above = level[1:] - reference.at_most(current.values) / reference.n
    under = reference.less_than(current.values) / reference.n - level[:-1]
    return max(float(above.max()), float(under.max()), 0.0)


@pytest.mark.parametrize("kind", DRAWS)
def test_the_distance_of_many_points_is_that_of_all_points(kind: str) -> None:
    """Points between two others are left out only where they cannot hold the maximum: equal to the last digit.

    For sizes around the limit from which points are left out, same and shifted samples, and samples of another kind.
    """
    random = np.random.default_rng(5)
    for n, m in ((3, 4096), (4097, 4096), (900, 4097), (20_000, 4098), (4_161, 50_000), (60_000, 30_001)):
        for other in (DRAWS[kind], DRAWS["normal"]):
            for shift in (0.0, 0.01, 100.0):
                sides = sort_numbers(DRAWS[kind](random, n)), sort_numbers(other(random, m) + shift)
                assert kolmogorov.distance(*sides) == by_definition(*sides), (n, m, shift)
