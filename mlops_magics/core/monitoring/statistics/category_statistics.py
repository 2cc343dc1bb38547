"""The statistics of categories, and of numbers in bins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mlops_magics.core.monitoring.reading.column_values import FloatArray, IntArray
from mlops_magics.core.monitoring.statistics import binning, contingency, domain_classifier, shares, text_drift
from mlops_magics.core.monitoring.statistics.declaration import Statistic
from mlops_magics.core.monitoring.statistics.floors import (
    KL_FLOOR,
    MISSING_FLOOR,
    NEW_FLOOR,
    PSI_FLOOR,
    SHARE_FLOOR,
    TENTH,
)
from mlops_magics.core.monitoring.statistics.number_statistics import before_deciles, before_doane
from mlops_magics.core.monitoring.statistics.sample_distances import CategoryPair, NumericPair, missing_counts
from mlops_magics.core.monitoring.statistics.score import Score

Distance = Callable[[FloatArray, FloatArray], float]

DECILES = "numeric: 10 of the reference's deciles, right-closed; categorical: the categories of both"
DOANE = "numeric: the reference's range by Doane's rule, and one for values outside; categorical: those of both"
CATEGORIES = "the categories of both"


def _missing(pair: NumericPair | CategoryPair) -> Score:
    """Compare the shares of rows without a finite value: the score is the difference, the p-value that of the 2 x 2
    table."""
    if pair.reference.total == pair.reference.n and pair.current.total == pair.current.n:
        return Score(0.0, 1.0, MISSING_FLOOR)
    counts = missing_counts(pair)
    before, now = counts.shares
    return Score(float(now[1] - before[1]), counts.p_value, MISSING_FLOOR)


def _in_deciles(distance: Distance, floor: float) -> Callable[[NumericPair], Score]:
    return lambda pair: Score(distance(*pair.deciles.shares), pair.deciles.p_value, floor)


def _in_doane(distance: Distance, floor: float) -> Callable[[NumericPair], Score]:
    return lambda pair: Score(distance(*pair.doane.shares), pair.doane.p_value, floor)


def _in_categories(distance: Distance, floor: float) -> Callable[[CategoryPair], Score]:
    return lambda pair: Score(distance(*pair.counts.shares), pair.counts.p_value, floor)


def _total_variation(pair: CategoryPair) -> Score:
    distance, p = shares.total_variation(*pair.counts.shares), pair.counts.p_value
    return Score(
        distance,
        p,
        SHARE_FLOOR,
        p_at_floor=contingency.p_at_distance(SHARE_FLOOR, *pair.counts.independent),
    )


def _by_test(test: Callable[[Any, Any], contingency.Homogeneity]) -> Callable[[CategoryPair], Score]:
    def compare(pair: CategoryPair) -> Score:
        result = test(pair.counts.reference, pair.counts.current)
        return Score(result.statistic, result.p_value, SHARE_FLOOR**2 * pair.counts.total)

    return compare


def _cramers_v(pair: CategoryPair) -> Score:
    return Score(contingency.cramers_v(pair.counts.reference, pair.counts.current), pair.counts.p_value, SHARE_FLOOR)


def _appeared(pair: CategoryPair) -> Score:
    """Return the share of current rows in categories that the reference never had."""
    counts = pair.counts
    return _only_on_one_side(counts.current, counts.reference)


def _vanished(pair: CategoryPair) -> Score:
    """Return the share of reference rows in categories that no longer occur."""
    counts = pair.counts
    return _only_on_one_side(counts.reference, counts.current)


def _only_on_one_side(here: IntArray, there: IntArray) -> Score:
    only = int(here[there == 0].sum())
    tested = contingency.reliable(np.array([int(there.sum()), 0]), np.array([int(here.sum()) - only, only]))
    return Score(only / int(here.sum()), tested.p_value, NEW_FLOOR)


def _constant_number(pair: NumericPair) -> Score:
    """Return 1 where the current data hold one value and the reference held more."""
    now, before = pair.current.moments, pair.reference.moments
    value = np.array([now.minimum])
    held = int(pair.reference.at_most(value)[0] - pair.reference.less_than(value)[0])
    return _constant(now.minimum == now.maximum, before.minimum == before.maximum, held / before.n, now.n)


def _constant_category(pair: CategoryPair) -> Score:
    counts = pair.counts
    held = float(counts.shares[0][np.argmax(counts.current)])
    return _constant(
        np.count_nonzero(counts.current) == 1, np.count_nonzero(counts.reference) == 1, held, pair.current.n
    )


def _constant(now: bool, before: bool, share: float, rows: int) -> Score:
    """Score 1 where data became constant. The p-value is the chance that so many rows all hold that value."""
    became = bool(now and not before)
    return Score(float(became), share**rows if became else 1.0, 1.0)


def _text_domain(pair: CategoryPair) -> Score | None:
    return text_drift.domain(pair.reference, pair.current)


RATE_STATISTICS = (
    Statistic(
        name="missing",
        by_effects=True,
        definition="difference of the shares of missing or infinite values; p of the 2 x 2 table",
        floor=MISSING_FLOOR,
        floor_source="one row in twenty; see bench/drift_calibration.py",
        weight=0.25,
        sees="values that are missing more or less often",
        numeric=_missing,
        categorical=_missing,
    ),
    Statistic(
        name="new_categories",
        definition="share of current rows in categories that the reference never had",
        floor=NEW_FLOOR,
        floor_source="one row in fifty; see bench/drift_calibration.py",
        categorical=_appeared,
    ),
    Statistic(
        name="vanished_categories",
        definition="share of reference rows in categories that no longer occur",
        floor=NEW_FLOOR,
        floor_source="one row in fifty; see bench/drift_calibration.py",
        categorical=_vanished,
    ),
    Statistic(
        name="constant",
        definition="1 where the current data hold one value and the reference more; p that so many rows all hold it",
        floor=1.0,
        floor_source="the score is 0 or 1",
        numeric=_constant_number,
        categorical=_constant_category,
    ),
    Statistic(
        name="text_domain",
        definition="AUC of a classifier that distinguishes current texts from reference texts by their words",
        floor=domain_classifier.AUC_FLOOR,
        floor_source="as Evidently's for texts and embeddings",
        categorical=_text_domain,
    ),
)

SHARE_STATISTICS = (
    Statistic(
        name="psi",
        by_effects=True,
        definition="Σ(p−q)ln(p/q); numeric: 10 reference deciles, right-closed; empty bins 1e-4; p of two-sample χ² on "
        "the bins",
        floor=PSI_FLOOR,
        floor_source='"moderate" in the practice of credit scoring (Siddiqi 2006)',
        bins=DECILES,
        base="e",
        empty_bins=binning.EMPTY_SHARE,
        numeric=_in_deciles(shares.psi, PSI_FLOOR),
        categorical=_in_categories(shares.psi, PSI_FLOOR),
        reads=before_deciles,
    ),
    Statistic(
        name="kl",
        by_effects=True,
        definition="Σ p·ln(p/q), p the reference, nats; bins, floor and p-value as psi",
        floor=KL_FLOOR,
        floor_source="half of PSI's, which is the sum of both directions",
        bins=DECILES,
        base="e",
        empty_bins=binning.EMPTY_SHARE,
        numeric=_in_deciles(shares.kullback_leibler, KL_FLOOR),
        categorical=_in_categories(shares.kullback_leibler, KL_FLOOR),
        reads=before_deciles,
    ),
    Statistic(
        name="jensenshannon",
        by_effects=True,
        definition="Jensen-Shannon distance, base 2; numeric: Doane's bins of the reference and one for values "
        "outside; p of two-sample χ²",
        floor=SHARE_FLOOR,
        floor_source=TENTH,
        bins=DOANE,
        base="2",
        numeric=_in_doane(shares.jensen_shannon, SHARE_FLOOR),
        categorical=_in_categories(shares.jensen_shannon, SHARE_FLOOR),
        reads=before_doane,
    ),
    Statistic(
        name="hellinger",
        by_effects=True,
        definition="√(½Σ(√p−√q)²); bins and p-value as jensenshannon",
        floor=SHARE_FLOOR,
        floor_source=TENTH,
        bins=DOANE,
        numeric=_in_doane(shares.hellinger, SHARE_FLOOR),
        categorical=_in_categories(shares.hellinger, SHARE_FLOOR),
        reads=before_doane,
    ),
    Statistic(
        name="chi2",
        definition="two-sample X² without Yates' correction",
        floor=f"{SHARE_FLOOR}²·(n+m)",
        floor_source="Cramér's V at its floor",
        bins=CATEGORIES,
        categorical=_by_test(contingency.pearson),
    ),
    Statistic(
        name="g",
        definition="two-sample G",
        floor=f"{SHARE_FLOOR}²·(n+m)",
        floor_source="as chi2",
        bins=CATEGORIES,
        base="e",
        categorical=_by_test(contingency.likelihood_ratio),
    ),
    Statistic(
        name="tvd",
        by_effects=True,
        definition="½Σ|p−q|; p of two-sample χ² with rare categories pooled",
        floor=SHARE_FLOOR,
        floor_source=TENTH,
        weight=0.25,
        sees="rows that move between categories; a rare category that changes moves it too little",
        bins=CATEGORIES,
        categorical=_total_variation,
    ),
    Statistic(
        name="linf",
        by_effects=True,
        definition="max|p−q|; p as tvd",
        floor=SHARE_FLOOR,
        floor_source=TENTH,
        bins=CATEGORIES,
        categorical=_in_categories(shares.largest_difference, SHARE_FLOOR),
    ),
    Statistic(
        name="cramersv",
        by_effects=True,
        definition="√(X²/N); p as tvd",
        floor=SHARE_FLOOR,
        floor_source=TENTH,
        bins=CATEGORIES,
        categorical=_cramers_v,
    ),
)
