"""The odds of single categories, whose changes a total over all categories hides."""

from __future__ import annotations

import numpy as np

from mlops_magics.core.monitoring.reading.column_values import FloatArray, IntArray
from mlops_magics.core.monitoring.statistics import false_discovery, two_by_two
from mlops_magics.core.monitoring.statistics.declaration import Statistic
from mlops_magics.core.monitoring.statistics.floors import ODDS_FLOOR, ODDS_SHARE
from mlops_magics.core.monitoring.statistics.sample_distances import CategoryPair, Counts
from mlops_magics.core.monitoring.statistics.score import Score

LEAST_P = 0.05
"""A category that could not reach this p-value for any counts on both sides is not tested."""
COMMON = 0.25
"""Share of all rows above which a category is left to the total variation."""
UPWARDS = 0.8
"""The part of the false alarms for categories that become more frequent. The other part needs many rows."""
LEAST_FEWER = 0.01
"""A category whose p-value of fewer rows could not reach this for any counts is tested for more rows alone."""
EXAMINED = 4
"""Categories, of the largest signed roots, whose p-value is exact."""


def compare(counts: Counts) -> Score | None:
    """Return the change of the odds of one category, as the logarithm (base 2) of the odds ratio.

    It is the category that changed most surely among those that changed by the floor or more, or among all if none did.
    The p-value is the smallest mid-P of the two-by-two tables (Fisher 1935; Lancaster 1961), adjusted for as many
    categories as could have one (Šidák 1967; Tarone 1990). ``None`` where no category can.

    Parameters
    ----------
    counts
        Of the same categories, ``(n_categories,)`` each.
    """
    reference, current = counts.independent
    n, m = int(reference.sum()), int(current.sum())
    both = reference + current
    if not n or not m:
        return None
    tested = np.flatnonzero((both <= COMMON * (n + m)) & (_least(both, n, m) < LEAST_P))
    if not len(tested):
        return None
    roots = np.abs(two_by_two.signed_roots(current[tested], both[tested], (n, m)))
    ratio = _ratios(reference[tested], current[tested], (n, m))
    surest = np.lexsort((-roots, ratio < ODDS_FLOOR))[:EXAMINED]
    enough = surest[ratio[surest] >= ODDS_FLOOR]
    p = {
        place: _mid_p(int(current[tested[place]]), int(both[tested[place]]), (n, m))
        for place in (enough if len(enough) else surest)
    }
    place = min(p, key=p.__getitem__)
    return Score(float(ratio[place]), false_discovery.of_smallest(p[place], len(tested)), ODDS_FLOOR)


def _ratios(reference: IntArray, current: IntArray, sizes: tuple[int, int]) -> FloatArray:
    """Return the absolute logarithms of the odds ratios, 0 where the share of the rows that moved is too small."""
    n, m = sizes
    ratio = np.log2((current + 0.5) / (m - current + 0.5)) - np.log2((reference + 0.5) / (n - reference + 0.5))
    rare = np.abs(current / m - reference / n) < ODDS_SHARE
    return np.asarray(np.where(rare, 0.0, np.abs(ratio)), dtype=np.float64)


def _least(both: IntArray, n: int, m: int) -> FloatArray:
    """Return the smallest p-value that each category could have: all of its rows are current ones."""
    return np.asarray(np.power(m / (n + m), both) / UPWARDS, dtype=np.float64)


def _mid_p(current: int, both: int, sizes: tuple[int, int]) -> float:
    """Return the p-value of more or of fewer rows than expected, whichever is smaller for its part of the alarms."""
    n, m = sizes
    fewer, same, more = two_by_two.chances(current, both, sizes)
    if (n / (n + m)) ** both > 2 * LEAST_FEWER * (1 - UPWARDS):
        return min(more + same / 2, 1.0)
    return min((more + same / 2) / UPWARDS, (fewer + same / 2) / (1 - UPWARDS), 1.0)


def _of_pair(pair: CategoryPair) -> Score | None:
    return compare(pair.counts)


ODDS_STATISTICS = (
    Statistic(
        name="category_odds",
        by_effects=True,
        definition="|log₂| of the odds ratio of the category whose odds changed most surely; mid-P of Fisher's test, "
        "adjusted for the categories",
        floor=ODDS_FLOOR,
        floor_source="odds 1.74 times as large, by at least three rows in a thousand; see bench/drift_power.py",
        bins="each category against all others",
        weight=1.0,
        categorical=_of_pair,
        sees="a rare label that becomes frequent, one category of many that is doubled; not many small changes",
    ),
)
