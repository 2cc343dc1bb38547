"""The statistics of numbers, from two sorted samples to a score with its p-value and practical floor."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from mlops_magics.core.monitoring.profiling.samples import NumericSample
from mlops_magics.core.monitoring.reading.column_values import FloatArray
from mlops_magics.core.monitoring.statistics import binning, contingency, kolmogorov, ranks
from mlops_magics.core.monitoring.statistics.declaration import GROWING, Statistic
from mlops_magics.core.monitoring.statistics.floors import (
    ANDERSON_FLOOR,
    ANDERSON_SIGMA,
    ENERGY_FLOOR,
    MISES_FLOOR,
    QUARTER,
    RANGE_FLOOR,
    RANK_FLOOR,
    SHARE_FLOOR,
    SHIFT_FLOOR,
)
from mlops_magics.core.monitoring.statistics.sample_distances import NumericPair
from mlops_magics.core.monitoring.statistics.score import Score


def _ks(pair: NumericPair) -> Score:
    rows = round(pair.independent)
    at_floor = kolmogorov.limiting(SHARE_FLOOR, rows) if rows >= kolmogorov.LIMITING_IN_HASTE else 1.0
    return Score(pair.distance, pair.p_value, SHARE_FLOOR, p_at_floor=at_floor)


def _wasserstein(pair: NumericPair) -> Score:
    if ranks.constant_and_equal(pair.reference, pair.current):
        return Score(0.0, 1.0, SHIFT_FLOOR)
    width = ranks.scale(pair.scaled[0])
    moved = ranks.wasserstein(*pair.scaled, pair.places)
    return Score(moved / width if width else math.inf, pair.p_value, SHIFT_FLOOR)


def _energy(pair: NumericPair) -> Score:
    unit = 2.0 ** (pair.power / 2)
    score, width = ranks.energy(*pair.scaled), math.sqrt(ranks.scale(pair.scaled[0]))
    return Score(unit * score, pair.p_value, ENERGY_FLOOR * unit * width)


def _anderson(pair: NumericPair) -> Score:
    value, p = ranks.anderson(pair.reference, pair.current)
    return Score(value, p, (ANDERSON_FLOOR * pair.effective - 1) / ANDERSON_SIGMA)


def _mises(pair: NumericPair) -> Score:
    value, p = ranks.cramer_von_mises(pair.reference, pair.current)
    return Score(value, p, MISES_FLOOR * pair.effective)


def _mann_whitney(pair: NumericPair) -> Score:
    value, p = ranks.mann_whitney(pair.reference, pair.current)
    middle = pair.reference.n * pair.current.n / 2
    below = value < middle
    return Score(value, p, middle * (1 - 2 * RANK_FLOOR if below else 1 + 2 * RANK_FLOOR), low_matters=below)


def _student(equal_variance: bool) -> Callable[[NumericPair], Score]:
    def compare(pair: NumericPair) -> Score:
        value, p = ranks.student(*pair.scaled, equal_variance)
        return Score(value, p, SHIFT_FLOOR * math.sqrt(pair.effective))

    return compare


def _out_of_range(pair: NumericPair) -> Score:
    """Compare the share outside the reference's range. Of the reference's own values two (its ends) count as at the
    edge."""
    moments = pair.reference.moments
    inside = int(
        pair.current.at_most(np.array([moments.maximum]))[0] - pair.current.less_than(np.array([moments.minimum]))[0]
    )
    outside = pair.current.n - inside
    p = contingency.reliable(np.array([max(moments.n - 2, 0), 2]), np.array([inside, outside])).p_value
    return Score(outside / pair.current.n, p, RANGE_FLOOR)


def _read_by_distance(reference: NumericSample) -> FloatArray:
    """Return the points just before the values of a profile that holds every distinct value, and the first edge."""
    edges = reference.values
    return np.nextafter(edges if len(edges) < kolmogorov.PROFILE_BINS else edges[:1], -np.inf)


NUMBER_STATISTICS = (
    Statistic(
        name="out_of_range",
        definition="share of current values outside the reference's range",
        floor=RANGE_FLOOR,
        floor_source="one row in fifty: the share that 100 reference rows leave outside by chance",
        numeric=_out_of_range,
        reads=_read_by_distance,
    ),
    Statistic(
        name="ks",
        by_effects=True,
        definition="Kolmogorov-Smirnov D; exact p up to 10,000 rows",
        floor=SHARE_FLOOR,
        floor_source=QUARTER,
        weight=1.0,
        sees="shifts and changes of shape near the middle; a spread × 1.2 or a few outliers move it too little",
        numeric=_ks,
        reads=_read_by_distance,
    ),
    Statistic(
        name="wasserstein",
        by_effects=True,
        definition="∫|F−G| over the reference's standard deviation (ddof 0; else IQR/1.349, else the range); p of KS",
        floor=SHIFT_FLOOR,
        floor_source=QUARTER,
        numeric=_wasserstein,
        reads=_read_by_distance,
    ),
    Statistic(
        name="energy",
        by_effects=True,
        definition="√(2∫(F−G)²); p of KS",
        floor=f"{ENERGY_FLOOR}·√σ",
        floor_source=QUARTER,
        numeric=_energy,
        reads=_read_by_distance,
    ),
    Statistic(
        name="anderson",
        definition="normalised k-sample Anderson-Darling with mid-ranks; p between 0.001 and 0.25",
        floor=f"({ANDERSON_FLOOR}·{GROWING} − 1)/{ANDERSON_SIGMA}",
        floor_source=QUARTER,
        numeric=_anderson,
        reads=_read_by_distance,
    ),
    Statistic(
        name="cramervonmises",
        definition="Cramér-von Mises T with mid-ranks; asymptotic p",
        floor=f"{MISES_FLOOR}·{GROWING}",
        floor_source=QUARTER,
        numeric=_mises,
        reads=_read_by_distance,
    ),
    Statistic(
        name="mannwhitney",
        definition="Mann-Whitney U of the reference; two-sided p",
        floor=f"n·m·(½ ± {RANK_FLOOR})",
        floor_source=QUARTER,
        numeric=_mann_whitney,
        reads=_read_by_distance,
    ),
    Statistic(
        name="ttest",
        definition="Student's t with pooled variance; two-sided p",
        floor=f"{SHIFT_FLOOR}·√({GROWING})",
        floor_source=QUARTER,
        numeric=_student(True),
    ),
    Statistic(
        name="welch",
        definition="Welch's t; two-sided p",
        floor=f"{SHIFT_FLOOR}·√({GROWING})",
        floor_source=QUARTER,
        numeric=_student(False),
    ),
)


def before_deciles(reference: NumericSample) -> FloatArray:
    """Return the points at which counts in deciles are read."""
    return binning.decile_edges(reference)


def before_doane(reference: NumericSample) -> FloatArray:
    """Return the points at which counts in Doane's bins are read: just before each edge, and at the last one."""
    edges = binning.doane_edges(reference)
    return np.concatenate((np.nextafter(edges[:-1], -np.inf), edges[-1:]))
