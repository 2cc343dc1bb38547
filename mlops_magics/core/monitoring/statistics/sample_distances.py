"""A pair of reference and current sample, in which quantities of several statistics are computed once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mlops_magics.core.monitoring.profiling.samples import CategorySample, NumericSample, Sample, aligned, power_of
from mlops_magics.core.monitoring.reading.column_values import FloatArray, IntArray
from mlops_magics.core.monitoring.statistics import binning, contingency, kolmogorov, ranks

INDEPENDENT = (1.0, 1.0)
"""The design effects of rows that do not depend on each other."""
Effects = tuple[float, float]
"""Of the reference and of the current rows, the number of rows that count as one."""


@dataclass(frozen=True)
class NumericPair:
    """Two sorted samples of at least one value each.

    Attributes
    ----------
    exact
        Whether p-values are exact, which they are not where thousands are needed.
    effects
        The design effects of both samples.
    """

    reference: NumericSample
    current: NumericSample
    exact: bool = True
    effects: Effects = INDEPENDENT

    @property
    def effective(self) -> float:
        """Return n·m/(n+m), the rows that a two-sample statistic grows with."""
        return self.reference.n * self.current.n / (self.reference.n + self.current.n)

    @property
    def rows(self) -> tuple[int, int]:
        """The rows of both samples, or as many independent ones as they count."""
        first, second = (max(round(side.n / e), 1) for side, e in zip((self.reference, self.current), self.effects))
        return first, second

    @property
    def independent(self) -> float:
        """Return n·m/(n+m) of as many independent rows as these count."""
        n, m = self.reference.n / self.effects[0], self.current.n / self.effects[1]
        return n * m / (n + m)

    @cached_property
    def power(self) -> int:
        """The power of 2 that divides values whose squares no float holds, 0 for all others."""
        return power_of(self.reference, self.current)

    @cached_property
    def scaled(self) -> tuple[NumericSample, NumericSample]:
        """Both samples, in a unit in which they can be squared."""
        if not self.power:
            return self.reference, self.current
        return self.reference.scaled(self.power), self.current.scaled(self.power)

    @cached_property
    def places(self) -> ranks.Places:
        """The places of the current values in the reference."""
        return ranks.place(self.reference, self.current.expanded())

    @cached_property
    def distance(self) -> float:
        """Kolmogorov and Smirnov's D."""
        return kolmogorov.distance(self.reference, self.current)

    @cached_property
    def p_value(self) -> float:
        """The p-value of D."""
        if self.effects != INDEPENDENT:
            return kolmogorov.p_of_rows(self.distance, self.independent)
        return kolmogorov.p_value(self.reference, self.current, self.distance, self.exact)

    @cached_property
    def deciles(self) -> Counts:
        """Both counts in the reference's deciles."""
        edges = binning.decile_edges(self.reference)
        return Counts(
            binning.counts_up_to(self.reference, edges), binning.counts_up_to(self.current, edges), self.effects
        )

    @cached_property
    def doane(self) -> Counts:
        """Both counts in Doane's bins of the reference, and outside."""
        edges = binning.doane_edges(self.reference)
        return Counts(
            binning.counts_between(self.reference, edges), binning.counts_between(self.current, edges), self.effects
        )


@dataclass(frozen=True)
class Counts:
    """Counts of both samples in the same bins or categories, ``(n_bins,)`` each."""

    reference: IntArray
    current: IntArray
    effects: Effects = INDEPENDENT

    @cached_property
    def independent(self) -> tuple[IntArray, IntArray]:
        """Both as counts of as many independent rows as these count."""
        if self.effects == INDEPENDENT:
            return self.reference, self.current
        first, second = (
            np.rint(side / effect).astype(np.int64)
            for side, effect in zip((self.reference, self.current), self.effects)
        )
        return first, second

    @cached_property
    def shares(self) -> tuple[FloatArray, FloatArray]:
        """Both as shares of their sum."""
        return binning.shares(self.reference), binning.shares(self.current)

    @cached_property
    def p_value(self) -> float:
        """The p-value of the two-sample chi-square test, rare bins pooled."""
        first, second = self.independent
        return contingency.reliable(first, second).p_value if first.any() and second.any() else 1.0

    @property
    def total(self) -> int:
        """The number of observations on both sides."""
        return int(self.reference.sum() + self.current.sum())


@dataclass(frozen=True)
class CategoryPair:
    """Two samples of categories."""

    reference: CategorySample
    current: CategorySample
    effects: Effects = INDEPENDENT

    @cached_property
    def counts(self) -> Counts:
        """Both counts over the union of categories."""
        return Counts(*aligned(self.reference, self.current), self.effects)


Pair = NumericPair | CategoryPair


def pair(reference: Sample, current: Sample, exact: bool = True, effects: Effects = INDEPENDENT) -> Pair:
    """Set two samples of one kind side by side.

    Parameters
    ----------
    reference, current
        Both samples.
    exact
        As in `kolmogorov.p_value`.
    effects
        The dependence of rows, as effective numbers of rows.
    """
    if isinstance(reference, NumericSample) and isinstance(current, NumericSample):
        return NumericPair(reference, current, exact, effects)
    assert isinstance(reference, CategorySample)
    assert isinstance(current, CategorySample)
    return CategoryPair(reference, current, effects)


def missing_counts(pair: Pair) -> Counts:
    """Return the numbers of present and of missing values."""
    first, second = (
        np.array([sample.n, sample.total - sample.n], dtype=np.int64) for sample in (pair.reference, pair.current)
    )
    return Counts(first, second, pair.effects)
