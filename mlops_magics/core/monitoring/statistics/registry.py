"""The statistics by name: what each applies to, and its practical floor on the scale of its score.

The floors are equivalent where they can be: each is about what a shift of a quarter of a standard deviation gives in a normal
feature (KS 0.1), or one row in ten in another category (total variation 0.1).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mlops_magics.core.monitoring.samples import CategorySample, NumericSample, Sample, aligned
from mlops_magics.core.monitoring.statistics import binning, contingency, kolmogorov, ranks, shares
from mlops_magics.core.monitoring.statistics.score import Score
from mlops_magics.errors import NotFound

SHARE_FLOOR = 0.1  # of rows, for KS, TVD, L∞, Cramér's V, JS, Hellinger
SHIFT_FLOOR = 0.25  # standard deviations, for Wasserstein, t and Welch
PSI_FLOOR = 0.1  # "moderate" in credit scoring practice
KL_FLOOR = 0.05  # half of PSI's: PSI is the sum of both directions
ENERGY_FLOOR = 0.19  # √(2∫(F−G)²) of two normals a quarter σ apart, in √σ
MISSING_FLOOR = 0.05  # of rows
RANK_FLOOR = 0.07  # |P(X<Y) − ½| of the same
MISES_FLOOR = 0.0057  # ∫(F−G)²dH of the same
ANDERSON_FLOOR = 0.0302  # ∫(F−G)²/(H(1−H))dH of the same
ANDERSON_SIGMA = 0.7594  # asymptotic standard deviation of A² for two samples (Scholz and Stephens 1987)


@dataclass(frozen=True, slots=True)
class Statistic:
    """A named comparison of two samples of the kinds it applies to."""

    name: str
    numeric: Callable[[NumericSample, NumericSample], Score] | None
    categorical: Callable[[CategorySample, CategorySample], Score] | None
    definition: str

    def applies_to(self, sample: Sample) -> bool:
        """Tell whether the statistic is defined for this kind of feature."""
        return (self.numeric if isinstance(sample, NumericSample) else self.categorical) is not None

    def __call__(self, reference: Sample, current: Sample) -> Score:
        """Compare two samples of the same kind, both of at least one observation."""
        compute: Any = self.numeric if isinstance(reference, NumericSample) else self.categorical
        return compute(reference, current)  # type: ignore[no-any-return]


def find(name: str) -> Statistic:
    """Return a statistic by name; the error lists them all."""
    if name not in STATISTICS:
        raise NotFound("statistic", str(name), STATISTICS)
    return STATISTICS[name]


def _ks(reference: NumericSample, current: NumericSample) -> Score:
    value = kolmogorov.distance(reference, current)
    return Score(value, kolmogorov.p_value(reference, current, value), SHARE_FLOOR)


def _by_ks(reference: NumericSample, current: NumericSample) -> float:
    return kolmogorov.p_value(reference, current, kolmogorov.distance(reference, current))


def _wasserstein(reference: NumericSample, current: NumericSample) -> Score:
    if ranks.constant_and_equal(reference, current):
        return Score(0.0, 1.0, SHIFT_FLOOR)
    width, moved = ranks.scale(reference), ranks.wasserstein(reference, current)
    return Score(moved / width if width else math.inf, _by_ks(reference, current), SHIFT_FLOOR)


def _energy(reference: NumericSample, current: NumericSample) -> Score:
    return Score(ranks.energy(reference, current), _by_ks(reference, current), ENERGY_FLOOR * math.sqrt(ranks.scale(reference)))


def _anderson(reference: NumericSample, current: NumericSample) -> Score:
    value, p = ranks.anderson(reference, current)
    return Score(value, p, (ANDERSON_FLOOR * _effective(reference, current) - 1) / ANDERSON_SIGMA)


def _mises(reference: NumericSample, current: NumericSample) -> Score:
    value, p = ranks.cramer_von_mises(reference, current)
    return Score(value, p, MISES_FLOOR * _effective(reference, current))


def _mann_whitney(reference: NumericSample, current: NumericSample) -> Score:
    value, p = ranks.mann_whitney(reference, current)
    middle = reference.n * current.n / 2
    below = value < middle
    floor = middle * (1 - 2 * RANK_FLOOR) if below else middle * (1 + 2 * RANK_FLOOR)
    return Score(value, p, floor, low_matters=below)


def _student(equal_variance: bool) -> Callable[[NumericSample, NumericSample], Score]:
    def compare(reference: NumericSample, current: NumericSample) -> Score:
        value, p = ranks.student(reference, current, equal_variance)
        return Score(value, p, SHIFT_FLOOR * math.sqrt(_effective(reference, current)))

    return compare


def _effective(reference: Sample, current: Sample) -> float:
    return reference.n * current.n / (reference.n + current.n)


def _binned(distance: Callable[[Any, Any], float], floor: float, doane: bool) -> Callable[[NumericSample, NumericSample], Score]:
    def compare(reference: NumericSample, current: NumericSample) -> Score:
        if doane:
            edges = binning.doane_edges(reference)
            first, second = binning.counts_between(reference, edges), binning.counts_between(current, edges)
        else:
            edges = binning.decile_edges(reference)
            first, second = binning.counts_up_to(reference, edges), binning.counts_up_to(current, edges)
        p = contingency.reliable(first, second).p_value
        return Score(distance(binning.shares(first), binning.shares(second)), p, floor)

    return compare


def _counted(distance: Callable[[Any, Any], float], floor: float) -> Callable[[CategorySample, CategorySample], Score]:
    def compare(reference: CategorySample, current: CategorySample) -> Score:
        first, second = aligned(reference, current)
        p = contingency.reliable(first, second).p_value
        return Score(distance(binning.shares(first), binning.shares(second)), p, floor)

    return compare


def _tested(test: Callable[[Any, Any], contingency.Homogeneity]) -> Callable[[CategorySample, CategorySample], Score]:
    def compare(reference: CategorySample, current: CategorySample) -> Score:
        first, second = aligned(reference, current)
        result = test(first, second)
        return Score(result.statistic, result.p_value, SHARE_FLOOR**2 * float(first.sum() + second.sum()))

    return compare


def _cramers_v(reference: CategorySample, current: CategorySample) -> Score:
    first, second = aligned(reference, current)
    return Score(contingency.cramers_v(first, second), contingency.reliable(first, second).p_value, SHARE_FLOOR)


def missing_rate(reference: Sample, current: Sample) -> Score:
    """Compare the shares of rows without a finite value; the score is the difference, the p-value that of the 2 x 2 table."""
    import numpy as np

    first, second = (np.array([sample.n, sample.total - sample.n], dtype=np.int64) for sample in (reference, current))
    difference = float(second[1] / second.sum() - first[1] / first.sum())
    return Score(difference, contingency.reliable(first, second).p_value, MISSING_FLOOR)


_ALL = (
    Statistic("ks", _ks, None, "Kolmogorov-Smirnov D; exact p up to 10,000 rows"),
    Statistic("wasserstein", _wasserstein, None, "∫|F−G| over the reference's standard deviation (ddof 0; else IQR/1.349, else the range); p of KS"),
    Statistic("energy", _energy, None, "√(2∫(F−G)²); p of KS"),
    Statistic("anderson", _anderson, None, "normalised k-sample Anderson-Darling with mid-ranks; p between 0.001 and 0.25"),
    Statistic("cramervonmises", _mises, None, "Cramér-von Mises T with mid-ranks; asymptotic p"),
    Statistic("mannwhitney", _mann_whitney, None, "Mann-Whitney U of the reference; two-sided p"),
    Statistic("ttest", _student(True), None, "Student's t with pooled variance; two-sided p"),
    Statistic("welch", _student(False), None, "Welch's t; two-sided p"),
    Statistic("psi", _binned(shares.psi, PSI_FLOOR, False), _counted(shares.psi, PSI_FLOOR),
              "Σ(p−q)ln(p/q); numeric: 10 reference deciles, right-closed; empty bins 1e-4; p of two-sample χ² on the bins"),
    Statistic("kl", _binned(shares.kullback_leibler, KL_FLOOR, False), _counted(shares.kullback_leibler, KL_FLOOR),
              "Σ p·ln(p/q), p the reference, nats; bins, floor and p-value as psi"),
    Statistic("jensenshannon", _binned(shares.jensen_shannon, SHARE_FLOOR, True), _counted(shares.jensen_shannon, SHARE_FLOOR),
              "Jensen-Shannon distance, base 2; numeric: Doane's bins of the reference and one for what falls outside; p of two-sample χ²"),
    Statistic("hellinger", _binned(shares.hellinger, SHARE_FLOOR, True), _counted(shares.hellinger, SHARE_FLOOR),
              "√(½Σ(√p−√q)²); bins and p-value as jensenshannon"),
    Statistic("chi2", None, _tested(contingency.pearson), "two-sample X² without Yates' correction"),
    Statistic("g", None, _tested(contingency.likelihood_ratio), "two-sample G"),
    Statistic("tvd", None, _counted(shares.total_variation, SHARE_FLOOR), "½Σ|p−q|; p of two-sample χ² with rare categories pooled"),
    Statistic("linf", None, _counted(shares.largest_difference, SHARE_FLOOR), "max|p−q|; p as tvd"),
    Statistic("cramersv", None, _cramers_v, "√(X²/N); p as tvd"),
)  # fmt: skip

STATISTICS = {statistic.name: statistic for statistic in _ALL}
