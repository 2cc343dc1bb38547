"""Statistics of the tails: shares of the outermost values, and accumulations of values at an end."""

from __future__ import annotations

import numpy as np

from mlops_magics.core.monitoring.profiling.samples import NumericSample
from mlops_magics.core.monitoring.reading.column_values import FloatArray, IntArray
from mlops_magics.core.monitoring.statistics import binning, false_discovery, two_by_two
from mlops_magics.core.monitoring.statistics.declaration import Statistic
from mlops_magics.core.monitoring.statistics.floors import CLIPPED_FLOOR, TAIL_FLOOR
from mlops_magics.core.monitoring.statistics.sample_distances import Counts, NumericPair
from mlops_magics.core.monitoring.statistics.score import Score

TAILS = np.array([0.005, 0.025, 0.1, 0.9, 0.975, 0.995])
"""Shares of the reference below the ends of its tails."""
EXAMINED = 3
"""Tails, of the largest signed roots, whose p-value is exact."""


def edges(reference: NumericSample) -> FloatArray:
    """Return the points at which the tails are read."""
    found = binning.quantiles(reference, TAILS)
    half = len(TAILS) // 2
    return np.unique(np.concatenate((np.nextafter(found[:half], -np.inf), found[half:])))


def _tails(pair: NumericPair) -> Score:
    """Return the change of the share in one tail, below, above, or at both ends.

    It is the tail that changed most surely among those that changed by the floor or more, or among all if none did. The
    p-value is exact given the rows of the tail on both sides, adjusted for all tails (Šidák 1967).
    """
    reference, current = pair.reference, pair.current
    quantiles = binning.quantiles(reference, TAILS)
    before, now = (_in_tails(sample, quantiles) for sample in (reference, current))
    moved = now / current.n - before / reference.n
    before, now = Counts(before, now, pair.effects).independent
    sizes = pair.rows
    roots = np.abs(two_by_two.signed_roots(now, before + now, sizes))
    surest = np.lexsort((-roots, np.abs(moved) < TAIL_FLOOR))[:EXAMINED]
    enough = surest[np.abs(moved[surest]) >= TAIL_FLOOR]
    p = {place: _p_value(int(now[place]), int(before[place]), sizes) for place in (enough if len(enough) else surest)}
    place = min(p, key=p.__getitem__)
    return Score(float(moved[place]), false_discovery.of_smallest(p[place], len(now)), TAIL_FLOOR)


def _in_tails(sample: NumericSample, quantiles: FloatArray) -> IntArray:
    """Return the numbers of values below and above each pair of quantiles, and beyond both, ``(9,)``."""
    half = len(quantiles) // 2
    below = sample.less_than(quantiles[:half])
    above = sample.n - sample.at_most(quantiles[half:][::-1])
    return np.concatenate((below, above, below + above)).astype(np.int64)


def _p_value(now: int, before: int, sizes: tuple[int, int]) -> float:
    """Return the two-sided p-value. The ends of the tails are the reference's own values, so that they show fewer
    current rows only with the whole chance of as many."""
    fewer, same, more = two_by_two.chances(now, now + before, sizes)
    return min(1.0, 2 * min(fewer + same, more + same / 2))


def _clipped(pair: NumericPair) -> Score | None:
    """Return the share of current rows that pile up at their largest or smallest value, where the reference continues.

    The p-value is the chance that all rows at or beyond that value are exactly at it, when the reference's are not.
    The first of them is there by definition. ``None`` for a stream, of which the values between its points are not
    known.
    """
    reference, current = pair.reference, pair.current
    if current.cumulative is not None and current.n > len(current.values):
        return None
    return _clipped_at(reference, current, pair.effects[1])


def _clipped_at(reference: NumericSample, current: NumericSample, effect: float) -> Score:
    low, high = np.array([current.moments.minimum]), np.array([current.moments.maximum])
    at_high = current.n - int(current.less_than(high)[0])
    at_low = int(current.at_most(low)[0])
    known = reference.at_most(np.concatenate((low, high))) - reference.less_than(np.concatenate((low, high)))
    above, below = reference.n - int(reference.at_most(high)[0]), int(reference.less_than(low)[0])
    sides = [(at_high, int(known[1]), above), (at_low, int(known[0]), below)]
    chances = [((same + 1) / (same + beyond + 1)) ** (at / effect - 1) if beyond else 1.0 for at, same, beyond in sides]
    place = int(np.argmin(chances))
    at, same, _ = sides[place]
    return Score(at / current.n - same / reference.n, min(1.0, 2 * chances[place]), CLIPPED_FLOOR)


TAIL_STATISTICS = (
    Statistic(
        name="tails",
        by_effects=True,
        definition="change of the share beyond 0.5, 2.5 or 10 % of the reference, below, above or both; exact p, "
        "adjusted for the nine",
        floor=TAIL_FLOOR,
        floor_source="four rows in a hundred; a variance × 1.5 has 0.1, see bench/drift_power.py",
        weight=0.5,
        numeric=_tails,
        reads=edges,
        sees="spread that grows or shrinks, a few values far away, a tail that is cut off; not the middle",
    ),
    Statistic(
        name="clipped",
        by_effects=True,
        definition="share of current rows at their largest or smallest value where the reference goes on, less the "
        "reference's share there; p that all rows beyond it are exactly at it",
        floor=CLIPPED_FLOOR,
        floor_source="one row in a hundred; see bench/drift_power.py",
        weight=0.25,
        numeric=_clipped,
        sees="values that are cut off at a limit",
    ),
)
