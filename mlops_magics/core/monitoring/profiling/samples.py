"""Samples for the statistics: sorted numbers, or counts of categories, from rows or from a profile."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mlops_magics.core.monitoring.reading.column_values import Column, FloatArray, IntArray

SQUARED = 200  # binary digits before or after the point: sums of squares of their variances have a float
FAR = 1e-6  # of the mean, because numbers that spread less have a mean too coarse for the sum of their squares


@dataclass(frozen=True, slots=True)
class Moments:
    """Count, mean, sum of squared deviations and range of finite values. Those of two parts add up to the whole's."""

    n: int
    mean: float
    squares: float
    minimum: float
    maximum: float

    @property
    def std(self) -> float:
        """The standard deviation (ddof 1), NaN below two values."""
        return float(np.sqrt(self.squares / (self.n - 1))) if self.n > 1 else float("nan")

    def __add__(self, other: Moments) -> Moments:
        """Join two parts (Chan, Golub, LeVeque 1983, eq. 2.1)."""
        if not self.n or not other.n:
            return other if not self.n else self
        n = self.n + other.n
        apart = other.mean - self.mean
        return Moments(
            n=n,
            mean=(self.n * self.mean + other.n * other.mean) / n,
            squares=self.squares + other.squares + apart * apart * self.n * other.n / n,
            minimum=min(self.minimum, other.minimum),
            maximum=max(self.maximum, other.maximum),
        )


@dataclass(frozen=True)
class NumericSample:
    """Finite values in ascending order.

    Attributes
    ----------
    values
        ``(n_values,)`` ascending.
    cumulative
        The number of observations up to each value, or ``None`` when every value is one observation. A profile gives
        the upper edges of its bins here.
    missing, infinite
        The numbers of dropped observations, by reason.
    """

    values: FloatArray
    moments: Moments
    missing: int = 0
    infinite: int = 0
    cumulative: IntArray | None = None

    @property
    def n(self) -> int:
        """The number of finite observations."""
        return self.moments.n

    @property
    def total(self) -> int:
        """The number of observations, missing and infinite ones included."""
        return self.n + self.missing + self.infinite

    def at_most(self, points: FloatArray) -> IntArray:
        """Return the number of observations ≤ each point."""
        return self.count(np.searchsorted(self.values, points, side="right"))

    def less_than(self, points: FloatArray) -> IntArray:
        """Return the number of observations < each point."""
        return self.count(np.searchsorted(self.values, points, side="left"))

    def count(self, index: IntArray) -> IntArray:
        """Return the number of observations of the first ``index`` values."""
        return index if self.cumulative is None else np.concatenate(([0], self.cumulative))[index]

    def order_statistic(self, rank: IntArray) -> FloatArray:
        """Return the values at ranks from 0 to n−1."""
        return self.values[rank if self.cumulative is None else np.searchsorted(self.cumulative, rank + 1)]

    def index_of_share(self, share: FloatArray) -> IntArray:
        """Return the number of values that hold a share of the observations."""
        if self.cumulative is None:
            return np.ceil(share * self.n).astype(np.int64)
        return np.searchsorted(self.cumulative, share * self.n, side="left") + 1

    def scaled(self, power: int) -> NumericSample:
        """Return every value over 2 to a power, which loses no digit."""
        values = np.ldexp(self.values, -power)
        if self.cumulative is None:
            return NumericSample(values, moments_of(values), self.missing, self.infinite)
        counts = np.diff(self.cumulative, prepend=0)
        mean = float(np.dot(values, counts)) / self.n
        squares = float(np.dot((values - mean) ** 2, counts))
        low, high = (float(np.ldexp(end, -power)) for end in (self.moments.minimum, self.moments.maximum))
        moments = Moments(self.n, mean, squares, low, high)
        return NumericSample(values, moments, self.missing, self.infinite, self.cumulative)

    @cached_property
    def skewness(self) -> float:
        """Return the third standardised moment (ddof 0)."""
        power = power_of(self)
        if power:
            return self.scaled(power).skewness
        apart = (self.values - self.moments.mean) / np.sqrt(self.moments.squares / self.n)
        cubes = apart * apart * apart
        return (
            float(cubes.sum() if self.cumulative is None else np.dot(cubes, np.diff(self.cumulative, prepend=0)))
            / self.n
        )

    @cached_property
    def centred_sums(self) -> FloatArray:
        """Return the sums of the first values, less their mean, ``(n_values + 1,)``."""
        centred = self.values - self.moments.mean
        if self.cumulative is not None:
            centred *= np.diff(self.cumulative, prepend=0)
        return np.concatenate(([0.0], np.cumsum(centred)))

    def expanded(self) -> FloatArray:
        """Return one value per observation."""
        if self.cumulative is None:
            return self.values
        return np.repeat(self.values, np.diff(self.cumulative, prepend=0))


@dataclass(frozen=True, slots=True)
class CategorySample:
    """Counts of categories, most frequent first where they come from a profile.

    ``other`` counts observations in categories that a profile did not keep by name.
    """

    labels: tuple[str, ...]
    counts: IntArray
    missing: int = 0
    other: int = 0

    infinite: int = 0

    @property
    def n(self) -> int:
        """The number of observations that are not missing."""
        return int(self.counts.sum()) + self.other

    @property
    def total(self) -> int:
        """The number of observations, missing ones included."""
        return self.n + self.missing


Sample = NumericSample | CategorySample


def of_column(column: Column) -> Sample:
    """Sort the numbers of a column, or count its categories."""
    return count_categories(column) if column.coded else sort_numbers(column.exact)


def sort_numbers(values: FloatArray) -> NumericSample:
    """Sort once. Everything else about a numeric feature is read off the sorted array."""
    ordered = np.sort(values)  # NaN sorts last, after +inf
    present = int(np.searchsorted(ordered, np.nan)) if len(ordered) and np.isnan(ordered[-1]) else len(ordered)
    first, last = (
        np.searchsorted(ordered[:present], -np.inf, "right"),
        np.searchsorted(ordered[:present], np.inf, "left"),
    )
    finite = ordered[first:last]
    return NumericSample(finite, moments_of(finite), len(values) - present, present - len(finite))


def power_of(*samples: NumericSample) -> int:
    """Return k such that values·2⁻ᵏ can be squared without overflow, 0 where that is not needed."""
    low, high = min(each.moments.minimum for each in samples), max(each.moments.maximum for each in samples)
    largest = math.frexp(max(abs(low), abs(high)))[1]
    if largest > SQUARED:
        return largest - SQUARED
    return largest if low < high and math.frexp(high - low)[1] < -SQUARED else 0


def moments_of(ordered: FloatArray) -> Moments:
    """Return the moments of ascending finite values, ``(n_values,)``."""
    if not len(ordered):
        return Moments(0, float("nan"), 0.0, float("nan"), float("nan"))
    if ordered[0] == ordered[-1]:
        return Moments(len(ordered), float(ordered[0]), 0.0, float(ordered[0]), float(ordered[0]))
    return _moments_between(ordered, float(ordered[0]), float(ordered[-1]))


def moments_of_any(present: FloatArray) -> Moments:
    """Return the moments of finite values in any order, ``(n_values,)``."""
    if not len(present):
        return moments_of(present)
    low, high = float(present.min()), float(present.max())
    return Moments(len(present), low, 0.0, low, high) if low == high else _moments_between(present, low, high)


def _moments_between(values: FloatArray, low: float, high: float) -> Moments:
    """Return mean and squares, corrected where numbers are so far from zero that their mean lost digits that count
    (Chan, Golub, LeVeque 1983, eq. 1.7)."""
    with np.errstate(over="ignore", invalid="ignore"):  # at the edge of floats: see `power_of`
        mean, squares = float(values.mean()), float(values.var() * len(values))
        if (high - low) < FAR * abs(mean):
            rest = float((values - mean).sum())
            squares -= rest * rest / len(values)
    return Moments(len(values), mean, squares, low, high)


def count_categories(column: Column) -> CategorySample:
    """Count the labels that occur."""
    counts = column.counts()
    merged: dict[str, int] = {}
    for label, count in zip(column.labels, counts.tolist()):
        if count:
            merged[label] = merged.get(label, 0) + count
    return CategorySample(
        tuple(merged), np.fromiter(merged.values(), dtype=np.int64, count=len(merged)), column.missing()
    )


def aligned(reference: CategorySample, current: CategorySample) -> tuple[IntArray, IntArray]:
    """Return both counts over the union of categories, in the order of their labels.

    If the reference folded rare categories into ``other``, the current sample does the same.
    """
    first = dict(zip(reference.labels, reference.counts.tolist()))
    second = dict(zip(current.labels, current.counts.tolist()))
    folded = reference.other > 0
    labels = sorted(first if folded else first.keys() | second.keys())
    pairs = [(first.get(label, 0), second.get(label, 0)) for label in labels]
    if folded:
        pairs.append((reference.other, current.n - sum(count for _, count in pairs)))
    counts = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return counts[:, 0], counts[:, 1]
