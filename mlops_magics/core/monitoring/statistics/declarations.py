"""The statistics by name: what each applies to, and its practical floor on the scale of its score.

The floors are equivalent where they can be: each is about what a shift of a quarter of a standard deviation gives in a
normal feature (KS 0.1), or one row in ten in another category (total variation 0.1).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlops_magics.core.monitoring.profiling.samples import Sample
from mlops_magics.core.monitoring.reading.column_values import FloatArray, IntArray
from mlops_magics.core.monitoring.statistics import contingency, ranks, shares, text_drift
from mlops_magics.core.monitoring.statistics.sample_distances import CategoryPair, NumericPair, Pair, missing_counts
from mlops_magics.core.monitoring.statistics.score import Score
from mlops_magics.errors import NotFound

Distance = Callable[[FloatArray, FloatArray], float]

SHARE_FLOOR = 0.1  # of rows, for KS, TVD, L∞, Cramér's V, JS, Hellinger
SHIFT_FLOOR = 0.25  # standard deviations, for Wasserstein, t and Welch
PSI_FLOOR = 0.1  # "moderate" in credit scoring practice
KL_FLOOR = 0.05  # half of PSI's: PSI is the sum of both directions
ENERGY_FLOOR = 0.19  # √(2∫(F−G)²) of two normals a quarter σ apart, in √σ
MISSING_FLOOR = 0.05  # of rows
RANGE_FLOOR = 0.02  # of rows
NEW_FLOOR = 0.02  # of rows
RANK_FLOOR = 0.07  # |P(X<Y) − ½| of the same
MISES_FLOOR = 0.0057  # ∫(F−G)²dH of the same
ANDERSON_FLOOR = 0.0302  # ∫(F−G)²/(H(1−H))dH of the same
ANDERSON_SIGMA = 0.7594  # asymptotic standard deviation of A² for two samples (Scholz and Stephens 1987)


@dataclass(frozen=True, slots=True)
class Statistic:
    """A named comparison of two samples of the kinds it applies to."""

    name: str
    numeric: Callable[[NumericPair], Score] | None
    categorical: Callable[[CategoryPair], Score | None] | None
    definition: str

    def __call__(self, pair: Pair) -> Score | None:
        """Compare; ``None`` where the statistic is not defined for this kind of feature."""
        if isinstance(pair, NumericPair):
            return self.numeric(pair) if self.numeric else None
        return self.categorical(pair) if self.categorical else None


def find(name: str) -> Statistic:
    """Return a statistic by name; the error lists them all."""
    if name not in STATISTICS:
        raise NotFound("statistic", str(name), STATISTICS)
    return STATISTICS[name]


def missing_rate(reference: Sample, current: Sample) -> Score:
    """Compare the shares of rows without a finite value; the score is the difference, the p-value that of the 2 x 2
    table."""
    counts = missing_counts(reference, current)
    before, now = counts.shares
    return Score(float(now[1] - before[1]), counts.p_value, MISSING_FLOOR)


UNCHANGED_RATE = Score(0.0, 1.0, MISSING_FLOOR)
"""The missing rate where no value is missing."""


def _ks(pair: NumericPair) -> Score:
    return Score(pair.distance, pair.p_value, SHARE_FLOOR)


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


def _in_deciles(distance: Distance, floor: float) -> Callable[[NumericPair], Score]:
    return lambda pair: Score(distance(*pair.deciles.shares), pair.deciles.p_value, floor)


def _in_doane(distance: Distance, floor: float) -> Callable[[NumericPair], Score]:
    return lambda pair: Score(distance(*pair.doane.shares), pair.doane.p_value, floor)


def _counted(distance: Distance, floor: float) -> Callable[[CategoryPair], Score]:
    return lambda pair: Score(distance(*pair.counts.shares), pair.counts.p_value, floor)


def _tested(test: Callable[[Any, Any], contingency.Homogeneity]) -> Callable[[CategoryPair], Score]:
    def compare(pair: CategoryPair) -> Score:
        result = test(pair.counts.reference, pair.counts.current)
        return Score(result.statistic, result.p_value, SHARE_FLOOR**2 * pair.counts.total)

    return compare


def _cramers_v(pair: CategoryPair) -> Score:
    return Score(contingency.cramers_v(pair.counts.reference, pair.counts.current), pair.counts.p_value, SHARE_FLOOR)


def _out_of_range(pair: NumericPair) -> Score:
    """Compare the share outside the reference's range; of the reference's own values two (its ends) count as at the
    edge."""
    moments = pair.reference.moments
    inside = int(
        pair.current.at_most(np.array([moments.maximum]))[0] - pair.current.less_than(np.array([moments.minimum]))[0]
    )
    outside = pair.current.n - inside
    p = contingency.reliable(np.array([max(moments.n - 2, 0), 2]), np.array([inside, outside])).p_value
    return Score(outside / pair.current.n, p, RANGE_FLOOR)


def _appeared(pair: CategoryPair) -> Score:
    """Return the share of current rows in categories that the reference never saw."""
    counts = pair.counts
    return _only_on_one_side(counts.current, counts.reference)


def _vanished(pair: CategoryPair) -> Score:
    """Return the share of reference rows in categories that no longer occur."""
    counts = pair.counts
    return _only_on_one_side(counts.reference, counts.current)


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
    """Score 1 where data became constant; the p-value is the chance that so many rows all hold that value."""
    became = bool(now and not before)
    return Score(float(became), share**rows if became else 1.0, 1.0)


def _text_domain(pair: CategoryPair) -> Score | None:
    return text_drift.domain(pair.reference, pair.current)


def _only_on_one_side(here: IntArray, there: IntArray) -> Score:
    only = int(here[there == 0].sum())
    tested = contingency.reliable(np.array([int(there.sum()), 0]), np.array([int(here.sum()) - only, only]))
    return Score(only / int(here.sum()), tested.p_value, NEW_FLOOR)


def _missing_of_pair(pair: NumericPair | CategoryPair) -> Score:
    return missing_rate(pair.reference, pair.current)


_ALL = (
    Statistic(
        "missing",
        _missing_of_pair,
        _missing_of_pair,
        "difference of the shares of missing or infinite values; p of the 2 x 2 table",
    ),
    Statistic("out_of_range", _out_of_range, None, "share of current values outside the reference's range"),
    Statistic("new_categories", None, _appeared, "share of current rows in categories that the reference never saw"),
    Statistic("vanished_categories", None, _vanished, "share of reference rows in categories that no longer occur"),
    Statistic(
        "constant",
        _constant_number,
        _constant_category,
        "1 where the current data hold one value and the reference more; p that so many rows all hold it",
    ),
    Statistic("text_domain", None, _text_domain, "AUC of telling current texts from reference texts by their words"),
    Statistic("ks", _ks, None, "Kolmogorov-Smirnov D; exact p up to 10,000 rows"),
    Statistic(
        "wasserstein",
        _wasserstein,
        None,
        "∫|F−G| over the reference's standard deviation (ddof 0; else IQR/1.349, else the range); p of KS",
    ),
    Statistic("energy", _energy, None, "√(2∫(F−G)²); p of KS"),
    Statistic(
        "anderson", _anderson, None, "normalised k-sample Anderson-Darling with mid-ranks; p between 0.001 and 0.25"
    ),
    Statistic("cramervonmises", _mises, None, "Cramér-von Mises T with mid-ranks; asymptotic p"),
    Statistic("mannwhitney", _mann_whitney, None, "Mann-Whitney U of the reference; two-sided p"),
    Statistic("ttest", _student(True), None, "Student's t with pooled variance; two-sided p"),
    Statistic("welch", _student(False), None, "Welch's t; two-sided p"),
    Statistic(
        "psi",
        _in_deciles(shares.psi, PSI_FLOOR),
        _counted(shares.psi, PSI_FLOOR),
        "Σ(p−q)ln(p/q); numeric: 10 reference deciles, right-closed; empty bins 1e-4; p of two-sample χ² on the bins",
    ),
    Statistic(
        "kl",
        _in_deciles(shares.kullback_leibler, KL_FLOOR),
        _counted(shares.kullback_leibler, KL_FLOOR),
        "Σ p·ln(p/q), p the reference, nats; bins, floor and p-value as psi",
    ),
    Statistic(
        "jensenshannon",
        _in_doane(shares.jensen_shannon, SHARE_FLOOR),
        _counted(shares.jensen_shannon, SHARE_FLOOR),
        "Jensen-Shannon distance, base 2; numeric: Doane's bins of the reference and one for what falls "
        "outside; p of two-sample χ²",
    ),
    Statistic(
        "hellinger",
        _in_doane(shares.hellinger, SHARE_FLOOR),
        _counted(shares.hellinger, SHARE_FLOOR),
        "√(½Σ(√p−√q)²); bins and p-value as jensenshannon",
    ),
    Statistic("chi2", None, _tested(contingency.pearson), "two-sample X² without Yates' correction"),
    Statistic("g", None, _tested(contingency.likelihood_ratio), "two-sample G"),
    Statistic(
        "tvd",
        None,
        _counted(shares.total_variation, SHARE_FLOOR),
        "½Σ|p−q|; p of two-sample χ² with rare categories pooled",
    ),
    Statistic("linf", None, _counted(shares.largest_difference, SHARE_FLOOR), "max|p−q|; p as tvd"),
    Statistic("cramersv", None, _cramers_v, "√(X²/N); p as tvd"),
)

STATISTICS = {statistic.name: statistic for statistic in _ALL}
